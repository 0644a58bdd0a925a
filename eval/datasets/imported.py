"""The result of importing a question set: documents in stored form, and questions on them."""

import hashlib
import re
import unicodedata
from dataclasses import dataclass, field

from eval.datasets.stored_texts import stored_form
from eval.errors import BadQuestionSet
from eval.types import Question
from index.errors import UnreadableDocument
from index.formats.normalise import normalise
from index.types import Span

MOST_TEXT_CHARS = 500_000_000  # of all documents together; they are held in memory
MOST_DOCUMENTS = 1_000_000
_PLAIN_NAME = re.compile(r"[0-9a-z가-힣_-]{1,60}")
_NAME_CHARS = 60  # 180 bytes of Hangul; file systems take 255


@dataclass(frozen=True, slots=True)
class ImportedDocument:
    """A document to write. name: of its file, and so its source in the store; text: in stored form.

    body: span of the dataset's own text in `text`, possibly preceded by a title.
    """

    name: str
    text: str
    body: Span


@dataclass(frozen=True, slots=True)
class ImportedSet:
    """A complete question set with its documents. notes: sentences about the import, for the user."""

    documents: tuple[ImportedDocument, ...]
    questions: tuple[Question, ...]
    notes: tuple[str, ...] = ()


@dataclass(slots=True)
class DocumentCollector:
    """The documents of a set being imported. left_out: those without readable text, with the reason."""

    by_id: dict[str, ImportedDocument] = field(default_factory=dict)
    left_out: dict[str, str] = field(default_factory=dict)
    _by_content: dict[tuple[str, str], ImportedDocument] = field(default_factory=dict)
    _chars: int = 0

    def add(self, ident: str, body: str, title: str, place: str) -> None:
        """Add a document; one without readable text is left out, as the store would do.

        title: becomes the first line of the text. Raises BadQuestionSet, naming the place, for a duplicate
        id and when a size limit is exceeded.
        """
        if ident in self.by_id or ident in self.left_out:
            raise BadQuestionSet(f"{place}: the document id {ident!r} occurs twice")
        try:
            self.by_id[ident] = _make_document(ident, body, title)
        except UnreadableDocument as error:
            self.left_out[ident] = str(error)
            return
        self._chars += len(self.by_id[ident].text)
        if self._chars > MOST_TEXT_CHARS or len(self.by_id) > MOST_DOCUMENTS:
            raise BadQuestionSet(
                f"{place}: there are more than {MOST_DOCUMENTS:,} documents or "
                f"{MOST_TEXT_CHARS / 1e6:,.0f} million characters in them; import a part of the set"
            )

    def add_context(self, body: str, title: str, place: str) -> ImportedDocument:
        """Return the document of a text without id; equal texts share one. Raises BadQuestionSet."""
        known = self._by_content.get((title, body))
        if known is None:
            ident = f"{title or 'context'} {len(self.by_id) + 1}"
            self.add(ident, body, title, place)
            known = self._by_content[title, body] = self.find(ident, place)
        return known

    def find(self, ident: str, place: str) -> ImportedDocument:
        """Return the document with this id. Raises BadQuestionSet, naming the place, if there is none."""
        if ident in self.left_out:
            raise BadQuestionSet(
                f"{place}: needs the document {ident!r}, which {self.left_out[ident]}; take the question out"
            )
        if ident not in self.by_id:
            raise BadQuestionSet(f"{place}: needs the document {ident!r}, which is not among the documents")
        return self.by_id[ident]

    def finish(self, questions: list[Question], notes: tuple[str, ...] = ()) -> ImportedSet:
        """Return the set of these questions and all documents."""
        if self.left_out:
            ident, reason = next(iter(self.left_out.items()))
            count = len(self.left_out)
            notes = (*notes, f"documents without readable text left out: {count} ({ident!r}: {reason})")
        return ImportedSet(tuple(self.by_id.values()), tuple(questions), notes)


def find_answer(document: ImportedDocument, raw: str, start: int, answer: str) -> Span | None:
    """Return the stored text's span of the answer at `start` of the dataset's own text `raw`.

    None if it is not there. start: code points into `raw`, which may have any Unicode form and any line
    ends; white space around the answer is excluded.
    """
    if raw[start : start + len(answer)] != answer or not answer.strip():
        return None
    # In stored form, everything up to the answer's end ends where the stored answer ends.
    before = normalise(raw[: start + len(answer.rstrip())]).lstrip("\n")
    stored = normalise(answer.strip())
    span = Span(
        document.body.start + len(before) - len(stored),
        document.body.start + len(before),
    )
    return span if stored and span.of(document.text) == stored else None


def file_name(ident: str) -> str:
    """Return a name for the document's file: safe on every file system, and distinct for distinct ids.

    Ids of plain lower-case letters and digits are unchanged. Others become a readable part and a digest of
    the whole id.
    """
    if _PLAIN_NAME.fullmatch(ident):
        return f"{ident}.txt"
    readable = re.sub(r"[\W_]+", "-", unicodedata.normalize("NFC", ident)).strip("-")[:_NAME_CHARS]
    digest = hashlib.sha256(ident.encode("utf-8", "surrogatepass")).hexdigest()[:10]
    return f"{readable}-{digest}.txt" if readable else f"{digest}.txt"


def _make_document(ident: str, body: str, title: str) -> ImportedDocument:
    text = stored_form(body)
    head = " ".join(normalise(title).split())
    start = len(head) + 2 if head else 0
    whole = stored_form(f"{head}\n\n{text}") if head else text
    return ImportedDocument(file_name(ident), whole, Span(start, start + len(text)))
