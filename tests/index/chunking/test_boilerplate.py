import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.chunking.boilerplate import keep_spans
from index.formats.normalise import normalise
from index.types import Document, Section, Span
from tests.growth import measure_growth

PROSE = "구청은 올해 안에 자전거 보관소 열두 곳을 새로 짓고 낡은 세 곳은 고쳐 쓰기로 했다고 밝혔다."
NEXT = "주민 설명회는 다음 달 둘째 주 목요일 저녁에 세 동네에서 차례로 열리며 누구나 참석할 수 있다."


def kept(text: str, **known: object) -> list[str]:
    document = Document(text=text, media_type=str(known.pop("media_type", "text/plain")), **known)  # type: ignore[arg-type]
    return [span.of(text) for span in keep_spans(document)]


def test_article_without_clutter_is_one_span() -> None:
    text = f"자전거 보관소 확충\n\n{PROSE}\n{NEXT}\n\n(끝)"
    assert kept(text) == [text]


def test_blank_lines_do_not_end_a_run_and_outer_white_space_is_trimmed() -> None:
    assert kept(f"\n  {PROSE}\n \n\t\n{NEXT}\n\n") == [f"{PROSE}\n \n\t\n{NEXT}"]


def test_asides_are_left_out() -> None:
    text = f"홈\n소개\n{PROSE}\n주소"
    assert kept(text, asides=(Span(0, 4), Span(len(text) - 2, len(text)))) == [PROSE]


@pytest.mark.parametrize("line", ["|", "―――――", "* * *", "…", "▼▼▼"])
def test_line_without_letters_or_digits_is_left_out(line: str) -> None:
    assert kept(f"{PROSE}\n{line}\n{NEXT}") == [PROSE, NEXT]


def test_rule_inside_a_drawn_table_does_not_cut_it() -> None:
    table = "| 구분 | 수량 |\n|------|------|\n| 의자 | 12 |"
    assert kept(table) == [table]


@pytest.mark.parametrize(
    "line",
    [
        "![](https://img.example/a.jpg)",
        "![전경 [사진 1]](https://img.example/a.jpg)",
        "![가](a.png) ![나](b.png)",
        "[![가](a.png)](https://x.example)",
    ],
)
def test_image_link_is_left_out(line: str) -> None:
    assert kept(f"{PROSE}\n{line}\n{NEXT}") == [PROSE, NEXT]


def test_image_beside_words_stays() -> None:
    text = "![가](a.png) 새 보관소의 모습 ![나](b.png)"
    assert kept(text) == [text]


def test_repeated_caption_is_kept_once() -> None:
    caption = "새로 지은 자전거 보관소 앞에 주민들이 모여 있다. 구청 제공"
    assert kept(f"{caption}\n{caption}\n\n{PROSE}\n{caption}") == [caption, PROSE]


@pytest.mark.parametrize(
    "line",
    [
        "네, 맞습니다.",
        "- 담당: 총무팀, 기한: 3월 5일까지",
        "합계 | 1,200 | 3,400 | 4,600",
        "1. 서류를 갖추어 신청한다",
    ],
)
def test_short_lines_items_and_table_rows_may_recur(line: str) -> None:
    text = f"{line}\n{PROSE}\n{line}"
    assert kept(text) == [text]


@pytest.mark.parametrize(
    "text",
    [
        "을은 다음 각 호의 자료를\n보관한다.\n\n갑은 언제든지\n을은 다음 각 호의 자료를\n청구할 수 있다.",
        "12 0 0 0 0 0 0\n12 0 0 0 0 0 0",
        "total = sum(values)\nprint(total)\nvalues.clear()\ntotal = sum(values)",
        "Added in version 15.0.\n\nclose()\n\nAdded in version 15.0.",
    ],
    ids=["wrapped lines", "numbers", "code", "short notes"],
)
def test_lines_that_recur_on_purpose_stay(text: str) -> None:
    assert kept(text) == [text]


def test_statement_that_recurs_under_another_heading_stays() -> None:
    text = f"대여 안내\n\n{PROSE}\n\n반납 안내\n\n{PROSE}"
    assert kept(text) == [f"대여 안내\n\n{PROSE}\n\n반납 안내"]
    sections = (Section(0, "대여 안내"), Section(text.index("반납"), "반납 안내"))
    assert kept(text, sections=sections) == [text]


def test_repeated_heading_stays() -> None:
    text = f"신청 방법과 제출 서류 안내\n{PROSE}\n신청 방법과 제출 서류 안내\n{NEXT}"
    heading = "신청 방법과 제출 서류 안내"
    assert kept(text, sections=(Section(0, heading), Section(text.rindex(heading), heading))) == [text]


@pytest.mark.parametrize(
    "line",
    [
        "저작권자 © 한강나루신문 무단전재 및 재배포 금지",
        "<저작권자(c) 나루통신, 무단 전재-재배포 금지>",
        "ⓒ 나루신문 & naru.example, 무단전재 배포금지",
        "무단 전재 및 재배포를 금합니다.",
        "이 기사의 저작권은 나루신문에 있으며 허락 없는 무단 전재와 재배포를 금지합니다.",
        "Copyright © 2026 Naru Times. All rights reserved.",
        "© 2026 나루신문",
    ],
)
def test_copyright_notice_is_left_out(line: str) -> None:
    assert kept(f"{PROSE}\n{line}\n{NEXT}") == [PROSE, NEXT]


@pytest.mark.parametrize(
    "line",
    [
        "제7조(저작권) ① 결과물의 저작권자는 갑으로 한다.",
        "저작권자: 저작물을 창작한 사람",
        "을은 갑의 동의 없이 결과물을 무단 전재할 수 없다.",
        "무단전재와 재배포 금지 문구를 기사 끝에 넣을지를 두고 편집국에서 오래 토론했지만 정하지 못했다.",
        "- 재배포 금지: 구매한 글꼴은 다른 회사에 줄 수 없다",
        "시청 앞에 선 자전거 행렬. 사진 ⓒ나루신문",
        'must keep the notice, i.e., "Copyright (c) 2020 A. Lee", in every copy',
    ],
)
def test_words_about_rights_in_a_document_stay(line: str) -> None:
    text = f"{PROSE}\n{line}\n{NEXT}"
    assert kept(text) == [text]


@pytest.mark.parametrize(
    "widget",
    [
        "조회 231",
        "0/300",
        "공유하기",
        "댓글 0",
        "글자크기",
        "글자 크게",
        "URL 복사",
        "본문 바로가기",
        "공유하기\n카카오톡\n페이스북\n로그인",
        "페이스북\n\n트위터\n인쇄",
        "Share\nPrint",
        "공유 인쇄 스크랩",
        "Facebook\nTwitter\nEmail",
    ],
)
def test_buttons_and_counters_are_left_out(widget: str) -> None:
    assert kept(f"{PROSE}\n{widget}\n{NEXT}") == [PROSE, NEXT]


@pytest.mark.parametrize(
    "line",
    [
        "카카오톡",
        "Print",
        "로그인",
        "조회수: 12,000",
        "12/300",
        "- 페이스북\n- 카카오톡",
        "회원가입\n로그인\n결제",
        "공유하기 버튼을 누른다",
    ],
)
def test_words_that_are_buttons_elsewhere_stay(line: str) -> None:
    text = f"{PROSE}\n{line}\n{NEXT}"
    assert kept(text) == [text]


@pytest.mark.parametrize(
    "heading",
    [
        "많이 본 뉴스",
        "가장 많이 읽힌 기사",
        "[관련기사]",
        "관련 기사 더보기",
        "함께 볼만한 뉴스",
        "이 시간 주요 뉴스",
        "꼭 봐야할 주요뉴스",
        "인기 기사",
        "오늘의 주요뉴스",
        "많이 본 뉴스 TOP 10",
        "■ 실시간 인기기사",
        "Most read",
        "Related articles",
        "Trending now",
    ],
)
def test_ranking_is_left_out_until_the_article_goes_on(heading: str) -> None:
    ranking = f"{heading}\n1\n가을 축제 일정 나왔다…첫날은 불꽃놀이\n2\n버스 노선 세 개 바뀐다"
    assert kept(f"{PROSE}\n\n{ranking}\n\n{NEXT}\n{PROSE[:29]}") == [PROSE, f"{NEXT}\n{PROSE[:29]}"]


def test_ranking_ends_at_a_heading_of_the_document() -> None:
    text = f"{PROSE}\n관련기사\n버스 노선 세 개 바뀐다\n접수 안내\n방문 또는 우편"
    assert kept(text, sections=(Section(text.index("접수"), "접수 안내"),)) == [
        PROSE,
        "접수 안내\n방문 또는 우편",
    ]


def test_ranking_is_never_longer_than_twenty_lines() -> None:
    items = [f"짧은 줄 {n}" for n in range(30)]
    assert kept("\n".join([PROSE, "관련기사", *items])) == [PROSE, "\n".join(items[20:])]


def test_byline_after_a_ranking_stays() -> None:
    byline = "박나루 기자 naru@news.example"
    assert kept(f"{PROSE}\n\n관련기사\n버스 노선 바뀐다\n\n{byline}") == [PROSE, byline]


@pytest.mark.parametrize(
    "text",
    [
        f"{PROSE}\n회의에서는 많이 본 뉴스를 어떻게 고를지 논의했다.\n짧은 줄",
        f"오늘의 주요뉴스\n버스 노선 세 개 바뀐다\n{PROSE}",
        f"{PROSE}\n관련 기관\n- 구청\n- 시청",
        "제1조(목적) 물품의 공급을 정한다.\n제2조(기간) 1년으로 한다.\n\n갑: 나루상사\n을: 강변물산",
        "질문: 환불은 언제 되나요?\n답변: 사흘 안에 됩니다.\n질문: 교환은?\n답변: 사흘 안에 됩니다.",
        "| 용어 | 뜻 |\n|---|---|\n| SLA | 서비스 수준 협약 |",
        "Minutes\nPresent: A. Lee, B. Park\n1. Budget\n   Approved at $1.2M.\n2. Related work\nNone.",
        "박나루 기자 | naru@news.example\n2026.01.05 09:30\n\n" + PROSE,
    ],
)
def test_ordinary_documents_come_through_whole(text: str) -> None:
    assert kept(text) == [text]


def test_markdown_heading_is_its_authors_own_words() -> None:
    text = f"{PROSE}\n\n관련 기사\n\n- 나루신문, 1월 5일"
    sections = (Section(text.index("관련"), "관련 기사"),)
    assert kept(text, sections=sections, media_type="text/markdown") == [text]
    assert kept(text, sections=sections, media_type="text/html") == [PROSE]


@pytest.mark.parametrize("text", ["", "\n \n", "…"])
def test_nothing_is_kept_of_nothing(text: str) -> None:
    assert kept(text) == []


LINES = st.sampled_from(
    [
        PROSE,
        NEXT,
        "",
        " ",
        "\t짧다",
        "관련기사",
        "조회 3",
        "|",
        "![a](b)",
        "ⓒ 나루",
        "공유",
        "a | b",
        "제목 줄입니다 하나",
        "  들여 쓴 줄",
    ]
)


@given(st.lists(st.one_of(LINES, st.text(max_size=20)), max_size=30), st.data())
def test_spans_are_sorted_disjoint_trimmed_runs_of_whole_lines(lines: list[str], data: st.DataObject) -> None:
    text = normalise("\n".join(lines))
    starts = [0, *(n + 1 for n, c in enumerate(text) if c == "\n")]
    chosen = sorted(data.draw(st.sets(st.sampled_from(starts), max_size=4)))
    ends = [text.find("\n", start) if "\n" in text[start:] else len(text) for start in chosen]
    asides = tuple(Span(s, e) for s, e in zip(chosen, ends, strict=True) if s < e)
    spans = keep_spans(Document(text=text, media_type="text/plain", asides=asides))
    edges = [edge for span in spans for edge in (span.start, span.end)]
    assert edges == sorted(set(edges))
    for span in spans:
        words = span.of(text)
        assert words == words.strip() != ""
        assert not text[text.rfind("\n", 0, span.start) + 1 : span.start].strip()
        line_end = text.find("\n", span.end)
        assert not text[span.end : line_end if line_end >= 0 else len(text)].strip()
        assert not any(
            aside.start < span.end and span.start < aside.end for aside in asides if aside.of(text).strip()
        )


@pytest.mark.parametrize(
    "piece",
    ["가나다 라마", "짧은 줄\n", "관련기사\n", "![", "저작권자 ", "공유 "],
    ids=["long line", "short lines", "rankings", "images", "rights", "buttons"],
)
def test_endless_text_takes_linear_time(piece: str) -> None:
    def clean(n: int) -> None:
        keep_spans(Document(text=piece * n + ")", media_type="text/plain"))

    assert measure_growth(clean, 10_000) < 3
