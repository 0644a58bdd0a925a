"""Which language a question is in, and so which one its answer should be in. Pure."""

import re


def answer_language(question: str, wanted: str | None = None) -> str:
    """The wanted language, else the question's own: "ko" when it has any amount of Hangul, "en" when not."""
    if wanted:
        return wanted
    hangul = len(re.findall(r"[가-힣]", question))
    latin_words = len(re.findall(r"[A-Za-z]{2,}", question))
    return "ko" if hangul and hangul >= latin_words else "en"
