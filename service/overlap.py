"""How much of a statement's wording a sentence has. Pure."""

import re
import unicodedata


def bigram_overlap(statement: str, sentence: str) -> float:
    """Share of the statement's pairs of neighbouring letters that the sentence has too, in [0, 1]."""
    pairs = bigrams(statement)
    return len(pairs & bigrams(sentence)) / len(pairs) if pairs else 0.0


def bigrams(text: str) -> set[str]:
    """The text's pairs of neighbouring letters, and its words of one letter."""
    words = re.findall(r"\w+", unicodedata.normalize("NFKC", text).lower())
    return {word[i : i + 2] for word in words for i in range(max(1, len(word) - 1))}
