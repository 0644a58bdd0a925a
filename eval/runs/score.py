"""Score a run from its folder: scores, summary and JUnit file, without store or language model."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from eval.report.junit import junit_xml
from eval.runs.files import JUNIT, SCORES, SUMMARY, Run, load_run, save_scores, write_json, write_whole
from eval.runs.scoring import score_missing, score_prediction
from eval.types import QuestionScores

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from eval.report.summary import Summary

Words = Callable[[str], Sequence[str]]
WordsOfMany = Callable[[Iterable[str]], Sequence[Sequence[str]]]

SUMMARY_SCHEMA = 1


@dataclass(frozen=True, slots=True)
class ScoredRun:
    """A run with its scores and summary."""

    run: Run
    scores: Mapping[str, QuestionScores]
    summary: "Summary"

    @property
    def retrieval_only(self) -> bool:
        """Whether no answers were generated."""
        return bool(self.run.manifest.get("retrieval_only"))


def score_folder(
    folder: Path,
    *,
    words_of_many: WordsOfMany | None = None,
    embed: "Callable[[Sequence[str]], NDArray[np.floating]] | None" = None,
) -> ScoredRun:
    """Score the run and write scores.jsonl, summary.json and junit.xml.

    words_of_many: content words of texts, Kiwi's by default. embed: vectors of texts, one row each; without
    it there is no cosine. A question without a prediction scores as failed.
    Raises BadRun for a folder without a run.
    """
    run = load_run(folder)
    scored = score_run(run, words_of_many or _morphemes(), embed)
    save_scores(folder / SCORES, scored.scores.values())
    write_json(folder / SUMMARY, summary_json(scored))
    write_whole(folder / JUNIT, junit_xml(scored.run, scored.scores))
    return scored


def score_run(
    run: Run,
    words_of_many: WordsOfMany,
    embed: "Callable[[Sequence[str]], NDArray[np.floating]] | None" = None,
) -> ScoredRun:
    """Score every question of the run and summarise, without writing anything."""
    from eval.report.summary import summarise

    words = KnownWords(words_of_many)
    _score_all(run, words.note, None)
    words.look_up()
    scores = _score_all(run, words.of, embed)
    summary = summarise(run.questions, scores, run.predictions, retrieval_only=_retrieval_only(run))
    return ScoredRun(replace(run, scores=scores), scores, summary)


def summary_json(scored: ScoredRun) -> dict[str, Any]:
    """Return the contents of summary.json."""
    return {
        "schema": SUMMARY_SCHEMA,
        "set": scored.run.manifest.get("set"),
        "retrieval_only": scored.retrieval_only,
        "complete": not scored.run.missing,
        **scored.summary.as_json(),
    }


class KnownWords:
    """A cache of content words by text. Batches of thousands take a fifth of the time of single texts."""

    def __init__(self, words_of_many: WordsOfMany) -> None:
        self._words_of_many = words_of_many
        self._noted: dict[str, None] = {}
        self._known: dict[str, Sequence[str]] = {}

    def note(self, text: str) -> Sequence[str]:
        """Queue the text for `look_up`; returns no words yet."""
        self._noted[text] = None
        return ()

    def look_up(self) -> None:
        """Analyse all queued texts in one batch."""
        texts = list(self._noted)
        self._known.update(zip(texts, self._words_of_many(texts), strict=True))

    def of(self, text: str) -> Sequence[str]:
        """Return the words of the text, analysing it unless cached."""
        if text not in self._known:
            (self._known[text],) = self._words_of_many([text])
        return self._known[text]


def _score_all(
    run: Run, words: Words, embed: "Callable[[Sequence[str]], NDArray[np.floating]] | None"
) -> dict[str, QuestionScores]:
    retrieval_only = _retrieval_only(run)
    scores = {}
    for question in run.questions:
        prediction = run.predictions.get(question.id)
        if prediction is None:
            scores[question.id] = score_missing(
                question, with_cosine=embed is not None, retrieval_only=retrieval_only
            )
        else:
            scores[question.id] = score_prediction(
                question, prediction, run.texts, words, embed, retrieval_only=retrieval_only
            )
    return scores


def _retrieval_only(run: Run) -> bool:
    return bool(run.manifest.get("retrieval_only"))


def _morphemes() -> WordsOfMany:
    from index.search.keyword_index import MorphemeAnalyzer

    return MorphemeAnalyzer().words_of_many
