from hypothesis import given
from hypothesis import strategies as st

from service.select import choose_sentences
from tests.service.made import make_hit


def count_words(text: str) -> int:
    return len(text.split())


def test_no_hits_give_no_sentences() -> None:
    assert choose_sentences([], count_words) == []


def test_all_sentences_are_chosen_when_the_budget_holds_them() -> None:
    chosen = choose_sentences([make_hit("하나다.", "둘이다.", "셋이다.")], count_words, token_budget=300)
    assert [sentence.text for sentence in chosen] == ["하나다.", "둘이다.", "셋이다."]


def test_the_best_sentence_is_chosen_even_when_it_is_longer_than_the_budget() -> None:
    long = "낱말 " * 99 + "끝."
    chosen = choose_sentences([make_hit("짧다.", long, scores=(0.1, 0.9))], count_words, token_budget=20)
    assert chosen[0].text == long


def test_a_small_budget_keeps_the_sentences_nearest_to_the_question() -> None:
    texts = tuple(f"문장 번호 {n} 이다." for n in range(9))
    hit = make_hit(*texts, scores=(0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.9, 0.1, 0.1))
    chosen = choose_sentences([hit], count_words, token_budget=24)
    assert texts[6] in [sentence.text for sentence in chosen]
    assert len(chosen) == 3


def test_sentences_of_one_passage_stay_in_text_order() -> None:
    hit = make_hit("가다.", "나다.", "다다.", scores=(0.1, 0.9, 0.5))
    chosen = choose_sentences([hit], count_words)
    assert [s.span for s in chosen] == sorted(s.span for s in chosen)


def test_the_same_sentence_in_two_documents_is_chosen_once() -> None:
    hits = [make_hit("같은 말이다."), make_hit("같은  말이다!", passage_id=2, document_id="d2")]
    assert len(choose_sentences(hits, count_words)) == 1


def test_a_sentence_without_letters_is_left_out() -> None:
    assert [s.text for s in choose_sentences([make_hit("◇ ※", "글이다.")], count_words)] == ["글이다."]


def test_a_sentence_that_gives_what_is_asked_for_goes_before_others() -> None:
    texts = ("예산은 시에서 받았다.", "예산은 넉넉하다고 한다.", "예산은 7억 원이다.")
    hit = make_hit(*texts, scores=(0.5, 0.3, 0.48))

    def gives_money(text: str) -> float:
        return float("원이" in text)

    (plain,) = choose_sentences([hit], count_words, token_budget=8)
    (fitting,) = choose_sentences([hit], count_words, token_budget=8, fit=gives_money)
    assert (plain.text, fitting.text) == (texts[0], texts[2])


@given(
    st.lists(st.lists(st.tuples(st.text(min_size=1), st.floats(-1, 1)), max_size=6), max_size=5),
    st.integers(1, 100),
)
def test_chosen_sentences_are_exact_spans_of_their_passage_and_fit_the_budget(
    passages: list[list[tuple[str, float]]], budget: int
) -> None:
    hits = [
        make_hit(
            *(text for text, _ in sentences),
            passage_id=n,
            scores=tuple(score for _, score in sentences),
            score=float(n),
            start=5 * n,
        )
        for n, sentences in enumerate(passages)
    ]
    chosen = choose_sentences(hits, count_words, token_budget=budget)
    for sentence in chosen:
        start = sentence.hit.span.start
        assert sentence.hit.text[sentence.span.start - start : sentence.span.end - start] == sentence.text
    assert len(chosen) <= 1 or sum(count_words(sentence.text) for sentence in chosen) <= budget
