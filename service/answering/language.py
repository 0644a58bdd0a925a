"""Which language a question is in, and so which one its answer should be in. Pure."""

import re
import unicodedata

# Korean questions hold English names, English ones Korean names; only the latter hold these between them.
_ENGLISH_FRAME = re.compile(
    r"\b(?:what|who|whom|whose|where|when|which|why|how|is|are|was|were|do|does|did|has|have|had|can|could"
    r"|will|would|should|the|of|in|on|at|for|to|by|and|or|from|with|about|many|much|tell|list|name|give"
    r"|explain|summari[sz]e)\b",
    re.IGNORECASE,
)
_ENGLISH_BEGINNING = re.compile(
    r"\s*(?:what|who|whom|whose|where|when|which|why|how|is|are|was|were|do|does|did|has|have|can|could|will)\b",
    re.IGNORECASE,
)


def answer_language(question: str, wanted: str | None = None) -> str:
    """Return the wanted language, else the question's own, "ko" or "en".

    A question is English when it begins as English ones do, has no Hangul, or has at least as many small
    English words as Korean ones.
    """
    if wanted:
        return wanted
    question = unicodedata.normalize("NFC", question)
    if _ENGLISH_BEGINNING.match(question):
        return "en"
    korean_words = len(re.findall(r"[가-힣]+", question))
    english_words = len(_ENGLISH_FRAME.findall(question))
    return "ko" if korean_words > english_words else "en"
