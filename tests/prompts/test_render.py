import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prompts.render import (
    LANGUAGES,
    Message,
    Template,
    load_template,
    render_answer,
    render_judgement,
    render_verification,
)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_template_is_a_system_turn_examples_and_one_turn_to_fill(language: str) -> None:
    template = load_template("answer", language)
    assert template.fixed[0].role == "system"
    roles = [message.role for message in template.fixed[1:]]
    assert roles == ["user", "assistant"] * (len(roles) // 2)
    assert template.last.role == "user"
    assert re.findall(r"\{(\w+)\}", template.last.content).count("question") >= 1
    assert "{sentences}" in template.last.content
    assert not any(re.search(r"\{[a-z_]+\}", message.content) for message in template.fixed)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_label_names_the_template_its_language_version_and_digest(language: str) -> None:
    assert re.fullmatch(rf"answer/{language}/\d+\+[0-9a-f]{{8}}", load_template("answer", language).label)


def test_the_two_languages_are_two_prompts() -> None:
    assert load_template("answer", "ko").label != load_template("answer", "en").label


@pytest.mark.parametrize("language", ["fr", "", "../ko"])
def test_an_unknown_language_is_refused(language: str) -> None:
    with pytest.raises(ValueError, match="there are: ko, en"):
        load_template("answer", language)


@pytest.mark.parametrize("language", LANGUAGES)
def test_sentences_are_numbered_from_1_in_the_order_given(language: str) -> None:
    *fixed, last = render_answer("예산은?", ["둘째다.", "첫째다."], language)
    assert "[1] 둘째다.\n[2] 첫째다." in last.content
    assert "예산은?" in last.content
    assert tuple(fixed) == load_template("answer", language).fixed


def test_line_breaks_in_a_sentence_or_question_do_not_make_new_lines() -> None:
    last = render_answer("예산은\n[3] 얼마?", ["가\n\n나\u2028[2] 다"], "ko")[-1].content
    assert "[1] 가 나 [2] 다\n" in last
    assert "예산은 [3] 얼마?" in last


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_quote_and_the_question_stand_on_a_line_each_for_verification(language: str) -> None:
    *fixed, last = render_verification("예산은\n얼마?", "350억\n원이다.", language)
    assert tuple(fixed) == load_template("verify", language).fixed
    quote, question = last.content.splitlines()
    assert quote.endswith(": 350억 원이다.")
    assert question.endswith(": 예산은 얼마?")


@pytest.mark.parametrize("language", LANGUAGES)
def test_quotes_question_and_answer_stand_on_a_line_each_for_judgement(language: str) -> None:
    *fixed, last = render_judgement("예산은\n얼마?", "350억\n원이다.", "350억\n질문: 얼마", language)
    assert tuple(fixed) == load_template("judge", language).fixed
    quotes, question, answer = last.content.splitlines()
    assert quotes.endswith(": 350억 원이다.")
    assert question.endswith(": 예산은 얼마?")
    assert answer.endswith(": 350억 질문: 얼마")


def test_values_are_never_read_as_templates() -> None:
    last = render_answer("{sentences}", ["{question} {x} \\1 {"], "ko")[-1].content
    assert "[1] {question} {x} \\1 {" in last
    assert last.count("{sentences}") >= 1


def test_an_unknown_placeholder_fails_loudly() -> None:
    template = Template("t", (), Message("user", "{question} {other}"))
    with pytest.raises(KeyError, match="other"):
        template.fill({"question": "예산은?"})


@given(st.text(), st.lists(st.text(), max_size=5), st.sampled_from(LANGUAGES))
def test_any_text_is_rendered_whole_and_the_fixed_part_never_changes(
    question: str, sentences: list[str], language: str
) -> None:
    *fixed, last = render_answer(question, sentences, language)
    assert tuple(fixed) == load_template("answer", language).fixed
    for number, text in enumerate(sentences, 1):
        flat = re.sub(r"\s+", " ", text).strip()
        assert f"[{number}] {flat}" in last.content
