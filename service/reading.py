"""The chosen sentences as the model reads them: with the names and amounts that it cannot work out itself.

What is shown to the model may differ from the document; what is quoted never does.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from index.types import Hit
from service.answer_type import fit
from service.list_marks import without_list_mark
from service.numbers import find_quantities, gloss_in_english
from service.orders import without_orders
from service.people import name_people
from service.select import FIT_BONUS, within_budget
from service.transliterate import gloss_names
from service.types import Sentence

_NEAREST_TOKENS = 140  # of the sentences nearest to a question
_EARLIER_CHARS = 20_000  # of a document, that are looked through for who somebody is


@dataclass(frozen=True, slots=True)
class Reading:
    """What the model reads, and what may be quoted for its answer.

    texts: shown as [1], [2], ... evidence: the sentences behind them, in the same order, and after them
    those that give a name which was put into a text, or a number of the question that an answer may repeat.
    """

    texts: tuple[str, ...]
    evidence: tuple[Sentence, ...]


def read_sentences(
    sentences: Sequence[Sentence],
    question: str,
    language: str,
    *,
    read_text: Callable[[str, int, int], str],
    find_passage: Callable[[str, int], Hit | None],
) -> Reading:
    """The sentences made readable: no orders and list marks, full names, in English amounts and names.

    read_text: a document's stored text between two code points. find_passage: the one that covers a code
    point of a document.
    """
    texts: list[str] = []
    introducing: dict[tuple[str, int], Sentence] = {}
    for sentence in sentences:
        document, start = sentence.hit.document_id, sentence.span.start
        begin = max(0, start - _EARLIER_CHARS)
        # A number that a list gives is taken by the model for one of ours, or for part of the answer.
        shown = without_list_mark(without_orders(sentence.text))
        text, introductions = name_people(shown, partial(read_text, document, begin, start))
        for introduction in introductions:
            position = begin + introduction.span.start
            found = _sentence_at(find_passage(document, position), position)
            if found is not None:
                introducing[document, found.span.start] = found
        # The model can do neither: it moves the decimal point, and does not hear that 천일 is Cheonil.
        texts.append(gloss_names(gloss_in_english(text), question) if language == "en" else text)
    numbered = {(sentence.hit.document_id, sentence.span.start) for sentence in sentences}
    for sentence in _with_numbers_of(question, sentences):
        introducing.setdefault((sentence.hit.document_id, sentence.span.start), sentence)
    extra = [sentence for place, sentence in introducing.items() if place not in numbered]
    return Reading(tuple(texts), (*sentences, *extra))


def nearest_of(reading: Reading, question: str, count_tokens: Callable[[str], int]) -> Reading | None:
    """Of what can be read, the few sentences nearest to the question, in the same order; None for all.

    What is lost among many sentences, a small model finds among few.
    """
    numbered = range(len(reading.texts))

    def rank(i: int) -> float:
        sentence = reading.evidence[i]
        return sentence.score + FIT_BONUS * fit(question, sentence.text)

    ranked = sorted(numbered, key=rank, reverse=True)
    chosen = within_budget((count_tokens(reading.texts[i]) for i in ranked), _NEAREST_TOKENS)
    if len(chosen) == len(ranked):
        return None
    near = sorted(ranked[i] for i in chosen)
    evidence = (*(reading.evidence[i] for i in near), *reading.evidence[len(numbered) :])
    return Reading(tuple(reading.texts[i] for i in near), evidence)


def _with_numbers_of(question: str, chosen: Sequence[Sentence]) -> Iterator[Sentence]:
    """For each number of the question, a sentence that has it in each passage that one was chosen from.

    An answer repeats the question, "in 2024 …", and what it quotes may have the year a sentence before. No
    farther away: asked about another year, a document often speaks of both.
    """
    passages = {sentence.hit.passage_id: sentence.hit for sentence in chosen}
    for number in find_quantities(question):
        for hit in passages.values():
            for sentence in hit.sentences:
                if any(number.agrees_with(other) for other in find_quantities(sentence.text)):
                    yield Sentence(hit, sentence.span, sentence.text, 0.0)
                    break


def _sentence_at(hit: Hit | None, position: int) -> Sentence | None:
    if hit is None:
        return None
    for sentence in hit.sentences:
        if sentence.span.start <= position < sentence.span.end:
            return Sentence(hit, sentence.span, sentence.text, 0.0)
    return None
