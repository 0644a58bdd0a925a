"""Latin names and the Hangul that spells them: "Enercamp" is 에너캠프, "Cheonil" is 천일. Pure.

Names are compared by their consonants and first vowel after Revised Romanisation; other vowels vary most.
"""

import re

_INITIALS = "g kk n d tt r m b pp s ss - j jj ch k t p h".split()
_VOWELS = "a ae ya yae eo e yeo ye o wa wae oe yo u wo we wi yu eu ui i".split()
_FINALS = "- k k k n n n t l k m l l l p l m p p t t ng t t k t p t".split()
_FIRST_SYLLABLE = 0xAC00
_SOUND_CLASSES = (
    (re.compile(r"r(?![aeiouwyhr])"), ""),  # Korean writes none before a consonant: 에너캠프, Enercamp
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
_HANGUL_WORD = re.compile(r"[가-힣]{2,}")
_PARTICLE = re.compile(r"(?:에서|에게|까지|부터|으로|은|는|이|가|을|를|의|에|도|과|와|로|만)\Z")
_VOWELS_RUN = re.compile(r"[aeiouwy]+")
_VOWEL_CLASSES = (
    ("oe", ("oe", "oi", "we")),
    ("eo", ("eo",)),
    ("eu", ("eu",)),
    ("o", ("o",)),
    ("u", ("u",)),
    ("e", ("ae", "ai", "e")),
    ("a", ("a",)),
    ("i", ("i",)),
)


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
    """Return whether the Hangul is how Korean writes the Latin name: "Gwangju" is not 경주."""
    ours, theirs = romanise(hangul), name.lower()
    if min(len(_consonants(ours)), len(_consonants(theirs))) < _LEAST_CONSONANTS:
        return ours == theirs  # short names have to agree in full: "Daegu", "Jeju"
    return _consonants(ours) == _consonants(theirs) and _first_vowel(ours) == _first_vowel(theirs)


def is_name_in(name: str, text: str) -> bool:
    """Return whether a whole Hangul word of the text, particles aside, spells the Latin name."""
    cores = {core for word in _HANGUL_WORD.findall(text) for core in (word, _PARTICLE.sub("", word))}
    return any(spells(core, name) for core in cores)


def _first_vowel(latin: str) -> str:
    """Return the class of the first vowel, its glide dropped."""
    match = _VOWELS_RUN.search(latin)
    run = match.group().lstrip("wy") if match else ""
    return next((label for label, spellings in _VOWEL_CLASSES if run.startswith(spellings)), "")


def _consonants(latin: str) -> str:
    skeleton = latin.lower()
    for pattern, replacement in _SOUND_CLASSES:
        skeleton = pattern.sub(replacement, skeleton)
    return skeleton
