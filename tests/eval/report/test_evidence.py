"""Quotes and gold in their surroundings."""

from eval.report.evidence import collect_evidence, cut_excerpts
from eval.types import GoldSpan, Prediction, Question, QuotedSpan
from index.types import Span

TEXT = "가" * 300 + "예산은 350억 원이다." + "나" * 300


def pieces(text: str, marks: list[tuple[Span, str]], context_chars: int) -> list[tuple[str, tuple[str, ...]]]:
    (excerpt,) = cut_excerpts("a.md", text, marks, context_chars)
    return [(piece.text, piece.kinds) for piece in excerpt.pieces]


def test_a_quote_stands_between_the_text_around_it() -> None:
    assert pieces("0123456789", [(Span(4, 6), "cited")], 2) == [
        ("23", ()),
        ("45", ("cited",)),
        ("67", ()),
    ]


def test_where_quote_and_gold_overlap_both_are_marked() -> None:
    assert pieces("0123456789", [(Span(2, 6), "cited"), (Span(4, 8), "gold")], 0) == [
        ("23", ("cited",)),
        ("45", ("cited", "gold")),
        ("67", ("gold",)),
    ]


def test_an_excerpt_tells_whether_it_is_cut() -> None:
    (excerpt,) = cut_excerpts("a.md", "0123456789", [(Span(0, 2), "cited")], 3)
    assert (excerpt.start, excerpt.end) == (0, 5)
    assert (excerpt.cut_before, excerpt.cut_after) == (False, True)


def test_spans_far_apart_have_excerpts_of_their_own() -> None:
    far, near = [(Span(0, 2), "cited"), (Span(50, 52), "gold")], [(Span(0, 2), "cited"), (Span(7, 9), "gold")]
    assert len(cut_excerpts("a.md", "x" * 60, far, 3)) == 2
    assert len(cut_excerpts("a.md", "x" * 60, near, 3)) == 1


def test_gold_is_found_and_shown_beside_the_quote() -> None:
    question = Question("q", "?", True, gold=((GoldSpan("a.md", "예산은 350억 원이다."),),))
    prediction = Prediction("q", citations=(QuotedSpan(1, "a.md", 304, 308, "350억"),))
    evidence = collect_evidence(question, prediction, {"a.md": TEXT})
    (excerpt,) = evidence.excerpts
    assert [piece.text for piece in excerpt.pieces if "gold" in piece.kinds] == [
        "예산은 ",
        "350억",
        " 원이다.",
    ]
    assert [piece.text for piece in excerpt.pieces if "cited" in piece.kinds] == ["350억"]
    assert (excerpt.start, excerpt.end) == (100, 513)


def test_a_quote_that_is_not_the_text_is_named() -> None:
    prediction = Prediction("q", citations=(QuotedSpan(2, "a.md", 304, 308, "360억"),))
    evidence = collect_evidence(Question("q", "?", True), prediction, {"a.md": TEXT})
    assert evidence.misquoted == ("[2] a.md: 360억",)


def test_gold_that_is_not_in_the_text_is_named() -> None:
    question = Question("q", "?", True, gold=((GoldSpan("a.md", "다른 글"), GoldSpan("b.md", "없는 글")),))
    evidence = collect_evidence(question, Prediction("q"), {"a.md": TEXT})
    assert evidence.absent == ("a.md: 다른 글", "b.md: 없는 글")
