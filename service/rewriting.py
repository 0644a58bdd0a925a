"""A question that leans on a conversation, written anew so that it stands alone.

The language model does it, held to the words of the conversation, and by rule where what it writes cannot be
trusted. An earlier answer may say who "he" is; it is never evidence, for only documents are.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from prompts.render import render_rewriting
from service.copying import CopyConstraint
from service.following import standing_alone
from service.generate import GenerationRequest, Generator
from service.language import answer_language
from service.markers import without_markers
from service.stems import stem
from service.types import Turn

_EXCHANGES = 2  # of the conversation that are read
_ASKING = "누구 언제 어디 얼마 무엇 어떤 어느 몇 무슨 왜"  # words that any question may use
_MOST_TOKENS = 80
_MOST_CHARS = 300  # of an earlier question or answer
_NEARBY_YEARS = 2  # "the year after" 2023
_NUMBER = re.compile(r"\d[\d,.]*\d|\d")
_CAPITALISED = re.compile(r"(?<!^)\b[A-Z][A-Za-z]+")
_WORD = re.compile(r"[가-힣]{2,}|[A-Za-z]{4,}")
_TOPIC = re.compile(r"[가-힣](?:은|는)(?=[\s?])")
_POINTING = frozenset(  # stems of words that the question standing alone says in other words
    """그럼 그러 그렇 그리 그건 그것 그중 거기 그곳 그분 누구 언제 어디 얼마 무엇 작년 전해 다음 이듬 지난
    then also abou that this they them thei ther what when wher whic whom whos does with have much many year
    afte befo next last""".split()
)


@dataclass(frozen=True, slots=True)
class Rewritten:
    """A question that stands alone. is_guessed: by rule, for the model's own could not be trusted."""

    question: str
    is_guessed: bool = False


def rewrite(
    question: str, history: Sequence[Turn], generator: Generator, on_progress: Callable[[], None]
) -> Rewritten:
    """The question with what it leans on in the conversation. Raises GenerationFailed."""
    before = list(_exchanges(history))[-_EXCHANGES:]
    language = answer_language(question)
    conversation = "\n".join((*(text for exchange in before for text in exchange), question))
    request = GenerationRequest(
        render_rewriting(question, before, language),
        max_tokens=_MOST_TOKENS,
        allowed=CopyConstraint([conversation, _ASKING]).allows,
    )
    written = generator.generate(request, lambda _: on_progress()).text.strip()
    if _can_be_trusted(written, question, [earlier for earlier, _ in before], conversation):
        return Rewritten(written)
    return Rewritten(standing_alone(question, history), is_guessed=True)


def _exchanges(history: Sequence[Turn]) -> Iterator[tuple[str, str]]:
    """Each earlier question with the answer that follows it, both cut."""
    for position, turn in enumerate(history):
        if turn.role == "user" and turn.content.strip():
            after = history[position + 1 : position + 2]
            answer = after[0].content if after and after[0].role != "user" else ""
            yield turn.content.strip()[:_MOST_CHARS], without_markers(answer).strip()[:_MOST_CHARS]


def _can_be_trusted(written: str, question: str, earlier: Sequence[str], conversation: str) -> bool:
    """Whether it asks, in the question's language and of what the conversation names, what was asked."""
    if not written or "\n" in written or answer_language(written) != answer_language(question):
        return False
    if _squash(written) in map(_squash, earlier):
        return False  # it repeats what was asked before
    if len(_TOPIC.findall(written)) > max(1, len(_TOPIC.findall(question))):
        return False  # the topic of the question before and its own, one behind the other
    known = conversation.lower()
    names_anything_new = any(name.lower() not in known for name in _CAPITALISED.findall(written))
    stems = {stem(word) for word in _WORD.findall(question)} - _POINTING
    keeps_a_word = not stems or any(known_by in written.lower() for known_by in stems)
    return keeps_a_word and not names_anything_new and _numbers_are_known(written, conversation)


def _numbers_are_known(written: str, conversation: str) -> bool:
    """Whether each number is one of the conversation's, or a year near one of its years."""
    known = set(_NUMBER.findall(conversation))
    near = {
        f"{int(number) + step}"
        for number in known
        if re.fullmatch(r"(?:19|20)\d\d", number)
        for step in range(-_NEARBY_YEARS, _NEARBY_YEARS + 1)
    }
    return known.union(near).issuperset(_NUMBER.findall(written))


def _squash(text: str) -> str:
    return re.sub(r"\W+", "", unicodedata.normalize("NFKC", text)).lower()
