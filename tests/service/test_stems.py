"""By which letters a word is known."""

import pytest

from service.stems import stem


@pytest.mark.parametrize(
    ("one", "other"),
    [("도서관에서는", "도서관"), ("선정된", "선정하였다"), ("Selected", "selection"), ("공", "공")],
)
def test_forms_of_a_word_are_known_by_the_same_letters(one: str, other: str) -> None:
    assert stem(one) == stem(other)


def test_other_words_are_not() -> None:
    assert len({stem(word) for word in ("도서관", "도시", "county", "library", "은", "")}) == 6
