"""SVG plots to embed in the page: text stays text, colours follow the page's theme, ids are unique."""

import io
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from eval.metrics.abstention import RiskPoint
from eval.metrics.catalogue import DEPTHS
from eval.metrics.statistics import Estimate

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# Placeholder colours that occur nowhere else; each is replaced by one of the page's theme.
_INK, _SOFT, _FIRST, _SECOND, _THIRD = "#010203", "#010204", "#010205", "#010206", "#010207"
_THEME = {
    _INK: "currentColor",
    _SOFT: "var(--line)",
    _FIRST: "var(--accent)",
    _SECOND: "var(--good)",
    _THIRD: "var(--warn)",
}
_STYLE = {
    "svg.fonttype": "none",
    "svg.hashsalt": "inyong",  # reproducible output
    "font.family": "sans-serif",
    "font.size": 10,
    "text.color": _INK,
    "axes.labelcolor": _INK,
    "axes.edgecolor": _SOFT,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": _SOFT,
    "grid.linewidth": 0.6,
    "xtick.color": _INK,
    "ytick.color": _INK,
    "legend.frameon": False,
    "figure.facecolor": "none",
    "axes.facecolor": "none",
    "savefig.facecolor": "none",
}
_SIZE_INCHES = (4.6, 3.0)


@dataclass(frozen=True, slots=True)
class Plot:
    """A plot to embed in a page. description: text alternative."""

    title: str
    description: str
    svg: str


def plot_risk_coverage(points: Sequence[RiskPoint], area: float | None) -> Plot | None:
    """Plot the share of wrong answers against the share of questions answered; None without an answer."""
    if not points:
        return None
    with _axes() as (figure, axes):
        axes.plot([p.coverage for p in points], [p.risk for p in points], color=_FIRST, marker=".", lw=1.5)
        axes.set(xlabel="questions answered", ylabel="of these, wrong", xlim=(0, 1.02), ylim=(0, 1.02))
        svg = _svg(figure, "risk")
    area_text = f"; area under the curve {area:.3f}" if area is not None else ""
    return Plot(
        "Risk and coverage",
        f"Answering only when at least so confident{area_text}. Ends at {points[-1].coverage:.0%} answered, "
        f"{points[-1].risk:.0%} of them wrong.",
        svg,
    )


def plot_latency(seconds: Sequence[float]) -> Plot | None:
    """Plot a histogram of the seconds per question; None without any."""
    if not seconds:
        return None
    import numpy as np

    p50, p95 = np.percentile(seconds, [50, 95])
    with _axes() as (figure, axes):
        axes.hist(seconds, bins=min(30, max(5, len(seconds) // 3)), color=_FIRST, alpha=0.75)
        for value, name, colour in ((p50, "median", _INK), (p95, "95 %", _THIRD)):
            axes.axvline(float(value), color=colour, lw=1.2, ls="--", label=f"{name} {value:.2f} s")
        axes.set(xlabel="seconds a question", ylabel="questions")
        axes.set_xlim(left=0)
        axes.legend(fontsize=9)
        svg = _svg(figure, "latency")
    return Plot("Time", f"Half of the questions within {p50:.2f} s, 95 % within {p95:.2f} s.", svg)


_DEPTH_CURVES = (("recall", _FIRST, "o"), ("success", _SECOND, "s"), ("ndcg", _THIRD, "^"))


def plot_recall(metrics: Mapping[str, Estimate]) -> Plot | None:
    """Plot recall (with 95 % intervals), success and nDCG by depth; None without gold spans."""
    depths = [k for k in DEPTHS if f"recall_at_{k}" in metrics]
    if not depths:
        return None
    with _axes() as (figure, axes):
        for name, colour, marker in _DEPTH_CURVES:
            estimates = [metrics[f"{name}_at_{k}"] for k in depths]
            positions = range(len(depths))
            axes.plot(
                positions, [e.mean for e in estimates], color=colour, marker=marker, ms=4, lw=1.5, label=name
            )
            if name == "recall":
                lows = [e.interval.low if e.interval else e.mean for e in estimates]
                highs = [e.interval.high if e.interval else e.mean for e in estimates]
                axes.fill_between(positions, lows, highs, color=colour, alpha=0.15, lw=0)
        axes.set(xlabel="passages looked at", ylim=(0, 1.02))
        axes.set_xticks(range(len(depths)), [str(k) for k in depths])
        axes.legend(loc="lower right", fontsize=9)
        svg = _svg(figure, "recall")
    return Plot(
        "Found by the search",
        "; ".join(f"recall at {k}: {metrics[f'recall_at_{k}'].mean:.3f}" for k in depths)
        + ". Band: 95 % interval of recall.",
        svg,
    )


def plot_front(points: Sequence[tuple[str, float, float]], front: Sequence[str], quality: str) -> Plot:
    """Plot quality against seconds of each point of a sweep.

    points: name, seconds and quality of each; front: names of the points on the Pareto front.
    """
    with _axes(size=(7.2, 4.2)) as (figure, axes):
        best = [point for point in points if point[0] in front]
        others = [point for point in points if point[0] not in front]
        axes.scatter([p[1] for p in others], [p[2] for p in others], color=_SOFT, s=28, zorder=2)
        ordered = sorted(best, key=lambda point: point[1])
        axes.plot(
            [p[1] for p in ordered], [p[2] for p in ordered], color=_FIRST, marker="o", lw=1.5, zorder=3
        )
        for name, seconds, value in ordered:
            axes.annotate(name, (seconds, value), textcoords="offset points", xytext=(5, 5), fontsize=8)
        axes.set(xlabel="seconds a question, median", ylabel=quality)
        axes.margins(x=0.15, y=0.15)
        svg = _svg(figure, "front")
    return Plot("Quality against time", f"Not beaten in both: {', '.join(p[0] for p in ordered)}.", svg)


@contextmanager
def _axes(size: tuple[float, float] = _SIZE_INCHES) -> Iterator[tuple["Figure", "Axes"]]:
    """Yield an empty plot in the page's style, leaving matplotlib's global style unchanged."""
    import matplotlib as mpl
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure

    style: Any = _STYLE  # its keys are typed one by one
    with mpl.rc_context(style):
        figure = Figure(figsize=size, layout="constrained")
        FigureCanvasSVG(figure)
        yield figure, figure.subplots()


def _svg(figure: "Figure", name: str) -> str:
    """Return the figure as an SVG element for an HTML page."""
    written = io.StringIO()
    figure.savefig(
        written, format="svg", metadata={"Date": None, "Creator": None, "Format": None, "Type": None}
    )
    svg = written.getvalue()
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"<metadata>.*?</metadata>", "", svg, flags=re.DOTALL)
    svg = re.sub(r'(<svg[^>]*?) width="[^"]*"', r"\1", svg, count=1)
    svg = re.sub(r'(<svg[^>]*?) height="[^"]*"', r"\1", svg, count=1)
    svg = re.sub(r'(\bid="|href="#|url\(#)', rf"\g<1>{name}-", svg)
    for colour, themed in _THEME.items():
        svg = svg.replace(colour, themed)
    return svg.strip()
