import pytest

from index.errors import UnreadableDocument, UnsupportedFormat
from index.formats.registry import SUPPORTED_SUFFIXES, read_document


@pytest.mark.parametrize(
    ("name", "media_type", "text"),
    [
        ("a.txt", "text/plain", "# 제목\n<b>글</b>"),
        ("a.TEXT", "text/plain", "# 제목\n<b>글</b>"),
        ("폴더/a.md", "text/markdown", "제목\n\n글"),
        ("a.b.Markdown", "text/markdown", "제목\n\n글"),
        ("a.html", "text/html", "# 제목 글"),
        ("a.HTM", "text/html", "# 제목 글"),
    ],
)
def test_suffix_picks_the_reader_whatever_its_case(name: str, media_type: str, text: str) -> None:
    document = read_document(name, "# 제목\n<b>글</b>".encode())
    assert (document.media_type, document.text) == (media_type, text)


def test_supported_suffixes_are_lower_case_and_complete() -> None:
    assert set(SUPPORTED_SUFFIXES) >= {".txt", ".text", ".md", ".markdown", ".html", ".htm"}
    assert all(suffix == suffix.lower() for suffix in SUPPORTED_SUFFIXES)


@pytest.mark.parametrize(
    ("name", "kind"), [("비밀/a.xyz", ".xyz files"), ("비밀/README", "files without a suffix")]
)
def test_unknown_suffix_is_named_with_those_supported(name: str, kind: str) -> None:
    with pytest.raises(UnsupportedFormat) as error:
        read_document(name, "글".encode())
    assert str(error.value).startswith(f"no reader for {kind}; supported: ")
    assert ".html" in str(error.value)
    assert "비밀" not in str(error.value)


@pytest.mark.parametrize("name", ["a.txt", "a.md", "a.html"])
@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "the file is empty"),
        (b" \n\t\r\n ", "holds no readable text"),
        ("\ufeff".encode(), "holds no readable text"),
        ("――― … ***\n\u200b".encode(), "holds no readable text"),
        (b"PK\x03\x04\x14\x00", "looks like a ZIP archive"),
        (bytes(range(256)) * 4, "looks like binary data, not text"),
    ],
)
def test_unreadable_content_is_refused_with_the_reason(name: str, data: bytes, reason: str) -> None:
    with pytest.raises(UnreadableDocument) as error:
        read_document(name, data)
    assert str(error.value).startswith(reason)
    assert name not in str(error.value)


def test_page_without_visible_text_is_refused() -> None:
    with pytest.raises(UnreadableDocument, match="holds no readable text"):
        read_document("a.html", "<title>제목</title><script>글</script>".encode())
