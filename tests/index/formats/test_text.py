import pytest

from index.errors import UnreadableDocument
from index.formats.text import read_text
from index.types import Document

BODY = "이번 조치로 신청 기간이 두 주 늘어난다.\n담당 부서는 총무팀이다.\n"


def read(text: str) -> Document:
    return read_text(text.encode(), "text/plain")


def test_text_is_stored_normalised_without_outer_blank_lines() -> None:
    document = read("\ufeff\n\n첫 줄  \r\n둘째\xa0줄\r\n\r\n")
    assert document.text == "첫 줄\n둘째 줄"
    assert (document.media_type, document.title, document.sections, document.asides) == (
        "text/plain",
        None,
        (),
        (),
    )


@pytest.mark.parametrize(
    "lines",
    [
        ["휴게실 이용 시간 연장 안내"],
        ["사내 공지", "휴게실 이용 시간 연장 안내"],
        ["2026. 3. 5. (목)", "휴게실 이용 시간 연장 안내"],
        ["https://intra.example/notice/17", "휴게실 이용 시간 연장 안내"],
        ["처음으로 | 사내 소식 | 자료실 | 문의하기", "휴게실 이용 시간 연장 안내"],
        ["―――――――――――――――", "휴게실 이용 시간 연장 안내"],
    ],
)
def test_headline_among_the_first_three_lines_is_the_title(lines: list[str]) -> None:
    assert read("\n\n".join([*lines, BODY])).title == "휴게실 이용 시간 연장 안내"


def test_headline_may_name_its_publisher_behind_a_bar() -> None:
    assert read("휴게실 이용 시간 연장 | 가람일보\n\n" + BODY).title == "휴게실 이용 시간 연장 | 가람일보"


@pytest.mark.parametrize(
    "text",
    [
        "휴게실 이용 시간 연장 안내",  # nothing follows
        "휴게실 이용 시간이 다음 달부터 늘어난다.\n" + BODY,
        "휴게실 이용 시간이 다음 달부터 늘어납니다\n" + BODY,
        "휴게실에서 찍은 사진이다. (사진=총무팀)\n" + BODY,
        "짧은 제목\n" + BODY,
        "긴 제목 " * 30 + "\n" + BODY,
        BODY + BODY + "휴게실 이용 시간 연장 안내\n" + BODY,
    ],
)
def test_without_a_headline_there_is_no_title(text: str) -> None:
    assert read(text).title is None


def test_binary_content_is_refused() -> None:
    with pytest.raises(UnreadableDocument, match="looks like a PNG image, not text"):
        read_text(b"\x89PNG\r\n\x1a\n\x00\x00", "text/plain")
