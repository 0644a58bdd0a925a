"""Similarity of an answer to a reference: exact match, F1, ROUGE-L, cosine. Pure.

Each function compares one answer with one reference and returns a number in [0, 1], or [-1, 1] for the
cosine. With several references the best counts (`best_of`), as in SQuAD's and KorQuAD's scripts.
"""

import re
import string
from collections import Counter
from collections.abc import Callable, Hashable, Sequence

import numpy as np
from numpy.typing import NDArray

_PUNCTUATION = str.maketrans("", "", string.punctuation)
_KORQUAD_SPACED = str.maketrans(dict.fromkeys("'\"《》<>〈〉()‘’", " "))
_ARTICLES = re.compile(r"\b(?:a|an|the)\b")
_MARKERS = re.compile(r"\s*\[\d{1,3}(?:\s*[,;]\s*\d{1,3})*\]")


def without_markers(answer: str) -> str:
    """Return the answer without citation markers: "350억 원입니다 [1][2]." becomes "350억 원입니다."."""
    return _MARKERS.sub("", answer).strip()


def best_of(compare: Callable[[str, str], float], answer: str, references: Sequence[str]) -> float:
    """Return the highest score against any reference. Raises ValueError without references."""
    return max(compare(answer, reference) for reference in references)


def normalise_korquad(text: str) -> str:
    """Normalise a text as KorQuAD 1.0's official script does (Lim, Kim and Lee 2019).

    Quotation marks ' " ‘ ’, brackets 《 》 < > 〈 〉 and parentheses become spaces; lower case; ASCII
    punctuation is removed; white space collapses to single spaces. Articles stay.
    """
    lowered = text.translate(_KORQUAD_SPACED).lower()
    return " ".join(lowered.translate(_PUNCTUATION).split())


def normalise_squad(text: str) -> str:
    """Normalise a text as SQuAD's official script does (Rajpurkar et al. 2016).

    Lower case; ASCII punctuation is removed, then the words a, an and the; white space collapses.
    """
    return " ".join(_ARTICLES.sub(" ", text.lower().translate(_PUNCTUATION)).split())


def exact_match(answer: str, reference: str) -> float:
    """Return 1 if the two are equal after `normalise_korquad`, else 0."""
    return float(normalise_korquad(answer) == normalise_korquad(reference))


def char_f1(answer: str, reference: str) -> float:
    """Return F1 over characters, without spaces and with repeats, after `normalise_korquad`.

    The F1 of KorQuAD 1.0: by character, since Korean words carry particles.
    """
    return _f1("".join(normalise_korquad(answer).split()), "".join(normalise_korquad(reference).split()))


def word_f1(answer: str, reference: str) -> float:
    """Return F1 over space-separated words, with repeats, after `normalise_squad`: the F1 of SQuAD 1.1."""
    return _f1(normalise_squad(answer).split(), normalise_squad(reference).split())


def rouge_l(answer: Sequence[str], reference: Sequence[str]) -> float:
    """Return ROUGE-L: F1 of the longest common subsequence of words (Lin 2004, beta 1); 0 without words.

    answer, reference: words as the lexical index splits them, not by the pattern [a-z0-9]+ of common
    implementations, which drops all Hangul.
    """
    if not answer or not reference:
        return 0.0
    common = _longest_common_subsequence(answer, reference)
    return 2 * common / (len(answer) + len(reference))


def cosine(one: NDArray[np.floating], other: NDArray[np.floating]) -> float:
    """Return the cosine of two vectors, not necessarily normalised, in [-1, 1]; 0 if one is all zeros."""
    lengths = float(np.linalg.norm(one) * np.linalg.norm(other))
    return float(one @ other) / lengths if lengths else 0.0


def _f1(answer: Sequence[Hashable], reference: Sequence[Hashable]) -> float:
    """Return 2PR / (P + R) over the common items, which is 2 * common / (all items of both)."""
    common = (Counter(answer) & Counter(reference)).total()
    return 2 * common / (len(answer) + len(reference)) if common else 0.0


def _longest_common_subsequence(one: Sequence[str], other: Sequence[str]) -> int:
    row = [0] * (len(other) + 1)
    for word in one:
        above, row = row, [0]
        for column, match in enumerate(other):
            row.append(above[column] + 1 if word == match else max(above[column + 1], row[column]))
    return row[-1]
