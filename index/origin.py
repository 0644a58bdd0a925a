"""Where a document came from, as the store keeps it: the path of a file, or the key of an upload.

Together with its collection the origin is what a document is known again by.
"""

import hashlib
from pathlib import Path

_UPLOADED = "upload:"  # no absolute path begins so

# Bytes of a file name that are no text come as lone surrogates, which SQLite does not take; a part of the
# private use area, where no file name lies, stands for them.
_STORABLE = {0xDC80 + n: 0x10DC80 + n for n in range(128)}
_AS_NAMED = {stored: named for named, stored in _STORABLE.items()}


def file_origin(path: Path) -> str:
    """The absolute path as the store keeps it: text in any case, and each path another one."""
    return str(path).translate(_STORABLE)


def origin_path(origin: str) -> Path:
    """The path that `file_origin` was given."""
    return Path(origin.translate(_AS_NAMED))


def upload_origin(key: str) -> str:
    """The origin of a document that was given as bytes, under a key of the giver's choice."""
    return f"{_UPLOADED}{key}"


def upload_key(origin: str) -> str | None:
    """The key of an upload; None for a file."""
    return origin.removeprefix(_UPLOADED) if origin.startswith(_UPLOADED) else None


def upload_id(collection: str, key: str) -> str:
    """The id of the document that is uploaded under `key`: the same wherever and whenever it is."""
    return digest(f"{collection}\0{_UPLOADED}\0{key}")  # no file's: no path holds the character 0


def is_gone(origin: str) -> bool:
    """Whether there is surely no file any more; one in a folder that may not be read is not gone.

    An upload never had a file, so it is never gone.
    """
    if upload_key(origin) is not None:
        return False
    try:
        origin_path(origin).stat()
    except (FileNotFoundError, NotADirectoryError):
        return True
    except OSError:
        return False
    return False


def digest(text: str) -> str:
    """An id made from a text: 16 hexadecimal digits."""
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()[:16]
