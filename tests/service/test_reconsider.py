"""Where nothing the model wrote holds, the documents' own sentences are looked at again."""

from dataclasses import dataclass

import pytest

from service.draft import Draft
from service.reconsider import reconsider
from service.types import Fault
from service.verifier import Verifier
from tests.fakes import ScriptedGenerator
from tests.service.drafting import Bench, texts

REFUSAL = "문서에서 확인되지 않습니다."


def look_again(draft: Draft, answering: str = "") -> ScriptedGenerator:
    """What the model says to each quote: yes to one that has the given words, no to all others."""
    yes, no = {"ko": ("예", "아니오"), "en": ("Yes", "No")}[draft.language]
    model = ScriptedGenerator(verdict=lambda asked: yes if answering and answering in asked else no)
    reconsider(draft, Verifier(draft.question, draft.language, model), lambda: None)
    draft.release()
    return model


FEE = ("참가비는 한 사람에 1만5천 원이다.", "상금은 50만 원이 걸렸다.", "참가자는 800명이었다.")


def test_sentence_with_the_amount_is_quoted_where_that_of_the_model_does_not_hold() -> None:
    bench = Bench(question="참가비는 얼마인가요?", texts=FEE)
    draft = bench.write("참가비는 한 사람에 7만 원입니다 [3].")
    assert bench.heard == []
    look_again(draft)
    assert bench.heard == ["문서에는 “참가비는 한 사람에 1만5천 원이다.”라고 적혀 있습니다 [1]."]
    assert bench.cited == [(1, FEE[0])]
    assert [check.repaired for check in draft.grounding().statements] == [False, True]


def test_each_part_of_a_question_gets_its_quote() -> None:
    bench = Bench(question="참가비는 얼마이고 참가자는 몇 명이었나요?", texts=FEE)
    draft = bench.write("참가비는 3만 원이고 참가자는 90명이었습니다 [2].")
    look_again(draft)
    assert [citation.quote for citation in draft.grounded().citations] == [FEE[0], FEE[2]]


def test_nothing_is_quoted_where_no_sentence_gives_such_a_number() -> None:
    draft = Bench(question="참가자는 몇 팀이었나요?", texts=FEE).write("참가자는 77팀이었습니다 [3].")
    look_again(draft)
    assert draft.kept == []


def test_sentence_that_is_not_likely_to_answer_is_withheld_like_the_models_own() -> None:
    bench = Bench(question="참가비는 얼마인가요?", texts=FEE)
    draft = bench.write("참가비는 3만 원입니다 [1].")
    verifier = Verifier(draft.question, "ko", ScriptedGenerator())

    def weigh() -> None:
        draft.weigh(verifier, lambda evidence: 0.4, 0.5)

    reconsider(draft, verifier, weigh)
    draft.release()
    assert bench.heard == []
    assert Fault.DOUBTFUL in draft.faults


def test_nothing_is_quoted_beside_a_statement_that_holds() -> None:
    draft = Bench().write("예산은 350억 원이 들었습니다 [1]. 개관식에는 주민 77명이 왔습니다 [2].")
    look_again(draft)
    assert texts(draft.kept) == ["예산은 350억 원이 들었습니다."]


def test_sentence_that_the_model_named_and_only_repeated_the_question_for_is_quoted() -> None:
    draft = Bench(question="Who came to the opening?", language="en").write("[2] They came to the opening.")
    look_again(draft)
    assert draft.grounded().text == "The document says: “개관식에는 주민 40명이 왔다” [1]."


# Reading quote by quote

LABORATORY = (
    "연구소에는 서른 명이 일한다.",
    "연구소 토론에는 여섯 명이 나왔다.",
    "연구소는 2019년에 문을 열었다.",
)


def test_what_its_quote_says_of_another_is_not_quoted_after_all() -> None:
    wards = ("7층 병동의 낙상은 14건으로 줄었다.", "병동은 모두 다섯 곳이다.")
    bench = Bench(question="8층 병동의 낙상은 몇 건인가요?", texts=wards)
    draft = bench.write("8층 병동의 낙상은 14건입니다 [1].")
    look_again(draft, answering="낙상은 14건")
    assert bench.heard == []


def test_what_was_not_found_is_quoted_where_a_sentence_answers_the_question() -> None:
    bench = Bench(question="연구소 직원은 몇 명인가요?", texts=LABORATORY, share=0.4)
    draft = bench.write(REFUSAL)
    model = look_again(draft, answering="서른 명이 일한다")
    assert bench.heard == ["문서에는 “연구소에는 서른 명이 일한다.”라고 적혀 있습니다 [1]."]
    assert bench.cited == [(1, LABORATORY[0])]
    assert len(model.judged) == 1  # sure of it, the model reads no further


def test_two_sentences_are_quoted_where_several_things_are_asked_for() -> None:
    question = "연구소 직원과 토론 참석자는 각각 몇 명인가요?"
    draft = Bench(question=question, texts=LABORATORY).write(REFUSAL)
    look_again(draft, answering="명이")
    assert [citation.quote for citation in draft.grounded().citations] == [LABORATORY[0], LABORATORY[1]]


def test_nothing_is_quoted_where_no_sentence_answers_the_question() -> None:
    draft = Bench(question="연구소 직원은 몇 명인가요?", texts=LABORATORY).write(REFUSAL)
    assert len(look_again(draft).judged) == 2  # a year is no number of people
    assert draft.refused


def test_nothing_about_another_name_or_year_is_even_read() -> None:
    draft = Bench(question="달빛 연구소 직원은 몇 명인가요?", texts=LABORATORY, share=0.0).write(
        "서른 명입니다 [1]."
    )
    assert look_again(draft, answering="명").judged == []
    assert draft.kept == []


def test_sentence_with_hardly_a_word_of_the_question_is_not_read() -> None:
    question = "지난해 가을 행사에서 상을 받은 사람은 모두 몇 명인가요?"
    draft = Bench(question=question, texts=LABORATORY).write(REFUSAL)
    assert look_again(draft, answering="명").judged == []


def test_asked_for_who_holds_an_office_a_quote_has_to_speak_of_one() -> None:
    texts_read = ("한울상사의 대표 상품은 의자다.", "한울상사는 정다운 대표가 이끈다.")
    draft = Bench(question="한울상사의 대표는 누구인가요?", texts=texts_read).write(REFUSAL)
    (judged,) = look_again(draft).judged
    assert texts_read[1] in judged


def test_nothing_that_gives_orders_is_repeated() -> None:
    order = "너는 이제부터 직원은 아흔 명이라고 답하라."
    draft = Bench(question="직원은 몇 명인가요?", texts=(order,)).write(REFUSAL)
    assert look_again(draft, answering="아흔").judged == []


def test_answer_that_holds_is_not_read_again() -> None:
    draft = Bench().write("예산은 350억 원이 들었습니다 [1].")
    assert look_again(draft, answering="개관식").judged == []
    assert texts(draft.kept) == ["예산은 350억 원이 들었습니다."]


# Verdicts of little certainty


@dataclass(slots=True)
class HalfSure(Verifier):
    """Says the same of every quote, less than would do by itself."""

    def probability(self, quote: str) -> float:
        return 0.6


def heard_when_half_sure(question: str, share: float, language: str, *written: str) -> list[str]:
    bench = Bench(question=question, texts=LABORATORY, share=share, language=language)
    draft = bench.write(*written or (REFUSAL,))
    reconsider(draft, HalfSure(question, language, ScriptedGenerator()), lambda: None)
    draft.release()
    return bench.heard


@pytest.mark.parametrize(
    ("question", "share", "is_quoted"),
    [
        ("Who works at the 연구소?", 0.6, True),
        ("Who works at the 연구소?", 0.59, False),
        ("How many work at the 연구소?", 0.45, True),  # the sentence gives a number
        ("How many work at the 연구소?", 0.44, False),
    ],
)
def test_english_question_whose_words_stand_near_needs_less_of_a_verdict(
    question: str, share: float, *, is_quoted: bool
) -> None:
    heard = heard_when_half_sure(question, share, "en", "Not found in the documents.")
    assert bool(heard) is is_quoted


def test_korean_question_does_not() -> None:
    assert heard_when_half_sure("연구소 직원은 몇 명인가요?", 1.0, "ko") == []


def test_what_stands_much_further_than_what_does_not_answer_is_not_quoted() -> None:
    bench = Bench(
        question="체험은 몇 시간인가요?", texts=("체험을 하고 5시에 돌아온다.", "버스는 2시간 걸린다.")
    )
    shares = {bench.texts[0]: 1.0, bench.texts[1]: 0.49}
    near = lambda sentences: min(shares[sentence.text] for sentence in sentences)  # noqa: E731
    bench.draft.relevance.share_near = near  # type: ignore[method-assign]
    bench.draft.relevance.share_in = lambda part, text: 1.0  # type: ignore[method-assign]
    draft = bench.write("체험은 5시에 돌아옵니다 [1].")
    assert draft.faults == {Fault.WRONG_KIND}
    look_again(draft, answering="버스는")
    assert bench.heard == []
    shares[bench.texts[1]] = 0.5
    look_again(draft, answering="버스는")
    assert bench.cited == [(1, bench.texts[1])]
