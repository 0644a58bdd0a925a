"""Fit the reader's probabilities on the calibration documents: `python -m eval.reader.calibrate`.

All calibration documents are put into one store and asked without naming one, as a team would; what the
reader makes of the ten passages found is compared with the labels. Fitted are a logistic curve each for
sentences, passages and questions (Platt 1999), and the question probability from which up an answer need not
be checked. Weights of the trained reader get them in their metadata, another cross-encoder in its own file.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import track

from eval.errors import EvaluationError
from eval.reader.collection import Retrieved, index_examples, retrieve_examples
from eval.reader.examples import Split, load_examples, sample_questions, select_split
from index.errors import IndexingError
from index.reader.calibration import Calibration, PassageCalibration, sigmoid
from index.reader.loading import write_calibration
from index.reader.readings import ABSENT
from index.reader.rerank import add_search
from index.reader.types import RawScores, Reader, ReaderPassage
from index.reader.weights import BUNDLED, save_calibration
from service import Inyong
from service.errors import ModelUnavailable
from service.wiring import load_cross_encoder

# Share of the questions in use whose answer is among the passages. Half of the examples' questions are near
# misses, so they are weighted to this share (prior shift; Saerens, Latinne and Decaestecker 2002).
ANSWERED_SHARE = 0.8
ABSTAIN = 0.5  # an answer is given where it is likelier than not that the passages answer
TRUSTED = 0.95  # share of right answers from the "check the quote" threshold up
K = 10


@dataclass(frozen=True, slots=True)
class RawReading:
    """Log-odds of one passage and labels of its sentences, (n,) each, and the passage's search score."""

    sentences: NDArray[np.float64]
    passage: float
    needed: NDArray[np.bool_]
    search: float = 0.0


@dataclass(frozen=True, slots=True)
class RawQuestion:
    """All passages that were read for a question."""

    readings: tuple[RawReading, ...]


def read_raw(reader: Reader, retrieved: Retrieved) -> RawQuestion:
    """Read a question's hits and label their sentences."""
    passages = [ReaderPassage.from_hit(hit) for hit in retrieved.hits]
    raw: list[RawScores] = reader.raw_scores(retrieved.question.with_previous, passages)
    return RawQuestion(
        tuple(
            RawReading(
                np.array(scores.sentences),
                scores.passage,
                np.array([retrieved.is_evidence(hit, span) for span in hit.sentences], dtype=bool),
                hit.score,
            )
            for hit, scores in zip(retrieved.hits, raw, strict=True)
        )
    )


def fit_calibration(questions: Sequence[RawQuestion]) -> Calibration:
    """Fit all curves and thresholds."""
    readings = [reading for question in questions for reading in question.readings if len(reading.sentences)]
    sentences = np.concatenate([r.sentences for r in readings])
    sentence = _fit(sentences[:, None], np.concatenate([r.needed for r in readings]))
    features = np.array([(r.sentences.max(), r.passage) for r in readings])
    passage = _fit(features, np.array([r.needed.any() for r in readings]))
    curve = PassageCalibration(float(passage[0][0]), float(passage[0][1]), passage[1])
    best = np.array([best_log_odds(question, curve) for question in questions])
    found = np.array([any(r.needed.any() for r in q.readings) for q in questions])
    share = float(np.clip(found.mean(), 1e-6, 1 - 1e-6))
    weights = np.where(found, ANSWERED_SHARE / share, (1 - ANSWERED_SHARE) / (1 - share))
    question = _fit(best[:, None], found, weights)
    probabilities = 1 / (1 + np.exp(-(question[0][0] * best + question[1])))
    right = np.array([_best_sentence_is_needed(q, curve, sentence) for q in questions])
    return Calibration(
        curve,
        (float(sentence[0][0]), sentence[1]),
        (float(question[0][0]), question[1]),
        abstain=ABSTAIN,
        check=_least_trusted(probabilities, right, weights),
    )


def best_log_odds(question: RawQuestion, curve: PassageCalibration) -> float:
    """Return the log-odds of the likeliest passage."""
    return max(
        (curve.log_odds(float(r.sentences.max()), r.passage) for r in question.readings if len(r.sentences)),
        default=ABSENT,
    )


def _best_sentence_is_needed(
    question: RawQuestion, curve: PassageCalibration, sentence: tuple[NDArray[np.float64], float]
) -> bool:
    """Whether the first sentence is needed, in the order of `index.reader.rerank.rank_sentences`."""
    readings = [r for r in question.readings if len(r.sentences)]
    log_odds = [curve.log_odds(float(r.sentences.max()), r.passage) for r in readings]
    weights = [
        sigmoid(float(sentence[0][0] * logit + sentence[1])) * sigmoid(joint)
        for r, joint in zip(readings, add_search(log_odds, [r.search for r in readings]), strict=True)
        for logit in r.sentences
    ]
    needed = [bool(is_needed) for r in readings for is_needed in r.needed]
    return bool(weights) and needed[int(np.argmax(weights))]


def _least_trusted(
    probabilities: NDArray[np.float64], right: NDArray[np.bool_], weights: NDArray[np.float64]
) -> float:
    """The lowest probability from which up the weighted share of right answers is at least TRUSTED."""
    order = np.argsort(-probabilities)
    shares = np.cumsum((right * weights)[order]) / np.cumsum(weights[order])
    is_last_of_equals = np.append(np.diff(probabilities[order]) != 0, True)
    trusted = np.nonzero((shares >= TRUSTED) & is_last_of_equals)[0]
    return float(probabilities[order][trusted[-1]]) if len(trusted) else 1.0


def _fit(
    features: NDArray[np.float64], labels: NDArray[np.bool_], weights: NDArray[np.float64] | None = None
) -> tuple[NDArray[np.float64], float]:
    from sklearn.linear_model import LogisticRegression

    model = LogisticRegression(C=100.0, max_iter=1000).fit(features, labels, weights)
    return model.coef_[0], float(model.intercept_[0])


app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)


@app.command()
def calibrate(
    weights: Annotated[Path, typer.Option(help="Weights that get the calibration.")] = BUNDLED,
    reader: Annotated[
        str | None, typer.Option(help="Instead: a cross-encoder, by folder or hub name.")
    ] = None,
    out: Annotated[Path, typer.Option(help="Where a cross-encoder's calibration goes.")] = Path(
        "reader-calibration.json"
    ),
    work: Annotated[Path, typer.Option(help="Folder for the store of calibration documents.")] = Path(
        "runs/reader-calibration"
    ),
    questions: Annotated[int, typer.Option(min=50, help="How many questions to read.")] = 600,
) -> None:
    """Fit the reader's probabilities and thresholds on the calibration documents."""
    console = Console(stderr=True)
    try:
        documents = select_split(load_examples(), Split.CALIBRATION)
        work.mkdir(parents=True, exist_ok=True)
        with Inyong(work / "store") as inyong:
            model = load_cross_encoder(reader, out) if reader else inyong.trained_reader(weights)
            index_examples(documents, work / "documents", inyong)
            retrieved = retrieve_examples(inyong, sample_questions(documents, questions), K)
            asked = track(retrieved, "reading", console=console, disable=not console.is_terminal)
            calibration = fit_calibration([read_raw(model, item) for item in asked])
        if reader:
            write_calibration(out, reader, calibration)
        else:
            save_calibration(weights, calibration)
    except (EvaluationError, IndexingError, ModelUnavailable, OSError) as error:
        console.print(f"error: {error}", markup=False, soft_wrap=True)
        raise typer.Exit(2) from error
    console.print(calibration)


if __name__ == "__main__":
    app()
