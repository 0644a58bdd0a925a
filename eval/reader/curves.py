"""Plots of training and calibration, each a PNG file."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from eval.metrics.abstention import RiskPoint


def draw_training_curve(log: Sequence[Mapping[str, Any]], path: Path) -> None:
    """Draw training loss and validation scores against steps."""
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot

    figure, (left, right) = pyplot.subplots(1, 2, figsize=(11, 4))
    losses = [entry for entry in log if "loss" in entry]
    left.plot([e["step"] for e in losses], [e["loss"] for e in losses])
    left.set(xlabel="step", ylabel="training loss")
    checks = [entry for entry in log if "validation" in entry]
    for name in ("top1_ko", "top1_en", "within3", "span_f1", "auc"):
        right.plot([e["step"] for e in checks], [e["validation"][name] for e in checks], "o-", label=name)
    right.set(xlabel="step", ylabel="validation")
    right.legend()
    figure.tight_layout()
    figure.savefig(path, dpi=100)
    pyplot.close(figure)


def draw_reliability(points: Mapping[str, Sequence[tuple[float, float, int]]], path: Path) -> None:
    """Draw share right against mean confidence, one line a question set; the diagonal is perfect."""
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(5, 5))
    axes.plot([0, 1], [0, 1], color="grey", linewidth=1)
    for name, bins in points.items():
        axes.plot([c for c, _, _ in bins], [share for _, share, _ in bins], "o-", label=name)
    axes.set(xlabel="predicted probability that the passages answer", ylabel="share that do")
    axes.legend()
    figure.tight_layout()
    figure.savefig(path, dpi=100)
    pyplot.close(figure)


def draw_risk_coverage(curves: Mapping[str, Sequence[RiskPoint]], path: Path) -> None:
    """Draw the share wrong among the questions answered against the share answered, a line a question set."""
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(6, 4))
    for name, points in curves.items():
        axes.step([p.coverage for p in points], [p.risk for p in points], where="post", label=name)
    axes.set(xlabel="share of questions answered", ylabel="share of these answered wrongly", ylim=(0, 1))
    axes.legend()
    figure.tight_layout()
    figure.savefig(path, dpi=100)
    pyplot.close(figure)
