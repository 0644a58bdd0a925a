"""From what the model has to read to what it wrote: a first try, and where that is in doubt, one more."""

from dataclasses import dataclass, field, replace
from functools import partial

from prompts.render import render_answer
from service.asked import Kind
from service.confidence import LEAST_CONFIDENCE, confidence
from service.copying import CopyConstraint
from service.draft import Draft
from service.generate import Allowed, Generation, GenerationRequest, Generator
from service.given import kinds_missing
from service.listener import Listener
from service.markers import without_markers
from service.reading import Reading
from service.reconsider import quote_what_is_missing, reconsider
from service.refusals import is_refusal
from service.relevance import Relevance
from service.verifier import Verifier

# Measured on the sample questions: the first word of a rightful refusal has a probability of 0.6 and more,
# that of a false one less, and what the model then says instead is mostly right.
_SURE_REFUSAL = 0.58
_REST_TOKENS = 60
# Answers of less confidence gain from a second reading of fewer sentences (eval/LOG.md).
_CLEARLY_RIGHT = 0.6
_LEAST_ALONE = 0.6  # of a second answer, where the first reading gave none
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
    """What is to be answered from what, in which language.

    nearest: the part of the reading that is read by itself where the whole leaves doubt. refusal: how the
    prompt words a refusal.
    """

    question: str
    language: str
    reading: Reading
    nearest: Reading | None
    relevance: Relevance
    refusal: str


@dataclass(frozen=True, slots=True)
class Written:
    """The settled draft, and what the model did for it; generations in order."""

    draft: Draft
    generations: tuple[Generation, ...]


def write_answer(task: Task, generator: Generator, max_tokens: int, listener: Listener) -> Written:
    """What the model answers, checked statement by statement and weighed; the listener is told what holds.

    Where nothing of it holds, or it is not clearly right, the model reads the nearest sentences alone, and
    the answer that is likelier right is taken; a refusal it would only repeat. Where nothing holds in the
    end, the documents' own sentences are looked at again. What is not sure then is said in their words, which
    are right more often than what the model made of them (eval/LOG.md). Raises GenerationFailed.
    """
    writer = _Writer(task, generator, max_tokens, listener)
    verifier = Verifier(task.question, task.language, generator, lambda _: listener.on_progress())
    likelihood = partial(confidence, language=task.language)

    def weigh(draft: Draft, least: float = LEAST_CONFIDENCE) -> None:
        draft.weigh(verifier, likelihood, least)

    draft = writer.write(task.reading)
    weigh(draft)
    is_in_doubt = draft.confidence < _CLEARLY_RIGHT or draft.is_incomplete
    if task.nearest and is_in_doubt and not draft.refused:
        second = writer.write(task.nearest)
        weigh(second, LEAST_CONFIDENCE if draft.kept else _LEAST_ALONE)
        draft = max(draft, second, key=_worth)
    reconsider(draft, verifier, partial(weigh, draft))
    if draft.kept:
        quote_what_is_missing(draft)
    if draft.is_better_quoted:
        draft.speak_in_quotes()
    draft.release()
    return Written(draft, tuple(writer.generations))


def _worth(draft: Draft) -> tuple[bool, float]:
    """By which the better of two drafts is told: it gives all that was asked for, then it is likelier."""
    return bool(draft.kept) and not draft.is_incomplete, draft.confidence


@dataclass(slots=True)
class _Writer:
    """Lets the model write. generations: all so far, in order."""

    task: Task
    generator: Generator
    max_tokens: int
    listener: Listener
    generations: list[Generation] = field(default_factory=list)

    def write(self, reading: Reading) -> Draft:
        """The draft of an answer from what can be read, its statements checked.

        A refusal that the model is not sure of is asked again without one. When the answer leaves out an
        amount, a share, a count or a date that was asked for, the model goes on with the beginning of that.
        """
        task = self.task
        messages = render_answer(task.question, reading.texts, task.language)
        allowed = CopyConstraint([task.question, *reading.texts]).allows
        request = GenerationRequest(messages, self.max_tokens, allowed=allowed, session=task)
        draft = self._begin(reading)
        first = self._generate(request, draft)
        missing = kinds_missing(task.question, without_markers(first.text))
        if missing and not is_refusal(first.text, reading.evidence, task.question):
            opening = f" {_REST_OPENINGS[task.language][missing[0]]}"
            draft.take(opening)
            self._generate(replace(request, max_tokens=_REST_TOKENS, opening=first.text + opening), draft)
        draft.finish()
        if draft.refused and first.first_confidence < _SURE_REFUSAL:
            draft = self._begin(reading)
            self._generate(replace(request, allowed=_without(task.refusal, allowed)), draft)
            draft.finish()
        return draft

    def _begin(self, reading: Reading) -> Draft:
        task = self.task
        return Draft(task.question, reading, task.relevance, self.listener, task.language)

    def _generate(self, request: GenerationRequest, draft: Draft) -> Generation:
        self.generations.append(self.generator.generate(request, draft.take))
        return self.generations[-1]


def _without(refusal: str, allowed: Allowed) -> Allowed:
    """What is allowed and does not begin like a refusal: its first syllable leads to nothing else."""
    beginning = refusal.split(maxsplit=1)[0]

    def allows(text: str) -> bool:
        said = text.strip()
        begins = said.startswith(beginning) or (bool(said) and beginning.startswith(said))
        return allowed(text) and not begins

    return allows
