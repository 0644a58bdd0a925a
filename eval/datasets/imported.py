"""What an importer makes of somebody else's question set: documents in stored form, and questions on them."""

import hashlib
import re
import unicodedata
from dataclasses import dataclass, field

from eval.datasets.stored_texts import stored_form
from eval.errors import BadQuestionSet
from eval.types import Question
from index.errors import UnreadableDocument
from index.normalise import normalise
from index.types import Span

MOST_TEXT_CHARS = 500_000_000  # of all documents together; they are kept in memory
MOST_DOCUMENTS = 1_000_000
_PLAIN_NAME = re.compile(r"[0-9a-z가-힣_-]{1,60}")
_NAME_CHARS = 60  # 180 bytes of Hangul; file systems take 255


@dataclass(frozen=True, slots=True)
class ImportedDocument:
    """A document to be. name: its file's, and so its source in the store; text: in stored form.

    body: where in `text` the dataset's own text lies; before it may stand a title.
    """

    name: str
    text: str
    body: Span


@dataclass(frozen=True, slots=True)
class ImportedSet:
    """A whole question set with its documents. notes: what a user should know of the import, as sentences."""

    documents: tuple[ImportedDocument, ...]
    questions: tuple[Question, ...]
    notes: tuple[str, ...] = ()


@dataclass(slots=True)
class DocumentCollector:
    """The documents of a set in the making. left_out: those without readable text, with the reason."""

    by_id: dict[str, ImportedDocument] = field(default_factory=dict)
    left_out: dict[str, str] = field(default_factory=dict)
    _by_content: dict[tuple[str, str], ImportedDocument] = field(default_factory=dict)
    _chars: int = 0

    def add(self, ident: str, body: str, title: str, place: str) -> None:
        """Takes a document in; one with nothing to read is left out, as the store would.

        title: becomes the first line of the text. Raises BadQuestionSet, naming the place, for an id that
        occurs twice and when there is more than fits.
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
        """The document of a text that has no id; equal ones are one. Raises BadQuestionSet, as `add` does."""
        known = self._by_content.get((title, body))
        if known is None:
            ident = f"{title or 'context'} {len(self.by_id) + 1}"
            self.add(ident, body, title, place)
            known = self._by_content[title, body] = self.find(ident, place)
        return known

    def find(self, ident: str, place: str) -> ImportedDocument:
        """The document of this id. Raises BadQuestionSet, naming the place, when it is not there."""
        if ident in self.left_out:
            raise BadQuestionSet(
                f"{place}: needs the document {ident!r}, which {self.left_out[ident]}; take the question out"
            )
        if ident not in self.by_id:
            raise BadQuestionSet(f"{place}: needs the document {ident!r}, which is not among the documents")
        return self.by_id[ident]

    def finish(self, questions: list[Question], notes: tuple[str, ...] = ()) -> ImportedSet:
        """The set of these questions and all documents."""
        if self.left_out:
            ident, reason = next(iter(self.left_out.items()))
            count = len(self.left_out)
            notes = (*notes, f"documents without readable text left out: {count} ({ident!r}: {reason})")
        return ImportedSet(tuple(self.by_id.values()), tuple(questions), notes)


def find_answer(document: ImportedDocument, raw: str, start: int, answer: str) -> Span | None:
    """Where the stored text has the answer that stands at `start` of the dataset's own text `raw`.

    None when it does not stand there. start: code points into `raw`, which may be of any Unicode form and
    have any line ends; white space around the answer is left out.
    """
    if raw[start : start + len(answer)] != answer or not answer.strip():
        return None
    # Everything up to the answer's end is brought into stored form: it ends where the stored answer ends.
    before = normalise(raw[: start + len(answer.rstrip())]).lstrip("\n")
    stored = normalise(answer.strip())
    span = Span(
        document.body.start + len(before) - len(stored),
        document.body.start + len(before),
    )
    return span if stored and span.of(document.text) == stored else None


def file_name(ident: str) -> str:
    """A name for the document's file: safe on every file system, and different for different ids.

    Ids of plain lower-case letters and digits stay as they are. Of others a readable part is kept, and a
    digest of the whole tells them apart.
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
