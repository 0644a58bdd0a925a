"""The part of an answer, new or stored, that a message shows to its readers."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any
from urllib.parse import urlencode

from index.store import Catalog, StoredDocument
from index.store.listing import find_documents
from index.types import Hit, Span
from service.answering.types import Answer, Citation
from service.storage.answers import KeptAnswer
from service.storage.permissions import Caller

MAX_NEAREST = 3  # passages shown with a refusal


@dataclass(frozen=True, slots=True)
class ShownQuote:
    """A quote and its location. marker: the n of [n]; 0 if no statement cites it.

    start, end: in code points; heading, date: empty when unknown.
    """

    marker: int
    document_id: str
    title: str
    source: str
    start: int
    end: int
    text: str
    heading: str = ""
    date: str = ""
    page: int | None = None


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer for display. nearest: passages that do not answer, only with a refusal, best first.

    is_quotes: whether the text is nothing but the quotes. repaired: whether they replaced a phrased answer.
    """

    text: str
    language: str
    abstain_reason: str | None
    is_quotes: bool
    repaired: bool
    uncertain: bool
    quotes: tuple[ShownQuote, ...]
    nearest: tuple[ShownQuote, ...]


@dataclass(frozen=True, slots=True)
class Links:
    """Link targets of quotes. base_url: of the web page, without a trailing slash; None: no links."""

    base_url: str | None = None

    def to(self, quoted: ShownQuote) -> str | None:
        """Return the URL that opens the document at the quote; None without a base URL."""
        if self.base_url is None:
            return None
        query = {"document": quoted.document_id, "start": quoted.start, "end": quoted.end}
        return f"{self.base_url}/?{urlencode(query)}"


def reply_of(answer: Answer) -> Reply:
    """Return a new answer for display."""
    return Reply(
        text=answer.answer,
        language=answer.language,
        abstain_reason=answer.abstain_reason,
        is_quotes=answer.quoted,
        repaired=answer.repaired,
        uncertain=answer.uncertain,
        quotes=tuple(quoted_of(citation, answer.passages) for citation in answer.citations),
        nearest=tuple(map(passage_of, answer.passages[:MAX_NEAREST])) if answer.abstained else (),
    )


def quoted_of(citation: Citation, hits: Iterable[Hit]) -> ShownQuote:
    """Return a citation as a quote, with heading and date of its passage if that is among the hits."""
    hit = next((hit for hit in hits if hit.passage_id == citation.passage_id), None)
    return ShownQuote(
        citation.marker,
        citation.document_id,
        citation.title,
        citation.source,
        citation.start,
        citation.end,
        citation.quote,
        heading=hit.heading if hit else "",
        date=hit.date if hit else "",
        page=citation.page,
    )


def passage_of(hit: Hit) -> ShownQuote:
    """Return a retrieved passage as a quote."""
    start, end = hit.span.start, hit.span.end
    return ShownQuote(
        0, hit.document_id, hit.title, hit.source, start, end, hit.text, hit.heading, hit.date, hit.page
    )


CONTEXT_CHARS = 300  # code points of context before and after a quote


class QuoteState(Enum):
    """State of a quote in its document."""

    UNCHANGED = "unchanged"
    CHANGED = "changed"
    GONE = "gone"  # or no longer visible to this caller


@dataclass(frozen=True, slots=True)
class QuoteInContext:
    """A quote and the text around it in the store now; no text around it unless it is unchanged."""

    quoted: ShownQuote
    before: str
    after: str
    state: QuoteState


class StoredReply:
    """A stored answer, with its documents as they are now and as far as the caller may see them."""

    def __init__(self, stored: KeptAnswer, catalog: Catalog, caller: Caller) -> None:
        """Read the documents. Raises StoreUnavailable."""
        self._body = stored.body
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
        """Return the question as asked."""
        return str(self._body["question"])

    @property
    def language(self) -> str:
        """Return the answer's language."""
        return str(self._body["language"])

    @property
    def is_refusal(self) -> bool:
        """Return whether the answer is a refusal."""
        return bool(self._body["abstained"])

    def reply(self) -> Reply:
        """Return the answer as originally given, with current sections and dates."""
        return Reply(
            text=str(self._body["answer"]),
            language=self.language,
            abstain_reason=self._body["abstain_reason"],
            is_quotes=bool(self._body["grounding"].get("quoted")),  # absent in answers of earlier versions
            repaired=bool(self._body["grounding"]["repaired"]),
            uncertain=bool(self._body.get("uncertain")),  # likewise
            quotes=tuple(context.quoted for context in self.citations),
            nearest=tuple(context.quoted for context in self.passages[:MAX_NEAREST])
            if self.is_refusal
            else (),
        )

    def is_visible(self) -> bool:
        """Return whether every document shown is still visible to the caller."""
        shown = self.passages[:MAX_NEAREST] if self.is_refusal else self.citations
        return all(context.state is not QuoteState.GONE for context in shown)

    def _quoted(self, one: Mapping[str, Any], marker: int, text: str) -> ShownQuote:
        document = self._documents.get(one["document_id"])
        heading = _heading_at(document, one["start"]) if document else ""
        date = document.metadata.get("date", "") if document else ""
        location = {name: one[name] for name in ("document_id", "title", "source", "start", "end", "page")}
        return ShownQuote(marker=marker, text=text, heading=heading, date=date, **location)

    def _context(self, quoted: ShownQuote, catalog: Catalog) -> QuoteInContext:
        if quoted.document_id not in self._documents:
            return QuoteInContext(quoted, "", "", QuoteState.GONE)
        begin = max(0, quoted.start - CONTEXT_CHARS)
        text = catalog.read_text(quoted.document_id, Span(begin, quoted.end + CONTEXT_CHARS))
        before, rest = text[: quoted.start - begin], text[quoted.start - begin :]
        inside, after = rest[: quoted.end - quoted.start], rest[quoted.end - quoted.start :]
        if inside != quoted.text:
            return QuoteInContext(quoted, "", "", QuoteState.CHANGED)
        return QuoteInContext(quoted, before, after, QuoteState.UNCHANGED)


def _heading_at(document: StoredDocument, position: int) -> str:
    """Return the heading that applies at the position."""
    above = [section.heading for section in document.sections if section.start <= position]
    return above[-1] if above else ""
