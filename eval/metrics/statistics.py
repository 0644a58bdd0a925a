"""Uncertainty of figures and differences: intervals, tests and detectable differences. Pure.

Questions about the same document are not independent, so intervals and the permutation test resample or
flip whole clusters of them. All randomness is seeded and reproducible.
"""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

SEED = 20_240_601
N_RESAMPLES = 2_000
N_PERMUTATIONS = 10_000
_EXACT_UP_TO = 14  # differing clusters: 16,384 sign assignments
_ROWS_AT_ONCE = 250
_LEVEL = 0.95
_POWER = 0.8
# For five questions or documents that all change the same way, the exact tests give p = 2 / 2**5 = 0.063;
# for six, 0.031.
LEAST_CHANGED = 6


@dataclass(frozen=True, slots=True)
class Interval:
    """A 95 % interval."""

    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean over `n` questions in `n_clusters` clusters; interval is None if it cannot be estimated.

    standard_error: of the mean, from the same resamples.
    """

    mean: float
    n: int
    n_clusters: int
    interval: Interval | None
    standard_error: float | None


class ClusterBootstrap:
    """Cluster-bootstrap intervals of means over one question set, with the same clusters for every metric."""

    def __init__(
        self, clusters: Sequence[Hashable], *, n_resamples: int = N_RESAMPLES, seed: int = SEED
    ) -> None:
        """Take the cluster of each question, in the order in which values will be given."""
        self._cluster, self._n = _numbered(clusters)
        self._n_resamples = n_resamples
        self._seed = seed

    def estimates(
        self, columns: Sequence[Sequence[float | None]], *, in_unit: Sequence[bool]
    ) -> list[Estimate | None]:
        """Return mean and interval of each column, skipping None; None for a column without values.

        Percentile bootstrap over clusters (Efron and Tibshirani 1993, chapter 13; Field and Welsh 2007):
        each resample draws, with replacement, as many clusters as contain a value, and takes the mean of all
        values in them. With one cluster there is no interval. in_unit: whether the values of a column lie in
        [0, 1] by definition; if all are 0 or all are 1 no resample can differ, and the interval is the exact
        binomial one of Clopper and Pearson 1934 with one trial per cluster.
        """
        estimates: list[Estimate | None] = [None] * len(columns)
        totals = [self._by_cluster(column) for column in columns]
        # Columns over the same clusters, as most are, share their resamples.
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
        """Return the sum and number of the values in each cluster."""
        sums, counts = np.zeros(self._n), np.zeros(self._n)
        present = [i for i, value in enumerate(column) if value is not None]
        np.add.at(sums, self._cluster[present], [value for value in column if value is not None])
        np.add.at(counts, self._cluster[present], 1.0)
        return sums, counts

    def _resampled_means(self, sums: Floats, counts: Floats) -> Floats:
        """Return means (n_resamples, columns). sums, counts: (clusters, columns)."""
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
    """Return each question's cluster number, from 0 in order of appearance, and the number of clusters."""
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
    """Return the two-sided p value of the sum of each column of paired differences; None without any.

    Paired permutation test (Fisher 1935; Good 2005): under the null hypothesis, each difference could
    equally have the other sign. Signs are flipped per cluster. With up to 14 differing clusters, all sign
    assignments are enumerated and p is exact; with more, they are sampled and p is
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
    """Return a sampled p value for each column. sums: (clusters, columns)."""
    random = np.random.default_rng(seed)
    as_large = np.zeros(sums.shape[1])
    for begin in range(0, n_permutations, _ROWS_AT_ONCE):
        rows = min(_ROWS_AT_ONCE, n_permutations - begin)
        signs = 1.0 - 2.0 * random.integers(0, 2, size=(rows, len(sums)), dtype=np.int8)
        as_large += _as_large(signs @ sums, sums).sum(axis=0)
    return [float(p) for p in (1 + as_large) / (1 + n_permutations)]


def _as_large(flipped: Floats, sums: Floats) -> NDArray[np.bool_]:
    """Return whether each flipped total is at least as far from 0 as the observed one, up to rounding."""
    reached: NDArray[np.bool_] = np.abs(flipped) >= np.abs(sums.sum(axis=0)) - 1e-9
    return reached


def mcnemar_p_value(n_gained: int, n_lost: int) -> float:
    """Return the two-sided p value of questions gained (wrong to right) and lost; 1 without any.

    Exact McNemar test (McNemar 1947): binomial test of the changed questions at 1/2. Assumes independent
    questions.
    """
    from scipy.stats import binomtest

    changed = n_gained + n_lost
    return float(binomtest(n_gained, changed, 0.5).pvalue) if changed else 1.0


def holm(p_values: Sequence[float]) -> list[float]:
    """Return the p values corrected for multiple testing, in the same order (Holm 1979, step-down)."""
    corrected = [1.0] * len(p_values)
    least = 0.0
    for rank, i in enumerate(sorted(range(len(p_values)), key=lambda i: p_values[i])):
        least = max(least, min(1.0, (len(p_values) - rank) * p_values[i]))
        corrected[i] = least
    return corrected


def smallest_detectable_difference(estimate: Estimate, *, yes_or_no: bool) -> float | None:
    """Return the smallest true difference that such a comparison would detect with 80 % power.

    (t(0.975) + t(0.8)) standard errors of the mean difference, with one degree of freedom less than there
    are clusters: the Student's t approximation for cluster means, two-sided test at 5 %, single metric
    (Bloom 1995). For a yes-or-no metric at least LEAST_CHANGED questions, below which the exact test cannot
    be significant. None if unknown: one cluster, or all differences equal.
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
