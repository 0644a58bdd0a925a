"""The page of a run, put together from its folder."""

from eval.predictions import Run
from eval.score import ScoredRun


def write_report(scored: ScoredRun, before: Run | None = None) -> None:
    """Writes report.html into the run's folder."""
