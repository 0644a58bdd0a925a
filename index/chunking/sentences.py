"""Sentence segmentation of Korean and English text. Pure; independent of documents and passages.

A sentence ends at a terminator followed by white space, at a line break that is not a hard wrap within a
paragraph, or at the end. Abbreviations, initials, list numbers and dates such as "2026. 1. 29." do not end
one. Every character other than outer white space belongs to exactly one sentence.
"""

import itertools
import re
from collections.abc import Iterator

from index.types import Span

_KOREAN_LETTER = "[가나다라마바사아자차카타파하]"  # in "가. ", "나) "; other syllables are words ("네. ")
# A run of terminators, closing quotes or brackets, then white space or the end. The second form is the
# Korean one without a following space ("...했다.그는"), which is common in pasted text; the third is Chinese.
_TERMINATOR = re.compile(
    r"[.!?。！？]+[\"'”’」』)\]》〉]*(?=\s|\Z)"
    r"|(?<=[다요죠])[.!?](?=[가-힣“‘])"
    r"|。[”’」』）》〉]*"
)
_ENUMERATOR = re.compile(rf"(?:\(?\d{{1,3}}|{_KOREAN_LETTER}|[A-Za-z]|[ivxIVX]{{1,4}})\.")
_QUOTATION_GOES_ON = re.compile(r"\s?(?:이?라(?:고|며|면서|는|던)|고|며|면서|하고|하며)(?=[\s,])")
_DATE = re.compile(r"(?:\d{4}|['’]\d{2})\s?\.(?:\s?\d{1,2}\.){1,2}\Z")
_ABBREVIATION = re.compile(
    r"(?:\b(?:Mr|Mrs|Ms|Dr|Prof|St|Jr|Sr|vs|etc|No|Nos|Vol|Fig|Eq|Sec|Ch|pp|Inc|Ltd|Co|Corp|Dept|Gov|Sen|"
    r"Rep|Gen|approx|cf|al|e\.g|i\.e|a\.m|p\.m|U\.S|U\.K|U\.N|Ph\.D)|\b[A-Z])\.\Z"
)
_CLOSING_QUOTES = "\"'”’」』"
_LOOK_BACK_CHARS = 24  # longer than any pattern above, to bound the cost of a check
_BULLET = re.compile(r"[ \t]*(?:[-*•·◆■□○●▶※☞◇▲△∙]|\(?\d{1,3}[.)]\s|" + _KOREAN_LETTER + r"[.)]\s|[①-⑳])")
_SENTENCE_END = re.compile(r"[.!?。！？:;][\"'”’」』)\]》〉]*\Z")

WRAP_WIDTH_CHARS = 120  # a paragraph with longer lines is not hard-wrapped
WRAP_FILL = 0.72  # a hard-wrapped line has at least this share of the widest one's length
WRAP_SHARE = 0.75  # of lines that full, in a hard-wrapped paragraph; excludes runs of headlines


def split_sentences(text: str, within: Span | None = None) -> list[Span]:
    """Return the spans of the sentences of `text[within]`, ascending, disjoint, trimmed."""
    area = Span(0, len(text)) if within is None else within
    sentences: list[Span] = []
    for unit in _logical_lines(text, area):
        start = unit.start
        for match in _TERMINATOR.finditer(text, unit.start, unit.end):
            if _ends_sentence(text, start, match, unit.end):
                _append_trimmed(sentences, text, start, match.end())
                start = match.end()
        _append_trimmed(sentences, text, start, unit.end)
    return sentences


def _logical_lines(text: str, area: Span) -> Iterator[Span]:
    """Yield lines, joining those that a hard wrap broke in the middle of a sentence."""
    block: list[Span] = []
    for line in _lines(text, area):
        if text[line.start : line.end].isspace() or len(line) == 0:
            yield from _join_wrapped(text, block)
            block = []
        else:
            block.append(line)
    yield from _join_wrapped(text, block)


def _lines(text: str, area: Span) -> Iterator[Span]:
    start = area.start
    while start < area.end:
        end = text.find("\n", start, area.end)
        end = area.end if end < 0 else end
        yield Span(start, end)
        start = end + 1


def _join_wrapped(text: str, block: list[Span]) -> Iterator[Span]:
    if not block:
        return
    widest = max(len(line) for line in block)
    full = sum(len(line) >= WRAP_FILL * widest for line in block[:-1])
    is_hard_wrapped = (
        widest <= WRAP_WIDTH_CHARS
        and full >= WRAP_SHARE * (len(block) - 1)
        and _SENTENCE_END.search(block[-1].of(text).rstrip()) is not None
    )
    start = block[0].start
    for line, following in itertools.pairwise(block):
        wrapped = (
            is_hard_wrapped
            and len(line) >= WRAP_FILL * widest
            and len(line) >= 20
            and "|" not in line.of(text)
            and not _SENTENCE_END.search(line.of(text).rstrip())
            and not _BULLET.match(text, following.start, following.end)
        )
        if not wrapped:
            yield Span(start, line.end)
            start = following.start
    yield Span(start, block[-1].end)


def _ends_sentence(text: str, start: int, match: re.Match[str], end: int) -> bool:
    if match.end() >= end:
        return True
    if match.group()[-1] in _CLOSING_QUOTES and _QUOTATION_GOES_ON.match(text, match.end(), end):
        return False
    if "." not in match.group():
        return True
    before = text[max(start, match.start() - _LOOK_BACK_CHARS) : match.start() + 1]
    if match.group() == ".":
        at_start = match.start() - start < 5  # "1. ", "가. ", "(12. " open a sentence, they do not end one
        if at_start and _ENUMERATOR.fullmatch(text[start : match.end()].strip()):
            return False
        if _DATE.search(before) or _ABBREVIATION.search(before):
            return False
    following = text[match.end() : min(end, match.end() + 8)].lstrip()[:1]
    if following.isdigit() and before[-2:-1].isdigit():
        return False  # the inside of a date: "2026. 1. 29"
    return not (following.isascii() and following.islower())


def _append_trimmed(sentences: list[Span], text: str, start: int, end: int) -> None:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    if start < end:
        sentences.append(Span(start, end))
