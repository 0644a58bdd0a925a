import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.formats.markdown import read_markdown
from index.formats.normalise import normalise
from index.types import Document, Section


def read(text: str) -> Document:
    return read_markdown(text.encode(), "text/markdown")


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("첫 줄이\n이어진다.\n\n다음 문단", "첫 줄이 이어진다.\n\n다음 문단"),
        ("가  \n나\\\n다", "가\n나\n다"),
        ("**굵게** *기울임* `코드` ~~지움~~", "굵게 기울임 코드 지움"),
        ("[규정](https://intra.example/r) ![평면도](a.png)", "규정 평면도"),
        ("![](a.png)\n\n글", "글"),
        ("- 하나\n- 둘\n  - 셋\n- 넷", "- 하나\n- 둘\n  - 셋\n- 넷"),
        ("3. 셋\n4. 넷", "3. 셋\n4. 넷"),
        ("앞\n\n- 하나\n\n- 둘\n\n뒤", "앞\n\n- 하나\n- 둘\n\n뒤"),
        ("| 이름 | 값 |\n|--|--|\n| **가** | 1 |\n| 나 | |", "이름 | 값\n가 | 1\n나"),
        ("```py\nif a:\n    b = 1\n\n\nc\n```\n글", "if a:\n    b = 1\n\n\nc\n\n글"),
        ("> 인용\n> 글\n\n끝", "인용 글\n\n끝"),
        ('<div align="center"><b>안내</b><br>둘째</div>\n\n글', "안내\n둘째\n\n글"),
        ("a <b>굵게</b> <!-- 주석 --> 끝", "a 굵게 끝"),
        ("5 &lt; 7 &amp; 3&nbsp;km&#x200b;", "5 < 7 & 3 km"),
        ("위\n\n---\n\n아래", "위\n\n아래"),
        ("a < b 이고 c > d", "a < b 이고 c > d"),
        ("제목\n===\n글", "제목\n\n글"),
    ],
)
def test_rendering_of(source: str, text: str) -> None:
    assert read(source).text == text


def test_sections_begin_where_their_headings_stand() -> None:
    document = read("서문\n\n# 첫째 **장**\n\n글\n\n## 둘째\n글\n\n###\n")
    assert document.sections == (Section(4, "첫째 장"), Section(13, "둘째"))
    assert [document.text[s.start :].split("\n")[0] for s in document.sections] == ["첫째 장", "둘째"]
    assert document.title == "첫째 장"


def test_front_matter_becomes_title_and_metadata_as_written() -> None:
    front = 'title: "출장비: 기준"\nDate: 2026-01-05\nversion: 1.10\ntags: [여비, 규정]\nowner: ~\nx: {y: z}'
    document = read(f"---\n{front}\n---\n# 머리\n")
    assert document.title == "출장비: 기준"
    assert document.metadata == {"date": "2026-01-05", "version": "1.10", "tags": "여비, 규정"}
    assert document.text == "머리"


@pytest.mark.parametrize(
    "source",
    [
        "---\na: [1\n---\n본문",
        "---\n: - :\n\t-\n---\n본문",
        "---\n그냥 글\n---\n본문",
        "---\na: 1\n본문",
        "---\na: *nowhere\n---\n본문",
        "---\na: " + "[" * 8000 + "\n---\n본문",
        "---\n" + "a: 1\n" * 10000 + "---\n본문",
    ],
)
def test_unsound_front_matter_is_read_as_text(source: str) -> None:
    document = read(source)
    assert document.metadata == {}
    assert document.text.endswith("본문")
    assert len(document.text) > len("본문")


def test_repeated_aliases_do_not_blow_up() -> None:
    levels = "\n".join(f"k{n}: &k{n} [{', '.join([f'*k{n - 1}'] * 9)}]" for n in range(1, 12))
    document = read(f"---\nk0: &k0 [a]\n{levels}\n---\n본문")
    assert document.text == "본문"
    assert document.metadata == {"k0": "a"}


def test_lone_surrogates_in_front_matter_do_not_reach_the_metadata() -> None:
    assert read('---\nauthor: "가\\uD800나"\n---\n본문').metadata == {"author": "가나"}


@pytest.mark.parametrize(
    "source",
    [
        ">" * 50_000 + " 끝",
        "- " * 20_000 + "끝",
        "[" * 30_000 + "끝" + "]" * 30_000,
        "![" * 20_000 + "끝",
        "<" * 50_000 + "끝",
    ],
    ids=["quotes", "lists", "brackets", "images", "angles"],
)
def test_deep_or_endless_nesting_loses_no_words(source: str) -> None:
    assert "끝" in read(source).text


PIECES = st.sampled_from(
    [
        *"# |## |\n|\n\n|- |  |1. |> |```\n|**|[x](y)|![z](w)|<b>|<!--|&nbsp;|&#x200d;|&#x301;|e|가".split(
            "|"
        ),
        *"\u1112|\u1161| |\t|---\n|k: v\n|\\|`|\r|\x0b|  \n".split("|"),
        "| a | b |\n|-|-|\n",
    ]
)


@settings(deadline=None)
@given(
    st.lists(
        st.one_of(PIECES, st.text(st.characters(exclude_categories=["Cc", "Cs"]), max_size=5)), max_size=40
    ).map("".join)
)
def test_text_is_normalised_and_sections_stand_at_line_starts(source: str) -> None:
    document = read_markdown(b"x" + source.encode("utf-8", "ignore"), "text/markdown")
    text = document.text
    assert normalise(text) == text
    starts = [section.start for section in document.sections]
    assert starts == sorted(set(starts))
    assert all(start == 0 or text[start - 1] == "\n" for start in starts)
