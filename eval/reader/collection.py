"""Example documents in one store, asked without naming a document: what search finds, what a reader adds."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from eval.reader.examples import ExampleDocument, Question
from index.types import Hit, Span
from service import Inyong


@dataclass(frozen=True, slots=True)
class Retrieved:
    """A question, the passages that search found, best first, and where its needed sentences are stored."""

    question: Question
    hits: tuple[Hit, ...]
    document_id: str
    needed: tuple[Span, ...]

    def has_evidence(self, hit: Hit) -> bool:
        """Whether the passage holds a needed sentence."""
        return hit.document_id == self.document_id and any(
            hit.span.start <= span.start < hit.span.end for span in self.needed
        )

    def is_evidence(self, hit: Hit, sentence: Span) -> bool:
        """Whether a sentence of a passage is, or overlaps, a needed one."""
        return hit.document_id == self.document_id and any(
            sentence.start < span.end and span.start < sentence.end for span in self.needed
        )

    @property
    def rank(self) -> int | None:
        """The place, from 1, of the first passage with evidence; None where none has."""
        return next((rank for rank, hit in enumerate(self.hits, 1) if self.has_evidence(hit)), None)


def index_examples(documents: Sequence[ExampleDocument], folder: Path, inyong: Inyong) -> None:
    """Write each document as a text file, title first and a sentence a line, and index them all."""
    folder.mkdir(parents=True, exist_ok=True)
    for document in documents:
        lines = [document.title, "", *document.sentences]
        (folder / f"{document.id}.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    inyong.index([folder])


def retrieve_examples(inyong: Inyong, documents: Sequence[ExampleDocument], k: int) -> list[Retrieved]:
    """Search for every question of the documents in a store made by `index_examples`."""
    retrieved = []
    for document in documents:
        stored = inyong.document(f"{document.id}.txt")
        places = _places(inyong.text(stored.id), document)
        for question in document.questions:
            hits = inyong.search(question.with_previous, k=k)
            needed = tuple(places[i] for i in sorted(question.needed) if i in places)
            retrieved.append(Retrieved(question, tuple(hits), stored.id, needed))
    return retrieved


def _places(text: str, document: ExampleDocument) -> dict[int, Span]:
    """Where each sentence is in the stored text; those that reading the file changed are left out."""
    places, at = {}, 0
    for index, sentence in enumerate(document.sentences):
        start = text.find(sentence.strip(), at)
        if start >= 0:
            at = start + len(sentence.strip())
            places[index] = Span(start, at)
    return places
