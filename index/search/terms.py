"""Query terms: a question's words, each with its equivalents in the other language.

Dictionary-based query translation (Ballesteros and Croft 1997): each word is searched together with its
equivalents in `glossary.tsv`, so an English question finds the Korean passage its translation finds.
"""

import math
from collections.abc import Callable, Sequence, Set
from dataclasses import dataclass
from typing import Protocol

_LONGEST_ENTRY_WORDS = 3


class WordSplitter(Protocol):
    """A tokeniser of the lexical index."""

    def words(self, text: str) -> list[str]:
        """Return the content words of the text in order."""

    def words_of_many(self, texts: Sequence[str]) -> list[list[str]]:
        """Return the content words of each text."""


class WordCounts(Protocol):
    """Document frequencies over some passages."""

    @property
    def n_passages(self) -> int:
        """Return the number of passages."""

    def frequency(self, word: str) -> int:
        """Return the number of passages that contain the word."""


@dataclass(frozen=True, slots=True)
class Term:
    """A query term. alternatives: its own word first; one matches if all its words occur."""

    alternatives: tuple[tuple[str, ...], ...]

    def found_in(self, words: Set[str]) -> bool:
        """Return whether an alternative matches the words."""
        return any(words >= set(alternative) for alternative in self.alternatives)

    def rarity(self, frequency: Callable[[str], int], total: int) -> float:
        """Return the inverse document frequency. frequency: how many of `total` passages contain a word.

        A term is as frequent as its most frequent alternative, and that as its rarest word.
        """
        return inverse_document_frequency(
            max((min(map(frequency, words)) for words in self.alternatives), default=0), total
        )

    def boosts(self, frequency: Callable[[str], int], total: int) -> tuple[float, ...]:
        """Return the boost of each alternative's BM25 score, so that none has a higher IDF than the own word.

        A word and its equivalents are one term (Pirkola 1998): for 연금, a few English pages with "pension"
        must not outrank thousands with 연금. All boosts are 1 if the own word is in no passage.
        """
        own, *others = (_rarity_of(words, frequency, total) for words in self.alternatives)
        if not min(map(frequency, self.alternatives[0])):
            return (1.0,) * len(self.alternatives)
        return (1.0, *(min(1.0, own / other) for other in others))


def _rarity_of(words: Sequence[str], frequency: Callable[[str], int], total: int) -> float:
    return sum(inverse_document_frequency(frequency(word), total) for word in words)


def inverse_document_frequency(n: int, total: int) -> float:
    """Return the IDF of a word in `n` of `total` passages, as in the BM25 of Lucene and tantivy."""
    n = min(total, n)
    return math.log(1 + (total - n + 0.5) / (n + 0.5))


Entries = dict[tuple[str, ...], list[tuple[str, ...]]]  # equivalents in the other language, by words


def analyse_glossary(splitter: WordSplitter, text: str) -> Entries:
    """Parse a glossary into entries in both directions. text: lines of English, a tab, Korean words."""
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
    """English and Korean equivalents, as lexical tokens."""

    def __init__(self, entries: Entries) -> None:
        self._entries = entries

    def terms(self, words: Sequence[str]) -> list[Term]:
        """Return a term per word, with its equivalents and those of glossary expressions it is part of."""
        alternatives = {word: [(word,), *self._equivalents((word,))] for word in words}
        for length in range(2, _LONGEST_ENTRY_WORDS + 1):
            for at in range(len(words) - length + 1):
                expression = words[at : at + length]
                for word in expression:
                    alternatives[word] += self._equivalents(expression)
        return [Term(tuple(dict.fromkeys(ways))) for ways in alternatives.values()]

    def _equivalents(self, words: Sequence[str]) -> tuple[tuple[str, ...], ...]:
        """Return the equivalents of these words taken together, each as its words, commonest first."""
        return tuple(dict.fromkeys(self._entries.get(tuple(words), ())))
