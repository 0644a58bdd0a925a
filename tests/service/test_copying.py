import unicodedata

import pytest

from service.copying import CopyConstraint

SOURCE = "팁스 운영사 누리벤처는 도담동에 사무소를 열었다."


@pytest.fixture
def constraint() -> CopyConstraint:
    return CopyConstraint([SOURCE])


@pytest.mark.parametrize(
    "written",
    [
        "",
        "팁스",
        "팁스는 도담동의 운영사입니다",
        "누리벤처가",
        "도담동에",
        "사무소",
    ],
)
def test_words_of_the_sources_are_allowed_with_any_ending(constraint: CopyConstraint, written: str) -> None:
    assert constraint.allows(written)


@pytest.mark.parametrize(
    "written", ["패스", "팁수", "도단동에", "누빗벤처", "팁스 운용사", "“패스”", "(패스", "누리ven"]
)
def test_misspelt_word_is_not_allowed(constraint: CopyConstraint, written: str) -> None:
    assert not constraint.allows(written)


def test_earlier_word_is_looked_at_too(constraint: CopyConstraint) -> None:
    assert not constraint.allows("패스 팁스")


def test_first_syllable_of_a_word_may_still_become_one(constraint: CopyConstraint) -> None:
    assert constraint.allows("팁")
    assert not constraint.allows("쿵")


def test_word_may_begin_inside_a_word_of_the_sources(constraint: CopyConstraint) -> None:
    assert constraint.allows("벤처")


def test_words_joined_in_writing_are_allowed(constraint: CopyConstraint) -> None:
    # The source has "팁스 운영사": written together, 스운 is a pair of its syllables.
    assert constraint.allows("스운")


@pytest.mark.parametrize("written", ["그는 밝혔다", "총 및 약", "다른 세 곳은", "했습니다", "이다"])
def test_words_that_hold_a_sentence_together_are_always_allowed(
    constraint: CopyConstraint, written: str
) -> None:
    assert constraint.allows(written)


def test_any_ending_may_follow_a_stem_of_one_syllable(constraint: CopyConstraint) -> None:
    assert constraint.allows("했더라면")


def test_word_that_stands_alone_may_carry_a_particle_and_nothing_else(constraint: CopyConstraint) -> None:
    assert constraint.allows("곳은")
    assert not constraint.allows("곳간")


@pytest.mark.parametrize("written", ["2031년입니다", "99퍼센트", "3쌍", "AI는", "Garam쿵"])
def test_what_hangs_on_a_number_or_a_latin_word_is_free(constraint: CopyConstraint, written: str) -> None:
    assert constraint.allows(written)


def test_chinese_letters_have_to_be_in_the_sources() -> None:
    constraint = CopyConstraint(["대한민국(大韓民國)"])
    assert constraint.allows("大韓")
    assert not constraint.allows("大中")


def test_decomposed_sources_are_composed() -> None:
    assert CopyConstraint([unicodedata.normalize("NFD", "팁스")]).allows("팁스")


def test_every_source_counts() -> None:
    constraint = CopyConstraint(["가람", "나래"])
    assert constraint.allows("나래 가람")


def test_without_sources_only_the_words_of_every_sentence_are_left() -> None:
    assert CopyConstraint([]).allows("모두 있습니다")
    assert not CopyConstraint([]).allows("가람")
