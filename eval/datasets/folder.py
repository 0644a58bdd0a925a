"""An imported set on disk: docs/ with one text file per document, qa.jsonl, and later store/."""

import os
import shutil
from pathlib import Path

from eval.datasets.imported import ImportedSet
from eval.datasets.questions import save_questions
from eval.errors import BadQuestionSet

DOCUMENTS = "docs"
QUESTIONS = "qa.jsonl"
STORE = "store"


def require_free(folder: Path) -> None:
    """Raise BadQuestionSet if no set can be written there: a file, or a folder with other contents.

    A folder with an imported set passes; `write_folder` checks whether it is the same one.
    """
    try:
        names = [path.name for path in folder.iterdir()] if folder.exists() else []
    except OSError as error:
        raise BadQuestionSet(f"{folder}: is not a folder that can be read ({error.strerror})") from error
    if names and QUESTIONS not in names:
        raise BadQuestionSet(f"{folder}: is not empty; name a new folder")


def write_folder(imported: ImportedSet, folder: Path) -> None:
    """Write documents and questions to the folder; qa.jsonl comes last, so with it the set is complete.

    A folder that holds exactly this set is left unchanged, so that an interrupted import can be resumed.
    Raises BadQuestionSet if it holds another one.
    """
    require_free(folder)
    partial = folder.parent / f".{folder.name}.partial-{os.getpid()}"
    try:
        _write(imported, partial)
        if (folder / QUESTIONS).exists():
            if _contents(folder) != _contents(partial):
                raise BadQuestionSet(f"{folder}: holds another question set; name a new folder")
            return
        folder.mkdir(exist_ok=True)
        (partial / DOCUMENTS).rename(folder / DOCUMENTS)
        (partial / QUESTIONS).rename(folder / QUESTIONS)
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def _write(imported: ImportedSet, folder: Path) -> None:
    documents = folder / DOCUMENTS
    documents.mkdir(parents=True)
    for document in imported.documents:
        try:
            with (documents / document.name).open("xb") as file:
                file.write(document.text.encode())
        except FileExistsError as error:
            raise BadQuestionSet(f"two documents would both become the file {document.name}") from error
    save_questions(folder / QUESTIONS, imported.questions)


def _contents(folder: Path) -> dict[str, bytes]:
    files = [folder / QUESTIONS, *sorted((folder / DOCUMENTS).iterdir())]
    return {file.name: file.read_bytes() for file in files}
