"""How sure a figure or a difference is: intervals, tests, and what a set can show at all. Pure.

Questions about the same document are not independent, so intervals and the permutation test resample or
flip whole clusters of them. Everything random takes a seed and gives the same again.
"""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

SEED = 20_240_601
N_RESAMPLES = 2_000
N_PERMUTATIONS = 10_000
_EXACT_UP_TO = 14  # clusters that differ: 16,384 ways to flip them
_ROWS_AT_ONCE = 250
_LEVEL = 0.95


@dataclass(frozen=True, slots=True)
class Interval:
    """A 95 % interval."""

    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean over `n` questions in `n_clusters` clusters; interval None where it cannot be told.

    standard_error: of the mean, from the same resamples.
    """

    mean: float
    n: int
    n_clusters: int
    interval: Interval | None
    standard_error: float | None


class ClusterBootstrap:
    """Resamples of the clusters of one question set, drawn once and used for every metric."""

    def __init__(
        self, clusters: Sequence[Hashable], *, n_resamples: int = N_RESAMPLES, seed: int = SEED
    ) -> None:
        """clusters: of each question, in the order in which values will come."""
        numbers: dict[Hashable, int] = {}
        self._cluster = np.array([numbers.setdefault(c, len(numbers)) for c in clusters], dtype=np.intp)
        self._n = len(numbers)
        self._n_resamples = n_resamples
        self._seed = seed

    def estimates(
        self, columns: Sequence[Sequence[float | None]], *, in_unit: Sequence[bool]
    ) -> list[Estimate | None]:
        """Mean and interval of each column; a value of None is left out; None for a column of nothing else.

        Percentile bootstrap over clusters (Efron and Tibshirani 1993, section 13.3; Field and Welsh 2007):
        clusters are drawn with replacement, as many as there are, and the mean is taken of all values in
        them. Resamples that hold no value of a column are left out of it. With one cluster there is no
        interval. in_unit: whether the values of a column lie in [0, 1] by definition; when all are 0 or all
        are 1 no resample can differ, and the interval is the exact binomial one of Clopper and Pearson 1934
        with one trial a cluster.
        """
        if not columns:
            return []
        values = np.array([[np.nan if v is None else v for v in column] for column in columns]).T
        present = ~np.isnan(values)
        sums, counts = (
            self._by_cluster(np.where(present, values, 0.0)),
            self._by_cluster(present.astype(float)),
        )
        drawn_sums, drawn_counts = self._resample(np.hstack([sums, counts]), len(columns))
        return [
            self._estimate(sums[:, i], counts[:, i], drawn_sums[:, i], drawn_counts[:, i], bounded)
            for i, bounded in enumerate(in_unit)
        ]

    def _by_cluster(self, values: Floats) -> Floats:
        totals = np.zeros((self._n, values.shape[1]))
        np.add.at(totals, self._cluster, values)
        return totals

    def _resample(self, totals: Floats, n_columns: int) -> tuple[Floats, Floats]:
        """Sums and counts (n_resamples, n_columns) over the clusters drawn in each resample."""
        random = np.random.default_rng(self._seed)
        parts = []
        for begin in range(0, self._n_resamples, _ROWS_AT_ONCE):
            rows = min(_ROWS_AT_ONCE, self._n_resamples - begin)
            drawn = random.integers(0, self._n, size=(rows, self._n))
            flat = (drawn + np.arange(rows)[:, None] * self._n).ravel()
            times = np.bincount(flat, minlength=rows * self._n).reshape(rows, self._n)
            parts.append(times.astype(float) @ totals)
        both = np.vstack(parts)
        return both[:, :n_columns], both[:, n_columns:]

    def _estimate(
        self, sums: Floats, counts: Floats, drawn_sums: Floats, drawn_counts: Floats, in_unit: bool
    ) -> Estimate | None:
        n = int(counts.sum())
        if n == 0:
            return None
        mean = float(sums.sum() / n)
        n_clusters = int((counts > 0).sum())
        if n_clusters < 2:
            return Estimate(mean, n, n_clusters, None, None)
        held = drawn_counts > 0
        means = drawn_sums[held] / drawn_counts[held]
        tail = (1 - _LEVEL) / 2
        low, high = (float(edge) for edge in np.quantile(means, [tail, 1 - tail]))
        if in_unit and mean in (0.0, 1.0):
            reach = 1 - tail ** (1 / n_clusters)
            low, high = (0.0, reach) if mean == 0 else (1 - reach, 1.0)
        return Estimate(mean, n, n_clusters, Interval(low, high), float(np.std(means, ddof=1)))
