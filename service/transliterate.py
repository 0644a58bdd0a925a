"""Latin names of a question and the Hangul that spells them: "Enercamp" is 에너캠프, "Cheonil" is 천일. Pure.

Names are compared by their consonants after Revised Romanisation, since the vowels of a name vary most.
"""

import re

_INITIALS = "g kk n d tt r m b pp s ss - j jj ch k t p h".split()
_VOWELS = "a ae ya yae eo e yeo ye o wa wae oe yo u wo we wi yu eu ui i".split()
_FINALS = "- k k k n n n t l k m l l l p l m p p t t ng t t k t p t".split()
_FIRST_SYLLABLE = 0xAC00
_SOUND_CLASSES = (
    (re.compile(r"ph"), "p"),
    (re.compile(r"ch|sh|th|gh|kh"), lambda match: {"ch": "j", "sh": "s", "th": "t"}.get(match.group(), "k")),
    (re.compile(r"[gckq]|x"), "k"),
    (re.compile(r"[dt]"), "t"),
    (re.compile(r"[bpfv]"), "p"),
    (re.compile(r"[lr]"), "r"),
    (re.compile(r"[jz]"), "j"),
    (re.compile(r"[^a-z]"), ""),
    (re.compile(r"(.)\1+"), r"\1"),  # before the vowels go: "Coca" has two of its consonant
    (re.compile(r"[aeiouwyh]"), ""),
)
_LEAST_CONSONANTS = 3  # fewer are shared by too many words
_LATIN_NAME = re.compile(r"\b[A-Z][A-Za-z]{3,}\b")
_HANGUL_WORD = re.compile(r"[가-힣]{2,}")


def romanise(hangul: str) -> str:
    """Hangul in Latin letters, syllable by syllable, without the sound changes between them.

    Revised Romanisation of Korean, Ministry of Culture and Tourism, 2000.
    """
    letters = []
    for character in hangul:
        code = ord(character) - _FIRST_SYLLABLE
        if not 0 <= code < 11172:
            letters.append(character)
            continue
        parts = _INITIALS[code // 588], _VOWELS[code % 588 // 28], _FINALS[code % 28]
        letters.append("".join(parts).replace("-", ""))
    return "".join(letters)


def spells(hangul: str, name: str) -> bool:
    """Whether the Hangul may be how Korean writes the Latin name."""
    ours, theirs = _consonants(romanise(hangul)), _consonants(name)
    if min(len(ours), len(theirs)) < _LEAST_CONSONANTS:
        # Short names have to agree in full: "Daegu", "Jeju".
        return romanise(hangul).lower() == name.lower()
    return ours == theirs or (ours[0] == theirs[0] and len(theirs) >= 4 and _differ_by_one(ours, theirs))


def is_spelled_in(name: str, text: str) -> bool:
    """Whether a Hangul word of the text begins with what may be the Latin name."""
    return any(_spelled_end(word, name) is not None for word in _HANGUL_WORD.findall(text))


def gloss_names(text: str, question: str) -> str:
    """The text with each name of the question put after the Hangul that spells it: "에너캠프(= Enercamp)"."""
    names = list(dict.fromkeys(_LATIN_NAME.findall(question)))
    for name in names:
        if name.lower() in text.lower():
            continue
        for match in _HANGUL_WORD.finditer(text):
            word = match.group()
            end = _spelled_end(word, name)
            if end is not None:
                at = match.start() + end
                text = f"{text[:at]}(= {name}){text[at:]}"
                break
    return text


def _spelled_end(word: str, name: str) -> int | None:
    """Where the shortest beginning that spells the name ends, which leaves particles outside: 에너캠프|는."""
    return next((n for n in range(2, len(word) + 1) if spells(word[:n], name)), None)


def _consonants(latin: str) -> str:
    skeleton = latin.lower()
    for pattern, replacement in _SOUND_CLASSES:
        skeleton = pattern.sub(replacement, skeleton)
    return skeleton


def _differ_by_one(one: str, other: str) -> bool:
    """Whether one letter put in, left out or changed makes one string the other."""
    if len(one) > len(other):
        one, other = other, one
    if len(other) - len(one) > 1:
        return False
    at = next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), len(one))
    rest = one[at + 1 :] if len(one) == len(other) else one[at:]
    return rest == other[at + 1 :]
