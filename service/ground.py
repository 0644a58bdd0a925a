"""One statement of the model, held against the sentences it was given: which back it, what none backs. Pure.

A statement is tied to the sentences it cites, or, where it cites none or the wrong one, to those that share
its numbers and words. A number that stands in none of them makes it unsupported.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from service.endings import as_statement
from service.from_memory import answers_from_memory
from service.language import answer_language
from service.list_marks import without_list_mark
from service.markers import read_markers, without_markers
from service.numbers import Quantity, find_quantities, unsupported_quantities
from service.originals import in_korean_units, with_originals
from service.overlap import bigram_overlap
from service.repair import is_miscopied, repair_amounts
from service.types import Sentence

_LEAST_OVERLAP = 0.25  # of a statement's letter pairs found in a sentence, to attribute one to the other
_CLEARLY_MORE = 0.2  # overlap by which an uncited sentence outdoes the cited ones, to be cited as well
_SHARE_OF_BEST = 0.4  # of the overlap of the nearest quote, that another needs; markers are for whole answers
_QUOTED_ENDING = 6  # letters; a question that ends like this in a sentence is that sentence's own


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


def ground_statement(
    statement: str, sentences: Sequence[Sentence], question: str = "", *, n_numbered: int | None = None
) -> Statement:
    """The statement tied to the sentences that back it.

    sentences: as numbered in the prompt, marker [n] is `sentences[n - 1]`; n_numbered of them, the others
    stand behind names that the model was shown and are quoted where it uses one. question: what the statement
    takes over from it needs no backing, but what it adds does.
    """
    n_numbered = len(sentences) if n_numbered is None else n_numbered
    cited, invented = read_markers(statement, n_numbered)
    text = _ended(without_markers(statement).strip(), sentences)
    overlaps = [bigram_overlap(text, sentence.text) for sentence in sentences]
    backing, miscopied = cited, False
    if sentences:
        nearest = max(range(len(sentences)), key=lambda i: overlaps[i])
        miscopied = is_miscopied(text, sentences[nearest].text, overlaps[nearest])
        if miscopied:
            text, backing = without_list_mark(re.sub(r"\s+", " ", sentences[nearest].text)), [nearest]
        else:
            backing = _with_nearest(nearest, cited, overlaps)
    backing, missing = _back_numbers(text, backing, sentences, overlaps, n_numbered)
    repaired = repair_amounts(text, missing, _texts(backing, sentences))
    if repaired is not None:
        text, missing = repaired, []
    backing = _without_needless(text, backing, sentences, overlaps)
    backing = [*backing, *_name_givers(text, question, backing, sentences)]
    quotes = _texts(backing, sentences)
    text = with_originals(text, quotes) if answer_language(text) == "en" else in_korean_units(text)
    if answers_from_memory(text, question, " ".join(quotes)):
        backing = []
    return Statement(text, tuple(backing), tuple(missing), invented, miscopied or repaired is not None)


def _texts(backing: Sequence[int], sentences: Sequence[Sentence]) -> list[str]:
    return [sentences[i].text for i in backing]


def _ended(text: str, sentences: Sequence[Sentence]) -> str:
    """The statement with an ending of its own, where it took over that of its question."""
    if any(text.rstrip("?").rstrip()[-_QUOTED_ENDING:] in sentence.text for sentence in sentences):
        return text
    return as_statement(text)


def _with_nearest(nearest: int, cited: list[int], overlaps: Sequence[float]) -> list[int]:
    """The cited sentences, and the one nearest to the statement where these are clearly further from it.

    The model cites the wrong sentence, or none, more often than it invents one.
    """
    nearest_cited = max((overlaps[i] for i in cited), default=0.0)
    if overlaps[nearest] >= max(_LEAST_OVERLAP, nearest_cited + _CLEARLY_MORE):
        return [*cited, nearest]
    return cited


def _back_numbers(
    text: str,
    backing: Sequence[int],
    sentences: Sequence[Sentence],
    overlaps: Sequence[float],
    n_numbered: int,
) -> tuple[list[int], list[Quantity]]:
    """The backing with the sentences that hold the statement's other numbers, and the numbers in none.

    A given sentence that holds a number backs it, whatever marker the model put beside it; one that the
    model has not read only where it stands in a passage that is quoted.
    """
    backed = list(backing)
    passages = {sentences[i].hit.passage_id for i in backing}
    missing = unsupported_quantities(text, _texts(backed, sentences))
    while missing:
        more = max(
            (
                i
                for i, sentence in enumerate(sentences)
                if i not in backed and (i < n_numbered or sentence.hit.passage_id in passages)
            ),
            key=lambda i: (_n_backed(missing, sentences[i].text), overlaps[i]),
            default=None,
        )
        if more is None or not _n_backed(missing, sentences[more].text):
            break
        backed.append(more)
        missing = unsupported_quantities(text, _texts(backed, sentences))
    return backed, missing


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
