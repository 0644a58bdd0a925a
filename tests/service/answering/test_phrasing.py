from service.answering.phrasing import add_markers, phrase_answer, quote_answer
from tests.fakes import ScriptedGenerator
from tests.service.answering.readings import make_evidence

EVIDENCE = make_evidence("예산은 350억 원이다.", "분관은 가람동에 연다.")


def test_the_model_reads_the_question_and_the_quotes_once() -> None:
    generator = ScriptedGenerator(["예산은 350억 원입니다."])
    written = phrase_answer("예산은 얼마인가요?", EVIDENCE, "ko", generator, 50)
    assert written.text == "예산은 350억 원입니다."
    (prompt,) = generator.prompts
    assert "“예산은 350억 원이다.”\n“분관은 가람동에 연다.”" in prompt[-1].content
    assert "예산은 얼마인가요?" in prompt[-1].content


def test_for_an_english_answer_amounts_are_converted_before_the_model_reads_them() -> None:
    generator = ScriptedGenerator(["The budget is 35 billion won."])
    phrase_answer("What is the budget?", EVIDENCE, "en", generator, 50)
    assert "350억 원(= 35 billion won)" in generator.prompts[0][-1].content


def test_markers_stand_behind_the_sentence_that_their_quote_backs() -> None:
    text = "분관은 가람동에 엽니다. 예산은 350억 원입니다."
    assert add_markers(text, EVIDENCE, "ko") == "분관은 가람동에 엽니다 [2]. 예산은 350억 원입니다 [1]."


def test_a_quote_that_shares_nothing_with_the_answer_has_no_marker() -> None:
    assert add_markers("예산은 350억 원입니다.", EVIDENCE, "ko") == "예산은 350억 원입니다 [1]."


def test_amounts_back_a_sentence_in_the_other_language() -> None:
    evidence = make_evidence("분관은 가람동에 연다.", "장서 구입에 120만 권, 350억 원을 쓴다.")
    text = "The budget is 35 billion won."
    assert add_markers(text, evidence, "en") == "The budget is 35 billion won [2]."


def test_every_sentence_has_a_marker() -> None:
    text = "It is the budget. The branch opens in 가람동."
    assert add_markers(text, EVIDENCE, "en").count("[") == 2


def test_markers_of_the_models_own_are_removed() -> None:
    generator = ScriptedGenerator(["예산은 350억 원입니다 [7]."])
    assert phrase_answer("예산은?", EVIDENCE, "ko", generator, 50).text == "예산은 350억 원입니다."


def test_for_a_korean_answer_english_amounts_are_converted() -> None:
    generator = ScriptedGenerator(["예산은 350억 원입니다."])
    phrase_answer("예산은?", make_evidence("The budget is KRW 35 billion."), "ko", generator, 50)
    assert "KRW 35 billion(= 350억 원)" in generator.prompts[0][-1].content


def test_a_mark_in_a_document_cannot_pass_for_a_marker() -> None:
    evidence = make_evidence("[2] 위약금은 대금의 10%로 한다.")
    assert quote_answer(evidence.quotes, "ko") == "“(2) 위약금은 대금의 10%로 한다.” [1]"


def test_quotes_can_be_the_answer() -> None:
    assert quote_answer(EVIDENCE.quotes, "ko") == "“예산은 350억 원이다.” [1] “분관은 가람동에 연다.” [2]"


def test_quotes_for_an_english_question_come_with_their_amounts_in_english() -> None:
    assert quote_answer(EVIDENCE.quotes[:1], "en") == "“예산은 350억 원이다.” (350억 원 = 35 billion won) [1]"
