"""What the model copied wrong and the document has right: an amount's scale, a word of a sentence. Pure."""

import re
from collections.abc import Sequence

from service.language import answer_language
from service.numbers import (
    MONEY,
    Quantity,
    english_number,
    find_quantities,
    unsupported_quantities,
    without_conversions,
)
from service.orders import may_be_repeated

_MISCOPIED = 0.85  # overlap from which a statement is meant to be a sentence, word for word


def repair_amounts(text: str, missing: Sequence[Quantity], quotes: Sequence[str]) -> str | None:
    """The statement with each amount that only lost its scale put right: 350 billion for 35 billion.

    The digits have to be those of one amount in the quotes, in the same unit. None when nothing is missing,
    or when it cannot be told what was meant: then the statement is withheld.
    """
    if not missing:
        return None
    backed = [quantity for quote in quotes for quantity in find_quantities(without_conversions(quote))]
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


def is_miscopied(text: str, sentence: str, overlap: float) -> bool:
    """Whether the statement is the sentence but for a word that it has wrong: 지역정부 for 지방정부."""
    if overlap < _MISCOPIED or not 0.8 < len(text) / len(sentence) < 1.25:
        return False
    if not may_be_repeated(sentence):
        return False  # the model has not read all of it
    return any(word[:3] not in sentence for word in re.findall(r"[가-힣]{3,}", text))
