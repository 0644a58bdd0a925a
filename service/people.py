"""Who "최 대표" and "그는" are: the full name that the same document gave before. Pure.

Korean reports name a person in full once, "최진욱 대표", and by surname and title, or "he", after that. A
sentence chosen out of its place has lost the name; the model is shown it, and the answer cites where it
stands.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from index.sentences import split_sentences
from index.types import Span

# Titles that follow a surname; longer ones first, so that 부회장 is not read as 회장.
_TITLES = """
    최고경영자 최고기술책임자 대표이사 부위원장 위원장 본부장 연구소장 센터장 사무총장 사무국장 이사장
    부이사장 부사장 부회장 부시장 부지사 부총리 부원장 부총장 부장관 부장검사 부장 부교수 조교수
    책임연구원 선임연구원 연구위원 연구원 대통령 국무총리 총리 대표 회장 사장 의장 의원 장관 차관 시장
    지사 군수 구청장 청장 국장 과장 팀장 실장 단장 원장 소장 총장 처장 교장 관장 감독 코치 이사 상무
    전무 교수 박사 변호사 판사 검사 기자 작가 감사 위원 간사 총무 주무관 사무관 선수 대사 정책관 담당관
    조합장 지점장
    """.split()
_TITLE = "|".join(sorted(_TITLES, key=len, reverse=True))
_PARTICLE = r"(?=(?:은|는|이|가|도|의|께서|에게|과|와|을|를|로|라고|이라고|도|만)?(?:[^가-힣]|$))"
_SHORT = re.compile(rf"(?<![가-힣])(?P<surname>[가-힣]) (?P<title>{_TITLE}){_PARTICLE}")
_TITLED = rf"(?:{_TITLE}){_PARTICLE}"  # ends what is said of one person: "김하늘 회장과 김바다 부회장"
_LONGEST_AFFILIATION_CHARS = 30
_PRONOUN = re.compile(r"그(?:녀)?(?=(?:는|가|도|의|에게)\s)")
_NAMED = re.compile(rf"(?<![가-힣])(?P<name>[가-힣]{{3}}) (?P<title>{_TITLE}){_PARTICLE}")
_TOPIC = re.compile(
    rf"(?:[^.!?\n]{{0,{_LONGEST_AFFILIATION_CHARS}}}\s)?"
    rf"(?P<name>[가-힣]{{3}}) (?P<title>{_TITLE})[은는이가]\s"
)
_SHORT_TOPIC = re.compile(rf"(?P<surname>[가-힣]) (?P<title>{_TITLE})[은는이가]\s")
_NEAR_CHARS, _NEAR_SENTENCES = 600, 3
_SOMEBODY = re.compile(rf"[가-힣]{{2,4}} ?(?:{_TITLE})")


@dataclass(frozen=True, slots=True)
class Introduction:
    """A full name, and where in the earlier text it stands with its title."""

    name: str
    span: Span


def names_somebody(text: str) -> bool:
    """Whether the text names a person with a title, or seems to."""
    return bool(_SOMEBODY.search(text))


def name_people(text: str, read_before: Callable[[], str]) -> tuple[str, list[Introduction]]:
    """The text with each surname before a title made a full name, and where these names come from.

    "그는" at its beginning gets the name of whom the sentence before speaks of: "그(최진욱 대표)는".
    read_before: gives the document's text before it, asked for only when there is such a surname or pronoun,
    which stays as it is when nobody, or more than one person, may be meant.
    """
    found: list[Introduction] = []
    before = cache(read_before)

    def full(match: re.Match[str]) -> str:
        introduction = _introduced(match["surname"], match["title"], before())
        if introduction is None:
            return match.group()
        found.append(introduction)
        return f"{introduction.name} {match['title']}"

    text = _SHORT.sub(full, text)
    if pronoun := _PRONOUN.match(text):
        antecedent = _speaker(before())
        if antecedent is not None:
            found.append(antecedent)
            text = f"{pronoun.group()}({antecedent.name}){text[pronoun.end() :]}"
    return text, found


def _speaker(before: str) -> Introduction | None:
    """The person that the sentences just before speak of: the topic of the last one that names its topic."""
    start = max(0, len(before) - _NEAR_CHARS)
    for sentence in reversed(split_sentences(before[start:])[-_NEAR_SENTENCES:]):
        text = sentence.of(before[start:])
        if topic := _TOPIC.match(text):
            people = {match["name"] for match in _NAMED.finditer(text)}
            if len(people) > 1:
                return None
            at = start + sentence.start
            return Introduction(
                f"{topic['name']} {topic['title']}", Span(at + topic.start("name"), at + topic.end("title"))
            )
        if short := _SHORT_TOPIC.match(text):
            known = _introduced(short["surname"], short["title"], before)
            return known and Introduction(f"{known.name} {short['title']}", known.span)
        if not _PRONOUN.match(text):
            return None
    return None


def _introduced(surname: str, title: str, before: str) -> Introduction | None:
    """The one person of this surname and title that the text names: "최진욱 (엠엔비젼) 대표"."""
    pattern = re.compile(
        rf"(?<![가-힣])(?P<name>{surname}[가-힣]{{1,2}}) "
        rf"(?:(?:(?!{_TITLED})[^\n.!?,·]){{1,{_LONGEST_AFFILIATION_CHARS}}} )?{title}{_PARTICLE}"
        rf"|(?<![가-힣]){title} (?P<name_after>{surname}[가-힣]{{2}})(?![가-힣])"
    )
    matches = list(pattern.finditer(before))
    names = {match["name"] or match["name_after"] for match in matches}
    if len(names) != 1:
        return None
    return Introduction(names.pop(), Span(*matches[0].span()))
