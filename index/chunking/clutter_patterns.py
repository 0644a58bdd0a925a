"""Patterns that identify the boilerplate of a web page. Pure; one line at a time.

Patterns are tried on short lines only, which bounds their cost.
"""

import re
from collections.abc import Sequence
from enum import Enum

HEADLINE_CHARS = 120
_NOTICE_CHARS = 300
_BUTTON_CHARS = 40

_SENTENCE_END = re.compile(r"(?:[다요죠]\.|[.?!])[\"'”’」』)\]]*\Z")
_CREDIT = re.compile(
    r"(?:제공|캡처|기자|연합뉴스|뉴시스)[.\])]?\Z|\((?:사진|출처|자료|그래픽)[^()]*\)\Z"
    r"|[ⓒ©][^ⓒ©]*\Z"
)
_BYLINE = re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]+|[가-힣]{2,4}\s?(?:선임|전문|객원|인턴)?\s?(?:기자|특파원)\Z")

_IMAGE_TARGET = re.compile(r"\]\([^()\s]*\)")

# Marks of a copyright notice that a contract about copyright does not have.
_NOTICE = re.compile(
    r"\A[^\w]{0,3}(?:[ⓒ©]|\(c\)\s?\d{4})"
    r"|저작권자\s*[:：]?\s*(?:[ⓒ©<＜\[]|\(c\))"
    r"|\A[^\w]{0,4}copyrights?\s*[:：]?\s*(?:[ⓒ©<]|\(c\))"
    r"|all rights reserved"
    r"|[ⓒ©].*(?:무단|금지|금합니다)"
    r"|무단\s*전재.*(?:금지|금합니다|금함|불허)"
    r"|(?:저작권|무단).*(?:재배포|배포|복제)\s*(?:를\s*)?(?:금지|금합니다)\W*\Z",
    re.IGNORECASE,
)
_FORBIDS = re.compile(r"금(?:지)?(?:합니다|됩니다|한다|함)|있습니다|reserved", re.IGNORECASE)
_CLAUSE = re.compile(r"제\s?\d+\s?[조항]|[①-⑳]|(?:\(?\d{1,3}|[가-하])[.)]\s")


class Button(Enum):
    """Kind of a button or counter label, by how certain it is."""

    CERTAIN = "certain"
    ACTION = "action"  # an action on the page: share, print
    WORD = "word"  # a service or a part of the page; ambiguous alone


_BUTTONS = (
    (
        Button.CERTAIN,
        r"조회\s*:?\s*[\d,]+|0\s?/\s?\d{2,5}|댓글\s*\(?0\)?|댓글\s*(?:쓰기|달기|보기|입력|등록)"
        r"|(?:기사\s*)?(?:sns\s*)?공유하기|(?:url|링크|주소|기사\s*링크)\s*복사(?:하기)?"
        r"|(?:글자|글씨|폰트)\s*(?:크기)?\s*(?:설정|조절|조정|변경|작게|보통|크게|키우기|줄이기|확대|축소)"
        r"|(?:글자|글씨|폰트)\s*크기|가\s*가(?:\s*가)*|본문\s*글씨.{0,8}|(?:본문|메뉴|메인\s*메뉴)\s*바로\s*가기"
        r"|마스크\s*영역|(?:이전|다음)\s*기사(?:\s*보기)?|기사\s*(?:듣기|스크랩|저장|공유)|기자\s*구독(?:하기)?"
        r"|(?:네이버|카카오톡?|페이스북|트위터|밴드|이메일)(?:에서|으로|로|에)?\s*(?:공유|구독|보내기)(?:하기)?"
        r"|맨\s*위로(?:\s*가기)?"
        r"|share (?:this|on|via)\b.{0,20}|copy link|leave a comment|0 comments?|print this page",
    ),
    (
        Button.ACTION,
        r"공유|(?:인쇄|프린트|스크랩|구독)(?:하기)?|북마크|좋아요\s*0"
        r"|share|print|e-?mail|tweet|bookmark|save|font size|text size",
    ),
    (
        Button.WORD,
        r"카카오톡|카카오스토리|페이스북|트위터|엑스|네이버\s*(?:블로그|밴드|카페)?|밴드|라인"
        r"|텔레그램|인스타그램|유튜브|이메일|메일"
        r"|로그인|로그아웃|회원\s*가입|마이\s*페이지|(?:댓글|좋아요|싫어요)(?:\s*[\d,]+)?|목록|top|닫기|검색|메뉴"
        r"|조회수\s*:?\s*[\d,]+|일간|주간|월간"
        r"|facebook|twitter|x|linkedin|whatsapp|reddit|pinterest|telegram|log ?in|sign ?in|sign ?up|subscribe"
        r"|comments?|likes?|menu|search|close|[\d,]+ (?:comments?|shares?|views?|likes?)",
    ),
)
_BETWEEN_BUTTONS = re.compile(r"[\s|·]+")
_BUTTON = re.compile("|".join(f"(?P<{kind.name}>{pattern})" for kind, pattern in _BUTTONS), re.IGNORECASE)

_RANKED = re.compile("뉴스|기사|글|헤드라인")  # cheap filter before the long pattern
_NEWS = rf"(?:{_RANKED.pattern})"
_COUNT = r"(?:\s*(?:top|best|베스트)?\s*\d{0,3})?(?:\s*(?:더\s*)?보기)?"
_RANKING_HEADING = re.compile(
    rf"(?:(?:가장|최근|오늘|이번\s*주|실시간|많이\s*본)\s*)?많이\s*(?:본|읽은|읽힌|찾은|찾는|공유된)\s*{_NEWS}{_COUNT}"
    rf"|(?:가장\s*)?많이\s*(?:본|읽은|읽힌)\s*{_NEWS}[를을]\s*제공.*"
    rf"|(?:이\s*)?(?:기사와\s*)?관련(?:된)?\s*(?:기사|뉴스|글|콘텐츠)(?:\s*목록)?{_COUNT}"
    rf"|함께\s*(?:볼|읽을|보면|읽으면|본|읽은)\s*(?:만한|만\s*한|좋은)?\s*{_NEWS}{_COUNT}"
    rf"|(?:이\s*시간|오늘의|실시간|지금)\s*(?:주요|핫|인기|추천|톱|많이\s*본)?\s*{_NEWS}{_COUNT}"
    rf"|꼭\s*(?:봐야|읽어야)\s*할\s*(?:주요\s*)?{_NEWS}{_COUNT}"
    rf"|(?:주간|월간|일간|최신|분야별|오늘의|실시간)?\s*(?:인기|추천|랭킹|핫)\s*{_NEWS}{_COUNT}"
    rf"|{_NEWS}\s*랭킹{_COUNT}"
    rf"|(?:이|[가-힣]{{2,4}})\s*기자의?\s*(?:다른|최신|인기)\s*기사(?:\s*더)?{_COUNT}"
    r"|(?:most|top) (?:read|viewed|popular|shared)(?: (?:stories|articles|news|posts))?"
    r"|related (?:articles?|stories|news|posts)|trending(?: (?:now|stories|articles|news|topics))?"
    r"|(?:recommended|popular|top) (?:stories|articles|posts|reads)|recommended for you"
    r"|you (?:may|might) (?:also )?(?:like|be interested in)|more from this author",
    re.IGNORECASE,
)
_ORNAMENT = " \t[]<>【】〈〉《》■□◆◇▶▷●○★☆※·•-–—:：!"


def is_prose(words: str, least_chars: int) -> bool:
    """Return whether a line reads as a sentence of at least this length."""
    return len(words) >= least_chars and bool(_SENTENCE_END.search(words[-12:]))


def is_caption(words: str) -> bool:
    """Return whether a line is complete like a caption: a sentence, or words that end in a credit."""
    least_chars = 40 if words.isascii() else 20  # Korean is about twice as dense
    return len(words) >= least_chars and bool(
        _SENTENCE_END.search(words[-12:]) or _CREDIT.search(words[-40:])
    )


def is_byline(words: str) -> bool:
    """Return whether a short line names the article's author."""
    return len(words) <= HEADLINE_CHARS and bool(_BYLINE.search(words))


def is_image_link(words: str) -> bool:
    """Return whether a line consists only of Markdown images, linked or not."""
    if not words.startswith(("![", "[![")) or not words.endswith(")"):
        return False
    pieces = _IMAGE_TARGET.split(words)
    return not pieces[-1] and all(not p.strip() or p.strip().startswith(("![", "[![")) for p in pieces)


def is_copyright_notice(words: str) -> bool:
    """Return whether a line is a copyright notice rather than a sentence about copyright."""
    if len(words) > _NOTICE_CHARS or not _NOTICE.search(words):
        return False
    is_sentence_about_rights = is_prose(words, 40) and not _FORBIDS.search(words[-12:])
    return not (is_sentence_about_rights or is_prose(words, 100) or _CLAUSE.match(words))


def is_ranking_heading(words: str) -> bool:
    """Return whether the whole line is the heading of a list of other articles."""
    if len(words) > HEADLINE_CHARS or not (words.isascii() or _RANKED.search(words)):
        return False
    return bool(_RANKING_HEADING.fullmatch(words.strip(_ORNAMENT)))


def button_kinds(words: str) -> list[Button]:
    """Return the kinds of the buttons or counters that make up the whole line; empty for any other line."""
    if len(words) > _BUTTON_CHARS:
        return []
    kind = _kind(words)
    if kind:
        return [kind]
    # Adjacent buttons are extracted as one line.
    parts = _BETWEEN_BUTTONS.split(words)
    if len(parts) < 3 or not _kind(parts[0]):
        return []
    kinds = [kind for part in parts if (kind := _kind(part))]
    return kinds if len(kinds) == len(parts) else []


def _kind(words: str) -> Button | None:
    match = _BUTTON.fullmatch(words)
    return Button[match.lastgroup] if match and match.lastgroup else None


def are_buttons(kinds: Sequence[Button]) -> bool:
    """Return whether consecutive lines of these kinds are buttons rather than document text."""
    n_actions = kinds.count(Button.ACTION)
    return Button.CERTAIN in kinds or n_actions >= 2 or (n_actions > 0 and len(kinds) > 1)
