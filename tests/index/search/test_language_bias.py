import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from index.search.language_bias import LanguageGap, is_korean, language_gap

KOREAN, ENGLISH = ["예산", "전시회"], ["budget", "fair"]
MEANING, LANGUAGE = np.eye(2, dtype=np.float16)


def vectors(*given: NDArray[np.float16]) -> dict[int, NDArray[np.float16]]:
    return dict(enumerate(given))


@pytest.mark.parametrize(
    "text",
    [
        "대구시는 올해 예산을 350억 원으로 정했다.",
        "CES 2026 대구 공동관에 Enercamp가 참가했다",
        "서울",
        "AI 예산",
    ],
)
def test_korean_with_foreign_names_is_korean(text: str) -> None:
    assert is_korean(text)


@pytest.mark.parametrize(
    "text", ["The budget (예산) of Daegu is KRW 35 billion.", "2026-01-29 10:00", "Enercamp", "", "!?"]
)
def test_everything_else_is_not(text: str) -> None:
    assert not is_korean(text)


@pytest.mark.parametrize("words", [KOREAN, ENGLISH])
def test_passages_of_one_language_owe_nothing(words: list[str]) -> None:
    gap = language_gap(vectors(MEANING, LANGUAGE), {0: words, 1: words})
    assert gap.direction is None
    assert gap.owed(MEANING.astype(np.float32)) == 0.0


def test_empty_store_has_no_gap() -> None:
    assert language_gap({}, {}).direction is None


def test_what_english_passages_are_nearer_by_is_what_they_owe() -> None:
    # both languages say the same two things; the English passages have 0.5 of the language beside them
    korean = [MEANING, -MEANING] * 50
    english = [np.asarray(vector + LANGUAGE / 2, np.float16) for vector in korean]
    words = {i: KOREAN if i < 100 else ENGLISH for i in range(200)}
    gap = language_gap(vectors(*korean, *english), words)
    assert gap.owed(LANGUAGE.astype(np.float32)) == pytest.approx(0.5, abs=0.01)
    assert gap.owed(MEANING.astype(np.float32)) == pytest.approx(0.0, abs=0.01)


@given(st.integers(1, 40), st.integers(1, 40))
def test_the_fewer_passages_a_language_has_the_less_counts(n_korean: int, n_english: int) -> None:
    words = {i: KOREAN if i < n_korean else ENGLISH for i in range(n_korean + n_english)}
    gap = language_gap(vectors(*[MEANING] * n_korean, *[LANGUAGE] * n_english), words)
    fewer = min(n_korean, n_english)
    assert gap.owed(LANGUAGE.astype(np.float32)) == pytest.approx(fewer / (fewer + 1))


def test_gap_counts_the_other_way_for_a_korean_question() -> None:
    gap = LanguageGap((LANGUAGE - MEANING).astype(np.float32))
    assert gap.owed(MEANING.astype(np.float32)) == -1.0
