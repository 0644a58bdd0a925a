"""KLUE-MRC (Park et al. 2021): SQuAD's layout with `guid` for `id`, over Korean news and Wikipedia."""

from collections.abc import Sequence
from pathlib import Path

from eval.datasets.imported import ImportedSet
from eval.datasets.squad import read_paragraphs


def read_klue_mrc(paths: Sequence[Path]) -> ImportedSet:
    """Read the set in these JSON files. Raises BadQuestionSet."""
    return read_paragraphs(paths, id_field="guid")
