"""Questions for a person or a place, and quotes that hold neither. Pure.

Asked where the meeting is, a small model gives the sentence that says when.
"""

import re
from collections.abc import Callable, Sequence

from service.asked import parts_of
from service.people import names_somebody

# Of places that have names: rooms, floors and halls have numbers and letters as often.
_PLACES_KO = r"(?:호텔|회관|도시|지역|나라|병원|공원)"
_PLACES_EN = r"(?:hotel|venue|city|town|village|country|hospital|park|region)"
_ASKED_OF_IT = r"(?=\s+(?:is|are|was|were|did|do|does|will|has|had|can)\b|\s*\?)"  # not "city council"
_WHERE = re.compile(
    r"어디|장소|\bwhere\b|\bwhat (?:place|venue)\b"
    rf"|(?:어느|어떤|무슨)\s*{_PLACES_KO}에서"
    rf"|\b(?:in|at) (?:which|what) {_PLACES_EN}{_ASKED_OF_IT}",
    re.IGNORECASE,
)
_WHO = re.compile(r"누구|누가|누굴|\bwho(?:m)?\b", re.IGNORECASE)
_NAMES = re.compile(
    r"성함|존함|성명|\bfull name\b|\bnames of\b|\bwhat (?:is|was) (?:\w+ ){1,4}name\b", re.IGNORECASE
)
_TIMES = frozenset(
    """날 날짜 요일 오전 오후 아침 저녁 시간 예정 일정 이번 다음 지난달 이달 올해 작년 내년 지난해 하루 이틀
    월요일 화요일 수요일 목요일 금요일 토요일 일요일 정오 자정 상반기 하반기 분기""".split()
)
_LATIN_NAME = re.compile(r"\b[A-Z][a-z]+")


def names_nobody_new(
    question: str,
    quotes: Sequence[str],
    nouns_in: Callable[[str], Sequence[str]],
    names_in: Callable[[str], Sequence[str]],
    is_asked: Callable[[str], bool],
) -> bool:
    """Whether the one thing asked for is a person or a place, and the quotes add no word that could be one.

    nouns_in, names_in: nouns and Korean proper nouns of a text. is_asked: whether a noun is a word of the
    question, or what the other language calls one.
    """
    if len(parts_of(question)) > 1 or not (
        _WHERE.search(question) or _WHO.search(question) or _NAMES.search(question)
    ):
        return False
    said, known = " ".join(quotes), question.lower()
    if _NAMES.search(question):
        names = [*names_in(said), *_LATIN_NAME.findall(said)]
        return not names_somebody(said) and not any(name.lower() not in known for name in names)
    return not any(
        noun.lower() not in known and noun not in _TIMES and not noun.isdigit() and not is_asked(noun)
        for noun in nouns_in(said)
    )
