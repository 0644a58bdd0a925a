"""The straight line from a question to a cited answer, with a store made by the fakes."""

import re
from dataclasses import replace

import pytest

from index.search import SearchScope
from index.types import Hit
from prompts.render import Message
from service.answer import MAX_QUESTION_CHARS, checked_question
from service.errors import BadQuestion, GenerationFailed
from service.inyong import Inyong
from service.listener import Listener
from service.types import Answer, Turn
from tests.service.conftest import World

QUESTION = "푸른숲 도서관 분관의 예산은 얼마인가요?"


def marker_of(messages: list[Message], text: str) -> str:
    """The number under which the prompt shows the sentence that holds `text`."""
    found = re.findall(rf"^(\[\d+\]) .*{re.escape(text)}", messages[-1].content, flags=re.MULTILINE)
    assert found, messages[-1].content
    return str(found[0])


def ask(world: World, question: str = QUESTION, **options: object) -> Answer:
    with world.open() as inyong:
        return inyong.ask(question, **options)  # type: ignore[arg-type]


def assert_quotes_are_exact(world: World, answer: Answer) -> None:
    with world.open() as inyong:
        for citation in answer.citations:
            assert inyong.text(citation.document_id, citation.start, citation.end) == citation.quote
            assert inyong.text(citation.document_id)[citation.start : citation.end] == citation.quote


def test_a_cited_answer_quotes_the_stored_text(world: World) -> None:
    world.generator.replies = [lambda m: f"예산은 350억 원입니다 {marker_of(list(m), '350억')}."]
    answer = ask(world)
    assert not answer.abstained
    assert answer.answer == "예산은 350억 원입니다 [1]."
    assert [(c.marker, c.source) for c in answer.citations] == [(1, "library.md")]
    assert "350억" in answer.citations[0].quote
    assert_quotes_are_exact(world, answer)


def test_an_answer_without_markers_is_cited_all_the_same(world: World) -> None:
    world.script("예산은 350억 원이 들었다.")
    answer = ask(world)
    assert "[1]" in answer.answer
    assert "350억" in answer.citations[0].quote
    assert_quotes_are_exact(world, answer)


def test_an_invented_marker_is_dropped_and_counted(world: World) -> None:
    world.script("예산은 350억 원이 들었다 [77].")
    answer = ask(world)
    assert "77" not in answer.answer
    assert answer.grounding.invented_markers == 1


def test_a_statement_with_an_unsupported_number_is_not_shipped(world: World) -> None:
    world.script("예산은 999억 원이 들었다 [1].")
    answer = ask(world, "도서관의 예산은 어디에서 나왔나요?")
    assert "999" not in answer.answer
    assert answer.grounding.unsupported_numbers == ("999억",)
    assert (answer.abstained, answer.abstain_reason) == (True, "unsupported")


def test_where_an_amount_is_asked_for_the_sentence_that_has_it_is_quoted_instead(world: World) -> None:
    world.script("예산은 999억 원이 들었다 [1].")
    answer = ask(world, "도서관의 예산은 얼마인가요?")
    (citation,) = answer.citations
    assert answer.answer == f"문서에는 “{citation.quote}”라고 적혀 있습니다 [1]."
    assert "350억" in citation.quote
    assert answer.grounding.repaired
    assert_quotes_are_exact(world, answer)


def test_a_supported_statement_is_kept_beside_one_that_is_not(world: World) -> None:
    world.script("예산은 350억 원이 들었다. 개관식에는 주민 77777명이 왔다.")
    answer = ask(world)
    assert "350억" in answer.answer
    assert "77777" not in answer.answer
    assert not answer.abstained


def test_a_refusal_of_the_model_is_an_abstention_with_the_nearest_passages(world: World) -> None:
    world.script("문서에서 확인되지 않습니다.")
    answer = ask(world)
    assert (answer.abstained, answer.abstain_reason) == (True, "no_evidence")
    assert answer.answer == "문서에서 확인되지 않습니다."
    assert answer.citations == ()
    assert answer.passages


def test_a_refusal_to_an_english_question_is_in_english(world: World) -> None:
    world.script("Not found in the documents.")
    answer = ask(world, "What is the entry fee of the marathon?")
    assert (answer.answer, answer.language) == ("Not found in the documents.", "en")


def test_where_nothing_is_found_nothing_is_generated(world: World) -> None:
    answer = ask(world, collections=["no-such-collection"])
    assert world.generator.prompts == []
    assert (answer.abstained, answer.abstain_reason) == (True, "no_evidence")
    assert (answer.passages, answer.citations) == ((), ())
    assert answer.usage.completion_tokens == 0
    assert answer.timings.generate == answer.timings.first_token == 0.0


def test_an_english_answer_may_convert_korean_amounts_and_no_others(world: World) -> None:
    world.script("The 예산 was 35 billion won [1].", "The 예산 was 350 billion won [1].")
    right = ask(world, "What was the budget (예산) of the 도서관?", language="en")
    wrong = ask(world, "What was the budget (예산) of the 도서관?", language="en")
    assert "35 billion won" in right.answer
    assert "350 billion" not in wrong.answer
    assert_quotes_are_exact(world, right)


def test_the_wanted_language_is_the_language_of_the_prompt(world: World) -> None:
    assert ask(world, language="en").models.prompt.startswith("answer/en/")
    assert ask(world).models.prompt.startswith("answer/ko/")


def test_stages_are_timed_and_add_up(world: World) -> None:
    world.script("예산은 350억 원이 들었다.")
    timings = ask(world).timings
    assert timings.search > 0
    assert timings.total >= timings.search + timings.select + timings.generate + timings.ground > 0
    assert 0 < timings.first_token <= timings.total


def test_the_answer_names_its_models_and_counts_tokens(world: World) -> None:
    world.script("예산은 350억 원이 들었다.")
    answer = ask(world)
    assert (answer.models.llm, answer.models.embedding) == ("scripted", "hash-64")
    assert answer.usage.prompt_tokens > answer.usage.completion_tokens > 0


def test_an_answer_is_no_longer_than_the_settings_allow(world: World) -> None:
    world.settings = replace(world.settings, answer_tokens=16)
    world.script("예산은 350억 원이 들었다. " * 50)
    assert ask(world).usage.completion_tokens == 16


def test_a_listener_hears_the_passages_once_and_then_exactly_the_answer(world: World) -> None:
    world.script("예산은 350억 원이 들었다. 주민 5만 명이 왔다. 개관식에는 주민 40여 명이 왔다.")
    passages: list[list[Hit]] = []
    text: list[str] = []
    listener = Listener(on_passages=lambda hits: passages.append(list(hits)), on_text=text.append)
    answer = ask(world, listener=listener)
    assert [tuple(hits) for hits in passages] == [answer.passages]
    assert "".join(text).strip() == answer.answer
    assert "5만" not in "".join(text)


def test_a_failure_of_the_model_is_passed_on(world: World) -> None:
    world.script(GenerationFailed("the prompt has 5000 tokens"))
    with pytest.raises(GenerationFailed, match="5000 tokens"):
        ask(world)


def test_the_same_question_has_the_same_answer(world: World) -> None:
    world.script("예산은 350억 원이 들었다.")
    first, second = ask(world), ask(world)
    assert (first.answer, first.citations, first.passages) == (
        second.answer,
        second.citations,
        second.passages,
    )
    assert first.id != second.id


def test_question_marks_and_braces_of_a_question_are_no_template(world: World) -> None:
    ask(world, "{sentences} {question} {0} 예산은?")
    assert "{sentences} {question} {0} 예산은?" in world.generator.prompts[0][-1].content


# Questions


@pytest.mark.parametrize(
    ("question", "message"),
    [
        ("", "the question is empty"),
        (" \n\t", "the question is empty"),
        ("?!… ·", "has no letter or digit"),
        ("가" * 20_000, "has 20,000 characters, more than 4,000"),
    ],
)
def test_a_question_that_cannot_be_asked_is_refused_before_any_model_is_loaded(
    world: World, question: str, message: str
) -> None:
    with Inyong(settings=replace(world.settings, home=world.documents)) as inyong:
        with pytest.raises(BadQuestion, match=message):
            inyong.ask(question)
        with pytest.raises(BadQuestion, match=message):
            inyong.search(question)


def test_the_longest_question_is_allowed_and_trimmed() -> None:
    assert checked_question(f"  {'가' * MAX_QUESTION_CHARS}\n") == "가" * MAX_QUESTION_CHARS


# History

HISTORY = (Turn("user", "푸른숲 도서관 예산은 얼마인가요?"), Turn("assistant", "999억 원입니다 [1]."))


def test_earlier_answers_are_never_evidence(world: World) -> None:
    world.script("푸른숲 도서관 예산은 얼마인가요?", "999억 원입니다 [1].")
    answer = ask(world, "그럼 예산은?", history=HISTORY)
    assert "999" not in answer.answer
    _, answering, *_ = world.generator.prompts
    assert all("999" not in message.content for message in answering)


@pytest.mark.parametrize(("history", "n_prompts"), [((), 1), (HISTORY, 2)])
def test_turn_is_awaited_once_and_before_the_model_is_used(
    world: World, history: tuple[Turn, ...], n_prompts: int
) -> None:
    world.script("푸른숲 도서관 예산은 얼마인가요?", "예산은 350억 원이 들었다 [1].")
    used_before: list[int] = []
    listener = Listener(await_turn=lambda: used_before.append(len(world.generator.prompts)))
    ask(world, "그럼 예산은?", history=history, listener=listener)
    assert used_before == [0]
    assert len(world.generator.prompts) == n_prompts


def test_a_follow_up_finds_what_the_question_before_it_named(world: World) -> None:
    world.script("문서에서 확인되지 않습니다.")
    answer = ask(world, "그럼 개관식은?", history=HISTORY)
    assert answer.question == "그럼 개관식은?"
    assert answer.passages[0].source == "library.md"


# Scope


def test_collections_and_filters_limit_what_is_read(world: World) -> None:
    world.script("문서에서 확인되지 않습니다.")
    only = ask(world, filters={"source": "festival.md"})
    assert {hit.source for hit in only.passages} == {"festival.md"}
    assert ask(world, collections=["town"]).passages
    assert SearchScope() == SearchScope((), None)
