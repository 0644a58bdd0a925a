import numpy as np
import pytest

from eval.metrics.overlap import (
    best_of,
    char_f1,
    cosine,
    exact_match,
    normalise_korquad,
    normalise_squad,
    rouge_l,
    without_markers,
    word_f1,
)
from index.search.keyword_index import MorphemeAnalyzer


def test_markers_are_taken_out_with_the_space_before_them() -> None:
    assert without_markers("350억 원입니다 [1][2]. 대구입니다 [3, 4].") == "350억 원입니다. 대구입니다."


def test_korquad_makes_spaces_of_brackets_and_quotation_marks_and_keeps_articles() -> None:
    assert normalise_korquad("《The  책》(A), '제2권'-끝.") == "the 책 a 제2권 끝"


def test_squad_takes_out_articles_and_punctuation() -> None:
    assert normalise_squad("The cat's  toy, an (old) ball.") == "cats toy old ball"


def test_squad_keeps_letters_that_only_look_like_an_article() -> None:
    assert normalise_squad("banana theatre") == "banana theatre"


def test_exact_match_is_blind_to_case_brackets_and_full_stops() -> None:
    assert exact_match("〈Star Forum〉.", "star forum") == 1.0
    assert exact_match("스타 포럼", "스타포럼") == 0.0


def test_char_f1_counts_repeated_characters_and_no_spaces() -> None:
    # 가나다 against 가 가 다: common are 가 and 다, 2 of 3 on both sides.
    assert char_f1("가나다", "가 가 다") == pytest.approx(2 / 3)


def test_char_f1_weighs_precision_and_recall_alike() -> None:
    # 350억원입니다 (8) against 350억원 (5): 2 * 5 / 13.
    assert char_f1("350억 원입니다.", "350억 원") == pytest.approx(10 / 13)


def test_word_f1_counts_words_between_spaces() -> None:
    # old red ball (3) against red ball game (3): 2 common.
    assert word_f1("the old red ball", "A red ball game") == pytest.approx(2 / 3)


@pytest.mark.parametrize("measure", [char_f1, word_f1])
def test_an_empty_answer_shares_nothing(measure: object) -> None:
    assert callable(measure)
    assert measure("", "350억 원") == 0.0


def test_rouge_l_follows_the_order_of_words() -> None:
    # Longest common subsequence of (a b c d) and (b a c d) is 3 long: 2 * 3 / 8.
    assert rouge_l(["a", "b", "c", "d"], ["b", "a", "c", "d"]) == 0.75


def test_rouge_l_of_hangul_is_not_zero() -> None:
    # 예산 350 억 원 on both sides, particles and endings left out by the analysis, and 모두 and 총 with them.
    words = MorphemeAnalyzer().words
    assert rouge_l(words("예산은 모두 350억 원입니다."), words("총예산은 350억 원이다.")) == 1.0


def test_rouge_l_without_words_is_zero() -> None:
    assert rouge_l([], ["a"]) == 0.0


def test_the_best_reference_counts() -> None:
    assert best_of(exact_match, "대구", ["울산", "대구"]) == 1.0


def test_cosine_does_not_depend_on_length() -> None:
    assert cosine(np.array([3.0, 4.0]), np.array([8.0, 6.0])) == pytest.approx(24 / 25)
    assert cosine(np.zeros(2), np.array([1.0, 0.0])) == 0.0
