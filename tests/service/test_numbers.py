"""Quantities: hand-made readings in both languages, and properties over generated numbers."""

import time
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.numbers import Unit, find_quantities, gloss_in_english, unsupported_quantities

WON, DOLLAR, PERCENT = Unit.WON, Unit.DOLLAR, Unit.PERCENT
YEAR, MONTH, DAY, COUNT, BARE = Unit.YEAR, Unit.MONTH, Unit.DAY, Unit.COUNT, Unit.BARE

# text -> (as written, value, unit) of each number in it
READINGS: list[tuple[str, list[tuple[str, str, Unit]]]] = [
    # Korean amounts, digits mixed with units
    ("350억 원을 들여", [("350억", "35000000000", WON)]),
    ("1억4천만 달러", [("1억4천만", "140000000", DOLLAR)]),
    ("약 1천881억8천만원", [("1천881억8천만", "188180000000", WON)]),
    ("1만 2천 원", [("1만 2천", "12000", WON)]),
    ("8만 5000원", [("8만 5000", "85000", WON)]),
    ("2조 3천억 원", [("2조 3천억", "2300000000000", WON)]),
    ("1 억 원", [("1 억", "100000000", WON)]),
    ("1.5조원", [("1.5조", "1500000000000", WON)]),
    ("₩350억", [("350억", "35000000000", WON)]),
    ("100엔을", [("100", "100", Unit.YEN)]),
    ("50억 ~ 100억 원", [("50억", "5000000000", WON), ("100억", "10000000000", WON)]),
    ("1~2억 원", [("1", "100000000", WON), ("2억", "200000000", WON)]),
    # Korean amounts without a digit
    ("십만 원", [("십만", "100000", WON)]),
    ("백만 달러", [("백만", "1000000", DOLLAR)]),
    ("천이백억 원", [("천이백억", "120000000000", WON)]),
    ("사십오 개국", [("사십오", "45", COUNT)]),
    ("천 명", [("천", "1000", COUNT)]),
    ("십여 명", [("십", "10", COUNT)]),
    ("수십억 원, 몇백 명", []),
    ("꽃이 만개했고 천장이 높다", []),
    ("이 사람은 이천시에 산다", []),
    # Korean counts
    ("3만5000명", [("3만5000", "35000", COUNT)]),
    ("80여 명", [("80", "80", COUNT)]),
    ("300여명", [("300", "300", COUNT)]),
    ("세 번째", [("세", "3", COUNT)]),
    ("다섯째", [("다섯", "5", COUNT)]),
    ("다섯 곳", [("다섯", "5", COUNT)]),
    ("스물다섯 명", [("스물다섯", "25", COUNT)]),
    ("예순두 살", [("예순두", "62", COUNT)]),
    ("두 회사", [("두", "2", COUNT)]),
    ("둘 다", []),
    ("열 공급", []),
    ("서 대표", []),
    ("한 명", [("한", "1", COUNT)]),
    ("5개월", [("5", "5", COUNT)]),
    ("3만 5명", [("3만", "30000", BARE), ("5", "5", COUNT)]),
    ("만 19세", [("19", "19", COUNT)]),
    ("8을", [("8", "8", BARE)]),
    ("2026 월드컵", [("2026", "2026", BARE)]),
    ("제2조", [("2", "2", COUNT)]),
    ("2 조건", [("2", "2", BARE)]),
    ("1억 2 조건", [("1억", "100000000", BARE), ("2", "2", BARE)]),
    # dates and times
    ("2026. 1. 29.", [("2026", "2026", YEAR), ("1", "1", MONTH), ("29", "29", DAY)]),
    ("2025-10-28", [("2025", "2025", YEAR), ("10", "10", MONTH), ("28", "28", DAY)]),
    ("2025/1/5", [("2025", "2025", YEAR), ("1", "1", MONTH), ("5", "5", DAY)]),
    ("2024년 8월 13일", [("2024", "2024", YEAR), ("8", "8", MONTH), ("13", "13", DAY)]),
    ("28~29일", [("28", "28", DAY), ("29", "29", DAY)]),
    ("29일부터", [("29", "29", DAY)]),
    ("일곱 명, 3일곱", [("일곱", "7", COUNT), ("3", "3", COUNT)]),
    ("3만 2024년", [("3만", "30000", BARE), ("2024", "2024", YEAR)]),
    ("January 29, 2026", [("January", "1", MONTH), ("29", "29", DAY), ("2026", "2026", YEAR)]),
    ("29th of Jan. 2026", [("29", "29", DAY), ("Jan", "1", MONTH), ("2026", "2026", YEAR)]),
    ("in May 2025", [("May", "5", MONTH), ("2025", "2025", YEAR)]),
    ("You may 5 times march 20 miles", [("5", "5", BARE), ("20", "20", BARE)]),
    ("May I? It may.", []),
    ("In October", [("October", "10", MONTH)]),
    ("May 41 percent", [("41", "41", PERCENT)]),
    ("10:00", [("10", "10", BARE)]),
    ("10:30", [("10", "10", BARE), ("30", "30", BARE)]),
    # percentages
    ("42.3%", [("42.3", "42.3", PERCENT)]),
    ("41 percent", [("41", "41", PERCENT)]),
    ("30프로가", [("30", "30", PERCENT)]),
    ("5프로그램", [("5", "5", COUNT)]),
    ("2 to 3 percent", [("2", "2", PERCENT), ("3", "3", PERCENT)]),
    # English amounts and counts
    ("$1.4 million", [("1.4 million", "1400000", DOLLAR)]),
    ("KRW 35 billion", [("35 billion", "35000000000", WON)]),
    ("35bn won", [("35bn", "35000000000", WON)]),
    ("35,000,000,000 Korean won", [("35,000,000,000", "35000000000", WON)]),
    ("a million dollars", [("a million", "1000000", DOLLAR)]),
    ("half a million won", [("half a million", "500000", WON)]),
    ("one hundred and twenty thousand", [("one hundred and twenty thousand", "120000", BARE)]),
    ("the first two winners", [("first", "1", BARE), ("two", "2", BARE)]),
    ("two and three branches", [("two", "2", BARE), ("three", "3", BARE)]),
    ("one third", [("one", "1", BARE), ("third", "3", BARE)]),
    ("twenty-first", [("twenty-first", "21", BARE)]),
    ("the second half of the year", []),
    ("hundreds of millions, someone, often", []),
    # names with digits, full width
    ("AI2X", [("2", "2", BARE)]),
    ("ISO 37120", [("37120", "37120", BARE)]),
    ("１２，３４５명", [("１２，３４５", "12345", COUNT)]),
    ("４２．３％", [("４２．３", "42.3", PERCENT)]),
    ("＄20", [("20", "20", DOLLAR)]),
    ("1,2,3", [("1", "1", BARE), ("2", "2", BARE), ("3", "3", BARE)]),
]


@pytest.mark.parametrize(("text", "expected"), READINGS, ids=[text for text, _ in READINGS])
def test_a_quantity_is_read_as_a_person_would(text: str, expected: list[tuple[str, str, Unit]]) -> None:
    found = [(quantity.text, quantity.value, quantity.unit) for quantity in find_quantities(text)]
    assert found == [(written, Decimal(value), unit) for written, value, unit in expected]


# Properties

_KOREAN_UNITS = ((10**16, "경"), (10**12, "조"), (10**8, "억"), (10**4, "만"))
_ENGLISH_ONES = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
    "seventeen eighteen nineteen"
).split()
_ENGLISH_TENS = "- - twenty thirty forty fifty sixty seventy eighty ninety".split()


def below_ten_thousand(value: int, *, with_units: bool, with_commas: bool) -> str:
    """1881 as 1881, 1,881 or 1천881; 4000 as 4천; 1200 as 1천2백."""
    if not with_units or value < 100:
        return f"{value:,}" if with_commas else str(value)
    thousands, rest = divmod(value, 1000)
    hundreds, rest = divmod(rest, 100)
    return "".join(
        [
            f"{thousands}천" if thousands else "",
            f"{hundreds}백" if hundreds else "",
            str(rest) if rest else "",
        ]
    )


def in_korean(value: int, *, with_units: bool, with_spaces: bool, with_commas: bool) -> str:
    """The number in mixed Korean form, such as 1억 2,345만 6천7백8."""
    groups = []
    for size, unit in _KOREAN_UNITS:
        count, value = divmod(value, size)
        if count:
            form = below_ten_thousand(count, with_units=with_units, with_commas=with_commas)
            groups.append(f"{form}{unit}")
    if value or not groups:
        rest = below_ten_thousand(value, with_units=with_units, with_commas=with_commas)
        # "3만 5명" may be two numbers, so a small rest is written without a space.
        if groups and value < 100:
            groups[-1] += rest
        else:
            groups.append(rest)
    return (" " if with_spaces else "").join(groups)


def in_english_words(value: int) -> str:
    """The number in English words, such as "one million two hundred and five thousand"."""
    for size, name in ((10**12, "trillion"), (10**9, "billion"), (10**6, "million"), (1000, "thousand")):
        if value >= size:
            rest = f" {in_english_words(value % size)}" if value % size else ""
            return f"{in_english_words(value // size)} {name}{rest}"
    if value >= 100:
        rest = f" and {in_english_words(value % 100)}" if value % 100 else ""
        return f"{_ENGLISH_ONES[value // 100]} hundred{rest}"
    if value >= 20:
        return _ENGLISH_TENS[value // 10] + (f"-{_ENGLISH_ONES[value % 10]}" if value % 10 else "")
    return _ENGLISH_ONES[value]


def sino(value: int) -> str:
    """The number in Sino-Korean syllables, such as 천이백삼십사만."""

    def section(value: int) -> str:
        words = ""
        for size, unit in ((1000, "천"), (100, "백"), (10, "십")):
            count, value = divmod(value, size)
            if count:
                words += ("" if count == 1 else "일이삼사오육칠팔구"[count - 1]) + unit
        return words + ("일이삼사오육칠팔구"[value - 1] if value else "")

    words = ""
    for size, unit in _KOREAN_UNITS[1:]:
        count, value = divmod(value, size)
        if count:
            words += ("" if count == 1 and unit == "만" else section(count)) + unit
    return words + section(value)


WHOLE = st.one_of(st.integers(0, 99_999), st.integers(0, 10**20 - 1))


@given(WHOLE, st.booleans(), st.booleans(), st.booleans())
def test_a_number_in_mixed_korean_form_is_read_back(
    value: int, with_units: bool, with_spaces: bool, with_commas: bool
) -> None:
    written = in_korean(value, with_units=with_units, with_spaces=with_spaces, with_commas=with_commas)
    (found,) = find_quantities(f"예산은 {written}원이다.")
    assert (found.text, found.value, found.unit) == (written, Decimal(value), WON)


@given(st.integers(0, 10**25))
def test_a_number_with_commas_or_in_full_width_digits_is_read_back(value: int) -> None:
    for written in (f"{value:,}", str(value), str(value).translate({48 + n: 0xFF10 + n for n in range(10)})):
        (found,) = find_quantities(f"a {written} won")
        assert (found.text, found.value, found.unit) == (written, Decimal(value), WON)


@given(st.integers(0, 10**15 - 1))
def test_a_number_in_english_words_is_read_back(value: int) -> None:
    written = in_english_words(value)
    (found,) = find_quantities(f"They paid {written} dollars.")
    assert (found.text, found.value, found.unit) == (written, Decimal(value), DOLLAR)


@given(st.integers(1, 9_999), st.sampled_from(["thousand", "million", "billion", "trillion"]))
def test_a_number_with_an_english_scale_word_is_read_back(tenths: int, scale: str) -> None:
    size = {"thousand": 10**3, "million": 10**6, "billion": 10**9, "trillion": 10**12}[scale]
    (found,) = find_quantities(f"${tenths / 10} {scale}")
    assert found.value == Decimal(tenths) * size / 10
    assert found.unit is DOLLAR


@given(st.one_of(st.integers(10, 99_999), st.integers(10, 10**16 - 1)))
def test_a_number_in_sino_korean_syllables_is_read_back(value: int) -> None:
    written = sino(value)
    (found,) = find_quantities(f"모두 {written} 명이다.")
    assert (found.text, found.value, found.unit) == (written, Decimal(value), COUNT)


PIECES = st.sampled_from(
    [
        *"0 7 12 350 2026 1,234 3.5 % $ ₩ 만 억 조 천 백 십 원 달러 명 여 년 월 일 제 세 번째 다섯".split(),
        *"~ - . , : / 원을 million hundred and a half May march 5th won percent １ ２ ， ．".split(),
        *(" ", "  ", "\n", "é", "가", "𝟙", "\u0661"),
    ]
)


@given(st.lists(PIECES, max_size=30).map("".join))
@settings(max_examples=500)
def test_positions_are_exact_in_order_and_never_overlap(text: str) -> None:
    found = find_quantities(text)
    assert all(quantity.span.of(text) == quantity.text != "" for quantity in found)
    assert all(a.span.end <= b.span.start for a, b in pairwise(found))


@given(st.lists(PIECES, max_size=20).map("".join))
def test_every_text_supports_its_own_numbers(text: str) -> None:
    assert unsupported_quantities(text, [text]) == []


@given(st.lists(PIECES, max_size=20).map("".join))
def test_every_digit_belongs_to_a_number_or_says_nothing(text: str) -> None:
    covered = {i for quantity in find_quantities(text) for i in range(quantity.span.start, quantity.span.end)}
    left = "".join(" " if i in covered else character for i, character in enumerate(text))
    assert set("123456789").isdisjoint(left)


@pytest.mark.parametrize(
    "piece",
    ["1", "가", "1만", "1 ", "1,", "1,000", "1조", "1 억", "천", " ", "two hundred and ", "10:00 ", "1~"],
)
def test_reading_time_grows_no_faster_than_the_text(piece: str) -> None:
    text = piece * (100_000 // len(piece))
    find_quantities(text[:1000])
    began = time.perf_counter()
    find_quantities(text)
    assert time.perf_counter() - began < 5  # measured 0.02 to 1 s on 2 cores; squared it would be minutes


@pytest.mark.parametrize("piece", ["1", "가", "일"])
def test_a_million_characters_of_one_kind_are_read(piece: str) -> None:
    found = find_quantities(piece * 1_000_000)
    assert len(found) == (1 if piece == "1" else 0)


def test_very_long_numbers_are_equal_to_themselves_only() -> None:
    long, other = "1" * 1_000_001 + "2", "1" * 1_000_001 + "3"
    assert unsupported_quantities(long, [long]) == []
    assert unsupported_quantities(long, [other])


# Support


@pytest.mark.parametrize(
    ("statement", "quote"),
    [
        ("It cost 35 billion won.", "350억 원이 들었다."),
        ("It cost 35,000,000,000 won.", "350억 원이 들었다."),
        ("350억 원이 들었다.", "It cost 35 billion won."),
        ("약 350억원", "350억여 원"),
        ("The fund holds 188.18 billion won.", "기금은 1천881억8천만원이다."),
        ("On January 29, 2026", "2026. 1. 29."),
        ("2026년 1월 29일", "2026-01-29"),
        ("at 10:00", "오전 10시"),
        ("the third branch", "세 번째 분관"),
        ("five places", "다섯 곳"),
        ("two companies", "두 회사"),
        ("41 percent", "41%"),
        ("1 million dollars", "백만 달러"),
        ("100 to 200 million won", "1~2억 원"),
        ("Around 300", "300여명"),
        ("In 2026", "2026년"),
        ("in the second half of 2026", "2026년 하반기"),
        ("It is one of the first.", "처음이다."),
        ("하나의 도시, 한 명", "도시"),
        ("No numbers here.", ""),
    ],
)
def test_a_number_that_the_quote_holds_in_another_form_is_supported(statement: str, quote: str) -> None:
    assert unsupported_quantities(statement, [quote]) == []


@pytest.mark.parametrize(
    ("statement", "quote", "unsupported"),
    [
        ("It cost 350 billion won.", "350억 원", ["350 billion"]),
        ("It cost 35 million won.", "350억 원", ["35 million"]),
        ("350억 달러", "350억 원", ["350억"]),
        ("41%", "41명", ["41"]),
        ("41명", "41%", ["41"]),
        ("2026년 2월", "2026년 1월 2일", ["2"]),
        ("백만 달러", "천만 달러", ["백만"]),
        ("a million won", "십만 원", ["a million"]),
        ("세 곳과 네 곳", "세 곳", ["네"]),
        ("35,000 and 36,000", "3만5000명", ["36,000"]),
        ("1.5%", "15%", ["1.5"]),
        ("예산은 7억 원이다.", "예산은 나중에 정한다.", ["7억"]),
    ],
)
def test_a_number_with_another_value_or_unit_is_not_supported(
    statement: str, quote: str, unsupported: list[str]
) -> None:
    assert [quantity.text for quantity in unsupported_quantities(statement, [quote])] == unsupported


def test_each_number_may_stand_in_another_quote() -> None:
    assert unsupported_quantities("3곳에 7억 원", ["3곳이다.", "7억 원이다."]) == []
    assert len(unsupported_quantities("3곳에 7억 원", [])) == 2


# English forms


@pytest.mark.parametrize(
    ("text", "glossed"),
    [
        ("예산은 350억 원이다.", "예산은 350억 원(= 35 billion won)이다."),
        ("약 1천881억8천만원이다", "약 1천881억8천만원(= 188.18 billion won)이다"),
        ("1억4천만 달러와 3만5000명", "1억4천만 달러(= 140 million dollars)와 3만5000명(= 35,000)"),
        ("1천200여 명이", "1천200여 명(= 1,200)이"),
        ("백만 달러를", "백만 달러(= 1 million dollars)를"),
        ("1억2345만6789원", "1억2345만6789원(= 123,456,789 won)"),
        ("1.5억 원", "1.5억 원(= 150 million won)"),
        ("15.5만 원", "15.5만 원(= 155,000 won)"),
        ("2026년 80여 명, 42.3%, 5,000원", "2026년 80여 명, 42.3%, 5,000원"),
        ("숫자가 없다", "숫자가 없다"),
        ("", ""),
    ],
)
def test_large_korean_amounts_are_followed_by_their_english_form(text: str, glossed: str) -> None:
    assert gloss_in_english(text) == glossed


@given(st.integers(10_000, 10**19), st.booleans())
def test_the_english_form_has_the_same_value(value: int, with_units: bool) -> None:
    written = in_korean(value, with_units=with_units, with_spaces=False, with_commas=False)
    glossed = gloss_in_english(f"{written}원")
    if "(=" in glossed:
        english = glossed[glossed.index("(= ") + 3 : -1]
        assert [(q.value, q.unit) for q in find_quantities(english)] == [(Decimal(value), WON)]
