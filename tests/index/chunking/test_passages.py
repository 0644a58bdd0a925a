from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.chunking.passages import PassageSize, PassageSpan, build_passages, text_weight
from index.types import Section, Span

_PIECES = st.sampled_from(
    [
        "가나다라 ",
        "한다. ",
        "한다.\n",
        "\n\n",
        "word ",
        "End. ",
        ", ",
        "- ",
        "🙂",
        "\t",
        "긴문장" * 8,
        "3.5% ",
        " ",
    ]
)
_TEXTS = st.lists(_PIECES, max_size=80).map("".join)
_SMALL = PassageSize(least=10, most=20)
SENTENCE = "가" * 98 + "다."  # weight 100: the full stop counts half, rounded up


def everything(text: str) -> list[Span]:
    return [Span(0, len(text))]


def texts(text: str, passages: Sequence[PassageSpan]) -> list[str]:
    return [passage.span.of(text) for passage in passages]


def without_space(text: str) -> str:
    return "".join(text.split())


# What is kept


@given(_TEXTS)
def test_passages_hold_every_visible_character_once_and_in_order(text: str) -> None:
    passages = build_passages(text, everything(text), size=_SMALL)
    assert without_space("".join(texts(text, passages))) == without_space(text)


@given(_TEXTS)
def test_sentences_of_a_passage_hold_all_of_it_and_nothing_else(text: str) -> None:
    for passage in build_passages(text, everything(text), size=_SMALL):
        assert passage.sentences[0].start == passage.span.start
        assert passage.sentences[-1].end == passage.span.end
        joined = "".join(sentence.of(text) for sentence in passage.sentences)
        assert without_space(joined) == without_space(passage.span.of(text))


@given(_TEXTS)
def test_passages_and_sentences_have_no_outer_white_space(text: str) -> None:
    for passage in build_passages(text, everything(text), size=_SMALL):
        for span in (passage.span, *passage.sentences):
            assert span.of(text)
            assert span.of(text) == span.of(text).strip()


@given(_TEXTS)
def test_no_sentence_is_heavier_than_the_limit(text: str) -> None:
    for passage in build_passages(text, everything(text), size=_SMALL):
        assert all(text_weight(sentence.of(text)) <= _SMALL.most for sentence in passage.sentences)


@given(_TEXTS)
def test_no_passage_is_much_heavier_than_the_limit(text: str) -> None:
    for passage in build_passages(text, everything(text), size=_SMALL):
        n_sentences = len(passage.sentences)
        assert sum(text_weight(s.of(text)) for s in passage.sentences) <= _SMALL.most * 5 // 4
        assert text_weight(passage.span.of(text)) <= _SMALL.most * 5 // 4 + text.count(" ") + n_sentences


@given(_TEXTS, st.lists(st.integers(0, 400), max_size=8), st.lists(st.integers(0, 400), max_size=4))
def test_passages_never_cross_a_gap_or_a_heading(text: str, cuts: list[int], starts: list[int]) -> None:
    marks = sorted({min(cut, len(text)) for cut in cuts})
    keep = [Span(a, b) for a, b in zip(marks[::2], marks[1::2], strict=False) if a < b]
    sections = [Section(start, f"제목 {start}") for start in sorted(set(starts))]

    passages = build_passages(text, keep, sections, _SMALL)

    for passage in passages:
        assert any(k.start <= passage.span.start and passage.span.end <= k.end for k in keep)
        assert not any(passage.span.start < s.start < passage.span.end for s in sections)
        in_force = [s.heading for s in sections if s.start <= passage.span.start]
        assert passage.heading == (in_force[-1] if in_force else "")
    kept = "".join(span.of(text) for span in keep)
    assert without_space("".join(texts(text, passages))) == without_space(kept)


def test_text_without_anything_kept_has_no_passages() -> None:
    assert build_passages("모두 버린다.", []) == []
    assert build_passages(" \n ", [Span(0, 3)]) == []


# Sizes


@pytest.mark.parametrize(
    ("text", "weight"),
    [("", 0), ("가나다", 3), ("abcd", 2), ("abc", 2), ("350억 원", 4), ("。", 1), ("🙂", 1)],
)
def test_weight_counts_latin_and_digits_half(text: str, weight: int) -> None:
    assert text_weight(text) == weight


def test_sentences_are_gathered_up_to_the_limit() -> None:
    text = " ".join([SENTENCE] * 8)  # each weighs 100; four fit into 450

    passages = build_passages(text, everything(text))

    assert [len(passage.sentences) for passage in passages] == [4, 4]


def test_paragraph_ends_a_passage_that_is_long_enough() -> None:
    text = f"{SENTENCE} {SENTENCE}\n\n{SENTENCE} {SENTENCE}"
    assert texts(text, build_passages(text, everything(text))) == text.split("\n\n")


def test_short_paragraphs_are_read_together() -> None:
    text = f"{SENTENCE}\n\n{SENTENCE}"
    assert texts(text, build_passages(text, everything(text))) == [text]


def test_short_tail_joins_the_passage_before_it() -> None:
    text = " ".join([SENTENCE] * 4 + ["끝으로 덧붙인다. " + "나" * 40 + "다."])

    passages = build_passages(text, everything(text))

    assert texts(text, passages) == [text]


def test_tail_long_enough_stands_alone() -> None:
    text = " ".join([SENTENCE] * 5)
    assert [len(passage.sentences) for passage in build_passages(text, everything(text))] == [4, 1]


def test_passage_carries_the_heading_it_stands_under() -> None:
    text = "머리말이다.\n1. 목적\n키운다.\n2. 기간\n5년이다."
    sections = (Section(text.index("1."), "1. 목적"), Section(text.index("2."), "2. 기간"))

    passages = build_passages(text, everything(text), sections)

    assert [(p.heading, p.span.of(text)) for p in passages] == [
        ("", "머리말이다."),
        ("1. 목적", "1. 목적\n키운다."),
        ("2. 기간", "2. 기간\n5년이다."),
    ]


def test_heading_inside_a_gap_holds_for_what_follows_it() -> None:
    text = "가다.\n제목\n나다."
    keep = [Span(0, 3), Span(7, 10)]

    passages = build_passages(text, keep, (Section(4, "제목"),))

    assert [(p.heading, p.span.of(text)) for p in passages] == [("", "가다."), ("제목", "나다.")]


# Long sentences


def test_long_sentence_is_split_without_losing_a_character() -> None:
    text = "가나다라마 " * 400 + "끝"

    passages = build_passages(text, everything(text))

    assert len(passages) > 1
    assert without_space("".join(texts(text, passages))) == without_space(text)
    assert all(text_weight(passage.span.of(text)) <= 450 for passage in passages)


def test_long_sentence_is_split_after_a_comma_rather_than_inside_a_word() -> None:
    text = "가나다 라마바, 사아자 차카타파하"

    (first, second) = build_passages(text, everything(text), size=PassageSize(least=4, most=12))

    assert first.span.of(text) == "가나다 라마바,"
    assert second.span.of(text) == "사아자 차카타파하"


def test_long_english_sentence_counts_half_a_letter() -> None:
    text = "word " * 178 + "end"  # 893 letters and spaces, weight 447
    assert len(build_passages(text, everything(text))) == 1


def test_a_million_characters_in_one_line_are_split_without_losing_one() -> None:
    text = "가" * 1_000_000

    passages = build_passages(text, everything(text))

    assert "".join(texts(text, passages)) == text
    assert max(len(passage.span) for passage in passages) == 450


def test_a_million_letters_with_spaces_are_split_at_spaces() -> None:
    text = "inyong " * 150_000

    passages = build_passages(text, everything(text))

    assert {word for passage in texts(text, passages) for word in passage.split()} == {"inyong"}
    assert sum(len(passage.split()) for passage in texts(text, passages)) == 150_000


def test_a_hundred_thousand_gaps_and_headings_are_followed_in_linear_time() -> None:
    text = "가다.\n" * 100_000
    keep = [Span(at, at + 3) for at in range(0, len(text), 4)]
    sections = [Section(at, str(at)) for at in range(0, len(text), 4)]

    passages = build_passages(text, keep, sections)

    assert len(passages) == 100_000
    assert [passages[7].heading, passages[7].span] == ["28", Span(28, 31)]
