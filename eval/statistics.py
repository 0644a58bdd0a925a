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
_POWER = 0.8
# Of five questions, or documents, that all change one way, the exact tests give 2 / 2**5 = 0.063; of six
# they give 0.031.
LEAST_CHANGED = 6


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
    """Intervals of means by resampling the clusters of one question set, the same for every metric."""

    def __init__(
        self, clusters: Sequence[Hashable], *, n_resamples: int = N_RESAMPLES, seed: int = SEED
    ) -> None:
        """clusters: of each question, in the order in which values will come."""
        self._cluster, self._n = _numbered(clusters)
        self._n_resamples = n_resamples
        self._seed = seed

    def estimates(
        self, columns: Sequence[Sequence[float | None]], *, in_unit: Sequence[bool]
    ) -> list[Estimate | None]:
        """Mean and interval of each column; a value of None is left out; None for a column of nothing else.

        Percentile bootstrap over clusters (Efron and Tibshirani 1993, chapter 13; Field and Welsh 2007):
        of the clusters that hold a value, as many as there are are drawn with replacement, and the mean is
        taken of all values in them. With one cluster there is no interval. in_unit: whether the values of a
        column lie in [0, 1] by definition; when all are 0 or all are 1 no resample can differ, and the
        interval is the exact binomial one of Clopper and Pearson 1934 with one trial a cluster.
        """
        estimates: list[Estimate | None] = [None] * len(columns)
        totals = [self._by_cluster(column) for column in columns]
        # Columns over the same clusters, which most are, share their resamples.
        alike: dict[bytes, list[int]] = {}
        for i, (_, counts) in enumerate(totals):
            alike.setdefault((counts > 0).tobytes(), []).append(i)
        for group in alike.values():
            held = totals[group[0]][1] > 0
            if not held.any():
                continue
            sums = np.array([totals[i][0][held] for i in group]).T
            counts = np.array([totals[i][1][held] for i in group]).T
            means = self._resampled_means(sums, counts) if held.sum() > 1 else None
            for at, i in enumerate(group):
                drawn = None if means is None else means[:, at]
                estimates[i] = _estimate(sums[:, at], counts[:, at], drawn, in_unit=in_unit[i])
        return estimates

    def _by_cluster(self, column: Sequence[float | None]) -> tuple[Floats, Floats]:
        """Sum and number of the values in each cluster."""
        sums, counts = np.zeros(self._n), np.zeros(self._n)
        present = [i for i, value in enumerate(column) if value is not None]
        np.add.at(sums, self._cluster[present], [value for value in column if value is not None])
        np.add.at(counts, self._cluster[present], 1.0)
        return sums, counts

    def _resampled_means(self, sums: Floats, counts: Floats) -> Floats:
        """Means (n_resamples, columns). sums, counts: (clusters, columns)."""
        random = np.random.default_rng(self._seed)
        n = len(sums)
        parts = []
        for begin in range(0, self._n_resamples, _ROWS_AT_ONCE):
            rows = min(_ROWS_AT_ONCE, self._n_resamples - begin)
            drawn = random.integers(0, n, size=(rows, n))
            flat = (drawn + np.arange(rows)[:, None] * n).ravel()
            times = np.bincount(flat, minlength=rows * n).reshape(rows, n).astype(float)
            parts.append((times @ sums) / (times @ counts))
        return np.vstack(parts)


def _numbered(clusters: Sequence[Hashable]) -> tuple[NDArray[np.intp], int]:
    """The number of each question's cluster, from 0 in order of appearance, and how many there are."""
    numbers: dict[Hashable, int] = {}
    return np.array([numbers.setdefault(c, len(numbers)) for c in clusters], dtype=np.intp), len(numbers)


def _estimate(sums: Floats, counts: Floats, drawn: Floats | None, *, in_unit: bool) -> Estimate:
    n, n_clusters = int(counts.sum()), len(sums)
    mean = float(sums.sum() / n)
    if drawn is None:
        return Estimate(mean, n, n_clusters, None, None)
    tail = (1 - _LEVEL) / 2
    low, high = (float(edge) for edge in np.quantile(drawn, [tail, 1 - tail]))
    if in_unit and mean in (0.0, 1.0):
        reach = 1 - tail ** (1 / n_clusters)
        low, high = (0.0, reach) if mean == 0 else (1 - reach, 1.0)
    return Estimate(mean, n, n_clusters, Interval(low, high), float(np.std(drawn, ddof=1)))


def permutation_p_values(
    clusters: Sequence[Hashable],
    columns: Sequence[Sequence[float | None]],
    *,
    n_permutations: int = N_PERMUTATIONS,
    seed: int = SEED,
) -> list[float | None]:
    """Two-sided p of each column of paired differences: as large a sum of them by chance; None without any.

    Paired permutation test (Fisher 1935; Good 2005): were the two runs alike, each difference
    could as well have the other sign. Signs are flipped a cluster at a time. With up to 14 clusters that
    differ every way to flip them is counted, and p is exact; with more, random ones, and p is
    (1 + as large) / (1 + drawn), never 0 (Phipson and Smyth 2010).
    clusters: of each question. columns: a difference for each question, None where there is no pair.
    """
    cluster, n_clusters = _numbered(clusters)
    p_values: list[float | None] = [None] * len(columns)
    sampled: dict[int, Floats] = {}
    for i, column in enumerate(columns):
        if any(value is not None for value in column):
            sums = np.zeros(n_clusters)
            np.add.at(sums, cluster, [value or 0.0 for value in column])
            differing = sums[sums != 0]
            if len(differing) <= _EXACT_UP_TO:
                p_values[i] = _exact_p(differing)
            else:
                sampled[i] = sums
    if sampled:
        drawn = _sampled_p(np.array(list(sampled.values())).T, n_permutations, seed)
        for i, p in zip(sampled, drawn, strict=True):
            p_values[i] = p
    return p_values


def _exact_p(sums: Floats) -> float:
    ways = np.arange(2 ** len(sums))[:, None] >> np.arange(len(sums)) & 1
    return float(np.mean(_as_large((1.0 - 2.0 * ways) @ sums[:, None], sums[:, None])))


def _sampled_p(sums: Floats, n_permutations: int, seed: int) -> list[float]:
    """sums: (clusters, columns)."""
    random = np.random.default_rng(seed)
    as_large = np.zeros(sums.shape[1])
    for begin in range(0, n_permutations, _ROWS_AT_ONCE):
        rows = min(_ROWS_AT_ONCE, n_permutations - begin)
        signs = 1.0 - 2.0 * random.integers(0, 2, size=(rows, len(sums)), dtype=np.int8)
        as_large += _as_large(signs @ sums, sums).sum(axis=0)
    return [float(p) for p in (1 + as_large) / (1 + n_permutations)]


def _as_large(flipped: Floats, sums: Floats) -> NDArray[np.bool_]:
    """Whether each flipped total is at least as far from 0 as the real one, but for rounding."""
    reached: NDArray[np.bool_] = np.abs(flipped) >= np.abs(sums.sum(axis=0)) - 1e-9
    return reached


def mcnemar_p_value(n_gained: int, n_lost: int) -> float:
    """Two-sided p of questions that changed from wrong to right and from right to wrong; 1 without any.

    Exact McNemar test (McNemar 1947): the binomial test of the changed ones at 1/2. Takes questions as
    independent.
    """
    from scipy.stats import binomtest

    changed = n_gained + n_lost
    return float(binomtest(n_gained, changed, 0.5).pvalue) if changed else 1.0


def holm(p_values: Sequence[float]) -> list[float]:
    """The p values corrected for their number, in the same order (Holm 1979, step down)."""
    corrected = [1.0] * len(p_values)
    least = 0.0
    for rank, i in enumerate(sorted(range(len(p_values)), key=lambda i: p_values[i])):
        least = max(least, min(1.0, (len(p_values) - rank) * p_values[i]))
        corrected[i] = least
    return corrected


def smallest_detectable_difference(estimate: Estimate, *, yes_or_no: bool) -> float | None:
    """The smallest true difference that a comparison like this one would have shown four times in five.

    (t(0.975) + t(0.8)) standard errors of the mean difference, with as many degrees of freedom as clusters
    less one: the approximation by Student's t for means of clusters, two-sided test at 5 %, one metric
    alone (Bloom 1995). For a yes-or-no metric at least LEAST_CHANGED questions, since the exact test can
    show nothing smaller. None where it cannot be told: one cluster, or all differences alike.
    """
    from scipy.stats import t

    if estimate.standard_error is None:
        return None
    freedom = estimate.n_clusters - 1
    quantiles = float(t.ppf((1 + _LEVEL) / 2, freedom) + t.ppf(_POWER, freedom))
    by_spread = quantiles * estimate.standard_error
    if yes_or_no:
        return max(by_spread, min(1.0, LEAST_CHANGED / estimate.n))
    return by_spread or None
