"""Rewrite a follow-up question as a standalone question.

The language model rewrites it, and the result is checked once. If the check fails, the previous question is
prepended instead; the reader is trained on that form too. Earlier answers resolve pronouns but are never
evidence.
"""

import logging
import re
from collections.abc import Callable, Iterator, Sequence

from prompts.render import render_rewriting
from service.answering.language import answer_language
from service.answering.types import StandaloneQuestion, Turn
from service.errors import GenerationFailed
from service.language_models.types import Generation, GenerationRequest, Generator

_log = logging.getLogger(__name__)

_EXCHANGES = 2  # of the conversation that the model reads
_MOST_TOKENS = 80
_MOST_CHARS = 300  # of an earlier question or answer
_SHORT_QUESTION_CHARS = 12
# Connectives and pronouns, Korean and English.
_CONNECTIVE = re.compile(
    r"\s*(?:그럼|그러면|그렇다면|그건|그것|그중|그\s|거기|이건|이것|또\s|그리고"
    r"|what about|how about|and\b|then\b|its\b|they\b|their\b|those\b|that\b)",
    re.IGNORECASE,
)
_PRONOUN = re.compile(
    r"(?:^|\s)(?:거기|여기|그곳|이곳|그분|그들|그녀|그때|그중|둘\s중|그(?:는|가|의|를)\s|(?:그|이|해당)\s+[가-힣])"
    r"|\b(?:he|she|him|her|his|they|them|their|its|these|those)\b|(?-i:\b[Ii]t\b)(?! (?:costs?|takes?) to\b)"
    r"|\bthis\b(?! (?:year|month|week|weekend|morning|quarter|summer|winter|spring|autumn)\b)"
    r"|(?<!\bis )(?<!\bare )(?<!\bwas )(?<!\bwere )(?<!\bwill )\bthere\b",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"\d[\d,.]*\d|\d")
_NEARBY_YEARS = 2  # "the year after" 2023
_NAME = re.compile(r"(?<!^)\b[A-Z][A-Za-z]+")
_MARKERS = re.compile(r"\s*\[\d{1,3}\]")


def leans_on_history(question: str, history: Sequence[Turn]) -> bool:
    """Whether the question may need an earlier one to be understood."""
    has_history = any(turn.role == "user" and turn.content.strip() for turn in history)
    is_short = len(question) <= _SHORT_QUESTION_CHARS
    return has_history and bool(is_short or _CONNECTIVE.match(question) or _PRONOUN.search(question))


def make_standalone(
    question: str,
    history: Sequence[Turn],
    generator: Generator | None,
    on_progress: Callable[[], None] = lambda: None,
) -> tuple[StandaloneQuestion, Generation | None]:
    """Return the standalone question and the language model call made for it, if any.

    A model that fails counts as one whose rewriting is not plausible.
    """
    if not leans_on_history(question, history):
        return StandaloneQuestion(question), None
    exchanges = list(_exchanges(history))[-_EXCHANGES:]
    previous = exchanges[-1][0]
    by_rule = StandaloneQuestion(f"{previous} {question}", guessed=True)
    if generator is None:
        return by_rule, None
    messages = render_rewriting(question, exchanges, answer_language(question))
    try:
        written = generator.generate(GenerationRequest(messages, _MOST_TOKENS), on_progress)
    except GenerationFailed as error:
        _log.warning("the language model failed, the follow-up is completed by rule: %s", error)
        return by_rule, None
    text = written.text.strip()
    conversation = "\n".join([*(part for exchange in exchanges for part in exchange), question])
    accepted = written.finished and _is_plausible(
        text, question, [earlier for earlier, _ in exchanges], conversation
    )
    return (StandaloneQuestion(text) if accepted else by_rule), written


def _exchanges(history: Sequence[Turn]) -> Iterator[tuple[str, str]]:
    """Each earlier question with the answer that follows it, both shortened."""
    for position, turn in enumerate(history):
        if turn.role == "user" and turn.content.strip():
            after = history[position + 1 : position + 2]
            answer = after[0].content if after and after[0].role != "user" else ""
            yield turn.content.strip()[:_MOST_CHARS], _MARKERS.sub("", answer).strip()[:_MOST_CHARS]


def _is_plausible(text: str, question: str, earlier: Sequence[str], conversation: str) -> bool:
    """Whether a rewriting is one question in the same language, new, with no name or number of its own."""
    if not text.endswith(("?", "？")) or "\n" in text or answer_language(text) != answer_language(question):
        return False
    if _fold(text) in map(_fold, earlier):
        return False
    known = conversation.lower()
    names_are_known = all(name.lower() in known for name in _NAME.findall(text))
    return names_are_known and _numbers_are_known(text, conversation)


def _numbers_are_known(text: str, conversation: str) -> bool:
    """Whether each number occurs in the conversation, or is a year near one of its years."""
    known = set(_NUMBER.findall(conversation))
    years = [int(number) for number in known if re.fullmatch(r"(?:19|20)\d\d", number)]
    nearby = {str(year + d) for year in years for d in range(-_NEARBY_YEARS, _NEARBY_YEARS + 1)}
    return (known | nearby).issuperset(_NUMBER.findall(text))


def _fold(text: str) -> str:
    return re.sub(r"\W+", "", text).lower()
