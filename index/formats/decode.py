"""Character decoding of text formats: detects the encoding and rejects binary data."""

import codecs
import re

from index.errors import UnreadableDocument

_MAGIC = (
    (b"PK\x03\x04", "a ZIP archive (an Office file is one too)"),
    (b"PK\x05\x06", "a ZIP archive"),
    (b"%PDF-", "a PDF"),
    (b"\x7fELF", "a program"),
    (b"\x89PNG\r\n", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"GIF87a", "a GIF image"),
    (b"GIF89a", "a GIF image"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"BZh9", "a bzip2 archive"),
    (b"\xfd7zXZ\x00", "an xz archive"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
    (b"Rar!\x1a\x07", "a RAR archive"),
    (b"\x28\xb5\x2f\xfd", "a Zstandard archive"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Office or HWP file"),
    (b"SQLite format 3\x00", "a SQLite database"),
    (b"{\\rtf", "an RTF document"),
)
# UTF-32 first: its little-endian mark begins with that of UTF-16.
_BOMS = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# Tab, line ends, form feed, DOS end of file and the escape of coloured logs occur in real text files.
_CONTROLS = bytes({*range(0x20), 0x7F} - {*b"\t\n\x0b\x0c\r\x1a\x1b"})
_ASCII = bytes(range(0x80))
_BINARY_SHARE = 0.02  # of control bytes; random bytes have a tenth, text has none
_BROKEN_SHARE = 0.01  # of decoding errors among non-ASCII characters, in an otherwise valid file

_META_CHARSET = re.compile(
    rb"<(?:meta|\?xml)\b[^<>]{0,400}?(?:charset|encoding)\s*=\s*[\"']?\s*([\w.:-]{1,40})", re.I
)
_META_WITHIN = 4096  # the standard says 1024; licence comments push it down on real pages
_LABELS = {
    "windows-949": "cp949", "x-windows-949": "cp949", "euc_kr": "cp949", "iso8859-1": "cp1252",
    "ascii": "cp1252", "gb2312": "gb18030", "gbk": "gb18030",
}  # fmt: skip
# Some Python codecs are no character sets (punycode, unicode_escape); a page must not select one.
_DECLARABLE = re.compile(
    r"utf-8|cp949|johab|shift_jis|cp932|euc_jp|iso2022_jp|gb18030|big5|koi8-[ru]|cp125\d|cp874|iso8859-\d+"
)
_BEYOND_ASCII = re.compile(r"[^\x00-\x7f]")
_SAMPLE_BYTES = 1 << 16


def decode_text(data: bytes, declared: str = "") -> str:
    """Decode a text file. declared: the encoding it claims, used if the bytes are valid in it.

    A few decoding errors become U+FFFD. Raises UnreadableDocument for an empty file, for binary data and if
    the encoding cannot be determined.
    """
    if not data:
        raise UnreadableDocument("the file is empty")
    for magic, kind in _MAGIC:
        if data.startswith(magic):
            raise UnreadableDocument(f"looks like {kind}, not text")
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            return _with_few_broken(data[len(mark) :], encoding)
    text = _without_nuls(data) if b"\0" in data else None
    if text is not None:
        return text
    if len(data) - len(data.translate(None, _CONTROLS)) > max(1, _BINARY_SHARE * len(data)):
        raise UnreadableDocument("looks like binary data, not text")
    return _decode_plain(data, _codec_of(declared))


def decode_html(data: bytes) -> str:
    """Decode an HTML file; its `<meta charset>` is used if the bytes are valid in it."""
    found = _META_CHARSET.search(data[:_META_WITHIN])
    return decode_text(data, found[1].decode("ascii", "replace") if found else "")


def _codec_of(label: str) -> str:
    try:
        name = codecs.lookup(_LABELS.get(label.lower(), label)).name if label else ""
    except (LookupError, ValueError):
        return ""
    name = _LABELS.get(name, name)
    return name if _DECLARABLE.fullmatch(name) else ""


def _decode_plain(data: bytes, declared: str) -> str:
    """Decode bytes without a byte order mark and without NULs."""
    # UTF-8 precedes the declared encoding: a page re-saved as UTF-8 often has its old declaration, and text
    # in another encoding is hardly ever valid UTF-8.
    text = _strictly(data, "utf-8")
    if text is None and declared:
        text = _strictly(data, declared)
    if text is None:
        text = _nearly(data, "utf-8")
    if text is None:
        text = _korean(data)
    if text is None:
        text = _western(data)
    if text is None:
        text = _wide_without_mark(data, least_hangul=0.7)
    return text if text is not None else _guess(data)


def _strictly(data: bytes, encoding: str) -> str | None:
    try:
        return data.decode(encoding)
    except UnicodeError:
        return None


def _nearly(data: bytes, encoding: str) -> str | None:
    """Decode with few errors, such as a character truncated at the end; return None if there are many."""
    text = data.decode(encoding, "replace")
    broken = text.count("\ufffd")
    beyond_ascii = len(text) - len(data.translate(None, bytes(range(0x80, 0x100)))) - broken
    return text if broken <= max(beyond_ascii * _BROKEN_SHARE, min(1, beyond_ascii)) else None


def _with_few_broken(data: bytes, encoding: str) -> str:
    """Decode in a known encoding. Raises UnreadableDocument if there are many errors."""
    text = data.decode(encoding, "replace")
    if text.count("\ufffd") > max(1, 0.05 * len(text)):
        raise UnreadableDocument(f"begins with the mark of {encoding.upper()} but is not valid in it")
    return text


def _without_nuls(data: bytes) -> str | None:
    """Decode UTF-32 or UTF-16 without a mark, recognised by its NULs; return None if the NULs are strays."""
    for encoding in ("utf-32-le", "utf-32-be"):
        text = _strictly(data, encoding)
        if text and "\0" not in text:
            return text
    return _wide_without_mark(data, least_hangul=0.0)


def _wide_without_mark(data: bytes, least_hangul: float) -> str | None:
    """Decode UTF-16 in the byte order that reads like Korean or English; return None if neither does."""
    best, best_share = None, 0.5
    for encoding in ("utf-16-le", "utf-16-be"):
        sample = data[:_SAMPLE_BYTES].decode(encoding, "replace")
        hangul = sum("가" <= c <= "힣" for c in sample)
        ordinary = sum(" " <= c <= "~" or c in "\t\r\n" for c in sample)
        share = (hangul + ordinary) / max(1, len(sample))
        if share > best_share and hangul >= least_hangul * len(sample):
            best, best_share = encoding, share
    return _with_few_broken(data, best) if best else None


def _korean(data: bytes) -> str | None:
    """Decode CP949, a superset of EUC-KR, if the result is Korean; return None otherwise.

    Windows-1252 "don’t stop" is valid CP949 too, and so is much Chinese. In Korean, syllables outnumber
    Chinese characters, and nearly all are among the 2,350 of EUC-KR.
    """
    text = _nearly(data, "cp949")
    if text is None:
        return None
    first = _BEYOND_ASCII.search(text)
    sample = text[first.start() :][:_SAMPLE_BYTES] if first else ""
    syllables = [c for c in sample if "가" <= c <= "힣"]
    hanja = sum("\u4e00" <= c <= "\u9fff" or "\uf900" <= c <= "\ufaff" for c in sample)
    pairs = "".join(syllables).encode("cp949")
    common = sum(pairs[i] >= 0xB0 and pairs[i + 1] >= 0xA1 for i in range(0, len(pairs), 2))
    is_korean = 2 * len(syllables) > 3 * hanja and common >= 0.8 * len(syllables)
    return text if syllables and is_korean else None


def _western(data: bytes) -> str | None:
    """Decode Windows-1252 if its non-ASCII bytes look like English or French; return None otherwise."""
    beyond = data.translate(None, _ASCII)
    # Quotes, dashes, dots, euro, trade marks, no-break space, and accented letters.
    usual = beyond.translate(
        None, b"\x80\x85\x91\x92\x93\x94\x95\x96\x97\x99\xa0\xa3\xa7\xa9\xab\xae\xb0\xb7\xbb"
    )
    letters = usual.translate(None, bytes(range(0xC0, 0x100)))
    if len(letters) > 0.02 * len(beyond) or len(usual) > 0.2 * len(data):
        return None
    return _strictly(data, "cp1252")


def _guess(data: bytes) -> str:
    """Decode in the encoding that charset-normalizer, which is slow, detects in a sample."""
    from charset_normalizer import from_bytes

    first = re.search(rb"[\x80-\xff]", data)
    start = max(0, first.start() - 512) if first else 0
    sample = data[start : start + _SAMPLE_BYTES]
    if len(sample) < len(data) - start:
        sample = sample[: max(sample.rfind(b"\n"), sample.rfind(b" ")) + 1] or sample
    best = from_bytes(sample).best()
    text = _nearly(data, best.encoding) if best and not best.encoding.startswith("utf_7") else None
    if text is None:
        raise UnreadableDocument("its text encoding cannot be told; save it as UTF-8")
    return text
