"""The one form in which text is stored: what a reader sees stays, what nobody sees goes.

Every offset in the project counts code points of a text in this form, so it is applied once, before anything
is measured, and applying it again changes nothing.
"""

import re
import unicodedata

_BREAKS = re.compile(r"[\r\x0b\x0c\x85\u2028\u2029]")
# No-break, en, em, thin and ideographic spaces, and the Hangul fillers that Korean editors use as blanks.
_SPACES = re.compile(r"[\xa0\u1680\u2000-\u200a\u202f\u205f\u3000\u3164\uffa0]")
# Controls, soft hyphen, zero-width and bidirectional marks, byte order marks, tag characters, variation
# selectors for ideographs, lone surrogates, non-characters. U+200D is treated apart.
_INVISIBLE = re.compile(
    r"[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\xad\u034f\u061c\u180e\u200b\u200c\u200e\u200f\u202a-\u202e"
    r"\u2060-\u206f\ufeff\ufff9-\ufffb\ufffe\uffff\ud800-\udfff\U000e0000-\U000e007f\U000e0100-\U000e01ef]+"
)
# A zero-width joiner has a meaning between two pictures ("👩‍🔧") and is noise anywhere else. Only ranges
# whose members NFC leaves alone are named, or a second pass might see other neighbours than the first.
_STRAY_JOINER = re.compile(
    r"(?<![\u2600-\u27bf\ufe0f\U0001f000-\U0001faff])\u200d|\u200d(?![\u2600-\u27bf\U0001f000-\U0001faff])"
)
_PRINTABLE_YET_CHANGED = re.compile(r"[\u034f\u3164\uffa0\U000e0100-\U000e01ef]")


def normalise(text: str) -> str:
    """`text` in stored form: NFC, line feeds only, plain spaces, no invisible characters, no trailing spaces.

    Tabs stay, since they separate columns; so do full-width digits and all kinds of quotation marks.
    Idempotent and linear.
    """
    if _is_plain(text):
        return text
    text = _BREAKS.sub("\n", text.replace("\r\n", "\n"))
    text = _SPACES.sub(" ", _INVISIBLE.sub("", text))
    if "\u200d" in text:
        text = _STRAY_JOINER.sub("", text)
    # After the removals: they can bring a letter and its accent together.
    text = unicodedata.normalize("NFC", text)
    return "\n".join(line.rstrip(" \t") for line in text.split("\n"))


def _is_plain(text: str) -> bool:
    """Whether a single line needs nothing; readers call this once a line, so it has to be cheap."""
    return (
        text.isprintable()
        and not text.endswith(" ")
        and unicodedata.is_normalized("NFC", text)
        and not _PRINTABLE_YET_CHANGED.search(text)
    )
