"""What routes about documents take and give, with limits and examples for the schema."""

import base64
import json
from typing import Annotated, Literal

from fastapi import Path, Query
from pydantic import AfterValidator, BaseModel, Field

from index.catalog import StoredDocument
from index.catalog.listing import Place
from index.origin import upload_key
from service.api.problems import Problem
from service.jobs import Job
from service.schemas import document_as_json

MAX_PAGE = 200
MAX_TEXT_CHARS = 1_000_000  # of one response; the rest can be asked for next
_ID = r"^[A-Za-z0-9_~-][A-Za-z0-9._~-]{0,127}$"


def _plain(text: str) -> str:
    if not text.isprintable() or text != text.strip():
        raise ValueError("must be printable, without a space before or after")
    return text


def _file_name(name: str) -> str:
    if "/" in name or "\\" in name or set(name) == {"."}:
        raise ValueError("must be a file name, not a path")
    return _plain(name)


DocumentId = Annotated[
    str,
    Path(
        alias="id",
        pattern=_ID,
        description="the id chosen when it was uploaded, or the one in lists, hits and citations",
        examples=["library-2026"],
    ),
]
CollectionQuery = Annotated[
    Annotated[str, AfterValidator(_plain)] | None,
    Query(min_length=1, max_length=200, description="the collection that holds it", examples=["reports"]),
]
FileName = Annotated[
    Annotated[str, AfterValidator(_file_name)] | None,
    Query(
        min_length=1,
        max_length=200,
        description="file name, shown as the source; its suffix decides the format. Left out: the id",
        examples=["library.md"],
    ),
]


class DocumentBody(BaseModel):
    """What is known of a document, but its text."""

    id: str = Field(examples=["5f2c8e01a7b3d946"])
    uploaded_as: str | None = Field(
        description="the id chosen by whoever uploaded it; null for a file", examples=["library-2026"]
    )
    title: str = Field(examples=["푸른숲 도서관"])
    source: str = Field(examples=["library.md"])
    collection: str = Field(examples=["reports"])
    media_type: str = Field(examples=["text/markdown"])
    sha256: str
    characters: int = Field(examples=[1840])
    passages: int = Field(examples=[6])
    modified_at: str = Field(examples=["2026-03-01T09:30:00+00:00"])
    metadata: dict[str, str]

    @classmethod
    def of(cls, document: StoredDocument) -> "DocumentBody":
        """The document as it is told."""
        return cls(**document_as_json(document), uploaded_as=upload_key(document.origin))


class DocumentPage(BaseModel):
    """Some documents, and where to go on."""

    documents: list[DocumentBody]
    next: str | None = Field(description="the cursor of the next page; null: this is the last")


class TextBody(BaseModel):
    """A span of a document's text, in Unicode code points."""

    text: str
    start: int
    end: int = Field(description="where this text ends; less than asked for when that was too long")
    characters: int = Field(description="of the whole document")


class JobBody(BaseModel):
    """An upload on its way."""

    id: str
    state: Literal["queued", "running", "done", "failed"]
    document_id: str
    reason: str | None = Field(description="why it failed, or what it waits for")
    progress: float = Field(ge=0, le=1)

    @classmethod
    def of(cls, job: Job) -> "JobBody":
        """The job as it is told."""
        return cls(
            id=job.id,
            state=job.state.value,
            document_id=job.document_id,
            reason=job.reason or None,
            progress=round(job.progress, 3),
        )


class AcceptedBody(BaseModel):
    """What became of an upload."""

    job: JobBody


class CollectionBody(BaseModel):
    """A collection and how many documents it holds."""

    name: str = Field(examples=["reports"])
    documents: int = Field(examples=[12])


class CollectionsBody(BaseModel):
    """All collections that the caller may see."""

    collections: list[CollectionBody]


def cursor_behind(document: StoredDocument) -> str:
    """Where the page behind this document begins: a place in an order, no right to see anything."""
    place = json.dumps([document.collection, document.source, document.id], ensure_ascii=False)
    return base64.urlsafe_b64encode(place.encode("utf-8", "surrogatepass")).decode()


def place_of(cursor: str) -> Place:
    """The place that a cursor names. Raises Problem for one that was not given out here."""
    try:
        parts = json.loads(base64.b64decode(cursor, altchars=b"-_", validate=True))
        collection, source, ident = parts
        if isinstance(parts, list) and all(isinstance(part, str) for part in parts):
            for part in parts:
                part.encode()
            return Place(collection, source, ident)
    except (ValueError, TypeError, RecursionError):
        pass
    raise Problem(422, "the query parameter cursor: must be `next` of an earlier page, unchanged")
