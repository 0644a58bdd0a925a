"""What the model wrote, held against the sentences it was given: citations, checks, decision. Pure.

The model's text is split into statements. Each is tied to the sentences it cites, or, where it cites none
or the wrong one, to those that share its numbers and words; a number that stands in none of its quotes
makes the statement unsupported. Quotes are cut from the given sentences, never taken from the model.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from index.sentences import split_sentences
from service.endings import as_statement
from service.language import answer_language
from service.list_marks import without_list_mark
from service.numbers import (
    MONEY,
    Quantity,
    english_number,
    find_quantities,
    unsupported_quantities,
)
from service.orders import without_orders
from service.originals import with_originals
from service.transliterate import spells
from service.types import Citation, Grounding, Sentence

_MARKERS = re.compile(r"\s*\[(\d{1,3}(?:\s*[,;]\s*\d{1,3})*)\]")
_LATE_MARKERS = re.compile(r"([.!?。]+[\"'”’」』)]*)((?:\s*\[\d{1,3}(?:\s*[,;]\s*\d{1,3})*\])+)")
_BEGINS_WITH_MARKER = re.compile(r"\s*\[\d")
_FIRST_MARKERS = re.compile(r"(?:\[\d{1,3}(?:\s*[,;]\s*\d{1,3})*\]\s*)+")
_NO_SPACE_BEFORE_MARKER = re.compile(r"([.!?。][\"'”’」』)]*)(?=\[\d)")
_LEAST_OVERLAP = 0.25  # of a statement's letter pairs found in a sentence, to attribute one to the other
_CLEARLY_MORE = 0.2  # overlap by which an uncited sentence outdoes the cited ones, to be cited as well
_SHARE_OF_BEST = 0.4  # of the overlap of the nearest quote, that another needs; markers are for whole answers
_REFUSAL = re.compile(  # as the prompts word it
    r"문서에서 (?:확인|찾)|확인되지 않|not found in", re.IGNORECASE
)
_DENIAL = re.compile(
    r"확인할 수 없|찾을 수 없|알 수 없|언급되(?:지|어 있지) 않|나와 있지 않|정보가 없"
    r"|not mentioned|no information|(?:do|does) not (?:contain|mention|provide|specify)"
    r"|cannot be (?:found|determined)|is not (?:provided|specified|stated|given)",
    re.IGNORECASE,
)
_QUOTED_ENDING = 6  # letters; a question that ends like this in a sentence is that sentence's own
_MISCOPIED = 0.85  # overlap from which a statement is meant to be a sentence, word for word
_COPIED = 0.6  # overlap from which a statement is a sentence's own: "how it is shared out is not known"


@dataclass(frozen=True, slots=True)
class Statement:
    """One sentence of an answer, without markers, and the positions of the given sentences that back it."""

    text: str
    backing: tuple[int, ...]
    unsupported: tuple[Quantity, ...]
    invented_markers: int = 0
    repaired: bool = False

    @property
    def supported(self) -> bool:
        """Whether something is quoted for it and every number in it is backed."""
        return bool(self.backing) and not self.unsupported


@dataclass(frozen=True, slots=True)
class Grounded:
    """An answer's text with markers, its citations in marker order, and how it stands on them.

    markers: of each statement, in order.
    """

    text: str
    citations: tuple[Citation, ...]
    grounding: Grounding
    markers: tuple[tuple[int, ...], ...] = ()


def is_refusal(text: str, sentences: Sequence[Sentence] = (), question: str = "") -> bool:
    """Whether the model says that the sentences do not hold the answer, and says nothing else."""
    return all(
        _REFUSAL.search(statement)
        or (_DENIAL.search(statement) and not _says_something(statement, sentences, question))
        for statement in split_statements(text)
    )


def _says_something(statement: str, sentences: Sequence[Sentence], question: str) -> bool:
    """Whether a statement that denies something also gives a number, or is a sentence of the document."""
    asked = {quantity.text for quantity in find_quantities(question)}
    said = {quantity.text for quantity in find_quantities(without_markers(statement))}
    overlaps = (_overlap(statement, sentence.text) for sentence in sentences)
    return bool(said - asked) or max(overlaps, default=0.0) >= _COPIED


def without_markers(text: str) -> str:
    """The text without its [n], and without the space they leave before a full stop."""
    return re.sub(r"\s+([.!?。])", r"\1", _MARKERS.sub("", text))


def split_statements(text: str) -> list[str]:
    """The sentences of a generated text, each with the markers that belong to it.

    These stand before the first of the sentences that they are for, as the prompts have it, or behind a
    sentence, even behind its full stop.
    """
    if not _BEGINS_WITH_MARKER.match(text):
        joined = _LATE_MARKERS.sub(lambda match: f"{match.group(2)}{match.group(1)}", text)
        return [span.of(joined) for span in split_sentences(joined)]
    joined = _NO_SPACE_BEFORE_MARKER.sub(r"\1 ", text)
    statements: list[str] = []
    markers = ""
    for statement in (span.of(joined) for span in split_sentences(joined)):
        own = _FIRST_MARKERS.match(statement)
        markers = own.group() if own else markers
        statements.append(statement if own or _MARKERS.search(statement) else f"{markers}{statement}")
    return statements


def ground_statement(
    statement: str, sentences: Sequence[Sentence], question: str = "", *, n_numbered: int | None = None
) -> Statement:
    """The statement tied to the sentences that back it.

    sentences: as numbered in the prompt, marker [n] is `sentences[n - 1]`; n_numbered of them, the others
    stand behind names that the model was shown and are quoted where it uses one. question: what the statement
    takes over from it needs no backing, but what it adds does.
    """
    cited, invented = _read_markers(statement, len(sentences) if n_numbered is None else n_numbered)
    text = without_markers(statement).strip()
    if not any(text.rstrip("?").rstrip()[-_QUOTED_ENDING:] in sentence.text for sentence in sentences):
        text = as_statement(text)
    overlaps = [_overlap(text, sentence.text) for sentence in sentences]
    backing = list(cited)
    is_miscopied = False
    if sentences:
        best = max(range(len(sentences)), key=lambda i: overlaps[i])
        is_miscopied = _is_miscopied(text, sentences[best].text, overlaps[best])
        if is_miscopied:
            text, backing = without_list_mark(re.sub(r"\s+", " ", sentences[best].text)), [best]
        nearest_cited = max((overlaps[i] for i in backing), default=0.0)
        # The model cites the wrong sentence, or none, more often than it invents one.
        if overlaps[best] >= max(_LEAST_OVERLAP, nearest_cited + _CLEARLY_MORE):
            backing.append(best)
    missing = unsupported_quantities(text, [sentences[i].text for i in backing])
    passages = {sentences[i].hit.passage_id for i in backing}
    while missing:
        # A given sentence that holds the number backs it, whatever number the model put beside it; one that
        # the model has not read only where it stands in a passage that is quoted.
        more = max(
            (
                i
                for i, sentence in enumerate(sentences)
                if i not in backing
                and (n_numbered is None or i < n_numbered or sentence.hit.passage_id in passages)
            ),
            key=lambda i: (_n_backed(missing, sentences[i].text), overlaps[i]),
            default=None,
        )
        if more is None or not _n_backed(missing, sentences[more].text):
            break
        backing.append(more)
        missing = unsupported_quantities(text, [sentences[i].text for i in backing])
    repaired = _repair(text, missing, [sentences[i].text for i in backing])
    if repaired is not None:
        text, missing = repaired, []
    backing = _without_needless(text, backing, sentences, overlaps)
    backing += _name_givers(text, question, backing, sentences)
    if answer_language(text) == "en":
        text = with_originals(text, [sentences[i].text for i in backing])
    if _answers_from_memory(text, question, " ".join(sentences[i].text for i in backing)):
        backing = []
    return Statement(text, tuple(backing), tuple(missing), invented, repaired is not None or is_miscopied)


def _is_miscopied(text: str, sentence: str, overlap: float) -> bool:
    """Whether the statement is the sentence but for a word that it has wrong: 지역정부 for 지방정부."""
    if overlap < _MISCOPIED or not 0.8 < len(text) / len(sentence) < 1.25:
        return False
    if without_orders(sentence) != sentence:
        return False  # the model has not read all of it
    return any(word[:3] not in sentence for word in re.findall(r"[가-힣]{3,}", text))


def _name_givers(
    text: str, question: str, backing: Sequence[int], sentences: Sequence[Sentence]
) -> list[int]:
    """Further sentences of the quoted documents that give a name which the statement adds."""
    said = " ".join([question, *(sentences[i].text for i in backing)])
    documents = {sentences[i].hit.document_id for i in backing}
    givers: list[int] = []
    for name in dict.fromkeys(word[:3] for word in re.findall(r"[가-힣]{3,}", text) if word[:3] not in said):
        giver = next(
            (
                i
                for i, sentence in enumerate(sentences)
                if i not in backing and sentence.hit.document_id in documents and name in sentence.text
            ),
            None,
        )
        if giver is not None and giver not in givers:
            givers.append(giver)
    return givers


def _answers_from_memory(text: str, question: str, quotes: str) -> bool:
    """Whether nothing of what the statement adds to the question stands in its quotes.

    In Korean any added word may stand there, by its first two letters, for endings vary. In English over
    Korean quotes only names can be compared: as they are, or as Hangul spells them.
    """
    if find_quantities(text):
        return False  # numbers have a check of their own
    known, said = question.lower(), quotes.lower()
    added = [word for word in re.findall(r"[A-Za-z]{2,}|[가-힣]{2,}", text) if word[:2].lower() not in known]
    hangul = [word for word in added if not word.isascii()]
    if any(word[:2] in said for word in hangul):
        return False
    if answer_language(text) == "ko":
        return bool(hangul) and not any(word.lower() in said for word in added if word.isascii())
    names = [word for word in added if word[0].isupper() and not text.startswith(word)]
    spelled = re.findall(r"[가-힣]{2,}", quotes)
    return bool(names) and not any(
        name.lower() in said
        or any(spells(word[:n], name) for word in spelled for n in range(2, len(word) + 1))
        for name in names
    )


def _repair(text: str, missing: Sequence[Quantity], quotes: Sequence[str]) -> str | None:
    """The statement with each amount that only lost its scale put right: 350 billion for 35 billion.

    The digits have to be those of one amount in the quotes, in the same unit. None when nothing is missing,
    or when it cannot be told what was meant: then the statement is withheld.
    """
    if not missing:
        return None
    backed = [quantity for quote in quotes for quantity in find_quantities(quote)]
    for quantity in sorted(missing, key=lambda q: q.span, reverse=True):
        meant = {
            other.value: other
            for other in backed
            if other.unit is quantity.unit and _digits(other) == _digits(quantity)
        }
        if quantity.unit not in MONEY or len(meant) != 1:
            return None
        (right,) = meant.values()
        words = english_number(right.value) if answer_language(text) == "en" else right.text
        text = text[: quantity.span.start] + words + text[quantity.span.end :]
    return text if not unsupported_quantities(text, quotes) else None


def _digits(quantity: Quantity) -> str:
    """Significant digits of the value: "35" for 350, 3.5 billion and 350억."""
    return f"{quantity.value:f}".replace(".", "").strip("0")


def assemble(statements: Sequence[Statement], sentences: Sequence[Sentence]) -> Grounded:
    """The answer made of these statements: markers numbered from 1 as they come, quotes from the store."""
    numbers: dict[int, int] = {}
    for statement in statements:
        for position in statement.backing:
            numbers.setdefault(position, len(numbers) + 1)
    markers = tuple(tuple(numbers[i] for i in statement.backing) for statement in statements)
    parts = [_with_markers(statement.text, own) for statement, own in zip(statements, markers, strict=True)]
    citations = tuple(_cite(marker, sentences[position]) for position, marker in numbers.items())
    grounding = Grounding(
        sentences=len(statements),
        supported_sentences=sum(statement.supported for statement in statements),
        unsupported_numbers=tuple(q.text for statement in statements for q in statement.unsupported),
        repaired=any(statement.repaired for statement in statements),
        invented_markers=sum(statement.invented_markers for statement in statements),
    )
    return Grounded(" ".join(parts), citations, grounding, markers)


def ground(text: str, sentences: Sequence[Sentence]) -> Grounded:
    """The whole generated text, grounded statement by statement."""
    return assemble([ground_statement(s, sentences) for s in split_statements(text)], sentences)


def _read_markers(statement: str, n_sentences: int) -> tuple[list[int], int]:
    """Positions cited, in order and once each, and how many markers point at nothing."""
    numbers = [int(n) for group in _MARKERS.findall(statement) for n in re.findall(r"\d+", group)]
    cited = list(dict.fromkeys(n - 1 for n in numbers if 1 <= n <= n_sentences))
    return cited, sum(1 for n in numbers if not 1 <= n <= n_sentences)


def _n_backed(quantities: Sequence[Quantity], text: str) -> int:
    found = find_quantities(text)
    return sum(any(quantity.agrees_with(other) for other in found) for quantity in quantities)


def _without_needless(
    text: str, backing: list[int], sentences: Sequence[Sentence], overlaps: Sequence[float]
) -> list[int]:
    """The backing without cited sentences that share little with the statement, while others share much."""
    if len(backing) < 2:
        return backing
    least = max(_LEAST_OVERLAP / 2, _SHARE_OF_BEST * max(overlaps[i] for i in backing))
    needed = [
        i for i in backing if overlaps[i] >= least or _n_backed(find_quantities(text), sentences[i].text)
    ]
    return needed or backing[:1]


def _overlap(statement: str, sentence: str) -> float:
    """Share of the statement's pairs of neighbouring letters that the sentence has too, in [0, 1]."""
    pairs = _letter_pairs(statement)
    return len(pairs & _letter_pairs(sentence)) / len(pairs) if pairs else 0.0


def _letter_pairs(text: str) -> set[str]:
    words = re.findall(r"\w+", unicodedata.normalize("NFKC", text).lower())
    return {word[i : i + 2] for word in words for i in range(max(1, len(word) - 1))}


def _with_markers(text: str, markers: Sequence[int]) -> str:
    """The statement with its markers before its full stop: "…350억 원입니다 [1]."""
    if not markers:
        return text
    marks = "".join(f"[{marker}]" for marker in markers)
    end = re.search(r"[.!?。]*\Z", text)
    at = end.start() if end else len(text)
    return f"{text[:at]} {marks}{text[at:]}"


def _cite(marker: int, sentence: Sentence) -> Citation:
    hit = sentence.hit
    return Citation(
        marker=marker,
        document_id=hit.document_id,
        title=hit.title,
        source=hit.source,
        passage_id=hit.passage_id,
        start=sentence.span.start,
        end=sentence.span.end,
        quote=sentence.text,
        page=hit.page,
    )
