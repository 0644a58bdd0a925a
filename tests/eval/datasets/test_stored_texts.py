import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval.datasets.stored_texts import read_files, read_store, stored_form
from eval.errors import BadQuestionSet
from index.errors import UnreadableDocument
from tests.service.conftest import World


def test_texts_of_files_are_those_that_the_store_holds(world: World) -> None:
    with world.open() as inyong:
        assert dict(read_files(world.documents).texts) == dict(read_store(inyong).texts)


def test_sources_are_paths_below_the_folder_in_composed_form(tmp_path: Path) -> None:
    (tmp_path / "하위").mkdir()
    (tmp_path / "하위" / unicodedata.normalize("NFD", "각서.txt")).write_text("내용", encoding="utf-8")
    assert dict(read_files(tmp_path).texts) == {"하위/각서.txt": "내용"}


def test_a_single_file_is_known_by_its_name(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("내용", encoding="utf-8")
    assert dict(read_files(tmp_path / "a.txt").texts) == {"a.txt": "내용"}


def test_hidden_files_links_and_other_kinds_are_left_out(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("내용", encoding="utf-8")
    (tmp_path / ".b.txt").write_text("숨김", encoding="utf-8")
    (tmp_path / "c.xlsx").write_text("표", encoding="utf-8")
    (tmp_path / "d.txt").symlink_to(tmp_path / "a.txt")
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git" / "e.txt").write_text("숨김", encoding="utf-8")
    assert list(read_files(tmp_path).texts) == ["a.txt"]


def test_an_unreadable_file_is_named_with_the_reason(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"")
    assert dict(read_files(tmp_path).unreadable) == {"a.txt": "the file is empty"}


def test_a_missing_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadQuestionSet, match="none: cannot be read"):
        read_files(tmp_path / "none")


@given(st.text())
def test_a_file_with_the_stored_form_of_a_text_is_stored_as_it_is(raw: str) -> None:
    try:
        text = stored_form(raw)
    except UnreadableDocument:
        return
    assert stored_form(text) == text


def test_the_stored_form_is_composed_and_has_plain_line_ends() -> None:
    assert (
        stored_form(unicodedata.normalize("NFD", "\ufeff\r\n첫 줄  \r\n둘째\0 줄\ud800\r\n"))
        == "첫 줄\n둘째 줄"
    )


def test_a_text_without_letters_and_digits_has_no_stored_form() -> None:
    with pytest.raises(UnreadableDocument):
        stored_form(" \n—\n")
