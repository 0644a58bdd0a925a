"""Answers that were kept, looked at again through the eyes of whoever may see them now."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from index.catalog import Catalog, StoredDocument
from index.catalog.listing import find_documents
from index.types import Span
from service.access import Caller
from service.archive import KeptAnswer
from service.slack.replies import MOST_NEAREST, Place, Quoted, Reply

AROUND = 300  # code points shown before and after a quote


class Still(Enum):
    """Whether a document still says what was quoted from it."""

    SAME = "same"
    CHANGED = "changed"
    GONE = "gone"  # or not to be seen by this caller any more


@dataclass(frozen=True, slots=True)
class Context:
    """Words of a document and the text around them as the store has it now; none around what has changed."""

    quoted: Quoted
    before: str
    after: str
    still: Still


class Recall:
    """One kept answer, with its documents as they are now and as the caller may see them. Reads at once."""

    def __init__(self, kept: KeptAnswer, catalog: Catalog, caller: Caller) -> None:
        """Raises StoreUnavailable."""
        self._body = kept.body
        named = {one["document_id"] for one in (*self._body["citations"], *self._body["passages"])}
        with catalog.reading():
            self._documents = {
                document.id: document for document in find_documents(catalog, named, caller.collections)
            }
            citations = [self._quoted(one, one["marker"], one["quote"]) for one in self._body["citations"]]
            passages = [self._quoted(one, 0, one["text"]) for one in self._body["passages"]]
            self.citations = tuple(self._context(quoted, catalog) for quoted in citations)
            self.passages = tuple(self._context(quoted, catalog) for quoted in passages)

    @property
    def question(self) -> str:
        """As it was asked."""
        return str(self._body["question"])

    @property
    def language(self) -> str:
        """The answer's."""
        return str(self._body["language"])

    @property
    def is_refusal(self) -> bool:
        """Whether there was no answer."""
        return bool(self._body["abstained"])

    def reply(self) -> Reply:
        """The answer as it was given, with sections and dates as they are now."""
        return Reply(
            answer_id=str(self._body["id"]),
            text=str(self._body["answer"]),
            language=self.language,
            abstain_reason=self._body["abstain_reason"],
            repaired=bool(self._body["grounding"]["repaired"]),
            uncertain=bool(self._body.get("uncertain")),  # answers of earlier versions do not say
            quotes=tuple(context.quoted for context in self.citations),
            nearest=tuple(context.quoted for context in self.passages[:MOST_NEAREST])
            if self.is_refusal
            else (),
        )

    def all_there(self) -> bool:
        """Whether every document that is shown may still be seen."""
        shown = self.passages[:MOST_NEAREST] if self.is_refusal else self.citations
        return all(context.still is not Still.GONE for context in shown)

    def _quoted(self, one: Mapping[str, Any], marker: int, text: str) -> Quoted:
        document = self._documents.get(one["document_id"])
        place = Place(
            document_id=one["document_id"],
            title=one["title"],
            source=one["source"],
            heading=_heading_at(document, one["start"]) if document else "",
            date=document.metadata.get("date", "") if document else "",
            page=one["page"],
            start=one["start"],
            end=one["end"],
        )
        return Quoted(marker, place, text)

    def _context(self, quoted: Quoted, catalog: Catalog) -> Context:
        place = quoted.place
        if place.document_id not in self._documents:
            return Context(quoted, "", "", Still.GONE)
        begin = max(0, place.start - AROUND)
        text = catalog.read_text(place.document_id, Span(begin, place.end + AROUND))
        before, rest = text[: place.start - begin], text[place.start - begin :]
        inside, after = rest[: place.end - place.start], rest[place.end - place.start :]
        if inside != quoted.text:
            return Context(quoted, "", "", Still.CHANGED)
        return Context(quoted, before, after, Still.SAME)


def _heading_at(document: StoredDocument, position: int) -> str:
    """The heading that is in force there."""
    above = [section.heading for section in document.sections if section.start <= position]
    return above[-1] if above else ""
