import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.formats.html import read_html
from index.formats.normalise import normalise
from index.types import Document


def read(page: str) -> Document:
    return read_html(page.encode(), "text/html")


def asides(page: str) -> list[str]:
    document = read(page)
    return [span.of(document.text) for span in document.asides]


@pytest.mark.parametrize(
    ("page", "text"),
    [
        ("<p>첫 <b>문장</b>이다.\n  이어진다.</p><p>둘째</p>", "첫 문장이다. 이어진다.\n\n둘째"),
        ("<div>가<span>나</span></div><div>다</div>", "가나\n다"),
        ("가<br>나<br><br>다", "가\n나\n\n다"),
        ("<h2>머리</h2>글", "머리\n\n글"),
        ("<ul><li>하나<li>둘<ul><li>셋</ul></ul>뒤", "- 하나\n- 둘\n  - 셋\n\n뒤"),
        ("<ol start=3><li>셋<li>넷</ol>", "3. 셋\n4. 넷"),
        ("<table><tr><th>이름<th>값<tr><td>가<td>1</table>", "이름 | 값\n가 | 1"),
        ("<table><tr><td><p>가</p><td><p>1</p><p>2</p><tr><td><p>나</p><td>3</table>", "가 | 1 2\n나 | 3"),
        ("<table><tr><td><td>x<td>y<td></table>", "| x | y"),
        ("<table><tr><td><table><tr><td>안<td>쪽</table><td>밖</table>", "안 | 쪽\n\n밖"),
        ("<pre>if a:\n    b\n\n\nc</pre>글", "if a:\n    b\n\n\nc\n\n글"),
        ("5 &lt; 7 &amp; 3&nbsp;km&#8203;", "5 < 7 & 3 km"),
        ("<dl><dt>용어<dd>뜻</dl>", "용어\n뜻"),
        ("<details><summary>더</summary>내용</details>", "더\n내용"),
        ("글 <img alt=그림 src=x> 끝", "글 끝"),
        ("닫지 않은 <b>굵게 <div>안 <p>끝", "닫지 않은 굵게\n안\n\n끝"),
        ("가나다라마바사아자차 a\x00b", "가나다라마바사아자차 ab"),
    ],
)
def test_rendering_of(page: str, text: str) -> None:
    assert " ".join(read(page).text.split("\n\n")) == " ".join(text.split("\n\n"))
    assert read(page).text == text


@pytest.mark.parametrize(
    "hidden",
    [
        "<script>숨김</script>",
        "<style>숨김</style>",
        "<template><p>숨김</p></template>",
        "<noscript>숨김</noscript>",
        "<!-- 숨김 -->",
        "<div hidden>숨김</div>",
        "<p style='color:red; DISPLAY : none'>숨김</p>",
        "<span style='visibility:hidden'>숨김</span>",
        "<span style='font-size:0'>숨김</span>",
        "<span style='font-size: 0px;'>숨김</span>",
        "<span style='opacity:0.0'>숨김</span>",
        "<dialog>숨김</dialog>",
        "<svg><title>숨김</title></svg>",
        "<div hidden><div><p>숨김</p></div></div>",
    ],
)
def test_what_is_not_shown_is_not_in_the_text(hidden: str) -> None:
    assert read(f"<p>앞</p>{hidden}<p>뒤</p>").text == "앞\n\n뒤"


@pytest.mark.parametrize("style", ["font-size:0.9em", "opacity:0.5", "display:block", "margin:0"])
def test_ordinary_styles_hide_nothing(style: str) -> None:
    assert read(f"<p style='{style}'>글</p><p aria-hidden=true>끝</p>").text == "글\n\n끝"


def test_page_furniture_is_set_apart() -> None:
    page = (
        "<header>로고</header><nav><ul><li>홈<li>소개</ul></nav><main><header>머리</header><p>본문</p>"
        "<aside>곁글</aside><form>찾기 <button>가기</button></form></main>"
        "<div role=contentinfo>주소</div><footer>끝</footer>"
    )
    assert asides(page) == ["로고", "- 홈\n- 소개", "곁글", "찾기\n가기", "주소", "끝"]
    assert "머리\n\n본문" in read(page).text


def test_form_around_the_whole_page_is_no_aside() -> None:
    page = f"<form><nav>메뉴</nav><p>{'본문 문장이다. ' * 100}</p><footer>주소</footer></form>"
    assert asides(page) == ["메뉴", "주소"]


def test_nested_asides_are_one() -> None:
    assert asides("<p>글</p><footer>가<nav>나</nav>다</footer>") == ["가\n나\n다"]


def test_sections_title_and_metadata() -> None:
    document = read(
        "<html><head><title> 여비 &amp;\n규정 </title><meta name=Author content='총무팀'>"
        "<meta property='article:published_time' content='2026-01-05T09:00:00+09:00'>"
        "<meta name=date content=2020><meta property='og:site_name' content='사내 위키'>"
        "<meta name=description content='요약'><meta name=x content=y>"
        "</head><body><h1>여비 <em>규정</em></h1><p>글</p><h3>둘째<br>줄</h3><p>글</p><h4></h4></body></html>"
    )
    assert document.title == "여비 & 규정"
    assert [(s.heading, document.text[s.start :][:2]) for s in document.sections] == [
        ("여비 규정", "여비"),
        ("둘째 줄", "둘째"),
    ]
    assert document.metadata == {
        "author": "총무팀",
        "date": "2026-01-05T09:00:00+09:00",
        "site_name": "사내 위키",
        "description": "요약",
    }


@pytest.mark.parametrize(
    ("page", "title"),
    [
        ("<meta property='og:title' content='알림'><h1>머리</h1>", "알림"),
        ("<p>글</p><h1>머리</h1>", "머리"),
        ("<p>글</p>", None),
        ("<title></title><p>글</p>", None),
    ],
)
def test_title_falls_back(page: str, title: str | None) -> None:
    assert read(page).title == title


@pytest.mark.parametrize(
    "page",
    [
        "<div>" * 100_000 + "끝" + "</div>" * 100_000,
        "<div>" * 100_000 + "끝",
        "<table><tr><td>" * 20_000 + "끝",
        "".join(f"<b id={n}>" for n in range(5_000)) + "<p>글" * 5_000 + "<p>끝",
        "<ul><li>" * 30_000 + "끝",
        f"<div title='{'a' * 3_000_000}'>끝</div>",
        "<div " * 100_000 + ">끝",
        "<" * 100_000 + "끝",
        "<nav>" * 20_000 + "끝",
    ],
    ids=["divs", "open divs", "tables", "formatting", "lists", "attribute", "unclosed tag", "angles", "navs"],
)
def test_monstrous_pages_are_read_to_their_end(page: str) -> None:
    assert read(page).text.endswith("끝")


def test_text_beyond_the_deepest_nesting_keeps_its_lines() -> None:
    assert (
        read("<div>" * 1000 + "가<div>나</div>다" + "</div>" * 1000 + "<p>라</p>").text == "가\n나\n다\n\n라"
    )


TAGS = (
    "div p span b h1 h2 ul ol li table tr td th pre nav footer header form button br article a dl dd".split()
)
PIECES = st.one_of(
    st.sampled_from(TAGS).map(lambda tag: f"<{tag}>"),
    st.sampled_from(TAGS).map(lambda tag: f"</{tag}>"),
    st.sampled_from(
        [
            "&nbsp;",
            "&#x200d;",
            "&#x301;",
            "&#x1161;",
            "가",
            "\u1112",
            " ",
            "\n",
            "\t",
            "<",
            "hidden>",
            "글",
            "<p hidden>",
        ]
    ),
    st.text(st.characters(exclude_categories=["Cc", "Cs"]), max_size=4),
)


@settings(deadline=None, max_examples=300)
@given(st.lists(PIECES, max_size=40).map("".join))
def test_text_is_normalised_and_places_are_lines(page: str) -> None:
    document = read_html(b"<p>x" + page.encode("utf-8", "ignore"), "text/html")
    text = document.text
    assert normalise(text) == text
    assert text == text.strip("\n")
    starts = [section.start for section in document.sections]
    assert starts == sorted(set(starts))
    edges = [edge for span in document.asides for edge in (span.start, span.end)]
    assert edges == sorted(edges)
    for section in document.sections:
        assert section.heading
    for start in [*starts, *(span.start for span in document.asides)]:
        assert start == 0 or text[start - 1] == "\n"
    for span in document.asides:
        assert span.of(text).strip("\n") == span.of(text) != ""
        assert span.end == len(text) or text[span.end] == "\n"
