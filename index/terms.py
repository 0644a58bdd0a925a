"""A question's words as search terms, each with what the other language calls it.

Dictionary-based query translation (Ballesteros and Croft 1997): each word is looked for together with its
equivalents in `glossary.tsv`, so an English question finds the Korean passage its translation finds.
"""

import math
from collections.abc import Callable, Sequence, Set
from dataclasses import dataclass
from typing import Protocol

_LONGEST_ENTRY_WORDS = 3


class WordSplitter(Protocol):
    """Splits text into the words of the lexical index."""

    def words(self, text: str) -> list[str]:
        """Content words of the text in order."""

    def words_of_many(self, texts: Sequence[str]) -> list[list[str]]:
        """Content words of each text."""


class WordCounts(Protocol):
    """How common words are among some passages."""

    @property
    def n_passages(self) -> int:
        """How many passages there are."""

    def frequency(self, word: str) -> int:
        """In how many of them the word occurs."""


@dataclass(frozen=True, slots=True)
class Term:
    """One thing asked for. alternatives: any of them will do; of each, all words are needed."""

    alternatives: tuple[tuple[str, ...], ...]

    def found_in(self, words: Set[str]) -> bool:
        """Whether the words hold an alternative."""
        return any(words >= set(alternative) for alternative in self.alternatives)

    def rarity(self, frequency: Callable[[str], int], total: int) -> float:
        """Inverse document frequency. frequency: in how many of `total` passages a word occurs.

        A term is as frequent as its commonest alternative, and that as its rarest word.
        """
        return inverse_document_frequency(
            max((min(map(frequency, words)) for words in self.alternatives), default=0), total
        )

    def boosts(self, frequency: Callable[[str], int], total: int) -> tuple[float, ...]:
        """What to multiply the BM25 score of each alternative with, so that none is rarer than the own word.

        A word and its equivalents are one (Pirkola 1998): asked for 연금, a few English pages that say
        "pension" must not outrank thousands that say 연금. A word that is in no passage sets no measure.
        """
        own, *others = (_rarity_of(words, frequency, total) for words in self.alternatives)
        if not min(map(frequency, self.alternatives[0])):
            return (1.0,) * len(self.alternatives)
        return (1.0, *(min(1.0, own / other) for other in others))


def _rarity_of(words: Sequence[str], frequency: Callable[[str], int], total: int) -> float:
    return sum(inverse_document_frequency(frequency(word), total) for word in words)


def inverse_document_frequency(n: int, total: int) -> float:
    """Of a word in `n` of `total` passages, as BM25 in Lucene and tantivy has it."""
    n = min(total, n)
    return math.log(1 + (total - n + 0.5) / (n + 0.5))


Entries = dict[tuple[str, ...], list[tuple[str, ...]]]  # of words, what the other language has for them


def analyse_glossary(splitter: WordSplitter, text: str) -> Entries:
    """The entries of a glossary, both ways. text: lines of English, a tab, Korean words."""
    rows = [line.split("\t") for line in text.splitlines() if "\t" in line and not line.startswith("#")]
    english = splitter.words_of_many([row[0] for row in rows])
    equivalents = [row[1].split() for row in rows]
    korean = iter(splitter.words_of_many([word for row in equivalents for word in row]))
    entries: Entries = {}
    for key, row in zip(english, equivalents, strict=True):
        for words in [next(korean) for _ in row]:
            if key and words and key != words:
                entries.setdefault(tuple(key), []).append(tuple(words))
                entries.setdefault(tuple(words), []).append(tuple(key))
    return entries


class Glossary:
    """English and Korean equivalents, as words of the lexical index."""

    def __init__(self, entries: Entries) -> None:
        self._entries = entries

    def terms(self, words: Sequence[str]) -> list[Term]:
        """A term for each word, with its equivalents and those of known expressions that it is part of."""
        alternatives = {word: [(word,), *self._equivalents((word,))] for word in words}
        for length in range(2, _LONGEST_ENTRY_WORDS + 1):
            for at in range(len(words) - length + 1):
                expression = words[at : at + length]
                for word in expression:
                    alternatives[word] += self._equivalents(expression)
        return [Term(tuple(dict.fromkeys(ways))) for ways in alternatives.values()]

    def with_synonyms(self, term: Term) -> Term:
        """The term with its synonyms by way of the other language: selected, 선정, chosen."""
        further = [
            alternative
            for equivalent in term.alternatives[1:]
            if len(equivalent) == 1
            for alternative in (equivalent, *self._equivalents(equivalent))
        ]
        return Term(tuple(dict.fromkeys((*term.alternatives, *further))))

    def _equivalents(self, words: Sequence[str]) -> tuple[tuple[str, ...], ...]:
        """What the other language calls these words taken together, each as its words, commonest first."""
        return tuple(dict.fromkeys(self._entries.get(tuple(words), ())))
