"""How a word is known whatever endings and particles follow it: by its beginning. Pure."""

HANGUL_LETTERS = 2
LATIN_LETTERS = 4


def stem(word: str) -> str:
    """The letters by which a word is known, in lower case: 도서 of 도서관에서는, "sele" of "Selected"."""
    return word[: LATIN_LETTERS if word.isascii() else HANGUL_LETTERS].lower()
