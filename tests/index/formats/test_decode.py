import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.errors import UnreadableDocument
from index.formats.decode import decode_html, decode_text
from tests.growth import measure_growth

SHORT = "회의는 3월 5일 오후 두 시에 시작한다."
LONG = (SHORT + "\n구매팀은 견적서를 확인했고, 총액은 1,250만 원이다.\n“다음 주에 결정하자”고 했다.\n") * 200
ENGLISH = "It’s the “long” way round – don’t hurry… we’ll get there.\n"


@pytest.mark.parametrize("text", [SHORT, LONG, "안녕", "총 12건"])
@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "cp949", "euc-kr", "utf-16", "utf-16-le", "utf-16-be"]
)
def test_korean_is_decoded(text: str, encoding: str) -> None:
    assert decode_text(text.encode(encoding)) == text


@pytest.mark.parametrize("encoding", ["utf-32", "utf-32-le", "utf-32-be"])
def test_utf_32_is_decoded_with_and_without_mark(encoding: str) -> None:
    assert decode_text(SHORT.encode(encoding)) == SHORT


@pytest.mark.parametrize("mark", [codecs.BOM_UTF16_BE, codecs.BOM_UTF8])
def test_byte_order_mark_is_no_part_of_the_text(mark: bytes) -> None:
    encoding = "utf-16-be" if mark == codecs.BOM_UTF16_BE else "utf-8"
    assert decode_text(mark + "글".encode(encoding)) == "글"


def test_rare_syllables_of_cp949_are_decoded() -> None:
    assert decode_text("똠방각하가 펲시를 마셨다.".encode("cp949")) == "똠방각하가 펲시를 마셨다."


@pytest.mark.parametrize("text", [ENGLISH, ENGLISH * 300, "don’t stop", "Größe: 5 µm? Nein, 7 café tables"])
def test_windows_1252_is_not_taken_for_korean(text: str) -> None:
    raw = text.replace("µ", "u")
    assert decode_text(raw.encode("cp1252")) == raw


def test_cyrillic_is_left_to_the_detector() -> None:
    text = "Собрание начнётся во вторник в два часа дня, повестка приложена.\n" * 20
    assert decode_text(text.encode("cp1251")) == text


@pytest.mark.parametrize("cut", [1, 2])
def test_utf_8_cut_inside_the_last_character_loses_only_that(cut: int) -> None:
    assert decode_text((SHORT + "끝").encode()[:-cut]) == SHORT + "\ufffd"


def test_one_bad_byte_in_cp949_does_not_spoil_the_rest() -> None:
    data = LONG.encode("cp949") + b"\xff"
    assert decode_text(data) == LONG + "\ufffd"


def test_utf_16_with_half_a_character_at_the_end_is_decoded() -> None:
    assert decode_text(SHORT.encode("utf-16")[:-1]) == SHORT[:-1] + "\ufffd"


def test_a_few_nuls_in_text_are_no_reason_to_refuse_it() -> None:
    assert decode_text((LONG + "\0").encode()) == LONG + "\0"


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"", "the file is empty"),
        (b"PK\x03\x04\x14\x00\x06\x00", "looks like a ZIP archive (an Office file is one too), not text"),
        (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3", "looks like a PDF, not text"),
        (b"\x7fELF\x02\x01\x01", "looks like a program, not text"),
        (b"\x89PNG\r\n\x1a\n\x00", "looks like a PNG image, not text"),
        (b"\xff\xd8\xff\xe0\x00\x10JFIF", "looks like a JPEG image, not text"),
        (b"\x1f\x8b\x08\x00", "looks like a gzip archive, not text"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\x00", "looks like an old Office or HWP file, not text"),
        (bytes(range(256)) * 40, "looks like binary data, not text"),
        (b"\x00" * 1000, "looks like binary data, not text"),
    ],
)
def test_what_is_not_text_is_refused_by_its_kind(data: bytes, kind: str) -> None:
    with pytest.raises(UnreadableDocument) as error:
        decode_text(data)
    assert str(error.value) == kind


@given(st.binary(max_size=300))
def test_any_bytes_are_decoded_or_refused(data: bytes) -> None:
    try:
        decode_text(data).encode("utf-8")
    except UnreadableDocument as error:
        assert str(error)  # noqa: PT017


@given(st.text(alphabet=st.characters(exclude_categories=["Cc", "Cs"]), min_size=1))
def test_any_utf_8_text_is_read_back(text: str) -> None:
    if not text.startswith(("\ufeff", "{\\rtf", "%PDF-")):
        assert decode_text(text.encode()) == text


@pytest.mark.parametrize("label", ["shift_jis", "Shift_JIS", "x-sjis"])
def test_declared_charset_of_html_is_believed(label: str) -> None:
    if label == "x-sjis":
        label = "cp932"
    page = f'<head><meta charset="{label}"><title>会議の記録</title></head><body>午後二時に開始。</body>'
    assert decode_html(page.encode("shift_jis")) == page


def test_charset_in_a_content_attribute_is_found() -> None:
    page = '<meta http-equiv="Content-Type" content="text/html; charset=euc-jp"><p>会議は水曜日です。'
    assert decode_html(page.encode("euc-jp")) == page


@pytest.mark.parametrize(
    "label", ["euc-kr", "utf-16", "rot13", "unicode_escape", "no-such", "ks_c_5601-1987"]
)
def test_utf_8_wins_against_a_wrong_or_senseless_declaration(label: str) -> None:
    page = f"<meta charset={label}><p>{SHORT}</p>"
    assert decode_html(page.encode()) == page


@pytest.mark.parametrize("label", ["utf-8", "ks_c_5601-1987", "x-windows-949"])
def test_korean_page_is_decoded_whatever_it_declares(label: str) -> None:
    page = f"<meta charset={label}><p>{SHORT} 똠</p>"
    assert decode_html(page.encode("cp949")) == page


def test_a_long_text_is_decoded_in_linear_time() -> None:
    data = (LONG * 80).encode("cp949")
    assert measure_growth(lambda n: decode_text(data[:n]), 800_000) < 3
