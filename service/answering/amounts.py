"""Amounts in the other language, computed and never generated: "350억 원" is "35 billion won"."""

import re

from service.numbers import Unit, amount_end, find_quantities, gloss_in_english, in_english, korean_number

LEAST_CONVERTED = 1000  # smaller numbers read the same in both languages
_CURRENCIES = {
    Unit.WON: "원",
    Unit.DOLLAR: "달러",
    Unit.EURO: "유로",
    Unit.YEN: "엔",
    Unit.YUAN: "위안",
    Unit.POUND: "파운드",
}
_ENGLISH = re.compile(r"[A-Za-z$€£¥₩]")
_HANGUL = re.compile(r"[가-힣]")
_AROUND_CHARS = 4  # before and behind an amount, where its currency stands


def add_amounts(text: str, language: str) -> str:
    """Return the text with each large amount followed by its form in the language of the answer.

    "350억 원(= 35 billion won)" for English, "KRW 35 billion(= 350억 원)" for Korean.
    """
    if language == "en":
        return gloss_in_english(text)
    parts, at = [], 0
    for end, _, korean in _korean_amounts(text):
        parts += [text[at:end], f"(= {korean})"]
        at = end
    return "".join([*parts, text[at:]])


def converted_amounts(text: str, language: str) -> list[tuple[str, str]]:
    """Return each large amount of the text, as written, with its form in the other language."""
    if language != "en":
        return [(written, korean) for _, written, korean in _korean_amounts(text)]
    return [
        (text[quantity.span.start : amount_end(text, quantity)].strip(), english)
        for quantity in find_quantities(text)
        if quantity.value >= LEAST_CONVERTED and (english := in_english(quantity))
    ]


def _korean_amounts(text: str) -> list[tuple[int, str, str]]:
    """Return end, words and Korean form of each amount of money written in English."""
    found = []
    for quantity in find_quantities(text):
        currency = _CURRENCIES.get(quantity.unit)
        korean = korean_number(quantity.value) if currency else None
        end = amount_end(text, quantity)
        around = text[max(0, quantity.span.start - _AROUND_CHARS) : end + _AROUND_CHARS]
        is_english = _ENGLISH.search(around) and not _HANGUL.search(text[quantity.span.start : end])
        if korean and is_english:
            found.append((end, text[quantity.span.start : end].strip(), f"{korean} {currency}"))
    return found
