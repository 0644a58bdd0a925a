"""What a message shows of an answer, be it fresh from the model or one that was kept. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlencode

from index.types import Hit
from service.types import Answer, Citation

MOST_NEAREST = 3  # passages shown with a refusal


@dataclass(frozen=True, slots=True)
class Place:
    """Where something stands. start, end: code points of the document; heading, date: empty when unknown."""

    document_id: str
    title: str
    source: str
    heading: str
    date: str
    page: int | None
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Quoted:
    """Words of a document and their place. marker: the n of [n]; 0 for what no statement points to."""

    marker: int
    place: Place
    text: str


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer as it is shown. nearest: passages that are no answer, only with a refusal, best first."""

    answer_id: str
    text: str
    language: str
    abstain_reason: str | None
    repaired: bool
    uncertain: bool
    quotes: tuple[Quoted, ...]
    nearest: tuple[Quoted, ...]


@dataclass(frozen=True, slots=True)
class Links:
    """Where quotes lead to. base_url: the page's address, without a slash at its end; None: nowhere."""

    base_url: str | None = None

    def to(self, place: Place) -> str | None:
        """The document in the page, open at the place."""
        if self.base_url is None:
            return None
        query = {"document": place.document_id, "start": place.start, "end": place.end}
        return f"{self.base_url}/?{urlencode(query)}"


def reply_of(answer: Answer) -> Reply:
    """An answer that was just given."""
    hits = [sentence.hit for sentence in answer.sentences] + list(answer.passages)
    return Reply(
        answer_id=answer.id,
        text=answer.answer,
        language=answer.language,
        abstain_reason=answer.abstain_reason,
        repaired=answer.grounding.repaired,
        uncertain=answer.uncertain,
        quotes=tuple(quoted_of(citation, hits) for citation in answer.citations),
        nearest=tuple(map(passage_of, answer.passages[:MOST_NEAREST])) if answer.abstained else (),
    )


def quoted_of(citation: Citation, hits: Iterable[Hit]) -> Quoted:
    """A citation; heading and date are those of its passage when it is among the hits."""
    hit = next((hit for hit in hits if hit.passage_id == citation.passage_id), None)
    place = Place(
        citation.document_id,
        citation.title,
        citation.source,
        hit.heading if hit else "",
        hit.date if hit else "",
        citation.page,
        citation.start,
        citation.end,
    )
    return Quoted(citation.marker, place, citation.quote)


def passage_of(hit: Hit) -> Quoted:
    """A passage that was found."""
    place = Place(
        hit.document_id,
        hit.title,
        hit.source,
        hit.heading,
        hit.date,
        hit.page,
        hit.span.start,
        hit.span.end,
    )
    return Quoted(0, place, hit.text)
