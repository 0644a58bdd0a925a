from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from eval.metrics.statistics import (
    LEAST_CHANGED,
    ClusterBootstrap,
    Estimate,
    Interval,
    holm,
    mcnemar_p_value,
    permutation_p_values,
    smallest_detectable_difference,
)


def estimate(
    values: Sequence[float | None], clusters: list[str] | None = None, *, in_unit: bool = False
) -> Estimate:
    clusters = clusters or [str(i) for i in range(len(values))]
    (found,) = ClusterBootstrap(clusters).estimates([values], in_unit=[in_unit])
    assert found is not None
    return found


def p_of(differences: Sequence[float | None], clusters: list[str] | None = None) -> float | None:
    clusters = clusters or [str(i) for i in range(len(differences))]
    return permutation_p_values(clusters, [differences])[0]


def test_mean_is_over_questions_not_over_documents() -> None:
    assert estimate([1.0, 1.0, 1.0, 0.0], ["a", "a", "a", "b"]).mean == 0.75


def test_two_documents_can_show_nothing_between_their_own_means() -> None:
    found = estimate([0.0, 0.0, 1.0, 1.0], ["a", "a", "b", "b"])
    assert (found.interval, found.n, found.n_clusters) == (Interval(0.0, 1.0), 4, 2)


def test_interval_of_independent_questions_is_that_of_scipy() -> None:
    values = np.random.default_rng(1).normal(0.5, 0.2, size=200)
    theirs = stats.bootstrap((values,), np.mean, method="percentile", n_resamples=5000, rng=2)
    found = estimate(list(values)).interval
    assert found is not None
    assert (found.low, found.high) == pytest.approx(tuple(theirs.confidence_interval), abs=0.004)


def test_questions_that_share_a_document_widen_the_interval() -> None:
    # Ten documents of ten questions, each all right or all wrong: ten facts, not a hundred.
    values = [float(i // 10 % 2) for i in range(100)]
    alone = estimate(values).interval
    shared = estimate(values, [str(i // 10) for i in range(100)]).interval
    assert alone is not None
    assert shared is not None
    assert shared.high - shared.low > 2.5 * (alone.high - alone.low)


def test_the_same_seed_gives_the_same_interval() -> None:
    values = [0.1, 0.9, 0.4, 0.7, 0.2]
    assert estimate(values) == estimate(values)


def test_a_question_that_is_not_eligible_is_left_out_not_counted_as_0() -> None:
    found = estimate([1.0, None, 0.0, None])
    assert (found.mean, found.n, found.n_clusters) == (0.5, 2, 2)


def test_a_metric_that_no_question_has_is_no_estimate() -> None:
    assert ClusterBootstrap(["a", "b"]).estimates([[None, None]], in_unit=[True]) == [None]


def test_one_document_has_no_interval() -> None:
    found = estimate([0.0, 1.0], ["a", "a"])
    assert (found.mean, found.interval, found.standard_error) == (0.5, None, None)


def test_all_right_is_not_certainty() -> None:
    # Clopper and Pearson: (0.05 / 2) ** (1 / 10).
    assert estimate([1.0] * 10, in_unit=True).interval == Interval(pytest.approx(0.6915, abs=1e-4), 1.0)  # type: ignore[arg-type]
    theirs = stats.binomtest(0, 10).proportion_ci(method="exact")
    assert estimate([0.0] * 10, in_unit=True).interval == Interval(0.0, pytest.approx(theirs.high))  # type: ignore[arg-type]


def test_exact_p_counts_every_way_to_flip_the_signs() -> None:
    # |sum| = 3 of three equal differences: 2 of 8 ways.
    assert p_of([1.0, 1.0, 1.0]) == 0.25


def test_differences_of_one_document_flip_together() -> None:
    # Two documents: every way of flipping both is as large in 2 of 4.
    assert p_of([1.0, 1.0, 1.0, 1.0, 1.0, 1.0], ["a", "a", "a", "b", "b", "b"]) == 0.5


def test_questions_without_a_pair_do_not_change_p() -> None:
    assert p_of([1.0, None, 1.0, 1.0, None]) == 0.25


def test_runs_without_a_difference_have_p_1() -> None:
    assert p_of([0.0] * 30) == 1.0


def test_a_metric_without_a_pair_has_no_p() -> None:
    assert p_of([None, None]) is None


@given(st.lists(st.integers(-3, 3), min_size=2, max_size=8))
def test_exact_p_is_that_of_scipy(differences: list[int]) -> None:
    theirs = stats.permutation_test(
        (np.array(differences), np.zeros(len(differences))),
        lambda x, y, axis: np.mean(x - y, axis=axis),
        permutation_type="samples",
        vectorized=True,
        n_resamples=10_000,
    )
    assert p_of([float(d) for d in differences]) == pytest.approx(theirs.pvalue)


def test_a_sampled_p_is_close_to_the_exact_one_and_never_0() -> None:
    # 20 equal differences: exact p is 2 / 2**20; sampled, 1 of 10,001.
    assert p_of([1.0] * 20) == pytest.approx(1 / 10_001)
    # 16 up, 14 down: a sum of 2 or more either way, by the binomial distribution.
    differences = [1.0] * 16 + [-1.0] * 14
    assert p_of(differences) == pytest.approx(stats.binomtest(16, 30).pvalue, abs=0.02)


def test_sampled_p_is_the_same_again_and_beside_other_metrics() -> None:
    differences = [0.3, -0.2] * 10 + [0.1]
    clusters = [str(i) for i in range(len(differences))]
    alone = permutation_p_values(clusters, [differences])
    beside = permutation_p_values(clusters, [[1.0] * len(differences), differences])
    assert beside[1] == alone[0]


def test_mcnemar_is_exact() -> None:
    # 1 gained, 7 lost: 2 * (1 + 8) / 256.
    assert mcnemar_p_value(1, 7) == pytest.approx(18 / 256)
    assert mcnemar_p_value(0, 0) == 1.0


def test_holm_steps_down_and_never_falls() -> None:
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([0.9, 0.6]) == [1.0, 1.0]


def of(standard_error: float | None, n: int = 100) -> Estimate:
    return Estimate(0.0, n, n, None, standard_error)


def test_smallest_difference_is_2_8_standard_errors_with_a_hundred_documents() -> None:
    # Student's t with 99 degrees of freedom: 1.9842 + 0.8453.
    assert smallest_detectable_difference(of(0.1), yes_or_no=False) == pytest.approx(0.28295, abs=1e-5)


def test_few_documents_show_only_larger_differences() -> None:
    # With 4 degrees of freedom: 2.7764 + 0.9410.
    assert smallest_detectable_difference(of(0.1, n=5), yes_or_no=False) == pytest.approx(0.37174, abs=1e-5)


def test_a_yes_or_no_metric_can_show_no_less_than_six_questions() -> None:
    assert smallest_detectable_difference(of(0.0), yes_or_no=True) == LEAST_CHANGED / 100
    assert mcnemar_p_value(LEAST_CHANGED, 0) < 0.05 < mcnemar_p_value(LEAST_CHANGED - 1, 0)


def test_without_any_spread_the_smallest_difference_is_unknown() -> None:
    assert smallest_detectable_difference(of(0.0), yes_or_no=False) is None
    assert smallest_detectable_difference(of(None), yes_or_no=True) is None
