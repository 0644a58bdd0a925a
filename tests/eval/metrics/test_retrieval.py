import pytest

from eval.metrics.retrieval import rank_documents, recall_at_k


def test_recall_is_the_share_of_gold_among_the_first_k() -> None:
    assert recall_at_k(["a", "b", "c", "d"], {"b", "d", "x"}, 2) == pytest.approx(1 / 3)
    assert recall_at_k(["a", "b", "c", "d"], {"b", "d"}, 4) == 1.0


def test_recall_without_gold_is_an_error_not_a_zero() -> None:
    with pytest.raises(ValueError, match="gold"):
        recall_at_k(["a"], set(), 1)


def test_a_document_ranks_by_its_best_passage() -> None:
    assert rank_documents([("a", 0.2), ("b", 0.9), ("a", 1.5)]) == ["a", "b"]
