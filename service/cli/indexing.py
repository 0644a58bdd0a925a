"""Commands that put documents in, list them, and take them out."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from service.cli.options import AsJson, Embedding, Home, read_settings
from service.cli.output import note, progress_bar, say, say_json, say_table

if TYPE_CHECKING:
    from rich.progress import Progress as Bar

    from index.progress import Progress, UpdateReport


def index(
    paths: Annotated[list[Path], typer.Argument(help="Files and folders to index.")],
    collection: Annotated[str, typer.Option(help="Collection the documents go into.")] = "default",
    prune: Annotated[bool, typer.Option("--prune", help="Forget documents whose files are gone.")] = False,
    home: Home = None,
    embedding: Embedding = None,
) -> None:
    """Index files and folders: what is new or changed is read, the rest is left as it is."""
    from index.errors import IndexingError
    from service.inyong import Inyong

    settings = read_settings(home, embedding).settings
    for path in paths:
        if not path.exists():  # said before a store is made or a model loaded
            raise IndexingError(f"{path}: no such file or folder")
    with Inyong(settings=settings, notify=note) as inyong, progress_bar() as bar:
        report = inyong.index(
            paths, collection=collection, prune=prune, report_progress=_follow(bar, "Indexing")
        )
    _print_report(report)
    if report.failed and not (report.added or report.changed or report.unchanged):
        raise typer.Exit(1)


def _follow(bar: "Bar", title: str) -> "ProgressFollower":
    return ProgressFollower(bar, title)


class ProgressFollower:
    """Shows an indexing run on a progress bar."""

    def __init__(self, bar: "Bar", title: str) -> None:
        self._bar = bar
        self._title = title
        self._task = bar.add_task(title, total=None)

    def __call__(self, progress: "Progress") -> None:
        """Moves the bar to where the run is."""
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
    """Make every passage and vector anew, with the embedding model that is set now."""
    from service.inyong import Inyong

    with (
        Inyong(settings=read_settings(home, embedding).settings, notify=note) as inyong,
        progress_bar() as bar,
    ):
        inyong.catalog()  # a missing store is an error here, not a reason to make one
        count = inyong.reembed(_follow(bar, "Embedding"))
    say(f"{count} documents embedded anew with {inyong.settings.embedding}")


def status(home: Home = None, as_json: AsJson = False) -> None:
    """What the store holds and how it was made."""
    from dataclasses import asdict

    from index.derived import derived_files
    from service.inyong import Inyong

    settings = read_settings(home).settings
    with Inyong(settings=settings) as inyong:
        catalog = inyong.catalog()
        n_documents, n_passages = catalog.counts()
        spec = catalog.spec()
        collections: dict[str, int] = {}
        for document in catalog.documents():
            collections[document.collection] = collections.get(document.collection, 0) + 1
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
    """Show a document as it is stored: what is known of it, then its text."""
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
    """Forget documents; their files are left alone."""
    from service.inyong import Inyong

    with Inyong(settings=read_settings(home).settings) as inyong:
        inyong.catalog()  # a missing store is an error here, not a reason to make one
        removed = inyong.remove(documents)
    for source in {document.id: document.source for document in removed}.values():
        say(f"removed {source}")
