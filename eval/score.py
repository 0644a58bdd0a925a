"""A run's folder to its scores, summary, JUnit file and report; needs neither store nor language model."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from eval.junit import junit_xml
from eval.predictions import JUNIT, SCORES, SUMMARY, Run, load_run, save_scores, write_json, write_whole
from eval.scoring import score_missing, score_prediction
from eval.types import QuestionScores

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from eval.summary import Summary

Words = Callable[[str], Sequence[str]]
WordsOfMany = Callable[[Iterable[str]], Sequence[Sequence[str]]]

SUMMARY_SCHEMA = 1


@dataclass(frozen=True, slots=True)
class ScoredRun:
    """A run with its scores, and what it comes to."""

    run: Run
    scores: Mapping[str, QuestionScores]
    summary: "Summary"

    @property
    def retrieval_only(self) -> bool:
        """Whether nothing was answered."""
        return bool(self.run.manifest.get("retrieval_only"))


def score_folder(
    folder: Path,
    *,
    words_of_many: WordsOfMany | None = None,
    embed: "Callable[[Sequence[str]], NDArray[np.floating]] | None" = None,
) -> ScoredRun:
    """Scores the run anew and writes scores.jsonl, summary.json and junit.xml.

    words_of_many: content words of texts, Kiwi's unless given. embed: vectors of texts, one row each;
    without it there is no cosine. A question without a prediction scores as one that failed.
    Raises BadRun for a folder that holds no run.
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
    """The scores of every question of the run, and the summary; writes nothing."""
    from eval.summary import summarise

    words = KnownWords(words_of_many)
    _score_all(run, words.note, None)
    words.look_up()
    scores = _score_all(run, words.of, embed)
    summary = summarise(run.questions, scores, run.predictions, retrieval_only=_retrieval_only(run))
    return ScoredRun(replace(run, scores=scores), scores, summary)


def summary_json(scored: ScoredRun) -> dict[str, Any]:
    """What summary.json holds."""
    return {
        "schema": SUMMARY_SCHEMA,
        "set": scored.run.manifest.get("set"),
        "retrieval_only": scored.retrieval_only,
        "complete": not scored.run.missing,
        **scored.summary.as_json(),
    }


class KnownWords:
    """Content words by text. Analysing thousands of texts at once takes a fifth of one at a time."""

    def __init__(self, words_of_many: WordsOfMany) -> None:
        self._words_of_many = words_of_many
        self._noted: dict[str, None] = {}
        self._known: dict[str, Sequence[str]] = {}

    def note(self, text: str) -> Sequence[str]:
        """Remembers that the words of this text will be asked for; gives none yet."""
        self._noted[text] = None
        return ()

    def look_up(self) -> None:
        """Analyses all noted texts."""
        texts = list(self._noted)
        self._known.update(zip(texts, self._words_of_many(texts), strict=True))

    def of(self, text: str) -> Sequence[str]:
        """The words of the text, looked up now unless they are known."""
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
    from index.lexical import MorphemeAnalyzer

    return MorphemeAnalyzer().words_of_many
