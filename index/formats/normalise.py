"""Normalisation to the stored form of text: visible characters are preserved, invisible ones removed.

Every offset in the project counts code points of text in this form, so it is applied once, before any offset
is computed. Idempotent.
"""

import re
import unicodedata

_BREAKS = re.compile(r"[\r\x0b\x0c\x85\u2028\u2029]")
# No-break, en, em, thin and ideographic spaces, and the Hangul fillers that Korean editors use as blanks.
_SPACES = re.compile(r"[\xa0\u1680\u2000-\u200a\u202f\u205f\u3000\u3164\uffa0]")
# Controls, soft hyphen, zero-width and bidirectional marks, byte order marks, tag characters, variation
# selectors for ideographs, lone surrogates, non-characters. U+200D is handled separately.
_INVISIBLE = re.compile(
    r"[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\xad\u034f\u061c\u180e\u200b\u200c\u200e\u200f\u202a-\u202e"
    r"\u2060-\u206f\ufeff\ufff9-\ufffb\ufffe\uffff\ud800-\udfff\U000e0000-\U000e007f\U000e0100-\U000e01ef]+"
)
# A zero-width joiner is meaningful between two emoji ("👩‍🔧"), elsewhere it is noise. The ranges
# are invariant under NFC, so that a second pass sees the same neighbours.
_STRAY_JOINER = re.compile(
    r"(?<![\u2600-\u27bf\ufe0f\U0001f000-\U0001faff])\u200d|\u200d(?![\u2600-\u27bf\U0001f000-\U0001faff])"
)
_PRINTABLE_YET_CHANGED = re.compile(r"[\u034f\u3164\uffa0\U000e0100-\U000e01ef]")


def normalise(text: str) -> str:
    """Return `text` in NFC with line feeds, plain spaces, no invisible characters and no trailing spaces.

    Preserves tabs (they separate columns), full-width digits and all kinds of quotation marks.
    Idempotent; linear in the text.
    """
    if _is_plain(text):
        return text
    text = _BREAKS.sub("\n", text.replace("\r\n", "\n"))
    text = _SPACES.sub(" ", _INVISIBLE.sub("", text))
    if "\u200d" in text:
        text = _STRAY_JOINER.sub("", text)
    # After the removals, which can make a letter and its accent adjacent.
    text = unicodedata.normalize("NFC", text)
    return "\n".join(line.rstrip(" \t") for line in text.split("\n"))


def _is_plain(text: str) -> bool:
    """Return whether a single line is normalised already; cheap, since readers call it on every line."""
    return (
        text.isprintable()
        and not text.endswith(" ")
        and unicodedata.is_normalized("NFC", text)
        and not _PRINTABLE_YET_CHANGED.search(text)
    )
