"""Stores built by evaluations, one for each combination of documents, embedding and passage size."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from eval.errors import EvaluationError

if TYPE_CHECKING:
    from index.indexing.progress import Progress
    from service.inyong import Inyong
    from service.settings import Settings

STORES = ".stores"


def settings_for(settings: "Settings", documents: Sequence[Path], folder: Path) -> "Settings":
    """Return the settings with a home under `folder`, unique to the documents and how they are indexed."""
    roots = sorted(str(path.resolve()) for path in documents)
    made_by = "\0".join([*roots, settings.embedding, f"{settings.passage_least}-{settings.passage_most}"])
    key = hashlib.sha256(made_by.encode("utf-8", "surrogateescape")).hexdigest()[:12]
    return replace(settings, home=folder / STORES / f"{documents[0].resolve().name}-{key}")


def bring_in_step(
    inyong: "Inyong",
    documents: Sequence[Path],
    *,
    notify: Callable[[str], None] = lambda message: None,
    report_progress: Callable[["Progress"], None] = lambda progress: None,
) -> None:
    """Index new and changed documents and remove deleted ones. notify: called for each unreadable file.

    Raises EvaluationError if the store is then empty.
    """
    report = inyong.index(documents, prune=True, report_progress=report_progress)
    for name, reason in report.failed:
        notify(f"not indexed: {name}: {reason}")
    if not inyong.catalog().counts()[1]:
        places = ", ".join(str(path) for path in documents)
        raise EvaluationError(f"{places}: holds no document that can be indexed")
