"""From what the model has to read to what it wrote: a first try, and when it says too little, one more."""

from dataclasses import dataclass, replace
from functools import partial

from prompts.render import Message
from service.asked import Kind
from service.confidence import LEAST_CONFIDENCE, confidence
from service.copying import CopyConstraint
from service.draft import Draft
from service.generate import Generation, GenerationRequest, Generator
from service.given import kinds_missing
from service.listener import Listener
from service.markers import without_markers
from service.reading import Reading
from service.reconsider import reconsider
from service.refusals import is_refusal
from service.relevance import Relevance
from service.verifier import Verifier

# Measured on the sample questions: the first word of a rightful refusal has a probability of 0.6 and more,
# that of a false one less, and what the model then says instead is mostly right.
_SURE_REFUSAL = 0.58
_REST_TOKENS = 60
_REST_OPENINGS = {  # how a forgotten part of the answer begins
    "ko": {
        Kind.MONEY: "금액은",
        Kind.AMOUNT: "금액은",
        Kind.SHARE: "비율은",
        Kind.COUNT: "수는",
        Kind.DATE: "날짜는",
        Kind.HOUR: "시각은",
        Kind.DURATION: "기간은",
    },
    "en": {
        Kind.MONEY: "The amount is",
        Kind.AMOUNT: "The amount is",
        Kind.SHARE: "The share is",
        Kind.COUNT: "The number is",
        Kind.DATE: "The date is",
        Kind.HOUR: "The time is",
        Kind.DURATION: "The time it takes is",
    },
}


@dataclass(frozen=True, slots=True)
class Task:
    """What is to be answered from what, in which language. refusal: how the prompt words a refusal."""

    question: str
    language: str
    messages: list[Message]
    reading: Reading
    relevance: Relevance
    refusal: str


@dataclass(frozen=True, slots=True)
class Written:
    """The settled draft, and what the model did for it; generations in order."""

    draft: Draft
    generations: tuple[Generation, ...]


def write_answer(task: Task, generator: Generator, max_tokens: int, listener: Listener) -> Written:
    """What the model answers, checked statement by statement and weighed; the listener is told what holds.

    A refusal that the model is not sure of is asked again without one. When the answer leaves out an amount,
    a share, a count or a date that was asked for, the model goes on with the beginning of that. Where
    nothing of it holds in the end, or it is not likely to be right, the documents' own sentences are looked
    at again. Raises GenerationFailed.
    """
    allowed = CopyConstraint([task.question, *task.reading.texts]).allows
    draft = Draft(task.question, task.reading, task.relevance, listener, task.language)
    request = GenerationRequest(task.messages, max_tokens, allowed=allowed, session=task)
    first = generator.generate(request, draft.take)
    generations = [first]
    missing = kinds_missing(task.question, without_markers(first.text))
    if missing and not is_refusal(first.text, task.reading.evidence, task.question):
        opening = f" {_REST_OPENINGS[task.language][missing[0]]}"
        draft.take(opening)
        rest = replace(request, max_tokens=_REST_TOKENS, opening=first.text + opening)
        generations.append(generator.generate(rest, draft.take))
    draft.finish()
    if draft.refused and first.first_confidence < _SURE_REFUSAL:
        answering = replace(
            request, allowed=lambda text: allowed(text) and not _begins_refusal(text, task.refusal)
        )
        draft = Draft(task.question, task.reading, task.relevance, listener, task.language)
        generations.append(generator.generate(answering, draft.take))
        draft.finish()
    verifier = Verifier(task.question, task.language, generator, lambda _: listener.on_progress())
    likelihood = partial(confidence, language=task.language)
    weigh = partial(draft.weigh, verifier.judge, likelihood, LEAST_CONFIDENCE)
    weigh()
    reconsider(draft, verifier, task.language, weigh)
    draft.release()
    return Written(draft, tuple(generations))


def _begins_refusal(text: str, refusal: str) -> bool:
    """Whether the text is, or can still become, the refusal: its first syllable leads to nothing else."""
    beginning, said = refusal.split(maxsplit=1)[0], text.strip()
    return said.startswith(beginning) or (bool(said) and beginning.startswith(said))
