"""Question sets of other projects: which there are, and who reads them."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from eval.errors import BadQuestionSet

if TYPE_CHECKING:
    from eval.datasets.imported import ImportedSet


class Format(StrEnum):
    """The formats by the names that the command line takes."""

    AUTORAG = "autorag"
    BEIR = "beir"
    SQUAD = "squad"
    KORQUAD = "korquad"
    KLUE_MRC = "klue-mrc"
    RAGAS = "ragas"
    CSV = "csv"


class GroundTruth(StrEnum):
    """What a flat list of relevant documents means: all are needed, or one will do."""

    AND = "and"
    OR = "or"


@dataclass(frozen=True, slots=True)
class ImportOptions:
    """What some formats have to be told. ground_truth: AutoRAG; split: BEIR; columns: FIELD=COLUMN, CSV."""

    ground_truth: GroundTruth | None = None
    split: str = "test"
    columns: Sequence[str] = ()


def read_set(kind: Format, paths: Sequence[Path], options: ImportOptions) -> "ImportedSet":
    """The questions and documents of a set in another format.

    Raises BadQuestionSet, naming file and line, for the first thing that is not of this format; when there
    is no question; and when two of them have one id.
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
