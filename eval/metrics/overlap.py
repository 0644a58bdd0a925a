"""How close the words of an answer are to a reference: exact match, F1, ROUGE-L, cosine. Pure.

Each function compares one answer with one reference and returns a number in [0, 1], or [-1, 1] for the
cosine. With several references the best counts: `best_of`, as in SQuAD's and KorQuAD's scripts.
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
    """The answer without its citation markers: "350억 원입니다 [1][2]." is "350억 원입니다."."""
    return _MARKERS.sub("", answer).strip()


def best_of(compare: Callable[[str, str], float], answer: str, references: Sequence[str]) -> float:
    """The most that the answer reaches against any reference. Raises ValueError without one."""
    return max(compare(answer, reference) for reference in references)


def normalise_korquad(text: str) -> str:
    """The text as KorQuAD 1.0's official script compares it (Lim, Kim and Lee 2019).

    Quotation marks ' " ‘ ’, brackets 《 》 < > 〈 〉 and parentheses become spaces; lower case; ASCII
    punctuation is taken out; white space collapses to single spaces. Articles stay.
    """
    lowered = text.translate(_KORQUAD_SPACED).lower()
    return " ".join(lowered.translate(_PUNCTUATION).split())


def normalise_squad(text: str) -> str:
    """The text as SQuAD's official script compares it (Rajpurkar et al. 2016).

    Lower case; ASCII punctuation is taken out; then the words a, an and the; white space collapses.
    """
    return " ".join(_ARTICLES.sub(" ", text.lower().translate(_PUNCTUATION)).split())


def exact_match(answer: str, reference: str) -> float:
    """1 when the two are equal after `normalise_korquad`, else 0."""
    return float(normalise_korquad(answer) == normalise_korquad(reference))


def char_f1(answer: str, reference: str) -> float:
    """F1 of the characters, without spaces and with repeats, after `normalise_korquad`.

    The F1 of KorQuAD 1.0: by character, since a Korean word carries its particles.
    """
    return _f1("".join(normalise_korquad(answer).split()), "".join(normalise_korquad(reference).split()))


def word_f1(answer: str, reference: str) -> float:
    """F1 of the words between spaces, with repeats, after `normalise_squad`: the F1 of SQuAD 1.1."""
    return _f1(normalise_squad(answer).split(), normalise_squad(reference).split())


def rouge_l(answer: Sequence[str], reference: Sequence[str]) -> float:
    """ROUGE-L: F1 of the longest common subsequence of words (Lin 2004, with beta 1); 0 without words.

    answer and reference: words as the lexical index splits them. Not by the pattern [a-z0-9]+ that common
    implementations use, which leaves nothing of Hangul.
    """
    if not answer or not reference:
        return 0.0
    common = _longest_common_subsequence(answer, reference)
    return 2 * common / (len(answer) + len(reference))


def cosine(one: NDArray[np.floating], other: NDArray[np.floating]) -> float:
    """Cosine of two vectors of any length, in [-1, 1]; 0 when one is all zeros."""
    lengths = float(np.linalg.norm(one) * np.linalg.norm(other))
    return float(one @ other) / lengths if lengths else 0.0


def _f1(answer: Sequence[Hashable], reference: Sequence[Hashable]) -> float:
    """2PR / (P + R) over the items both have, which is 2 * common / (all items of both)."""
    common = (Counter(answer) & Counter(reference)).total()
    return 2 * common / (len(answer) + len(reference)) if common else 0.0


def _longest_common_subsequence(one: Sequence[str], other: Sequence[str]) -> int:
    row = [0] * (len(other) + 1)
    for word in one:
        above, row = row, [0]
        for column, match in enumerate(other):
            row.append(above[column] + 1 if word == match else max(above[column + 1], row[column]))
    return row[-1]
