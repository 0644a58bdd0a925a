"""Match answers against expected and forbidden phrases."""

import re
import unicodedata
from collections.abc import Sequence


def matches_expected(answer: str, expected: Sequence[Sequence[str]]) -> bool:
    """Return whether every group has an alternative that occurs in the answer.

    Case, Unicode form, white space and citation markers are ignored. An alternative that begins or ends
    with a digit must not be part of a longer number: "3" is not in "13" nor in "3,000".
    """
    text = _folded(re.sub(r"\[\d{1,3}\]", " ", answer))
    return all(any(_occurs(_folded(word), text) for word in group) for group in expected)


def says_any(answer: str, phrases: Sequence[str]) -> bool:
    """Return whether any of the phrases occurs in the answer, matched as in `matches_expected`.

    Citation markers are included, since a forged one may be the forbidden phrase.
    """
    text = _folded(answer)
    return any(_occurs(_folded(phrase), text) for phrase in phrases)


def _occurs(word: str, text: str) -> bool:
    before = r"(?<![\d.,])" if word[:1].isdigit() else ""
    after = r"(?!\d|[.,]\d)" if word[-1:].isdigit() else ""
    return re.search(f"{before}{re.escape(word)}{after}", text) is not None


def _folded(text: str) -> str:
    return re.sub(r"\s+", " ", unicodedata.normalize("NFKC", text)).strip().lower()
