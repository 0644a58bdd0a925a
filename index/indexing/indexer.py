"""Indexing: find new, changed and deleted files; read, embed and commit them; update the derived indexes.

One document is one transaction, so an interrupted run loses no finished document and the next one resumes.
A file that cannot be read is reported and never stops the run.
"""

import itertools
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from index.chunking.passages import PassageSize
from index.embedding.embedder import Embedder
from index.errors import DocumentIdTaken, IndexingError, UnreadableDocument
from index.indexing.file_discovery import File, find_files
from index.indexing.origin import digest, is_gone, origin_path, upload_id, upload_origin
from index.indexing.preparation import (
    Identity,
    Prepared,
    embed_documents,
    file_digest,
    prepare_document,
)
from index.indexing.progress import Progress, Step, UpdateReport
from index.indexing.rebuild import make_spec
from index.search.derived_indexes import DerivedIndexes
from index.search.keyword_index import MorphemeAnalyzer
from index.store import Catalog, NewPassage, StoredDocument
from index.store.spec import IndexSpec

DEFAULT_MAX_FILE_BYTES = 32 << 20
_FLUSH_PASSAGES = 256  # embedded together, across documents


@dataclass(frozen=True, slots=True)
class Options:
    """Options of one indexing run."""

    collection: str = "default"
    prune: bool = False
    max_file_bytes: int = DEFAULT_MAX_FILE_BYTES


@dataclass(frozen=True, slots=True)
class Upload:
    """A document given as bytes.

    key: the client's own name for it; with the collection it determines which document is replaced. name: a
    file name, whose suffix determines the format; displayed as the document's source.
    """

    collection: str
    key: str
    name: str
    data: bytes

    @property
    def id(self) -> str:
        """Return the document's id in the store."""
        return upload_id(self.collection, self.key)


def is_stored(catalog: Catalog, ident: str, name: str, sha256: str) -> bool:
    """Return whether the document with this id has this source name and SHA-256."""
    return any((known.source, known.sha256) == (name, sha256) for known in catalog.documents([ident]))


@dataclass(frozen=True, slots=True)
class Indexer:
    """All components of an indexing run, built once."""

    catalog: Catalog
    derived: DerivedIndexes
    embedder: Embedder
    analyzer: MorphemeAnalyzer
    size: PassageSize

    def index_paths(
        self,
        paths: Sequence[Path],
        options: Options | None = None,
        report_progress: Callable[[Progress], None] = lambda progress: None,
    ) -> UpdateReport:
        """Bring the store up to date with the files under `paths`; return what was done, file by file.

        Raises IndexingError for a missing or unreadable path, before anything is changed.
        """
        options = options or Options()
        for path in paths:
            try:
                path.stat()
            except OSError as error:
                missing = isinstance(error, FileNotFoundError | NotADirectoryError)
                reason = "no such file or folder" if missing else f"cannot be read: {error.strerror}"
                raise IndexingError(f"{path}: {reason}") from error
        run = _Run(self, options, report_progress)
        home = self.catalog.path.parent
        found = [file for path in paths for file in find_files(path, home, run.report)]
        files = list({file.path: file for file in reversed(found)}.values())  # deduplicated, first named
        files.reverse()
        run.files_total = len(files)
        try:
            for file in files:
                run.take(file)
            run.flush()
            if options.prune:
                run.prune(paths, {file.origin for file in files})
        finally:
            # Committed documents become searchable even if the run was interrupted.
            run.tell(Step.FINISHING)
            self.derived.catch_up(save=True)
        return run.report

    def index_bytes(
        self,
        upload: Upload,
        *,
        advance: Callable[[int, int], None] = lambda n, total: None,
        storing: AbstractContextManager[None] | None = None,
    ) -> bool:
        """Store a document given as bytes; return False if it is stored already.

        advance: called after each batch with its number of passages and the total; may raise to abort.
        storing: entered around the commit; may raise on entry to prevent it. Raises UnreadableDocument,
        UnsupportedFormat, StoreUnavailable, SpecMismatch.
        """
        if is_stored(self.catalog, upload.id, upload.name, file_digest(upload.data)):
            return False
        identity = Identity(
            id=upload.id,
            collection=upload.collection,
            origin=upload_origin(upload.key),
            source=upload.name,
            modified_at=datetime.now(UTC).isoformat(timespec="seconds"),
        )
        prepared = prepare_document(upload.name, upload.data, identity, self.size)
        (passages,) = embed_documents(
            self.embedder,
            self.analyzer,
            [(prepared.text, prepared.header_title, prepared.spans)],
            lambda n: advance(n, len(prepared.spans)),
        )
        with storing or nullcontext():
            # is_new: should two names ever have one id, the second is rejected.
            self.catalog.put_document(
                prepared.stored, prepared.text, passages, made_with=self.spec(), is_new=True
            )
        self.derived.catch_up()
        return True

    def spec(self) -> IndexSpec:
        """Return the spec of a store built by this indexer."""
        return make_spec(self.embedder, self.analyzer, self.size)


@dataclass(slots=True)
class _Run:
    """State of one run: documents parsed but not yet embedded, and the outcome so far."""

    indexer: Indexer
    options: Options
    report_progress: Callable[[Progress], None]
    report: UpdateReport = field(default_factory=UpdateReport)
    files_total: int = 0
    files_done: int = 0
    passages_done: int = 0
    waiting: list[tuple[Prepared, list[str]]] = field(default_factory=list)
    by_origin: dict[str, StoredDocument] = field(default_factory=dict)
    by_source: dict[str, list[StoredDocument]] = field(default_factory=dict)
    ids: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        for document in self.indexer.catalog.documents():
            self.ids.add(document.id)
            if document.collection == self.options.collection:
                self._remember(document)

    def _remember(self, document: StoredDocument) -> None:
        self.by_origin[document.origin] = document
        self.by_source.setdefault(document.source, []).append(document)
        self.ids.add(document.id)

    def _forget(self, document: StoredDocument) -> None:
        del self.by_origin[document.origin]
        self.by_source[document.source].remove(document)

    def tell(self, step: Step, name: str = "") -> None:
        self.report_progress(Progress(step, self.files_done, self.files_total, self.passages_done, name))

    def take(self, file: File) -> None:
        self.tell(Step.READING, file.source)
        try:
            self._read(file)
        except UnreadableDocument as error:
            self.report.failed.append((file.source, str(error)))
        except OSError as error:
            self.report.failed.append((file.source, f"cannot be read: {error.strerror or error}"))
        self.files_done += 1
        if sum(len(prepared.spans) for prepared, _ in self.waiting) >= _FLUSH_PASSAGES:
            self.flush()

    def _read(self, file: File) -> None:
        status = file.path.stat()
        limit = self.options.max_file_bytes
        if status.st_size > limit:
            raise UnreadableDocument(
                f"{status.st_size / 1e6:,.0f} MB is more than the limit of {limit / 1e6:,.0f} MB; "
                "split the file, or raise max_file_mb (INYONG_MAX_FILE_MB)"
            )
        data = file.path.read_bytes()
        modified_at = datetime.fromtimestamp(status.st_mtime, UTC).isoformat(timespec="seconds")
        before = self._known_as(file)
        if before and before.sha256 == file_digest(data):
            if before.origin != file.origin:
                self.indexer.catalog.move_document(before.id, file.origin, modified_at)
                self._forget(before)
                self._remember(replace(before, origin=file.origin, modified_at=modified_at))
            self.report.unchanged.append(file.source)
            return
        identity = Identity(
            id=before.id if before else self._new_id(file.source, file.path),
            collection=self.options.collection,
            origin=file.origin,
            source=file.source,
            modified_at=modified_at,
        )
        prepared = prepare_document(file.path.name, data, identity, self.indexer.size)
        if before:
            self._forget(before)
        self._remember(prepared.stored)
        outcome = self.report.changed if before else self.report.added
        self.waiting.append((prepared, outcome))

    def _known_as(self, file: File) -> StoredDocument | None:
        """Return the stored document of this file: from the same path, or from one that no longer exists."""
        here = self.by_origin.get(file.origin)
        if here:
            return here
        namesakes = self.by_source.get(file.source, [])
        return next((document for document in namesakes if is_gone(document.origin)), None)

    def _new_id(self, source: str, path: Path) -> str:
        """Return an unused id, the same on every machine unless two folders hold files of the same name."""
        names = itertools.chain([source], (f"{path}\0{n}" for n in itertools.count()))
        ids = (digest(f"{self.options.collection}\0{name}") for name in names)
        return next(ident for ident in ids if ident not in self.ids)

    def flush(self) -> None:
        if not self.waiting:
            return
        self.tell(Step.EMBEDDING)

        def advance(n: int) -> None:
            self.passages_done += n
            self.tell(Step.EMBEDDING)

        embedded = embed_documents(
            self.indexer.embedder,
            self.indexer.analyzer,
            [(prepared.text, prepared.header_title, prepared.spans) for prepared, _ in self.waiting],
            advance,
        )
        for (prepared, outcome), passages in zip(self.waiting, embedded, strict=True):
            self._put(prepared.stored, prepared.text, passages, is_new=outcome is self.report.added)
            outcome.append(prepared.stored.source)
            self.report.n_passages += len(passages)
        self.waiting.clear()

    def _put(
        self, stored: StoredDocument, text: str, passages: Sequence[NewPassage], *, is_new: bool
    ) -> None:
        made_with = self.indexer.spec()
        try:
            self.indexer.catalog.put_document(stored, text, passages, made_with=made_with, is_new=is_new)
        except DocumentIdTaken:  # another process has stored a file of the same name since this run began
            self._forget(stored)
            renamed = replace(stored, id=self._new_id(stored.source, origin_path(stored.origin)))
            self._remember(renamed)
            self._put(renamed, text, passages, is_new=is_new)

    def prune(self, paths: Sequence[Path], present: set[str]) -> None:
        """Remove the documents read earlier from under `paths` whose files no longer exist."""
        roots = [path.resolve() for path in paths]
        for origin, document in list(self.by_origin.items()):
            under = any(origin_path(origin).is_relative_to(root) for root in roots)
            if under and origin not in present and is_gone(origin):
                self.indexer.catalog.remove_document(document.id)
                self.report.removed.append(document.source)
