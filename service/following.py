"""Whether a question leans on the one before it, and, by rule, what it then asks. Pure."""

import re
from collections.abc import Sequence

from service.types import Turn

_LEANS = re.compile(
    r"\s*(?:그럼|그러면|그렇다면|그건|그것|그중|그\s|거기|이건|이것|또\s|그리고"
    r"|what about|how about|and\b|then\b|it\b|its\b|they\b|their\b|those\b|that\b)",
    re.IGNORECASE,
)
_POINTS = re.compile(  # anywhere: "What did he say?", "언제부터 거기에 있었나요?"
    r"(?:^|\s)(?:거기|그곳|그분|그들|그때|그중|그\s+[가-힣])"
    r"|\b(?:he|she|him|her|his|they|them|their|it|its|these|those)\b"
    r"|\bthis\b(?! (?:year|month|week)\b)|(?<!\bis )(?<!\bare )(?<!\bwas )(?<!\bwere )\bthere\b",
    re.IGNORECASE,
)
_SHORT_QUESTION_CHARS = 12
_LONGEST_BEFORE_CHARS = 1000
_CONNECTIVE = re.compile(r"\s*(?:그럼|그러면|그렇다면|그리고|또)[,\s]+")
_POINTING = re.compile(r"(?:^|\s)(?:그|이|저|거기|여기)(?:\s|건|것|중|곳|때|에서|[은는이가의])")
# Up to its topic, "푸른숲 도서관은", a question says what it is about, and after it what it asks for.
_TOPIC = re.compile(r"(?P<topic>.*[가-힣A-Za-z0-9’”'\")])(?:은|는)\s+")
_ASKED = re.compile(r"얼마|누구|누가|언제|어디|어느|어떤|무엇|무슨|뭐|몇|왜")
# "푸른숲 도서관의 예산은 얼마인가요?": the last word of the topic is what was asked for.
_DESCRIBES = re.compile(
    r"(?:는|은|을|된|될|한|할|던|린|낸|쓴|친|진|킨)\Z"
)  # "선정된" is nothing without its noun
_ONLY_ASKS = re.compile(
    r"(?:모두|전체|총|각각)?\s*(?:얼마|누구|언제|어디|무엇|뭐|몇\s?\S{1,3}?)(?:나)?"
    r"(?:인가요?|이었나요?|였나요?|입니까|이에요|예요|이죠|죠|야|이야|인지|되나요?|된가요?)?\s*\Z"
)


def leans(question: str, history: Sequence[Turn]) -> bool:
    """Whether the question may need an earlier one of the conversation to be understood."""
    is_first = not any(turn.role == "user" and turn.content.strip() for turn in history)
    is_short = len(question) <= _SHORT_QUESTION_CHARS
    return not is_first and bool(is_short or _LEANS.match(question) or _POINTS.search(question))


def standing_alone(question: str, history: Sequence[Turn]) -> str:
    """The question with what it leans on from the user's last one: its topic, or where it points, the whole.

    "푸른숲 도서관은 어디에 있나요?" and "그럼 예산은?" become "푸른숲 도서관 예산은?".
    """
    before = next((turn.content.strip() for turn in reversed(history) if turn.role == "user"), "")
    before = before[:_LONGEST_BEFORE_CHARS]
    if not leans(question, history):
        return question
    rest = _CONNECTIVE.sub("", question, count=1)
    topic = _topic(before)
    if topic and rest != question and not _POINTING.search(rest):
        return f"{topic} {rest}"
    return f"{before} {question}"


def _topic(question: str) -> str:
    """What the question is about; empty where it does not say so in a topic of its own."""
    asked = _ASKED.search(question)
    found = _TOPIC.match(question[: asked.start()]) if asked else None
    if not found:
        return ""
    topic = found["topic"]
    without_last = re.sub(r"의?\s*\S+\Z", "", topic)
    if _ONLY_ASKS.match(question[found.end() :].rstrip("?.! ")) and not _DESCRIBES.search(without_last):
        topic = without_last
    return topic.strip()
