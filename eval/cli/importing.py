"""Commands that import question sets from other formats and check them."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from eval.datasets.formats import Format, GroundTruth
from service.cli.options import AsJson, Embedding, Home, read_settings
from service.cli.output import note, progress_bar, say, say_json, say_table

if TYPE_CHECKING:
    from eval.datasets.check import Finding
    from eval.datasets.stored_texts import StoredTexts

_SHOWN_OF_A_KIND = 20


def import_set(
    kind: Annotated[Format, typer.Argument(metavar="FORMAT", help=f"One of {', '.join(Format)}.")],
    paths: Annotated[list[Path], typer.Argument(metavar="PATH...", help="The set's files, or its folder.")],
    output: Annotated[
        Path, typer.Option("--output", "-o", help="New folder for docs/, qa.jsonl and store/.")
    ],
    ground_truth: Annotated[
        GroundTruth | None,
        typer.Option(help="AutoRAG: whether all documents of a flat retrieval_gt are needed (and), or one."),
    ] = None,
    split: Annotated[str, typer.Option(help="BEIR: the split of the judgements.")] = "test",
    column: Annotated[
        list[str] | None, typer.Option(metavar="FIELD=COLUMN", help="CSV: which column holds a field.")
    ] = None,
    store: Annotated[bool, typer.Option("--store/--no-store", help="Index the documents too.")] = True,
    embedding: Embedding = None,
) -> None:
    """Import a question set from another format: its documents, its questions, and a store of them."""
    from eval.datasets.check import count_gold
    from eval.datasets.folder import QUESTIONS, require_free, write_folder
    from eval.datasets.formats import ImportOptions, read_set

    output = output.resolve()
    require_free(output)  # fails before a large set is read
    imported = read_set(kind, paths, ImportOptions(ground_truth, split, tuple(column or ())))
    write_folder(imported, output)
    for sentence in imported.notes:
        note(sentence)
    texts = {document.name: document.text for document in imported.documents}
    n_gold, n_found = count_gold(imported.questions, texts)
    say(
        f"{output / QUESTIONS}: {len(imported.questions)} questions, {len(texts)} documents, "
        f"{n_gold} gold spans, {n_found} of them found"
    )
    if n_found < n_gold:
        note(f"see what is wrong with the others: inyong eval check {output / QUESTIONS}")
    if store and texts:
        _make_store(output, embedding)


def _make_store(folder: Path, embedding: str | None) -> None:
    """Index the documents; the store gets its final name only when all are indexed."""
    from eval.datasets.folder import DOCUMENTS, STORE
    from eval.errors import BadQuestionSet
    from service.cli.documents import ProgressFollower
    from service.inyong import Inyong

    home, partial = folder / STORE, folder / f"{STORE}.partial"
    if home.exists():
        note(f"{home}: is there already")
        return
    settings = read_settings(partial, embedding).settings
    with Inyong(settings=settings, notify=note) as inyong, progress_bar() as bar:
        report = inyong.index([folder / DOCUMENTS], report_progress=ProgressFollower(bar, "Indexing"))
        n_documents, n_passages = inyong.catalog().counts()
    if report.failed:
        name, reason = report.failed[0]
        raise BadQuestionSet(f"{folder / DOCUMENTS / name}: {reason}; {len(report.failed)} such documents")
    partial.rename(home)
    say(f"{home}: {n_documents} documents, {n_passages} passages")


def check(
    questions: Annotated[Path, typer.Argument(metavar="SET", help="A question set, such as qa.jsonl.")],
    docs: Annotated[
        Path | None,
        typer.Option(help="Folder or file of its documents (default: the folder docs beside the set)."),
    ] = None,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Check a question set against its documents; exits with 1 if figures measured with it would be wrong.

    Loads no model. Documents are read from --docs, or else from the store.
    """
    from eval.datasets.check import Severity, check_questions, count_gold
    from eval.datasets.questions import load_questions

    asked = load_questions(questions)
    stored = _read_texts(questions, docs, home)
    findings = check_questions(asked, stored.texts)
    errors = sum(found.severity is Severity.ERROR for found in findings)
    n_gold, n_found = count_gold(asked, stored.texts)
    if as_json:
        say_json(
            {
                "questions": len(asked),
                "documents": len(stored.texts),
                "unreadable_documents": dict(stored.unreadable),
                "gold_spans": n_gold,
                "gold_spans_found": n_found,
                "findings": [
                    {
                        "severity": found.severity.value,
                        "kind": found.kind,
                        "id": found.question_id,
                        "detail": found.detail,
                    }
                    for found in findings
                ],
            }
        )
    else:
        for name, reason in stored.unreadable.items():
            note(f"cannot read {name}: {reason}")
        _print_findings(findings)
        say(
            f"{len(asked)} questions, {len(stored.texts)} documents, {n_gold} gold spans, {n_found} of them "
            f"found; {errors} errors, {len(findings) - errors} warnings"
        )
    if errors:
        raise typer.Exit(1)


def _read_texts(questions: Path, docs: Path | None, home: Path | None) -> "StoredTexts":
    from eval.datasets.folder import DOCUMENTS
    from eval.datasets.stored_texts import read_files, read_store
    from eval.errors import BadQuestionSet
    from index.errors import StoreUnavailable
    from service.inyong import Inyong

    if docs is not None and home is not None:
        raise typer.BadParameter("--docs and --home exclude each other: documents are read from one of them")
    beside = questions.parent / DOCUMENTS
    if docs is None and home is None and beside.is_dir():
        docs = beside
    if docs is not None:
        return read_files(docs)
    try:
        with Inyong(settings=read_settings(home).settings) as inyong:
            return read_store(inyong)
    except StoreUnavailable as error:
        raise BadQuestionSet(f"{error}; or name the documents with --docs") from error


def _print_findings(findings: list["Finding"]) -> None:
    shown: dict[str, int] = {}
    rows = []
    for found in findings:
        shown[found.kind] = shown.get(found.kind, 0) + 1
        if shown[found.kind] <= _SHOWN_OF_A_KIND:
            rows.append((found.severity.value, found.kind, found.question_id, found.detail))
    if rows:
        say_table(("severity", "kind", "question", "detail"), rows)
    for kind, count in shown.items():
        if count > _SHOWN_OF_A_KIND:
            say(f"and {count - _SHOWN_OF_A_KIND} more of the kind “{kind}” (--json lists all)")
