"""Text to sentence spans, Korean and English. Pure; knows nothing of documents or passages.

A sentence ends at a terminator followed by white space, at a line break that is not a mere wrap of a
paragraph, or at the end. Abbreviations, initials, list numbers and dates such as "2026. 1. 29." do not end
one. Every character that is not outer white space belongs to exactly one sentence.
"""

import re
from collections.abc import Iterator

from index.types import Span

_KOREAN_LETTER = "[가나다라마바사아자차카타파하]"  # of "가. ", "나) "; other syllables are words ("네. ")
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
_LOOK_BACK_CHARS = 24  # longer than any pattern above, so that one check costs the same anywhere
_BULLET = re.compile(r"[ \t]*(?:[-*•·◆■□○●▶※☞◇▲△∙]|\(?\d{1,3}[.)]\s|" + _KOREAN_LETTER + r"[.)]\s|[①-⑳])")
_SENTENCE_END = re.compile(r"[.!?。！？:;][\"'”’」』)\]》〉]*\Z")

# A line that was broken only for width, as in text taken from a PDF.
_WIDEST_WRAPPED = 160  # columns; a paragraph whose lines are wider was not wrapped
_NARROWEST_WRAPPED = 36  # columns
_NEIGHBOURS = 6  # lines before and behind, among which the widest shows where the right margin is
_FILL = 0.85  # share of that width that a line reaches which was broken there
_AT_MARGIN = 3  # lines that have to, so that two headlines of a length are not a paragraph
_LOOSE_FILL = 0.7  # for a line that ends in the middle of a phrase
_GOES_ON = re.compile(
    r"(?:[가-힣](?:[은는을를의와과며된될]|에|에서|으로|하는|하고|하여|한다는|되는|있는|위한|대한|따른)|및|또는|혹은"
    r"|[,·(「『“‘]|\b(?:the|a|an|of|in|to|and|or|for|with|by|that|which|from|as|at|on))\Z"
)
_ENDED_IN_IT = re.compile(r"[가-힣a-z)%\"”’][.!?](?=\s|\Z)")


def split_sentences(text: str, within: Span | None = None) -> list[Span]:
    """Spans of the sentences of `text[within]`, ascending, disjoint, none with outer white space."""
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
    """Lines, with those joined that a hard wrap broke in the middle of a sentence."""
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
    """The lines of a block, those together that only the right margin parts.

    Such a line nearly reaches the margin, ends no sentence, and either breaks off in the middle of a phrase
    or is one of several lines of that width before the end of a sentence, as no list or headline is.
    """
    if not block:
        return
    lines = [line.of(text).rstrip() for line in block]
    widths = [_columns(line) for line in lines]
    wrapped = [False] * len(block)
    ends_as_prose = _ENDED_IN_IT.search(lines[-1]) is not None
    for i in range(len(block) - 2, -1, -1):
        near = widths[max(0, i - _NEIGHBOURS) : i + _NEIGHBOURS + 1]
        widest = max(near)
        may_wrap = (
            widths[i] >= _NARROWEST_WRAPPED
            and widest <= _WIDEST_WRAPPED
            and "|" not in lines[i][1:]
            and not _SENTENCE_END.search(lines[i])
            and not _BULLET.match(text, block[i + 1].start, block[i + 1].end)
        )
        at_margin = sum(width >= _FILL * widest for width in near)
        fills = widths[i] >= _FILL * widest and at_margin >= _AT_MARGIN
        breaks_off = widths[i] >= _LOOSE_FILL * widest and _GOES_ON.search(lines[i]) is not None
        wrapped[i] = may_wrap and (breaks_off or (fills and ends_as_prose))
        ends_as_prose = _ENDED_IN_IT.search(lines[i]) is not None or (wrapped[i] and ends_as_prose)
    start = block[0].start
    for i in range(len(block) - 1):
        if not wrapped[i]:
            yield Span(start, block[i].end)
            start = block[i + 1].start
    yield Span(start, block[-1].end)


def _columns(line: str) -> int:
    """Width on a page: Korean letters take two columns."""
    return sum(2 if character > "\u1100" else 1 for character in line)


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
