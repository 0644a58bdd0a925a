"""A document's origin as stored: the path of a file, or the key of an upload.

Collection and origin together identify a document across runs.
"""

import hashlib
from pathlib import Path

_UPLOADED = "upload:"  # no absolute path begins with it

# Undecodable bytes of a file name appear as lone surrogates, which SQLite rejects; they are stored as
# private-use characters that no file name contains.
_STORABLE = {0xDC80 + n: 0x10DC80 + n for n in range(128)}
_AS_NAMED = {stored: named for named, stored in _STORABLE.items()}


def file_origin(path: Path) -> str:
    """Encode an absolute path for the store: always valid text, and reversible."""
    return str(path).translate(_STORABLE)


def origin_path(origin: str) -> Path:
    """Return the path that `file_origin` encoded."""
    return Path(origin.translate(_AS_NAMED))


def upload_origin(key: str) -> str:
    """Return the origin of a document given as bytes. key: chosen by the client."""
    return f"{_UPLOADED}{key}"


def upload_key(origin: str) -> str | None:
    """Return the key of an upload, None for a file."""
    return origin.removeprefix(_UPLOADED) if origin.startswith(_UPLOADED) else None


def upload_id(collection: str, key: str) -> str:
    """Return the id of the document uploaded under `key`, the same on every machine."""
    return digest(f"{collection}\0{_UPLOADED}\0{key}")  # never a file's id: paths contain no NUL


def is_gone(origin: str) -> bool:
    """Return whether the file certainly no longer exists; False if its folder is unreadable.

    Always False for an upload, which has no file.
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
    """Return an id derived from a text: 16 hexadecimal digits of its SHA-256."""
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()[:16]
