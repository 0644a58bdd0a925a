import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from index.search.searcher import Searcher
from service.answering.listener import Listener
from service.answering.pipeline import REFUSALS, Parts, answer_question
from service.answering.types import Answer, Mismatch, Request, Turn
from service.answering.verification import Verifier
from service.errors import AnswerTimeout, BadQuestion, GenerationFailed
from service.inyong import Inyong
from tests.fakes import ScriptedGenerator, WordReader
from tests.service.conftest import World, load_analyzer, load_glossary

QUESTION = "푸른숲 도서관 예산은 얼마인가요?"


@dataclass
class Asker:
    """Asks a small store. replies: what the model says; None: there is no model."""

    inyong: Inyong
    searcher: Searcher
    generator: ScriptedGenerator = field(default_factory=lambda: ScriptedGenerator([]))
    events: list[str] = field(default_factory=list)
    waiting_fails: Exception | None = None

    def ask(
        self,
        question: str = QUESTION,
        *replies: str | Exception,
        history: tuple[Turn, ...] = (),
        llm: bool = True,
        language: str | None = None,
    ) -> Answer:
        self.generator = ScriptedGenerator(replies or ["예산은 350억 원입니다."])
        verifier = Verifier(load_analyzer(), load_glossary())
        parts = Parts(self.searcher, WordReader(), verifier, self.generator if llm else None)
        listener = Listener(
            on_passages=lambda hits: self.events.append("passages"),
            await_turn=self._await_turn,
            on_citation=lambda citation: self.events.append(f"quote {citation.marker}"),
        )
        return answer_question(Request(question, language=language, history=history), parts, listener)

    def _await_turn(self) -> None:
        self.events.append("turn")
        if self.waiting_fails:
            raise self.waiting_fails


@pytest.fixture
def asker(world: World) -> Iterator[Asker]:
    with world.open() as inyong:
        inyong.index([world.documents])
        yield Asker(inyong, inyong._searcher)


def test_an_answer_cites_exact_spans_of_stored_documents(asker: Asker) -> None:
    answer = asker.ask()
    assert answer.answer.startswith("예산은 350억 원입니다 [")
    assert not answer.quoted
    assert answer.citations
    for citation in answer.citations:
        assert asker.inyong.text(citation.document_id, citation.start, citation.end) == citation.quote


def test_quotes_are_announced_before_the_language_model_is_waited_for(asker: Asker) -> None:
    asker.ask()
    assert asker.events[:2] == ["passages", "quote 1"]
    assert asker.events[-1] == "turn"


def test_without_evidence_it_abstains_without_a_call(asker: Asker) -> None:
    answer = asker.ask("Who painted the ceiling?", ValueError("not to be called"))
    assert (answer.answer, answer.abstained, answer.abstain_reason) == (REFUSALS["en"], True, "no_evidence")
    assert answer.passages
    assert "turn" not in asker.events


def test_an_answer_that_fails_verification_is_replaced_by_the_quotes(asker: Asker) -> None:
    answer = asker.ask(QUESTION, "예산은 990억 원입니다.")
    assert answer.quoted
    assert "990" not in answer.answer
    assert answer.answer.startswith("“")
    assert answer.verification is not None
    assert answer.verification.unsupported_numbers == ("990억",)


def test_with_phrasing_off_the_quotes_are_the_answer(asker: Asker) -> None:
    answer = asker.ask(llm=False)
    assert answer.quoted
    assert answer.verification is None
    assert "350억 원" in answer.answer


def test_a_follow_up_is_searched_as_rewritten(asker: Asker) -> None:
    history = (Turn("user", "푸른숲 도서관은 어디에 있나요?"),)
    answer = asker.ask("그럼 예산은?", QUESTION, "예산은 350억 원입니다.", history=history)
    assert not answer.abstained
    assert len(asker.generator.prompts) == 2
    assert asker.events.count("turn") == 1


def test_every_stage_has_its_time_and_all_tokens_are_counted(asker: Asker) -> None:
    answer = asker.ask()
    timings = answer.timings
    stages = (
        timings.rewrite + timings.search + timings.select + timings.wait + timings.generate + timings.ground
    )
    assert 0 < stages <= timings.total
    assert 0 < timings.first_quote <= timings.total
    assert answer.usage.completion_tokens == 3


@pytest.mark.parametrize("question", ["", "   ", "?!", "가" * 4001])
def test_what_is_no_question_is_refused(asker: Asker, question: str) -> None:
    with pytest.raises(BadQuestion):
        asker.ask(question)


def test_a_model_that_fails_leaves_the_quotes_as_the_answer(asker: Asker) -> None:
    answer = asker.ask(QUESTION, GenerationFailed("out of memory"))
    assert answer.quoted
    assert answer.verification is not None
    assert answer.verification.mismatches == (Mismatch.FAILED,)


def test_a_model_that_is_waited_for_too_long_leaves_the_quotes_as_the_answer(asker: Asker) -> None:
    asker.waiting_fails = AnswerTimeout("the language model was busy for too long")
    answer = asker.ask()
    assert answer.quoted
    assert answer.answer.startswith("“")
    assert not answer.repaired  # nothing was written


def test_an_unknown_language_is_refused(asker: Asker) -> None:
    with pytest.raises(BadQuestion, match="'fr' is none of ko, en"):
        asker.ask(language="fr")


def test_an_answer_cut_at_the_limit_is_not_shown(asker: Asker) -> None:
    answer = asker.ask(QUESTION, "예산은 350억 원이고 " + "개관식에는 주민 40여 명이 왔고 " * 60)
    assert answer.quoted
    assert answer.verification is not None
    assert Mismatch.INCOMPLETE in answer.verification.mismatches


def test_a_decomposed_question_is_the_same_question(asker: Asker) -> None:
    decomposed = unicodedata.normalize("NFD", QUESTION)
    assert asker.ask(decomposed).answer == asker.ask(QUESTION).answer


def test_a_refusal_says_how_likely_an_answer_was(asker: Asker) -> None:
    answer = asker.ask("Who painted the ceiling?")
    assert answer.abstained
    assert 0 <= answer.confidence < 0.55
