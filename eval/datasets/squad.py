"""SQuAD 1.1, SQuAD 2.0 and KorQuAD 1: short answers extracted from paragraphs, with their offsets.

Format: Rajpurkar et al. 2016 and 2018; Lim et al. 2019. Each paragraph becomes a document that begins with
its article's title; paragraphs with the same title and text share one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from eval.datasets.files import read_json
from eval.datasets.imported import DocumentCollector, ImportedDocument, ImportedSet, find_answer
from eval.datasets.questions import guess_language
from eval.datasets.records import Record
from eval.metrics.gold import locate
from eval.types import GoldSpan, Question


@dataclass(slots=True)
class AnswerPlaces:
    """A locator of answers, which counts those not at the offset that the set gives."""

    n_moved: int = 0
    n_absent: int = 0

    def find(self, document: ImportedDocument, context: str, answer: Record) -> GoldSpan:
        """Return the answer's span: at its offset, else the nearest occurrence, else the whole document."""
        text, start = answer.filled("text"), answer.number("answer_start")
        span = find_answer(document, context, start, text)
        if span is None:
            wanted = document.body.start + start
            places = locate(GoldSpan(document.name, quote=text), document.text)
            span = min(places, key=lambda place: abs(place.start - wanted), default=None)
            if span is None:
                self.n_absent += 1
                return GoldSpan(document.name)
            self.n_moved += 1
        return GoldSpan(document.name, start=span.start, end=span.end)

    def notes(self) -> tuple[str, ...]:
        """Return notes for the user on misplaced answers."""
        moved = f"answers not at their answer_start, whose gold is the nearest place: {self.n_moved}"
        absent = f"answers not in their context, whose gold is the whole context: {self.n_absent}"
        return (moved,) * bool(self.n_moved) + (absent,) * bool(self.n_absent)


def read_squad(paths: Sequence[Path]) -> ImportedSet:
    """Read the set in these JSON files. Raises BadQuestionSet."""
    return read_paragraphs(paths, id_field="id")


def read_paragraphs(paths: Sequence[Path], id_field: str) -> ImportedSet:
    """Read the set in files of articles, paragraphs and questions. id_field: of a question's id.

    A question's answers are alternatives of one group. Plausible answers of impossible questions are
    skipped. Raises BadQuestionSet.
    """
    documents, places = DocumentCollector(), AnswerPlaces()
    questions: list[Question] = []
    for path in paths:
        for article in _required(read_json(path), "data"):
            title = article.text("title").replace("_", " ") if "title" in article else ""
            for paragraph in _required(article, "paragraphs"):
                context = paragraph.filled("context")
                document = documents.add_context(context, title, paragraph.place)
                questions += [
                    _read_question(record, id_field, document, context, places)
                    for record in paragraph.records("qas")
                ]
    return documents.finish(questions, places.notes())


def _required(record: Record, name: str) -> tuple[Record, ...]:
    if name not in record:
        raise record.mistake(name, "is missing")
    return record.records(name)


def _read_question(
    record: Record, id_field: str, document: ImportedDocument, context: str, places: AnswerPlaces
) -> Question:
    text = record.filled("question")
    answerable = not ("is_impossible" in record and record.flag("is_impossible"))
    found = record.records("answers") if answerable else ()
    if answerable and not found:
        raise record.mistake("answers", "is missing or empty, yet the question is not marked is_impossible")
    spans = dict.fromkeys(places.find(document, context, answer) for answer in found)
    answers = tuple(dict.fromkeys(answer.filled("text").strip() for answer in found))
    return Question(
        id=record.filled(id_field),
        question=text,
        answerable=answerable,
        expected=(answers,) if answers else (),
        answers=answers,
        documents=(document.name,) if answerable else (),
        gold=(tuple(spans),) if spans else (),
        lang=guess_language(text),
    )
