"""Which Hangul words an answer may hold: those that the model has read. Pure.

A small model that knows what to say still misspells it: 팁스 becomes 패스. While it writes,
a word has to begin like one that it read, or like one of the words that hold a sentence together. Numbers
are left free: one that it did not read shows that it does not know, and the check of numbers withholds it.
"""

import re
import unicodedata
from collections.abc import Iterable

from service.stems import HANGUL_LETTERS

_HANGUL = r"\uac00-\ud7a3"
# A word, not what hangs on a number or a Latin word: 년입니다 in "2017년입니다", 는 in "AI는".
_WORD = re.compile(rf"(?:^|(?<=[\s(\[“”‘’\"'「『《〈·,]))[{_HANGUL}]+")
_HAN = re.compile(r"[\u4e00-\u9fff]")
_MIXED = re.compile(rf"[{_HANGUL}]+[A-Za-z]+")  # a name that the model ends in Latin: 천일엔지니ering
# What Korean sentences are made with, whatever they are about: stems and beginnings that any ending may
# follow, and words that stand alone.
_STEMS = """
    같 넘 되 된 될 됐 됩 돼 받 보았 보인 않 없 있 였 이었 입니 하 한 할 했 합 해 말하 말한 말했 밝히
    밝힌 밝혔 열리 열린 열렸 가장 가지 각각 거의 경우 관련 관한 그는 그들 그의 그리 나온 나와 나타 내용
    다른 다섯 다음 당시 대비 대상 대한 대해 동안 따르 따른 따라 때문 또는 또한 라고 라는 라며 마련 많은
    많이 매우 먼저 모두 모든 문서 번째 부터 사람 순서 아니 아홉 약속 어느 어떤 언제 얼마 여기 여덟 여러
    여섯 예정 위한 위해 이고 이다 이라 이름 이를 이며 이번 이상 이유 이하 이후 일곱 일부 자신 장소 전체
    정도 중에 지난 질문 차례 총액 추가 통한 통해 하나 하지 한편 함께 해당 현재 확인 구성 규모 금액 기록
    개최 날짜 목표 발표 비율 선정 설명 시간 제공 지원 진행 참가 참석 참여 포함 강조 운영 실시
    """.split()
_ALONE = """
    그 네 더 덜 두 둘 등 또 로 만 및 밖 뿐 세 셋 속 수 안 약 외 의 이 인 잘 적 제 중 즉 지 총 한 것 곳
    명 개 건 도 가 나 다
    """.split()


_PARTICLES = ("", "은", "는", "이", "가", "을", "를", "에", "의", "도", "과", "와", "로", "만", "입", "이다")


class CopyConstraint:
    """Whether a text so far keeps to the Hangul words of its sources."""

    def __init__(self, sources: Iterable[str]) -> None:
        """sources: all that the model may copy from: the question and the sentences, as it reads them."""
        text = unicodedata.normalize("NFC", "\n".join(sources))
        squashed = re.sub(rf"[^{_HANGUL}]+", "", text)
        pairs = {squashed[i : i + HANGUL_LETTERS] for i in range(len(squashed) - 1)}
        lengths = range(1, HANGUL_LETTERS + 1)
        self._beginnings = {word[:n] for word in (*pairs, *_STEMS, *_ALONE) for n in lengths}
        self._any_ending = {word for word in _STEMS if len(word) == 1}
        self._han = set(_HAN.findall(text))
        self._text = text

    def allows(self, written: str) -> bool:
        """Whether every Hangul word of `written` is one of the sources', or the last can become one."""
        return (
            self._han.issuperset(_HAN.findall(written))
            and all(word in self._text for word in _MIXED.findall(written))
            and all(self._allows_word(word) for word in _WORD.findall(written))
        )

    def _allows_word(self, word: str) -> bool:
        return word[:HANGUL_LETTERS] in self._beginnings or word[0] in self._any_ending or _is_alone(word)


def _is_alone(word: str) -> bool:
    """Whether the word is one that stands alone, with at most a particle."""
    return word[0] in _ALONE and word[1:] in _PARTICLES
