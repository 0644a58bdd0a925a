from collections.abc import Callable
from math import log2

import ir_measures
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval.metrics.retrieval import (
    average_precision_at_k,
    found_documents,
    ndcg_at_k,
    ranked_documents,
    recall_at_k,
    reciprocal_rank,
    success_at_k,
)

A, B, BOTH, NONE = frozenset({0}), frozenset({1}), frozenset({0, 1}), frozenset[int]()


def test_recall_is_the_share_of_groups_held_by_the_first_k() -> None:
    found = [NONE, B, NONE, A]
    assert [recall_at_k(found, 2, k) for k in (1, 2, 3, 4)] == [0.0, 0.5, 0.5, 1.0]


def test_a_second_alternative_of_a_group_finds_nothing_new() -> None:
    found = [A, A, A]
    assert recall_at_k(found, 2, 3) == 0.5
    assert ndcg_at_k(found, 2, 3) == pytest.approx(1 / (1 + 1 / log2(3)))
    assert average_precision_at_k(found, 2, 3) == 0.5


def test_success_needs_one_group_only() -> None:
    assert success_at_k([NONE, B], 2, 1) == 0.0
    assert success_at_k([NONE, B], 2, 2) == 1.0


def test_reciprocal_rank_is_that_of_the_first_group_found() -> None:
    assert reciprocal_rank([NONE, NONE, B, A], 2) == pytest.approx(1 / 3)
    assert reciprocal_rank([NONE], 2) == 0.0


def test_average_precision_is_divided_by_all_groups_also_those_not_found() -> None:
    # Of three groups, found at ranks 1 and 3: (1/1 + 2/3) / 3.
    assert average_precision_at_k([A, NONE, B], 3, 10) == pytest.approx((1 + 2 / 3) / 3)


def test_ideal_gain_has_every_group_though_fewer_were_found() -> None:
    # Found one of three groups at rank 2.
    assert ndcg_at_k([NONE, A], 3, 10) == pytest.approx((1 / log2(3)) / (1 + 1 / log2(3) + 1 / 2))


def test_one_passage_that_holds_both_groups_is_as_good_as_can_be() -> None:
    assert ndcg_at_k([BOTH], 2, 10) == 1.0
    assert average_precision_at_k([BOTH], 2, 10) == 1.0


def test_both_groups_at_rank_two_gain_as_one_group_at_rank_two() -> None:
    assert ndcg_at_k([NONE, BOTH], 2, 10) == pytest.approx(ndcg_at_k([NONE, A], 1, 10))


def test_an_empty_ranking_finds_nothing() -> None:
    assert [measure([], 2, 5) for measure in (recall_at_k, success_at_k, ndcg_at_k)] == [0.0, 0.0, 0.0]
    assert reciprocal_rank([], 2) == 0.0


@pytest.mark.parametrize("measure", [recall_at_k, success_at_k, ndcg_at_k, average_precision_at_k])
def test_without_a_gold_group_there_is_an_error_not_a_zero(
    measure: Callable[[list[frozenset[int]], int, int], float],
) -> None:
    with pytest.raises(ValueError, match="gold"):
        measure([A], 0, 1)


def test_a_document_ranks_by_its_best_passage() -> None:
    assert ranked_documents(["b", "a", "b", "c"]) == ["b", "a", "c"]


def test_a_document_may_stand_for_several_groups() -> None:
    assert found_documents(["a", "c"], [["a", "b"], ["a"], ["c"]]) == [{0, 1}, {2}]


@given(
    n_items=st.integers(1, 15),
    gold=st.sets(st.integers(0, 20), min_size=1, max_size=8),
    k=st.sampled_from([1, 3, 5, 10]),
    order=st.randoms(use_true_random=False),
)
def test_one_alternative_a_group_gives_the_figures_of_ir_measures(
    n_items: int, gold: set[int], k: int, order: object
) -> None:
    """Items 0 to 20 of which some are gold and some are ranked, in a random order."""
    ranking = list(range(21))
    order.shuffle(ranking)  # type: ignore[attr-defined]
    ranking = ranking[:n_items]
    positions = {item: position for position, item in enumerate(sorted(gold))}
    found = [frozenset({positions[item]}) if item in positions else NONE for item in ranking]
    ours = {
        f"R@{k}": recall_at_k(found, len(gold), k),
        f"Success@{k}": success_at_k(found, len(gold), k),
        f"nDCG@{k}": ndcg_at_k(found, len(gold), k),
        f"AP@{k}": average_precision_at_k(found, len(gold), k),
        "RR": reciprocal_rank(found, len(gold)),
    }
    theirs = ir_measures.calc_aggregate(
        [ir_measures.parse_measure(name) for name in ours],
        [ir_measures.Qrel("q", str(item), 1) for item in gold],
        [ir_measures.ScoredDoc("q", str(item), 100.0 - rank) for rank, item in enumerate(ranking)],
    )
    assert {str(measure): value for measure, value in theirs.items()} == pytest.approx(ours)
