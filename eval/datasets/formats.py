"""Supported question set formats of other projects, and the dispatch to their readers."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from eval.errors import BadQuestionSet

if TYPE_CHECKING:
    from eval.datasets.imported import ImportedSet


class Format(StrEnum):
    """The formats, by their names on the command line."""

    AUTORAG = "autorag"
    BEIR = "beir"
    SQUAD = "squad"
    KORQUAD = "korquad"
    KLUE_MRC = "klue-mrc"
    RAGAS = "ragas"
    CSV = "csv"


class GroundTruth(StrEnum):
    """The meaning of a flat list of relevant documents: all are required, or one suffices."""

    AND = "and"
    OR = "or"


@dataclass(frozen=True, slots=True)
class ImportOptions:
    """Options of some formats. ground_truth: AutoRAG; split: BEIR; columns: FIELD=COLUMN, CSV."""

    ground_truth: GroundTruth | None = None
    split: str = "test"
    columns: Sequence[str] = ()


def read_set(kind: Format, paths: Sequence[Path], options: ImportOptions) -> "ImportedSet":
    """Read the questions and documents of a set in another format.

    Raises BadQuestionSet, naming file and line, for the first part not in this format; for a set without
    questions; and for a duplicate question id.
    """
    imported = _read(kind, paths, options)
    if not imported.questions:
        raise BadQuestionSet(f"{paths[0]}: holds no question")
    seen: set[str] = set()
    for question in imported.questions:
        if question.id in seen:
            raise BadQuestionSet(f"{paths[0]}: the question id {question.id!r} occurs twice")
        seen.add(question.id)
    return imported


def _read(kind: Format, paths: Sequence[Path], options: ImportOptions) -> "ImportedSet":
    from eval.datasets.autorag import read_autorag
    from eval.datasets.beir import read_beir
    from eval.datasets.klue_mrc import read_klue_mrc
    from eval.datasets.ragas import read_ragas
    from eval.datasets.squad import read_squad
    from eval.datasets.table import read_table

    match kind:
        case Format.AUTORAG:
            return read_autorag(paths, options.ground_truth)
        case Format.BEIR:
            return read_beir(_only(kind, paths), options.split)
        case Format.SQUAD | Format.KORQUAD:
            return read_squad(paths)
        case Format.KLUE_MRC:
            return read_klue_mrc(paths)
        case Format.RAGAS:
            return read_ragas(paths)
        case Format.CSV:
            return read_table(_only(kind, paths), options.columns)


def _only(kind: Format, paths: Sequence[Path]) -> Path:
    if len(paths) != 1:
        raise BadQuestionSet(f"{kind} sets are imported one at a time; {len(paths)} paths were given")
    return paths[0]
