"""Stores that evaluations make for themselves: one for each set of documents, embedding and passage size."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from eval.errors import EvaluationError

if TYPE_CHECKING:
    from index.progress import Progress
    from service.inyong import Inyong
    from service.settings import Settings

STORES = ".stores"


def settings_for(settings: "Settings", documents: Sequence[Path], folder: Path) -> "Settings":
    """The settings with a home under `folder` that fits the documents and how they are to be indexed."""
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
    """Indexes what is new or changed and forgets what is gone. notify: told of files that cannot be read.

    Raises EvaluationError when nothing could be indexed.
    """
    report = inyong.index(documents, prune=True, report_progress=report_progress)
    for name, reason in report.failed:
        notify(f"not indexed: {name}: {reason}")
    if not inyong.catalog().counts()[1]:
        places = ", ".join(str(path) for path in documents)
        raise EvaluationError(f"{places}: holds no document that can be indexed")
