"""The mark that an entry of a list begins with: "1. ", "(가) ", "- ", "□ ". Pure."""

import re

_LIST_MARK = re.compile(
    r"^(?:\(?(?:\d{1,2}|[가나다라마바사아자차카타파하a-z])[.)]\s+(?!\d)|[-*]\s+|[•·▪◦‣○●□■◇◆▷▶※]\s*)+"
)


def without_list_mark(text: str) -> str:
    """The text without the marks that it begins with."""
    return _LIST_MARK.sub("", text)
