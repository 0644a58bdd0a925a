"""Plots of training and calibration, each a PNG file."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any


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
