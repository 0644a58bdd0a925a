"""One try, and what is done when the model says too little or refuses without being sure."""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import pytest

from service.confidence import LEAST_CONFIDENCE, confidence
from service.errors import GenerationFailed
from service.generate import Generation, GenerationRequest, OnText
from service.listener import Listener
from service.llm_server import LlmServer
from service.reading import Reading
from service.remote import RemoteGenerator
from service.types import Evidence, Fault
from service.writing import Task, Written, write_answer
from tests.fakes import ScriptedGenerator
from tests.llm_server import serving, stall_after
from tests.service.drafting import FixedRelevance
from tests.service.made import make_sentences

TEXTS = ("푸른숲 도서관은 350억 원을 들여 지었다.", "개관식에는 주민 40명이 왔다.")
READING = Reading(TEXTS, tuple(make_sentences(*TEXTS)))
NEAREST = Reading(TEXTS[:1], READING.evidence[:1])
REFUSAL = "문서에서 확인되지 않습니다."
COMPLETE = "푸른숲 도서관은 350억 원을 들여 지었습니다 [1]."


@dataclass
class SureGenerator(ScriptedGenerator):
    """Says what it is told to, as surely as it is told to."""

    first_confidence: float = 1.0
    confidence: float = 1.0
    calls: list[GenerationRequest] = field(default_factory=list)

    def generate(self, request: GenerationRequest, on_text: OnText | None = None) -> Generation:
        if request.max_tokens == 1:  # whether a quote answers the question
            return ScriptedGenerator.generate(self, request, on_text)
        self.calls.append(request)
        written = ScriptedGenerator.generate(self, request, on_text)
        return replace(written, confidence=self.confidence, first_confidence=self.first_confidence)


def write(
    generator: ScriptedGenerator,
    question: str = "푸른숲 도서관은 얼마를 들여 지었나요?",
    *,
    language: str = "ko",
    share: float = 1.0,
    heard: list[str] | None = None,
    nearest: Reading | None = None,
) -> Written:
    refusal = {"ko": REFUSAL, "en": "Not found in the documents."}[language]
    task = Task(question, language, READING, nearest, FixedRelevance(share), refusal)
    listener = Listener(on_text=heard.append) if heard is not None else Listener()
    return write_answer(task, generator, 100, listener)


def answer_of(written: Written) -> str:
    return written.draft.grounded().text


def allows(request: GenerationRequest, text: str) -> bool:
    assert request.allowed
    return request.allowed(text)


def test_complete_answer_takes_one_generation() -> None:
    generator = SureGenerator([COMPLETE])
    written = write(generator)
    assert answer_of(written) == COMPLETE
    assert [(call.max_tokens, call.opening) for call in generator.calls] == [(100, "")]
    assert len(written.generations) == 1


def test_model_may_write_only_words_that_it_has_read() -> None:
    generator = SureGenerator([COMPLETE])
    write(generator)
    (call,) = generator.calls
    assert allows(call, "푸른숲 도서관은")
    assert allows(call, "들여")  # of the question as well
    assert not allows(call, "프른숲")


# A refusal


def test_sure_refusal_is_taken() -> None:
    generator = SureGenerator([REFUSAL, COMPLETE], first_confidence=0.58)
    written = write(generator)
    assert written.draft.refused
    assert len(generator.calls) == 1


def test_unsure_refusal_is_asked_again() -> None:
    generator = SureGenerator([REFUSAL, COMPLETE], first_confidence=0.57)
    written = write(generator)
    assert answer_of(written) == COMPLETE
    assert len(written.generations) == 2


@pytest.mark.parametrize("text", ["문서에서", "문서에", "문", " 문서에서 확인"])
def test_second_try_cannot_begin_as_a_refusal(text: str) -> None:
    generator = SureGenerator([REFUSAL, COMPLETE], first_confidence=0.1)
    write(generator)
    assert not allows(generator.calls[1], text)


def test_second_try_may_begin_with_what_it_has_read() -> None:
    generator = SureGenerator([REFUSAL, COMPLETE], first_confidence=0.1)
    write(generator)
    assert allows(generator.calls[1], "")
    assert allows(generator.calls[1], "푸른숲")
    assert not allows(generator.calls[1], "프른숲")


def test_second_refusal_is_final() -> None:
    generator = SureGenerator([REFUSAL], first_confidence=0.1)
    assert write(generator).draft.refused
    assert len(generator.calls) == 2


def test_answer_that_was_withheld_is_no_refusal() -> None:
    generator = SureGenerator(["푸른숲 도서관은 990억 원을 들여 지었습니다 [1]."], first_confidence=0.1)
    assert not write(generator).draft.refused
    assert len(generator.calls) == 1


# A part left out


@pytest.mark.parametrize(
    ("question", "opening"),
    [
        ("도서관은 어디에 있고 얼마를 들여 지었나요?", " 금액은"),
        ("도서관은 어디에 있고 몇 퍼센트가 찬성했나요?", " 비율은"),
        ("도서관은 어디에 있고 개관식에 몇 명이 왔나요?", " 수는"),
        ("도서관은 어디에 있고 언제 지었나요?", " 날짜는"),
    ],
)
def test_model_goes_on_with_the_beginning_of_what_it_left_out(question: str, opening: str) -> None:
    first = "푸른숲 도서관에 주민이 왔습니다 [1]."
    generator = SureGenerator([first, " 350억 원입니다 [1]."])
    write(generator, question)
    assert [(call.max_tokens, call.opening) for call in generator.calls] == [
        (100, ""),
        (60, first + opening),
    ]


def test_english_answer_goes_on_in_english() -> None:
    first = "The library was built [1]."
    generator = SureGenerator([first, " 35 billion won [1]."])
    write(generator, "Who built the library and how much did it cost?", language="en")
    assert generator.calls[1].opening == f"{first} The amount is"


def test_what_was_left_out_becomes_part_of_the_answer_once() -> None:
    heard: list[str] = []
    generator = SureGenerator(["개관식에는 주민이 왔습니다 [2].", " 350억 원입니다 [1]."])
    written = write(generator, "개관식에는 누가 왔고 도서관에 든 금액은 얼마인가요?", heard=heard)
    assert answer_of(written) == "개관식에는 주민이 왔습니다 [1]. 금액은 350억 원입니다 [2]."
    assert "".join(heard) == answer_of(written)
    assert len(written.generations) == 2


def test_refusal_has_nothing_left_out() -> None:
    generator = SureGenerator([REFUSAL])
    write(generator)
    assert [call.opening for call in generator.calls] == [""]


# A second reading, of the nearest sentences alone

UNBACKED = "푸른숲 도서관은 990억 원을 들여 지었습니다 [1]."
OTHER = "개관식에는 주민 40명이 왔습니다 [2]."


def likely_where(said: str, likely: float) -> Callable[[str], float]:
    """The model agrees with an answer that says this, and less with any other."""
    return lambda asked: 0.99 if said in asked else likely


def test_answer_that_is_clearly_right_is_not_asked_again() -> None:
    generator = SureGenerator([COMPLETE], agrees=lambda asked: 0.99)
    write(generator, nearest=NEAREST)
    assert len(generator.calls) == 1


def test_answer_in_doubt_gives_way_to_one_that_is_likelier_right() -> None:
    heard: list[str] = []
    agrees = likely_where("답: 푸른숲", 0.87)
    generator = SureGenerator([OTHER, COMPLETE], agrees=agrees)
    written = write(generator, "도서관은 어떤가요?", nearest=NEAREST, heard=heard)
    assert "".join(heard) == answer_of(written) == COMPLETE
    assert [TEXTS[1] in str(call.messages[-1]) for call in generator.calls] == [True, False]


def test_answer_in_doubt_stays_where_the_second_reading_is_no_better() -> None:
    generator = SureGenerator([OTHER, COMPLETE], agrees=lambda asked: 0.87, verdict=lambda asked: "예")
    written = write(generator, "도서관은 어떤가요?", nearest=NEAREST)
    assert 0 < written.draft.confidence < 0.6
    assert TEXTS[1] in answer_of(written)
    assert len(written.generations) == 2


def test_where_nothing_holds_the_second_reading_is_taken_if_it_does() -> None:
    generator = SureGenerator([UNBACKED, COMPLETE], agrees=lambda asked: 0.99)
    assert answer_of(write(generator, nearest=NEAREST)) == COMPLETE


def test_answer_that_leaves_out_a_number_gives_way_to_one_that_does_not() -> None:
    question = "개관식에는 누가 왔고 도서관에 든 금액은 얼마인가요?"
    whole = "개관식에는 주민이 왔고 금액은 350억 원입니다 [1]."
    agrees = likely_where("주민이 왔습니다", 0.97)
    generator = SureGenerator(["개관식에는 주민이 왔습니다 [2].", " 모릅니다.", whole], agrees=agrees)
    written = write(generator, question, nearest=NEAREST)
    assert "350억" in answer_of(written)


def test_where_the_first_reading_gave_nothing_the_second_has_to_be_surer() -> None:
    generator = SureGenerator([UNBACKED, COMPLETE], agrees=lambda asked: 0.87)
    assert confidence(Evidence(1.9, 1.0, 1.0), "ko") > LEAST_CONFIDENCE
    assert answer_of(write(generator, nearest=NEAREST)) == ""


def test_refusal_is_not_asked_again_of_the_nearest_sentences() -> None:
    generator = SureGenerator([REFUSAL, COMPLETE])
    assert write(generator, nearest=NEAREST).draft.refused
    assert len(generator.calls) == 1


# In the documents' words


def test_answer_in_doubt_is_given_in_the_words_of_its_quotes() -> None:
    heard: list[str] = []
    generator = SureGenerator([COMPLETE], agrees=lambda asked: 0.9, verdict=lambda asked: "예")
    written = write(generator, heard=heard)
    assert LEAST_CONFIDENCE < written.draft.confidence < 0.8
    assert "".join(heard) == answer_of(written) == f"문서에는 “{TEXTS[0]}”라고 적혀 있습니다 [1]."


def test_number_that_stays_missing_is_quoted() -> None:
    question = "개관식에는 누가 왔고 도서관을 지은 금액은 얼마인가요?"
    generator = SureGenerator(
        ["개관식에는 주민 40명이 왔습니다 [2].", " 모릅니다."], agrees=lambda asked: 0.99
    )
    written = write(generator, question)
    assert answer_of(written) == (
        f"개관식에는 주민 40명이 왔습니다 [1]. 문서에는 “{TEXTS[0]}”라고 적혀 있습니다 [2]."
    )
    assert written.draft.is_uncertain  # nobody has weighed that


# What is passed on


def test_answer_is_weighed_with_its_question_and_its_quotes() -> None:
    asked: list[str] = []

    def agree(messages: str) -> float:
        asked.append(messages)
        return 0.98

    draft = write(SureGenerator([COMPLETE], agrees=agree, verdict=lambda asked: "예"), share=0.75).draft
    question = "푸른숲 도서관은 얼마를 들여 지었나요?"
    answer = "푸른숲 도서관은 350억 원을 들여 지었습니다."
    assert asked == [f"근거: {TEXTS[0]}\n질문: {question}\n답: {answer}"]
    evidence = draft.grounding().evidence
    assert evidence is not None
    assert evidence.backing == pytest.approx(math.log(0.98 / 0.02))
    assert evidence.answering == pytest.approx(math.log(0.95 / 0.05))
    assert (evidence.around, evidence.near) == (0.75, 0.75)
    assert draft.confidence == pytest.approx(confidence(evidence, "ko"))


def test_what_leaves_no_doubt_is_judged_once() -> None:
    generator = SureGenerator([COMPLETE], agrees=lambda asked: 0.99)
    evidence = write(generator).draft.grounding().evidence
    assert evidence is not None
    assert evidence.answering is None
    assert generator.judged == []


def test_answer_that_is_not_likely_is_withheld_and_not_heard() -> None:
    heard: list[str] = []
    generator = SureGenerator([COMPLETE], agrees=lambda asked: 0.5)
    written = write(generator, share=0.75, heard=heard)
    assert answer_of(written) == ""
    assert written.draft.faults == {Fault.DOUBTFUL}
    assert written.draft.confidence == 0.0
    assert heard == []


def test_failure_of_the_model_is_passed_on() -> None:
    with pytest.raises(GenerationFailed, match="too long"):
        write(SureGenerator([GenerationFailed("too long")]))


def test_listener_that_raises_ends_the_answer_while_a_server_is_silent() -> None:
    began = time.monotonic()

    def stop() -> None:
        if time.monotonic() > began + 0.2:
            raise InterruptedError

    task = Task("얼마?", "ko", READING, None, FixedRelevance(1.0), REFUSAL)
    with serving(stall_after("푸른숲 ")) as server:
        generator = RemoteGenerator(LlmServer(server.url, "small"))
        with pytest.raises(InterruptedError):
            write_answer(task, generator, 100, Listener(on_progress=stop))


def test_listener_that_raises_ends_the_answer() -> None:
    class Enough(Exception):
        pass

    def stop() -> None:
        raise Enough

    task = Task("얼마?", "ko", READING, None, FixedRelevance(1.0), REFUSAL)
    with pytest.raises(Enough):
        write_answer(task, SureGenerator([COMPLETE]), 100, Listener(on_progress=stop))
