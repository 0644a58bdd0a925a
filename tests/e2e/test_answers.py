"""From documents to cited answers, with the real models."""

import re
from pathlib import Path

import pytest

from eval.bench.answers import ask_all, summarise
from eval.datasets.questions import load_questions
from service import Inyong
from service.answering.listener import Listener
from service.answering.types import Answer, Citation, Turn
from service.numbers import unsupported_quantities
from tests.e2e.conftest import SAMPLE

pytestmark = pytest.mark.models

REGIONS_EN = "which regions were selected and for how much?"
REGIONS_KO = "선정된 지역은 어디이고 예산은 얼마인가요?"


@pytest.fixture(scope="module")
def regions(sample: Inyong) -> Answer:
    return sample.ask(REGIONS_KO)


def test_a_korean_question_is_answered_in_korean_with_every_region_and_the_amount(regions: Answer) -> None:
    assert not regions.abstained
    assert regions.language == "ko"
    for expected in ("경남", "대구", "울산", "전남", "제주", "350억"):
        assert expected in regions.answer


def test_an_english_question_is_answered_with_every_region_and_the_amount(sample: Inyong) -> None:
    answer = sample.ask(REGIONS_EN)
    assert answer.language == "en"
    for either in (("Daegu", "대구"), ("Ulsan", "울산"), ("Jeju", "제주"), ("35 billion", "350억")):
        assert any(name in answer.answer for name in either)


def test_every_citation_is_the_exact_span_of_its_document(sample: Inyong, regions: Answer) -> None:
    assert regions.citations
    for citation in regions.citations:
        stored = sample.text(citation.document_id)
        assert citation.quote == stored[citation.start : citation.end]
    markers = {int(marker) for marker in re.findall(r"\[(\d+)\]", regions.answer)}
    assert markers
    assert markers <= {citation.marker for citation in regions.citations}


def test_every_number_of_the_answer_stands_in_a_quote(regions: Answer) -> None:
    words = regions.answer
    for citation in regions.citations:
        words = words.replace(f"[{citation.marker}]", "")
    assert not unsupported_quantities(words, [citation.quote for citation in regions.citations])


def test_the_same_question_gets_the_same_answer(sample: Inyong, regions: Answer) -> None:
    again = sample.ask(REGIONS_KO)
    assert (again.answer, again.citations) == (regions.answer, regions.citations)


def test_the_fixed_part_of_the_prompt_is_not_read_again(regions: Answer) -> None:
    assert regions.usage.cached_prompt_tokens > 200
    assert regions.usage.prompt_tokens - regions.usage.cached_prompt_tokens < 500


def test_a_listener_is_notified_of_the_quotes_that_the_answer_has(sample: Inyong) -> None:
    quotes: list[Citation] = []
    answer = sample.ask(REGIONS_KO, listener=Listener(on_citation=quotes.append))
    assert tuple(quotes) == answer.citations


def test_what_the_documents_do_not_hold_is_refused_with_the_nearest_passages(sample: Inyong) -> None:
    answer = sample.ask("프랑스 대통령의 이름은 무엇인가요?")
    assert answer.abstained
    assert answer.abstain_reason == "no_evidence"
    assert answer.citations == ()
    assert 1 <= len(answer.passages) <= 3


def test_a_follow_up_is_understood_from_the_question_before(sample: Inyong) -> None:
    history = [
        Turn("user", "지역 주도형 AI 대전환 사업에 선정된 지역은 어디인가요?"),
        Turn("assistant", "경남, 대구, 울산, 전남, 제주입니다 [1]."),
    ]
    answer = sample.ask("그럼 예산은?", history=history)
    assert "350억" in answer.answer


def test_who_is_meant_is_known_from_the_answer_before(sample: Inyong) -> None:
    history = [
        Turn("user", "What is the total budget of the region-led AI transformation programme?"),
        Turn("assistant", "It is KRW 35 billion in all [1]."),
    ]
    answer = sample.ask("And where does that money come from?", history=history)
    assert "supplementary" in answer.answer
    assert answer.question == "And where does that money come from?"


def test_answers_about_a_document_written_just_now(tmp_path: Path) -> None:
    notes = tmp_path / "notes"
    notes.mkdir()
    text = "# 누리강 다리 공사\n\n누리강 다리는 2031년 4월 17일에 개통한다. 공사비는 모두 1,240억 원이다.\n"
    (notes / "bridge.md").write_text(text, encoding="utf-8")
    with Inyong(tmp_path / "home") as inyong:
        inyong.index([notes])
        answer = inyong.ask("누리강 다리는 언제 개통하나요?")
    assert "2031년 4월 17일" in answer.answer
    assert {citation.source for citation in answer.citations} == {"bridge.md"}


def test_the_first_sample_questions_keep_their_promises(sample: Inyong) -> None:
    questions = load_questions(SAMPLE / "qa.jsonl")[:8]
    figures = summarise(ask_all(sample, questions, show=False))
    shown, cited = str(figures["citations, verbatim"]).split(" of ")
    assert shown == cited
    assert figures["answers with an unsupported number shown"] == 0
