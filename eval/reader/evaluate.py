"""Measure a reader: `python -m eval.reader.evaluate`. Prints tables, writes them as JSON, and plots.

Three views, on documents that neither trained nor tuned it: each test document by itself, beside what cosine
and words make of it; all test documents in one store; and question sets of one's own.
"""

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer
from rich.console import Console
from rich.progress import track
from rich.table import Table

from eval.errors import EvaluationError
from eval.metrics.abstention import risk_coverage
from eval.metrics.answer import matches_expected
from eval.reader.baselines import CosineRanker, SentenceRanker, SumRanker, WordRanker
from eval.reader.collection import Retrieved, index_examples, retrieve_examples
from eval.reader.curves import draw_reliability, draw_risk_coverage
from eval.reader.examples import ExampleDocument, Split, load_examples, sample_questions, select_split
from eval.reader.question_sets import load_korquad, store_questions
from eval.reader.scores import (
    DocumentScores,
    QuestionScore,
    area_under_curve,
    document_passages,
    mean,
    refused_at_loss,
    score_questions,
    summarise,
)
from eval.reader.whole_store import (
    StoreQuestion,
    StoreScore,
    expected_calibration_error,
    reliability,
    score_store_questions,
)
from index.errors import IndexingError
from index.reader.rerank import SEARCH_LOG_ODDS
from index.reader.trained import TrainedReader
from index.search.keyword_index import MorphemeAnalyzer
from service import Inyong
from service.errors import ModelUnavailable

K = 10
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class RankedQuestion:
    """A question's needed sentences as a baseline ranks them, from 1, and its best score."""

    language: str
    ranks: tuple[int, ...]
    best: float


def score_baseline(ranker: SentenceRanker, documents: Sequence[ExampleDocument]) -> Row:
    """Score a ranker of sentences on every question of its own document."""
    ranked = []
    for document in documents:
        passages = document_passages(document)
        for question in document.questions:
            scores = ranker.rank(question.with_previous, passages)
            order = list(np.argsort(-scores, kind="stable"))
            ranks = tuple(order.index(i) + 1 for i in sorted(question.needed))
            ranked.append(RankedQuestion(question.language, ranks, float(scores.max())))
    return _ranking_row(ranked)


def reader_row(scores: Sequence[QuestionScore]) -> Row:
    """Return the reader's row of the table."""
    summary: DocumentScores = summarise(scores)
    return {
        "first ko": summary.top1_ko,
        "first en": summary.top1_en,
        "within 3": summary.within3,
        "span F1": summary.span_f1,
        "AUC": summary.auc,
        "refused at 5 % lost": summary.refused_at_5,
        "refused at 10 % lost": summary.refused_at_10,
    }


def _ranking_row(ranked: Sequence[RankedQuestion]) -> Row:
    asked = [r for r in ranked if r.ranks]
    positives, negatives = [r.best for r in asked], [r.best for r in ranked if not r.ranks]
    row: Row = {
        f"first {language}": mean([float(min(r.ranks) == 1) for r in asked if r.language == language])
        for language in ("ko", "en")
    }
    row["within 3"] = mean([float(max(r.ranks) <= max(3, len(r.ranks))) for r in asked])
    row["AUC"] = area_under_curve(positives, negatives)
    row["refused at 5 % lost"] = refused_at_loss(positives, negatives, 0.05)
    row["refused at 10 % lost"] = refused_at_loss(positives, negatives, 0.10)
    return row


def by_kind(scores: Sequence[QuestionScore]) -> dict[str, Row]:
    """Return the reader's figures by type of question."""
    groups: dict[str, list[QuestionScore]] = defaultdict(list)
    for score in scores:
        groups[score.question.kind].append(score)
    rows = {}
    for kind, group in sorted(groups.items(), key=lambda item: -len(item[1])):
        asked = [s for s in group if s.question.answerable]
        rows[kind] = {
            "questions": len(group),
            "first": mean([float(min(s.ranks) == 1) for s in asked]),
            "within 3": mean([float(max(s.ranks) <= max(3, len(s.ranks))) for s in asked]),
            "span F1": mean([s.span_f1 for s in asked]),
            "AUC": area_under_curve(
                [s.answerable for s in asked], [s.answerable for s in group if not s.question.answerable]
            ),
        }
    return rows


def store_rows(scores: Sequence[StoreScore]) -> dict[str, Row]:
    """Return search before and after reading, by language, for answerable questions."""
    rows = {}
    for language in ("ko", "en"):
        asked = [s for s in scores if s.question.answerable and s.question.language == language]
        rows[language] = {
            "questions": len(asked),
            "passage first, searched": _share(asked, lambda s: s.before == 1),
            "reranked": _share(asked, lambda s: s.after == 1),
            "within 10": _share(asked, lambda s: s.before is not None),
            "sentence first": _share(asked, lambda s: s.sentence == 1),
            "sentence within 3": _share(asked, lambda s: s.sentence is not None and s.sentence <= 3),
        }
    return rows


def _share(scores: Sequence[StoreScore], test: Callable[[StoreScore], bool]) -> float:
    return mean([float(test(score)) for score in scores])


def _from_examples(retrieved: Iterable[Retrieved]) -> list[StoreQuestion]:
    return [
        StoreQuestion(
            item.question.with_previous, item.question.language, item.question.answerable, item.hits,
            item.is_evidence,
        )
        for item in retrieved
    ]  # fmt: skip


def print_rows(console: Console, title: str, rows: Mapping[str, Row]) -> None:
    """Print rows of figures under their names."""
    table = Table(title=title, title_justify="left")
    names = list(dict.fromkeys(name for row in rows.values() for name in row))
    table.add_column("")
    for name in names:
        table.add_column(name, justify="right")
    for label, row in rows.items():
        cells = [row.get(name, "") for name in names]
        table.add_row(label, *(f"{c:.3f}" if isinstance(c, float) else str(c) for c in cells))
    console.print(table)


app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)


@app.command()
def evaluate(
    out: Annotated[Path, typer.Option("-o", "--out", help="Folder for figures and plots.")] = Path(
        "runs/reader-evaluation"
    ),
    weights: Annotated[Path | None, typer.Option(help="Weights to measure; default: the project's.")] = None,
    split: Annotated[Split, typer.Option(help="Which documents.")] = Split.TEST,
    n_documents: Annotated[
        int, typer.Option("--documents", min=0, help="How many of them, spread over the split; 0: all.")
    ] = 0,
    questions: Annotated[int, typer.Option(min=0, help="How many to ask of the whole store; 0: none.")] = 400,
    korquad: Annotated[Path | None, typer.Option(help="A KorQuAD 1.0 file to measure on.")] = None,
    korquad_questions: Annotated[int, typer.Option(min=1, help="How many of its questions.")] = 500,
    korquad_exclude: Annotated[Path | None, typer.Option(help="Titles to leave out, one a line.")] = None,
    sets: Annotated[
        list[str] | None, typer.Option("--set", help="QUESTIONS.jsonl:DOCUMENTS[:TAG], as often as wanted.")
    ] = None,
    baselines: Annotated[bool, typer.Option(help="Also measure cosine, words and their sum.")] = True,
) -> None:
    """Measure a reader on the test documents, in one store of them, and on further question sets."""
    console = Console(width=None if Console().is_terminal else 160)
    try:
        out.mkdir(parents=True, exist_ok=True)
        figures: dict[str, Any] = {}
        documents = select_split(load_examples(), split)
        if n_documents:
            documents = documents[:: max(1, len(documents) // n_documents)][:n_documents]
        with Inyong(out / "store") as inyong:
            reader = inyong.trained_reader(weights)
            figures["reader"] = reader.name
            scores = score_questions(reader, documents)
            rows = {"reader": reader_row(scores)}
            if baselines:
                cosine, words = CosineRanker(inyong.embedder()), WordRanker(MorphemeAnalyzer())
                rows |= {
                    "cosine": score_baseline(cosine, documents),
                    "words": score_baseline(words, documents),
                    "sum": score_baseline(SumRanker(cosine, words), documents),
                }
            n = sum(len(document.questions) for document in documents)
            print_rows(console, f"{split.value} split, each document by itself: {n} questions", rows)
            kinds = by_kind(scores)
            print_rows(console, "By type of question", kinds)
            figures |= {"documents": rows, "kinds": kinds}
            if korquad:
                left_out = korquad_exclude.read_text("utf-8").splitlines() if korquad_exclude else []
                paragraphs = sample_questions(load_korquad(korquad, left_out), korquad_questions)
                row = reader_row(score_questions(reader, paragraphs))
                print_rows(console, f"KorQuAD, {korquad_questions} questions", {"reader": row})
                figures["korquad"] = row
            store_scores: dict[str, list[StoreScore]] = {}
            if questions:
                index_examples(documents, out / "documents", inyong)
                retrieved = retrieve_examples(inyong, sample_questions(documents, questions), K)
                store_scores[f"{split.value} documents"] = _score(reader, _from_examples(retrieved), console)
        for spec in sets or []:
            path, _, rest = spec.partition(":")
            folder, _, tag = rest.partition(":")
            with Inyong(out / f"store-{Path(path).stem}-{Path(path).parent.name}") as inyong:
                inyong.index([folder], prune=True)
                name = f"{path} {tag}".strip()
                asked = store_questions(Path(path), inyong, K, tag or None)
                store_scores[name] = _score(inyong.trained_reader(weights), asked, console)
    except (EvaluationError, IndexingError, ModelUnavailable, OSError) as error:
        console.print(f"error: {error}", markup=False, soft_wrap=True)
        raise typer.Exit(2) from error
    figures["stores"] = {}
    for name, results in store_scores.items():
        rows = store_rows(results)
        print_rows(console, f"{name}, all in one store: {len(results)} questions", rows)
        found = [s.found for s in results]
        gap = expected_calibration_error([s.confidence for s in results], found)
        console.print(f"expected calibration error {gap:.3f}; {_refusals(reader, results)}")
        complete = [matches_expected(" ".join(s.first_three), s.question.expected)
                    for s in results if s.question.answerable and s.question.expected]  # fmt: skip
        if complete:
            console.print(
                f"all expected parts in the first three sentences: {sum(complete)} of {len(complete)}"
            )
        figures["stores"][name] = {"ranking": rows, "calibration error": gap, "complete": sum(complete)}
    draw_reliability(
        {n: reliability([s.confidence for s in r], [s.found for s in r]) for n, r in store_scores.items()},
        out / "reliability.png",
    )
    draw_risk_coverage(
        {n: risk_coverage([s.outcome for s in r]) for n, r in store_scores.items()}, out / "risk-coverage.png"
    )
    (out / "figures.json").write_text(json.dumps(figures, ensure_ascii=False, indent=1), encoding="utf-8")
    console.print(f"written to {out}")


def _score(reader: TrainedReader, questions: Sequence[StoreQuestion], console: Console) -> list[StoreScore]:
    asked = track(questions, "reading", console=console, disable=not console.is_terminal, transient=True)
    return [s for q in asked for s in score_store_questions(reader, reader.calibration, [q], SEARCH_LOG_ODDS)]


def _refusals(reader: TrainedReader, scores: Sequence[StoreScore]) -> str:
    below = [s for s in scores if s.confidence < reader.calibration.abstain]
    unanswerable = sum(not s.question.answerable for s in scores)
    refused = sum(not s.question.answerable for s in below)
    return (
        f"below the threshold of {reader.calibration.abstain:.2f}: {refused} of {unanswerable} unanswerable, "
        f"{len(below) - refused} of {len(scores) - unanswerable} answerable"
    )


if __name__ == "__main__":
    app()
