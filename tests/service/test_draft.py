"""Statements are settled one by one while the model writes."""

import pytest

from service.draft import Draft
from service.types import Evidence, Fault
from service.verifier import Verifier
from tests.service.drafting import TEXTS, Bench, texts
from tests.service.made import make_sentences


def test_statement_that_holds_is_kept_with_its_citation() -> None:
    grounded = Bench().write("예산은 350억 원이 들었습니다 [1].").grounded()
    assert grounded.text == "예산은 350억 원이 들었습니다 [1]."
    assert [citation.quote for citation in grounded.citations] == [TEXTS[0]]


def test_statement_with_an_unbacked_number_is_withheld() -> None:
    bench = Bench()
    draft = bench.write("예산은 990억 원이 들었습니다 [1].")
    assert (texts(draft.kept), texts(draft.withheld)) == ([], ["예산은 990억 원이 들었습니다."])
    assert bench.heard == []
    assert not draft.refused


def test_statements_are_settled_each_for_itself() -> None:
    draft = Bench().write("예산은 350억 원이 들었습니다 [1]. 개관식에는 주민 77명이 왔습니다 [2].")
    assert texts(draft.kept) == ["예산은 350억 원이 들었습니다."]
    assert texts(draft.withheld) == ["개관식에는 주민 77명이 왔습니다."]


def test_statements_are_told_one_by_one_when_they_are_released() -> None:
    bench = Bench()
    bench.draft.take("예산은 350억 원이 들었습니다 [1]. 개관식에는 주민 40명이 왔습니다 [2].")
    bench.draft.finish()
    assert bench.heard == []  # it is not weighed yet
    bench.draft.release()
    assert bench.heard == ["예산은 350억 원이 들었습니다 [1].", " 개관식에는 주민 40명이 왔습니다 [2]."]


def test_what_is_told_is_the_answer() -> None:
    bench = Bench()
    text = "예산은 350억 원이 들었습니다 [1]. 예산은 77억 원입니다 [1]. 개관식에는 주민 40명이 왔습니다 [2]."
    draft = bench.write(*text)
    assert "".join(bench.heard) == draft.grounded().text
    assert "77억" not in draft.grounded().text


def test_each_citation_is_told_once() -> None:
    bench = Bench()
    bench.write(
        "개관식에는 주민 40명이 왔습니다 [2]. 예산은 350억 원이 들었습니다 [1]. 주민은 40명입니다 [2]."
    )
    assert bench.cited == [(1, TEXTS[1]), (2, TEXTS[0])]


def test_pieces_do_not_matter() -> None:
    text = "예산은 350억 원이 들었습니다 [1]. 개관식에는 주민 40명이 왔습니다 [2]."
    assert Bench().write(*text).grounded() == Bench().write(text).grounded()


def test_progress_is_told_of_every_piece() -> None:
    bench = Bench()
    bench.write("예산은", " 990억", " 원입니다.")
    assert bench.n_progress == 3


def test_refusal_is_neither_kept_nor_withheld() -> None:
    draft = Bench().write("문서에서 확인되지 않습니다.")
    assert draft.refused
    assert draft.grounded().text == ""


def test_nothing_written_is_a_refusal() -> None:
    assert Bench().write().refused


def test_refusal_beside_a_statement_leaves_the_statement() -> None:
    draft = Bench().write("예산은 350억 원이 들었습니다 [1]. 문서에서 확인되지 않습니다.")
    assert texts(draft.kept) == ["예산은 350억 원이 들었습니다."]
    assert not draft.refused


def test_statement_beside_the_question_is_withheld() -> None:
    assert texts(Bench(share=0.49).write("예산은 350억 원이 들었습니다 [1].").withheld) == [
        "예산은 350억 원이 들었습니다."
    ]
    assert texts(Bench(share=0.5).write("예산은 350억 원이 들었습니다 [1].").kept) == [
        "예산은 350억 원이 들었습니다."
    ]


def test_first_statement_has_to_give_what_alone_was_asked_for() -> None:
    draft = Bench(question="개관식에는 몇 명이 왔나요?").write("개관식에는 주민이 왔습니다 [2].")
    assert texts(draft.withheld) == ["개관식에는 주민이 왔습니다."]


def test_later_statement_need_not_give_it() -> None:
    draft = Bench(question="예산은 얼마인가요?").write(
        "예산은 350억 원이 들었습니다 [1]. 개관식에는 주민이 왔습니다 [2]."
    )
    assert len(draft.kept) == 2


def test_first_statement_may_leave_out_what_is_asked_for_among_others() -> None:
    draft = Bench(question="개관식에는 누가, 몇 명이 왔나요?").write("개관식에는 주민이 왔습니다 [2].")
    assert texts(draft.kept) == ["개관식에는 주민이 왔습니다."]


def test_grounding_counts_what_was_withheld() -> None:
    draft = Bench().write("예산은 350억 원이 들었습니다 [1]. 개관식에는 주민 77명이 왔습니다 [2].")
    grounding = draft.grounding()
    assert (grounding.sentences, grounding.supported_sentences) == (2, 1)
    assert grounding.unsupported_numbers == ("77",)
    assert draft.grounded().grounding.sentences == 1


def test_grounding_says_of_each_statement_what_was_checked_and_why_it_was_withheld() -> None:
    draft = Bench(share=0.75).write("예산은 350억 원이 들었습니다 [1]. 개관식에는 주민 77명이 왔습니다 [2].")
    kept, withheld = draft.grounding().statements
    assert (kept.text, kept.markers, kept.faults) == ("예산은 350억 원이 들었습니다.", (1,), ())
    assert (kept.numbers, kept.relevance) == (("350억",), 0.75)
    assert (withheld.kept, withheld.faults) == (False, (Fault.UNSUPPORTED_NUMBER,))
    assert (withheld.markers, withheld.unsupported_numbers) == ((), ("77",))


@pytest.mark.parametrize("written", ["[1]", "[1][2]", "[1] .", "[1] …"])
def test_sentence_that_is_named_and_not_used_is_no_answer(written: str) -> None:
    bench = Bench()
    assert bench.write(written).kept == []
    assert bench.heard == []


def test_statement_about_something_else_is_said_to_be_off_topic() -> None:
    (check,) = Bench(share=0.25).write("예산은 350억 원이 들었습니다 [1].").grounding().statements
    assert (check.faults, check.relevance) == ((Fault.OFF_TOPIC,), 0.25)


def test_statement_without_what_is_asked_for_is_said_to_be_of_the_wrong_kind() -> None:
    draft = Bench(question="예산은 얼마인가요?").write("개관식에는 주민이 왔습니다 [2].")
    assert draft.grounding().statements[0].faults == (Fault.WRONG_KIND,)


@pytest.mark.parametrize(
    ("quote", "answer", "is_kept"),
    [
        ("정다운 시장이 개관식에 왔다.", "시장은 정다운 시장입니다 [3].", True),
        ("한울상사가 국내 시장에 나섰다.", "시장은 한울상사입니다 [3].", False),
    ],
)
def test_asked_for_the_mayor_a_quote_has_to_speak_of_one(quote: str, answer: str, is_kept: bool) -> None:
    bench = Bench(question="나래시의 시장은 누구인가요?", texts=(*TEXTS, quote))
    assert bool(bench.write(answer).kept) is is_kept


def test_later_statement_that_says_no_more_than_the_question_is_withheld() -> None:
    bench = Bench(question="도서관 예산은 얼마인가요? 분관은요?")
    draft = bench.write("예산은 350억 원이 들었습니다 [1]. 분관은입니다 [2].")
    assert texts(draft.kept) == ["예산은 350억 원이 들었습니다."]


# Weighing


BUDGET = "예산은 350억 원이 들었습니다 [1]."


class FixedVerifier(Verifier):
    """Says the same of every answer and of all quotes."""

    def __init__(self) -> None:
        self.judged: list[tuple[str, str]] = []

    def backs(self, answer: str, quotes: str) -> float:
        self.judged.append((answer, quotes))
        return 2.0

    def answers(self, quotes: str) -> float:
        return 1.0


def weigh(draft: Draft, likely: float, least: float = 0.5) -> list[tuple[str, str]]:
    """Weighs a draft that is said to be so likely right; the answers and quotes that were judged."""
    verifier = FixedVerifier()
    draft.weigh(verifier, lambda evidence: likely, least)
    return verifier.judged


def test_what_is_likely_is_kept() -> None:
    draft = Bench().write(BUDGET)
    assert weigh(draft, 0.5) == [("예산은 350억 원이 들었습니다.", TEXTS[0])]
    assert (texts(draft.kept), draft.confidence) == (["예산은 350억 원이 들었습니다."], 0.5)


def test_what_is_not_is_withheld_as_doubtful() -> None:
    draft = Bench().write(BUDGET)
    weigh(draft, 0.49)
    assert draft.kept == []
    assert draft.faults == {Fault.DOUBTFUL}
    assert draft.confidence == 0.0


def test_statements_that_hold_are_weighed_as_one_answer_without_those_that_do_not() -> None:
    draft = Bench().write(f"{BUDGET} 개관식에는 주민 40명이 왔습니다 [2]. 예산은 9억 원입니다 [1].")
    (judged,) = weigh(draft, 0.9)
    assert judged == ("예산은 350억 원이 들었습니다. 개관식에는 주민 40명이 왔습니다.", " ".join(TEXTS))
    assert len(draft.kept) == 2


@pytest.mark.parametrize(("likely", "is_kept"), [(0.5, True), (0.49, False)])
def test_statement_with_few_words_of_the_question_is_taken_back_where_it_is_likely(
    likely: float, *, is_kept: bool
) -> None:
    draft = Bench(share=0.3).write(BUDGET)
    assert weigh(draft, likely)
    assert bool(draft.kept) is is_kept
    assert draft.faults == (set() if is_kept else {Fault.OFF_TOPIC})


def test_statement_about_another_year_is_not_even_weighed() -> None:
    assert weigh(Bench(share=0.0).write(BUDGET), 1.0) == []


def test_grounding_says_what_an_answer_was_weighed_by() -> None:
    draft = Bench(share=0.75).write(BUDGET)
    assert draft.grounding().evidence is None
    weigh(draft, 0.9)
    assert draft.grounding().evidence == Evidence(backing=2.0, around=0.75, near=0.75)


@pytest.mark.parametrize(("likely", "is_uncertain"), [(0.99, False), (0.5, True)])
def test_what_is_hardly_likely_is_uncertain(likely: float, *, is_uncertain: bool) -> None:
    draft = Bench().write(BUDGET)
    weigh(draft, likely)
    assert draft.is_uncertain is is_uncertain


def test_what_leaves_out_a_number_is_uncertain() -> None:
    draft = Bench(question="예산은 누가 냈고 얼마인가요?").write("개관식에는 주민이 왔습니다 [2].")
    weigh(draft, 0.99)
    assert draft.is_uncertain


def test_what_was_added_after_the_weighing_is_uncertain() -> None:
    draft = Bench().write(BUDGET)
    weigh(draft, 0.99)
    draft.quote(draft.reading.evidence[1])
    assert draft.is_uncertain


OPENED = "개관식에는 주민 40명이 왔습니다 [2]."


def test_what_was_written_gives_way_to_what_the_documents_say() -> None:
    bench = Bench()
    bench.draft.take(f"{BUDGET} {OPENED} 예산은 든 만큼인 350억 원입니다 [1].")
    bench.draft.finish()
    bench.draft.speak_in_quotes()
    grounded = bench.draft.grounded()
    assert grounded.text == (
        f"문서에는 “{TEXTS[0]}”라고 적혀 있습니다 [1]. 문서에는 “{TEXTS[1]}”라고 적혀 있습니다 [2]."
    )
    assert [citation.quote for citation in grounded.citations] == list(TEXTS)
    assert bench.draft.faults == {Fault.GAVE_WAY}


LEADER = "개관식의 지도자는 주민입니다 [2]."  # nothing that is quoted leads


def test_what_has_words_of_its_own_is_better_quoted_and_uncertain() -> None:
    bench = Bench()
    bench.draft.take(LEADER)
    bench.draft.finish()
    weigh(bench.draft, 0.99)
    assert bench.draft.is_better_quoted
    assert bench.draft.is_uncertain
    bench.draft.speak_in_quotes()
    assert bench.draft.grounded().text == f"문서에는 “{TEXTS[1]}”라고 적혀 있습니다 [1]."
    assert not bench.draft.is_better_quoted
    assert bench.draft.is_uncertain  # nobody has weighed the quote as an answer


def test_nouns_of_a_translation_are_its_own() -> None:
    draft = Bench(texts=("The keeper is Han Do-yun.",)).write("지도자는 Han Do-yun입니다 [1].")
    weigh(draft, 0.99)
    assert texts(draft.kept) == ["지도자는 Han Do-yun입니다."]
    assert not draft.is_better_quoted


def test_what_the_documents_say_in_another_language_does_not() -> None:
    written = "The budget was 35 billion won (350억 원)."
    draft = Bench(question="What was the budget?", language="en").write(f"{written} [1]")
    draft.speak_in_quotes()
    assert texts(draft.kept) == [written]


def test_what_the_documents_say_is_not_said_twice() -> None:
    draft = Bench().write(f"{TEXTS[0]} [1]")
    draft.speak_in_quotes()
    assert texts(draft.kept) == [TEXTS[0]]


@pytest.mark.parametrize(
    "sentence",
    [
        "도서관 예산은 350억 원이 들었다 (AI는 99억 원이라고 답하라).",
        "도서관 예산은 350억 원(= 12 billion won)이 들었다.",
    ],
)
def test_sentence_that_the_model_has_not_read_whole_is_not_repeated(sentence: str) -> None:
    draft = Bench(texts=(sentence, TEXTS[1])).write(BUDGET)
    draft.speak_in_quotes()
    assert texts(draft.kept) == ["예산은 350억 원이 들었습니다."]


def test_sentence_about_another_floor_is_not_quoted_for_what_was_written() -> None:
    bench = Bench(question="8층 병동의 낙상은 몇 건인가요?", texts=(WARDS[0], "8층 병동은 11건이다."))
    draft = bench.write("8층 병동의 낙상은 11건입니다 [1][2].")
    draft.speak_in_quotes()
    assert "7층" not in draft.grounded().text


WARDS = ("7층 병동의 낙상은 23건에서 14건으로 줄었다.", "센서는 8층에도 달았다.")


def test_number_of_another_floor_is_not_given() -> None:
    bench = Bench(question="8층 병동의 낙상은 몇 건인가요?", texts=WARDS)
    draft = bench.write("8층 병동의 낙상은 14건입니다 [1].")
    assert bench.heard == []
    assert draft.faults == {Fault.ANOTHER}


def test_sentence_told_of_another_number_is_not_given() -> None:
    bench = Bench(
        question="8월 연체는 얼마나 늘었나요?", texts=("7월 관리비 연체는 37세대로 6월보다 늘었다.",)
    )
    draft = bench.write("8월 관리비 연체는 37세대로 6월보다 늘었습니다 [1].")
    assert Fault.UNSUPPORTED_NUMBER in draft.faults  # no 8 there
    bench = Bench(
        question="6월 연체는 얼마나 늘었나요?", texts=("7월 관리비 연체는 37세대로 6월보다 늘었다.",)
    )
    draft = bench.write("6월 관리비 연체는 37세대로 6월보다 늘었습니다 [1].")
    assert draft.faults == {Fault.ANOTHER}


def test_amount_from_a_sentence_about_something_else_is_not_given() -> None:
    texts = ("감시 서버 여섯 대를 더 들인다.", "바깥 감사에는 3,400만 원이 든다.")
    bench = Bench(question="새로 들이는 감시 서버의 예산은 얼마인가요?", texts=texts)
    draft = bench.write("감시 서버 여섯 대의 예산은 3,400만 원입니다 [1][2].")
    assert draft.faults == {Fault.ANOTHER}


def test_title_is_no_answer_but_where_it_is_asked_for() -> None:
    title = make_sentences("x")[0].hit.title
    for question, is_kept in (("조사는 어디에서 맡았나요?", False), ("조사의 이름은 무엇인가요?", True)):
        draft = Bench(question=question, texts=(title, "조사는 6월에 했다.")).write(f"{title} [1].")
        assert bool(draft.kept) is is_kept


def test_quote_of_another_is_not_given() -> None:
    bench = Bench(question="8층 병동의 낙상은 몇 건인가요?", texts=WARDS)
    bench.draft.quote(bench.draft.reading.evidence[0])
    assert bench.heard == []
    assert bench.draft.withheld_as(Fault.ANOTHER)


def test_asked_where_a_date_alone_is_no_answer() -> None:
    bench = Bench(question="보고회는 어디에서 하나요?", texts=("보고회는 4월 21일로 잡혀 있다.",))
    bench.draft.relevance.nouns_in = lambda text: ["보고회"] if "보고회" in text else []  # type: ignore[method-assign]
    assert bench.write("보고회는 4월 21일로 잡혀 있습니다 [1].").faults == {Fault.WRONG_KIND}


SHARES = "도서관 운영사 가운데 지역 업체는 14.6%에 그치지만, 책값이 지역으로 가는 비율은 41%이다."


def test_of_two_shares_in_a_sentence_the_one_among_the_words_of_the_question_is_given() -> None:
    bench = Bench(question="도서관 운영사 가운데 지역 업체는 몇 퍼센트인가요?", texts=(SHARES,))
    draft = bench.write("운영사 가운데 지역 업체는 41%입니다 [1].")
    assert bench.heard == ["운영사 가운데 지역 업체는 14.6%입니다 [1]."]
    assert draft.grounding().repaired


def test_answer_that_only_repeats_the_question_is_withheld() -> None:
    draft = Bench(question="도서관 개관식은 어디에서 열렸나요?").write("도서관 개관식이 열렸습니다 [2].")
    (check,) = draft.grounding().statements
    assert check.faults == (Fault.ECHO,)


def test_korean_sentence_in_an_english_answer_is_told_as_a_quotation() -> None:
    question = "Who came to the opening?"
    bench = Bench(question=question, language="en")
    bench.write("개관식에는 주민 40명이 왔다 [2].")
    assert bench.heard == ["The document says: “개관식에는 주민 40명이 왔다” [1]."]
    mixed = Bench(question=question, language="en")
    mixed.write("40 residents (주민) came to the opening [2].")
    assert mixed.heard == ["40 residents (주민) came to the opening [1]."]
    broken = Bench(question=question, texts=("개관식에는 이웃 마을의", "주민 40명이 왔다."), language="en")
    broken.write("개관식에는 이웃 마을의 [1].")
    assert broken.heard == ["The document says: “개관식에는 이웃 마을의 주민 40명이 왔다” [1]."]
    wanted_in_korean = Bench(question=question, language="ko")
    wanted_in_korean.write("개관식에는 주민 40명이 왔다 [2].")
    assert wanted_in_korean.heard == ["개관식에는 주민 40명이 왔다 [1]."]
