import pytest

from eval.datasets.check import Severity, check_questions, count_gold
from eval.types import GoldSpan, Question

TEXTS = {"a.txt": "예산은 350억 원이다. 담당은 정다운이다. 담당은 바뀔 수 있다.", "b.txt": "축제는 5월이다."}


def ask(
    ident: str = "q",
    text: str = "예산은 얼마인가요?",
    *,
    answerable: bool = True,
    expected: tuple[tuple[str, ...], ...] = (("350억",),),
    answers: tuple[str, ...] = (),
    documents: tuple[str, ...] = (),
    gold: tuple[tuple[GoldSpan, ...], ...] = ((GoldSpan("a.txt", quote="350억 원"),),),
    history: tuple[tuple[str, str], ...] = (),
    forbidden: tuple[str, ...] = (),
) -> Question:
    return Question(
        ident,
        text,
        answerable,
        expected,
        answers,
        documents=documents,
        gold=gold,
        history=history,
        forbidden=forbidden,
    )


def found(*questions: Question) -> list[tuple[str, str, str]]:
    """Severity, kind and question of what is found."""
    return [
        (finding.severity.value, finding.kind, finding.question_id)
        for finding in check_questions(questions, TEXTS)
    ]


def test_nothing_is_found_in_a_sound_set() -> None:
    unanswerable = ask("r", "내년 예산은?", answerable=False, expected=(), gold=())
    assert found(ask(), unanswerable) == []


def test_a_quote_that_is_not_in_its_document_is_an_error_with_its_words() -> None:
    (finding,) = check_questions([ask(gold=((GoldSpan("a.txt", quote="350억 달러"),),))], TEXTS)
    assert finding.severity is Severity.ERROR
    assert finding.kind == "gold not found"
    assert finding.detail == "“350억 달러” is not in a.txt"


def test_positions_beyond_the_text_are_an_error() -> None:
    question = ask(gold=((GoldSpan("a.txt", start=30, end=400),),))
    assert found(question) == [("error", "gold not found", "q")]


def test_each_alternative_of_a_gold_group_has_to_be_there() -> None:
    group = (GoldSpan("a.txt", quote="350억 원"), GoldSpan("b.txt", quote="350억 원"))
    assert found(ask(gold=(group,))) == [("error", "gold not found", "q")]


def test_a_quote_that_occurs_twice_is_a_warning() -> None:
    question = ask(expected=(("정다운",),), gold=((GoldSpan("a.txt", quote="담당은"),),))
    assert found(question) == [("warning", "gold ambiguous", "q")]


def test_an_unknown_document_is_an_error_told_once() -> None:
    span = GoldSpan("c.txt", quote="350억")
    assert found(ask(documents=("c.txt",), gold=((span,), (span,)))) == [("error", "unknown document", "q")]


def test_gold_in_a_document_that_the_question_does_not_list_is_a_warning() -> None:
    assert found(ask(documents=("b.txt",))) == [("warning", "document not listed", "q")]


def test_an_answerable_question_without_any_answer_is_an_error() -> None:
    assert found(ask(expected=(), gold=())) == [("error", "no answer", "q")]


def test_an_answerable_question_with_gold_alone_is_a_warning() -> None:
    assert found(ask(expected=())) == [("warning", "no answer", "q")]


def test_an_answerable_question_without_gold_is_a_warning() -> None:
    assert found(ask(gold=())) == [("warning", "no gold", "q")]


@pytest.mark.parametrize("kept", ["gold", "expected", "answers"])
def test_an_unanswerable_question_with_an_answer_is_an_error(kept: str) -> None:
    question = ask(
        answerable=False,
        gold=((GoldSpan("a.txt", quote="350억 원"),),) if kept == "gold" else (),
        expected=(("350억",),) if kept == "expected" else (),
        answers=("350억 원이다.",) if kept == "answers" else (),
    )
    assert found(question) == [("error", "unanswerable", "q")]


def test_an_expected_group_that_no_gold_document_holds_is_a_warning_with_its_words() -> None:
    (finding,) = check_questions([ask(expected=(("350억", "35 billion"), ("35억", "3.5 billion")))], TEXTS)
    assert (finding.severity, finding.kind) == (Severity.WARNING, "expected not in gold")
    assert finding.detail == "no gold document holds 35억 / 3.5 billion"


def test_expected_words_of_another_document_do_not_count() -> None:
    assert found(ask(expected=(("5월",),))) == [("warning", "expected not in gold", "q")]


def test_a_duplicate_id_is_an_error() -> None:
    assert found(ask(), ask(text="담당은 누구인가요?")) == [("error", "duplicate id", "q")]


def test_questions_that_differ_in_case_spaces_and_marks_only_are_a_warning() -> None:
    first, second = ask("q", "AI 예산은 얼마인가요?"), ask("r", "ai 예산은, 얼마 인가요")
    assert found(first, second) == [("warning", "same question", "r")]


def test_the_same_words_after_another_turn_are_another_question() -> None:
    later = ask("r", history=(("user", "축제는 언제야?"), ("assistant", "5월입니다.")))
    assert found(ask(), later) == []


def test_findings_stand_in_the_order_of_the_questions_errors_first() -> None:
    both = ask("r", "담당은 누구인가요?", expected=(("없는 말",),), gold=((GoldSpan("a.txt", quote="-"),),))
    assert found(ask("p", gold=()), both) == [
        ("warning", "no gold", "p"),
        ("error", "gold not found", "r"),
        ("warning", "expected not in gold", "r"),
    ]


def test_gold_spans_are_counted_with_those_that_are_found() -> None:
    group = (GoldSpan("a.txt", quote="350억 원"), GoldSpan("a.txt", quote="35억 원"), GoldSpan("c.txt"))
    assert count_gold([ask(gold=(group,))], TEXTS) == (3, 1)


def test_what_is_forbidden_and_expected_at_once_is_an_error() -> None:
    assert found(ask(forbidden=("350억",))) == [("error", "forbidden expected", "q")]


def test_an_alternative_that_is_not_forbidden_will_do() -> None:
    assert found(ask(expected=(("350억", "35 billion"),), forbidden=("billion",))) == []


def test_a_reference_answer_that_says_what_is_forbidden_is_an_error() -> None:
    assert found(ask(answers=("350억 원, 999억 원",), forbidden=("999억",))) == [
        ("error", "forbidden expected", "q")
    ]


def test_a_question_that_says_what_it_forbids_is_a_warning() -> None:
    assert found(ask(text="999억 원인가요?", forbidden=("999억",))) == [("warning", "forbidden asked", "q")]
