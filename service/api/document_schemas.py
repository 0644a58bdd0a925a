"""Parameters and bodies of the document routes, with limits and examples for the schema."""

import base64
import json
from typing import Annotated, Literal

from fastapi import Path, Query
from pydantic import AfterValidator, BaseModel, Field, TypeAdapter

from index.indexing.origin import upload_key
from index.store import StoredDocument
from index.store.listing import Place
from service.api.problems import Problem
from service.schemas import document_as_json
from service.storage.jobs import Job

MAX_PAGE = 200
MAX_TEXT_CHARS = 1_000_000  # per response; the rest can be requested next
_PLACE = TypeAdapter(tuple[str, str, str])  # collection, source, id
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
    """A document without its text."""

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
        """Return the body of a document."""
        return cls(**document_as_json(document), uploaded_as=upload_key(document.origin))


class DocumentPage(BaseModel):
    """A page of documents and the cursor of the next page."""

    documents: list[DocumentBody]
    next: str | None = Field(description="the cursor of the next page; null: this is the last")


class TextBody(BaseModel):
    """A span of a document's text, in Unicode code points."""

    text: str
    start: int
    end: int = Field(description="where this text ends; less than requested when that was too long")
    characters: int = Field(description="of the whole document")


class JobBody(BaseModel):
    """The state of an upload."""

    id: str
    state: Literal["queued", "running", "done", "failed"]
    document_id: str
    reason: str | None = Field(description="why it failed, or what it waits for")
    progress: float = Field(ge=0, le=1)

    @classmethod
    def of(cls, job: Job) -> "JobBody":
        """Return the body of a job."""
        return cls(
            id=job.id,
            state=job.state.value,
            document_id=job.document_id,
            reason=job.reason or None,
            progress=round(job.progress, 3),
        )


class AcceptedBody(BaseModel):
    """The job of an upload."""

    job: JobBody


class CollectionBody(BaseModel):
    """A collection and how many documents it holds."""

    name: str = Field(examples=["reports"])
    documents: int = Field(examples=[12])


class CollectionsBody(BaseModel):
    """All collections that the caller may see."""

    collections: list[CollectionBody]


def encode_cursor(document: StoredDocument) -> str:
    """Return the cursor of the page after this document: a position, which grants no access."""
    place = json.dumps([document.collection, document.source, document.id], ensure_ascii=False)
    return base64.urlsafe_b64encode(place.encode("utf-8", "surrogatepass")).decode()


def decode_cursor(cursor: str) -> Place:
    """Return the place that a cursor encodes. Raises Problem for a malformed one."""
    try:
        place = _PLACE.validate_json(base64.b64decode(cursor, altchars=b"-_", validate=True))
    except ValueError:
        raise Problem(
            422, "the query parameter cursor: must be `next` of an earlier page, unchanged"
        ) from None
    return Place(*place)
