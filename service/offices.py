"""Questions for whoever holds an office, "who is the mayor?", and quotes that speak of one. Pure.

Asked for a mayor whom no document names, a small model gives whoever stands near, a company even. So the
quotes themselves have to hold the office, in Korean with a name beside it: 시장 alone is also a market.
"""

import re
from collections.abc import Iterable

_OFFICES = {  # English: what Korean calls the holder
    "mayor": "시장 군수 구청장",
    "governor": "도지사 지사 총재",
    "minister": "장관 총리",
    "president": "대통령 회장 사장 총장 총재 대표",
    "chief executive": "대표 대표이사 최고경영자 사장 CEO",
    "ceo": "대표 대표이사 최고경영자 사장 CEO",
    "chairman": "회장 위원장 의장 이사장",
    "chairwoman": "회장 위원장 의장 이사장",
    "chairperson": "회장 위원장 의장 이사장",
    "chair": "회장 위원장 의장 이사장 좌장",
    "director": "원장 소장 센터장 감독 이사 국장 관장 본부장 단장 실장 처장 청장",
    "professor": "교수",
    "principal": "교장",
    "reporter": "기자",
    "journalist": "기자",
    "coach": "감독 코치",
    "ambassador": "대사",
    "commissioner": "청장 위원장 위원",
    "head": "장 대표",
}
_REST_OF_NAME = "(?:(?![은는이가을를에의도와과로])[가-힣]){0,2}"  # the analyser may cut it: 홍성|주
_KOREAN = sorted({name for names in _OFFICES.values() for name in names.split()} - {"장", "CEO"}, key=len)
_OFFICE_KO = "|".join(reversed(_KOREAN))
_OFFICE_EN = "|".join(sorted(_OFFICES, key=len, reverse=True))
_ASKED_KO = re.compile(
    rf"(?P<after>{_OFFICE_KO})(?:[은는이가]?\s?누구|(?:의)?\s?이름[은는이가]?\s?(?:누구|무엇|뭐))"
    rf"|누가\s?(?P<before>{_OFFICE_KO})(?:인가|이었|였|입니까|이지|이에|예|[을를] 맡|[이가] (?:되|됐)|\?)"
)
_ASKED_EN = re.compile(
    rf"\bwho(?:['’]s| is| was)(?: (?:the|its|their|a|an))?(?: [\w-]+){{0,2}}? (?P<office>{_OFFICE_EN})\b"
    rf"|\bname of (?:the|its|their)(?: [\w-]+){{0,2}}? (?P<named>{_OFFICE_EN})\b",
    re.IGNORECASE,
)


def office_asked(question: str) -> frozenset[str]:
    """What the office may be called in a quote, in either language; empty where none is asked for."""
    if match := _ASKED_KO.search(question):
        korean = match["after"] or match["before"]
        return frozenset({korean, *(name for name, ours in _OFFICES.items() if korean in ours.split())})
    if match := _ASKED_EN.search(question):
        english = (match["office"] or match["named"]).lower()
        return frozenset({english, *_OFFICES[english].split()})
    return frozenset()


def speaks_of_holder(office: frozenset[str], quote: str, names: Iterable[str]) -> bool:
    """Whether the quote speaks of somebody who holds the office. names: Korean proper nouns in the quote."""
    return any(
        re.search(rf"\b{name}\b", quote, re.IGNORECASE) if name.isascii() else _beside(name, quote, names)
        for name in office
    )


def _beside(office: str, quote: str, names: Iterable[str]) -> bool:
    """Whether a name stands beside the office: "최진욱 (엠엔비젼) 대표", "대표이사: 최진욱", "최 대표"."""
    named = "|".join(re.escape(name) for name in names if len(name) > 1)
    beside = rf"(?<![가-힣])[가-힣] {office}"
    if named:
        beside += rf"|(?:{named}){_REST_OF_NAME}(?:\s?\([^()]*\))?\s(?:[^\s,.]+\s)?[가-힣]{{0,4}}{office}"
        beside += rf"|{office}\S{{0,3}}\s?(?:{named})"
    return re.search(beside, quote) is not None
