import pytest

from eval.metrics.matching import GoldPlace, document_groups, groups_held, groups_held_by_any, matches
from eval.types import TextSpan
from index.types import Span


@pytest.mark.parametrize(
    ("found", "gold", "matching"),
    [
        (Span(0, 400), Span(100, 120), True),  # a quote inside a passage
        (Span(100, 120), Span(0, 400), True),  # a sentence out of a long gold span
        (Span(0, 100), Span(90, 110), True),  # 10 of 20: half of the shorter
        (Span(0, 99), Span(90, 110), False),  # 9 of 20
        (Span(0, 10), Span(10, 20), False),
        (Span(5, 5), Span(0, 10), False),
    ],
)
def test_half_of_the_shorter_has_to_be_shared(found: Span, gold: Span, matching: bool) -> None:
    assert matches(found, gold) is matching


GROUPS = [
    [GoldPlace("a", Span(0, 10)), GoldPlace("b", Span(50, 60))],
    [GoldPlace("a", Span(8, 18))],
    [GoldPlace("c")],
]


def test_a_span_holds_every_group_of_which_it_holds_an_alternative() -> None:
    assert groups_held(TextSpan("a", 0, 20), GROUPS) == {0, 1}
    assert groups_held(TextSpan("b", 40, 70), GROUPS) == {0}


def test_the_same_place_in_another_document_is_no_evidence() -> None:
    assert groups_held(TextSpan("d", 0, 20), GROUPS) == frozenset()


def test_a_whole_document_is_held_by_any_part_of_it() -> None:
    assert groups_held(TextSpan("c", 900, 901), GROUPS) == {2}


def test_spans_together_hold_what_any_of_them_holds() -> None:
    assert groups_held_by_any([TextSpan("b", 50, 60), TextSpan("c", 0, 5)], GROUPS) == {0, 2}


def test_documents_of_gold_spans_are_alternatives_of_their_group() -> None:
    assert document_groups(GROUPS, ["z"]) == [{"a", "b"}, {"a"}, {"c"}]


def test_named_documents_without_gold_spans_are_alternatives_of_one_group() -> None:
    assert document_groups([], ["x", "y"]) == [{"x", "y"}]
    assert document_groups([]) == []
