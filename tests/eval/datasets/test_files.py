from collections.abc import Iterator
from pathlib import Path

import pytest

from eval.datasets.files import read_json, read_json_lines, read_whole, write_lines
from eval.errors import BadQuestionSet


def test_lines_are_written_in_utf_8_with_line_feeds(tmp_path: Path) -> None:
    write_lines(tmp_path / "a.jsonl", ["하나", "둘"])
    assert (tmp_path / "a.jsonl").read_bytes() == "하나\n둘\n".encode()


def test_an_interrupted_write_leaves_the_older_file_alone(tmp_path: Path) -> None:
    def lines() -> Iterator[str]:
        yield "새것"
        raise KeyboardInterrupt

    path = tmp_path / "a.jsonl"
    path.write_text("옛것", encoding="utf-8")
    with pytest.raises(KeyboardInterrupt):
        write_lines(path, lines())
    assert path.read_text(encoding="utf-8") == "옛것"
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_above_the_limit_is_refused_unread(tmp_path: Path) -> None:
    with (tmp_path / "a.json").open("wb") as file:
        file.truncate(5_000_000_000)  # a hole, which takes no room
    with pytest.raises(BadQuestionSet, match=r"a.json: 5,000 MB is more than the limit of 537 MB; split"):
        read_whole(tmp_path / "a.json")


def test_a_json_file_with_a_byte_order_mark_is_read(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text('{"a": 1}', encoding="utf-8-sig")
    assert read_json(tmp_path / "a.json").values == {"a": 1}


def test_records_know_their_line(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text('{"a": 1}\n\n{"a": 2}', encoding="utf-8")
    assert [record.place for record in read_json_lines(path)] == [f"{path}, line 1", f"{path}, line 3"]
