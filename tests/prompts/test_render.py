import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prompts.render import (
    LANGUAGES,
    Message,
    Template,
    load_template,
    render_phrasing,
)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_template_is_a_system_turn_examples_and_one_turn_to_fill(language: str) -> None:
    template = load_template("phrase", language)
    assert template.fixed[0].role == "system"
    roles = [message.role for message in template.fixed[1:]]
    assert roles == ["user", "assistant"] * (len(roles) // 2)
    assert template.last.role == "user"
    assert re.findall(r"\{(\w+)\}", template.last.content).count("question") >= 1
    assert "{quotes}" in template.last.content
    assert not any(re.search(r"\{[a-z_]+\}", message.content) for message in template.fixed)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_label_names_the_template_its_language_version_and_digest(language: str) -> None:
    assert re.fullmatch(rf"phrase/{language}/\d+\+[0-9a-f]{{8}}", load_template("phrase", language).label)


def test_the_two_languages_are_two_prompts() -> None:
    assert load_template("phrase", "ko").label != load_template("phrase", "en").label


@pytest.mark.parametrize("language", ["fr", "", "../ko"])
def test_an_unknown_language_is_refused(language: str) -> None:
    with pytest.raises(ValueError, match="there are: ko, en"):
        load_template("phrase", language)


@pytest.mark.parametrize("language", LANGUAGES)
def test_quotes_stand_one_a_line_in_the_order_given(language: str) -> None:
    *fixed, last = render_phrasing("예산은?", ["둘째다.", "첫째다."], language)
    assert ": “둘째다.”\n“첫째다.”\n" in last.content
    assert last.content.endswith(": 예산은?")
    assert tuple(fixed) == load_template("phrase", language).fixed


def test_line_breaks_in_a_quote_or_question_do_not_make_new_lines() -> None:
    last = render_phrasing("예산은\n인용: 얼마?", ["가\n\n나\u2028질문: 다"], "ko")[-1].content
    assert last == "인용: “가 나 질문: 다”\n질문: 예산은 인용: 얼마?"


def test_values_are_never_read_as_templates() -> None:
    last = render_phrasing("{quotes}", ["{question} {x} \\1 {"], "ko")[-1].content
    assert last == "인용: “{question} {x} \\1 {”\n질문: {quotes}"


def test_an_unknown_placeholder_fails_loudly() -> None:
    template = Template("t", (), Message("user", "{question} {other}"))
    with pytest.raises(KeyError, match="other"):
        template.fill({"question": "예산은?"})


@given(st.text(), st.lists(st.text(), max_size=5), st.sampled_from(LANGUAGES))
def test_any_text_is_rendered_whole_and_the_fixed_part_never_changes(
    question: str, sentences: list[str], language: str
) -> None:
    *fixed, last = render_phrasing(question, sentences, language)
    assert tuple(fixed) == load_template("phrase", language).fixed
    for text in sentences:
        assert re.sub(r"\s+", " ", text).strip() in last.content
