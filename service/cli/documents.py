"""Commands that index, list, show and remove documents."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from service.cli.options import AsJson, Embedding, Home, read_settings
from service.cli.output import note, progress_bar, say, say_json, say_table

if TYPE_CHECKING:
    from rich.progress import Progress as Bar

    from index.indexing.progress import Progress, UpdateReport


def index(
    paths: Annotated[list[Path], typer.Argument(help="Files and folders to index.")],
    collection: Annotated[str, typer.Option(help="Collection the documents go into.")] = "default",
    prune: Annotated[bool, typer.Option("--prune", help="Forget documents whose files are gone.")] = False,
    home: Home = None,
    embedding: Embedding = None,
) -> None:
    """Index files and folders; only new and changed files are read."""
    from index.errors import IndexingError
    from service.inyong import Inyong

    settings = read_settings(home, embedding).settings
    for path in paths:
        if not path.exists():  # before a store is created or a model loaded
            raise IndexingError(f"{path}: no such file or folder")
    with Inyong(settings=settings, notify=note) as inyong, progress_bar() as bar:
        report = inyong.index(
            paths, collection=collection, prune=prune, report_progress=ProgressFollower(bar, "Indexing")
        )
    _print_report(report)
    if report.failed and not (report.added or report.changed or report.unchanged):
        raise typer.Exit(1)


class ProgressFollower:
    """A progress bar for an indexing run."""

    def __init__(self, bar: "Bar", title: str) -> None:
        self._bar = bar
        self._title = title
        self._task = bar.add_task(title, total=None)

    def __call__(self, progress: "Progress") -> None:
        """Update the bar with the run's progress."""
        words = (
            f"{self._title}: {progress.passages_done} passages, {progress.step.value} {progress.name[-40:]}"
        )
        self._bar.update(
            self._task, completed=progress.files_done, total=progress.files_total, description=words
        )


def _print_report(report: "UpdateReport") -> None:
    counts = [
        (len(report.added), "added"),
        (len(report.changed), "changed"),
        (len(report.unchanged), "unchanged"),
        (len(report.removed), "removed"),
        (len(report.skipped), "skipped"),
        (len(report.failed), "failed"),
    ]
    say(
        ", ".join(f"{count} {word}" for count, word in counts if count or word == "added")
        + f"; {report.n_passages} passages embedded"
    )
    for name, reason in report.skipped:
        note(f"skipped {name}: {reason}")
    for name, reason in report.failed:
        note(f"failed {name}: {reason}")
    if not any(count for count, _ in counts):
        note("nothing to index was found there")


def reembed(home: Home = None, embedding: Embedding = None) -> None:
    """Rebuild every passage and vector with the configured embedding model."""
    from service.inyong import Inyong

    with (
        Inyong(settings=read_settings(home, embedding).settings, notify=note) as inyong,
        progress_bar() as bar,
    ):
        inyong.catalog()  # a missing store is an error here, not a reason to create one
        count = inyong.reembed(ProgressFollower(bar, "Embedding"))
    say(f"{count} documents embedded anew with {inyong.settings.embedding}")


def status(home: Home = None, as_json: AsJson = False) -> None:
    """Show what the store holds and how it was built."""
    from dataclasses import asdict

    from index.search.derived_indexes import derived_files
    from index.store.listing import count_by_collection
    from service.inyong import Inyong

    settings = read_settings(home).settings
    with Inyong(settings=settings) as inyong:
        catalog = inyong.catalog()
        n_documents, n_passages = catalog.counts()
        spec = catalog.spec()
        collections = count_by_collection(catalog, None)
        files = [catalog.path, *derived_files(settings.home)]
        values = {
            "home": str(settings.home),
            "documents": n_documents,
            "passages": n_passages,
            "collections": collections,
            "bytes": {path.name: _size(path) for path in files},
            "spec": asdict(spec) if spec else None,
        }
    if as_json:
        say_json(values)
        return
    say(f"{settings.home}: {n_documents} documents, {n_passages} passages")
    for name, count in sorted(collections.items()):
        say(f"  collection {name}: {count} documents")
    if spec:
        say(f"  embedding model {spec.embedding_model}, {spec.dimension} dimensions")
    for path in files:
        say(f"  {path.name}: {_size(path) / 1e6:.1f} MB")


def _size(path: Path) -> int:
    if path.is_dir():
        return sum(file.stat().st_size for file in path.rglob("*") if file.is_file())
    return path.stat().st_size if path.exists() else 0


def list_documents(home: Home = None, as_json: AsJson = False) -> None:
    """List the documents of the store."""
    from service.inyong import Inyong
    from service.schemas import document_as_json

    with Inyong(settings=read_settings(home).settings) as inyong:
        documents = inyong.documents()
    if as_json:
        say_json({"documents": [document_as_json(document) for document in documents], "next": None})
        return
    say_table(
        ("id", "collection", "source", "title", "characters", "passages"),
        [
            (
                document.id,
                document.collection,
                document.source,
                "" if document.title == document.source else document.title,
                f"{document.characters:,}",
                str(document.n_passages),
            )
            for document in documents
        ],
        right=("characters", "passages"),
    )


def show(
    document: Annotated[str, typer.Argument(help="A document's id, source or title.")],
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Show a stored document: its metadata, then its text."""
    from service.inyong import Inyong
    from service.schemas import document_as_json

    with Inyong(settings=read_settings(home).settings) as inyong:
        found = inyong.document(document)
        text = inyong.text(found.id)
    if as_json:
        say_json(document_as_json(found) | {"text": text})
        return
    for name, value in document_as_json(found).items():
        if value not in ("", {}, None):
            say(f"{name}: {value}")
    say()
    say(text)


def remove(
    documents: Annotated[list[str], typer.Argument(help="Ids, sources or titles.")], home: Home = None
) -> None:
    """Remove documents from the store; their source files are not deleted."""
    from service.inyong import Inyong

    with Inyong(settings=read_settings(home).settings) as inyong:
        inyong.catalog()  # a missing store is an error here, not a reason to create one
        removed = inyong.remove(documents)
    for source in {document.id: document.source for document in removed}.values():
        say(f"removed {source}")
