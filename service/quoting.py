"""The document's own sentence in place of what the model made of it. Pure."""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace

from index.types import Span
from service.answer_type import gives
from service.asked import asks, kinds_asked, parts_of
from service.list_marks import without_list_mark
from service.naming import squash
from service.numbers import amount_end, find_quantities, in_english
from service.small_words import SMALL_WORDS
from service.stems import stem
from service.types import Sentence

_QUOTATION = {"ko": "문서에는 “{}”라고 적혀 있습니다.", "en": "The document says: “{}”."}
_OPENINGS = tuple(squash(quotation.split("{}")[0]) for quotation in _QUOTATION.values())
_LEAST_CONVERTED = 1000  # "세 업체" needs no "3" beside it
_MOST_LINES = 2
_CELLS = " | "  # between the cells of a table, as documents are stored
_ENDED = re.compile(r"(?:[.?!”\"’)\]]|[다음됨함임요])\s*$")
_CHOICE = re.compile(r"가운데|중(?:에서?)?\s|어느\s쪽|아니면|\bor\b|\bwhich of\b|\bbetween\b", re.IGNORECASE)
_LEAST_SHARE = 0.25  # of a question's words in the sentence itself that is quoted for it


def as_quotation(text: str, language: str) -> str:
    """A sentence of the answer that says what the document says, in English with its amounts converted."""
    said = re.sub(r"\s+", " ", without_list_mark(text)).strip()
    quotation = _QUOTATION[language].format(said.rstrip(".") if language == "en" else said)
    if language != "en":
        return quotation
    converted = [
        f"{said[quantity.span.start : amount_end(said, quantity)].strip()} = {english}"
        for quantity in find_quantities(said)
        if quantity.value >= _LEAST_CONVERTED and (english := in_english(quantity))
    ]
    return f"{quotation[:-1]} ({'; '.join(converted)})." if converted else quotation


def unbroken(sentence: Sentence) -> Sentence:
    """The sentence with the lines behind it where the margin of a page seems to have broken it.

    The rows of a table end without a full stop and are whole.
    """
    hit, span, text = sentence.hit, sentence.span, sentence.text
    after = [line for line in hit.sentences if line.span.start >= span.end]
    for line in after[:_MOST_LINES]:
        if _ENDED.search(text) or _CELLS in text:
            break
        span = Span(span.start, line.span.end)
        text = hit.text[span.start - hit.span.start : span.end - hit.span.start]
    return replace(sentence, span=span, text=text)


def is_said_in(statement: str, sentence: str) -> bool:
    """Whether the statement is the sentence, a part of it or its quotation, but for marks and blanks.

    A sentence that a beginning of the model's own stands before is not.
    """
    said, written = squash(statement), squash(sentence)
    return said in written or (said.startswith(_OPENINGS) and written in said)


def echoes(statement: str, question: str) -> bool:
    """Whether a statement says no more than the question that it is to answer."""
    if not asks(question) or _CHOICE.search(question) or _adds_number(statement, question):
        return False
    known = re.sub(r"\s+", " ", question).lower()
    added = [
        word
        for word in re.findall(r"[가-힣]{2,}|[A-Za-z]{4,}", statement)
        if word.lower() not in SMALL_WORDS and stem(word) not in known
    ]
    return not added


def _adds_number(statement: str, question: str) -> bool:
    asked = {quantity.value for quantity in find_quantities(question)}
    return any(quantity.value not in asked for quantity in find_quantities(statement))


def sentences_to_quote(
    question: str, sentences: Sequence[Sentence], share_in: Callable[[str, str], float]
) -> list[int]:
    """For each part of the question that asks for a number, the sentence that gives one like it.

    share_in: which share of a question's words stands in a text. Empty where a part asks for no number, or
    finds none.
    """
    chosen: list[int] = []
    for part in parts_of(question):
        kinds = kinds_asked(part)
        if not kinds:
            return []
        giving = [
            position
            for position, sentence in enumerate(sentences)
            if share_in(part, sentence.text) >= _LEAST_SHARE
            and all(gives(kind, part, sentence.text) for kind in kinds)
        ]
        if not giving:
            return []
        best = max(giving, key=lambda i: share_in(part, sentences[i].text) + sentences[i].score)
        if best not in chosen:
            chosen.append(best)
    return chosen
