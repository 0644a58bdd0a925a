import json
import os
import sys
from pathlib import Path

import pytest

from tests.fakes import HashEmbedder
from tests.service.cli.conftest import Run
from tests.service.cli.test_answers import QUESTION
from tests.service.conftest import World

DOCUMENT_KEYS = "id title source collection media_type sha256 characters passages modified_at metadata"


def test_indexing_says_what_it_did(run: Run, world: World) -> None:
    (world.documents / "new.md").write_text("# 새 문서\n\n두루미는 새다.\n", encoding="utf-8")
    (world.documents / "library.md").write_text("# 도서관\n\n분관은 5곳이다.\n", encoding="utf-8")
    result = run("index", str(world.documents), "--collection", "town")
    assert (result.code, result.err) == (0, "")
    assert result.out.startswith("1 added, 1 changed, 1 unchanged; ")
    assert "passages embedded" in result.out


def test_indexing_again_changes_nothing(run: Run, world: World) -> None:
    assert run("index", str(world.documents), "--collection", "town").out == (
        "0 added, 2 unchanged; 0 passages embedded\n"
    )


def test_prune_forgets_what_is_gone_and_only_then(run: Run, world: World) -> None:
    (world.documents / "library.md").unlink()
    arguments = ("index", str(world.documents), "--collection", "town")
    assert "removed" not in run(*arguments).out
    assert "1 removed" in run(*arguments, "--prune").out
    assert "library.md" not in run("list").out


def test_a_file_that_cannot_be_read_is_named_and_the_rest_is_indexed(run: Run, world: World) -> None:
    (world.documents / "bad.html").write_bytes(b"\x00\x01\x02\x03" * 100)
    (world.documents / "good.md").write_text("# 좋은 글\n\n잘 읽힌다.\n", encoding="utf-8")
    result = run("index", str(world.documents), "--collection", "town")
    assert result.code == 0
    assert "1 added" in result.out
    assert "1 failed" in result.out
    assert "failed bad.html: " in result.err


def test_a_run_in_which_every_file_failed_exits_1(run: Run, world: World, tmp_path: Path) -> None:
    bad = tmp_path / "bad.html"
    bad.write_bytes(b"\x00\x01\x02\x03" * 100)
    assert run("index", str(bad)).code == 1


def test_a_missing_path_is_said_before_a_store_is_made(run_process: Run, tmp_path: Path) -> None:
    (tmp_path / "here.md").write_text("글이다.\n", encoding="utf-8")
    result = run_process("index", "here.md", "nowhere")
    assert result.code == 1
    assert result.complaint() == "nowhere: no such file or folder"
    assert not (tmp_path / "home").exists()


def test_a_folder_with_nothing_to_index_is_told(run: Run, world: World, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    result = run("index", str(tmp_path / "empty"))
    assert (result.code, result.out) == (0, "0 added; 0 passages embedded\n")
    assert result.err == "nothing to index was found there\n"


@pytest.mark.parametrize(
    "arguments",
    [("index", "here.md"), ("status",), ("list",), ("ask", "무엇?"), ("remove", "x"), ("reembed",)],
)
def test_a_home_that_is_a_file_is_one_line(
    run_process: Run, tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    (tmp_path / "here.md").write_text("글이다.\n", encoding="utf-8")
    (tmp_path / "file").write_text("", encoding="utf-8")
    result = run_process(*arguments, "--home", "file")
    assert result.code == 1
    assert "file: " in result.complaint()
    assert (tmp_path / "file").read_bytes() == b""


@pytest.mark.parametrize("arguments", [("status",), ("list",), ("show", "x"), ("remove", "x"), ("reembed",)])
def test_without_a_store_commands_say_how_to_make_one(
    run_process: Run, tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    result = run_process(*arguments)
    assert result.code == 1
    assert result.complaint().endswith("no store here yet; make one with: inyong index PATH")
    assert not (tmp_path / "home").exists()


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="root may write everywhere")
def test_a_store_that_cannot_be_written_is_one_line(run: Run, world: World) -> None:
    world.settings.home.chmod(0o500)
    assert run("index", str(world.documents)).code == 1


# What is there


def test_status_counts_what_the_store_holds(run: Run, world: World) -> None:
    result = run("status")
    assert result.code == 0
    assert f"{world.settings.home}: 2 documents, " in result.out
    assert "  collection town: 2 documents" in result.out
    assert "  embedding model hash-64, 64 dimensions" in result.out


def test_status_as_json(run: Run, world: World) -> None:
    shown = json.loads(run("status", "--json").out)
    assert list(shown) == ["home", "documents", "passages", "collections", "bytes", "spec"]
    assert (shown["documents"], shown["collections"]) == (2, {"town": 2})
    assert shown["bytes"]["store.sqlite"] > 0
    assert shown["spec"]["embedding_fingerprint"] == "hash-64-fingerprint"


def test_list_has_a_line_for_every_document_however_long(run: Run, world: World) -> None:
    name = "아주 긴 이름의 문서 " * 8 + ".md"
    (world.documents / name).write_text("# " + "긴 제목 " * 40 + "\n\n글이다.\n", encoding="utf-8")
    run("index", str(world.documents), "--collection", "town")
    lines = run("list").out.splitlines()
    assert lines[0].split() == ["id", "collection", "source", "title", "characters", "passages"]
    assert len(lines) == 4
    assert any(name in line and ("긴 제목 " * 40).strip() in line for line in lines)


def test_list_as_json_has_the_keys_of_the_design(run: Run, world: World) -> None:
    shown = json.loads(run("list", "--json").out)
    assert list(shown) == ["documents", "next"]
    assert shown["next"] is None
    assert [document["source"] for document in shown["documents"]] == ["festival.md", "library.md"]
    assert list(shown["documents"][0]) == DOCUMENT_KEYS.split()


@pytest.mark.parametrize("by", ["id", "source", "title"])
def test_a_document_is_shown_by_id_source_or_title(run: Run, world: World, by: str) -> None:
    (document,) = [
        d for d in json.loads(run("list", "--json").out)["documents"] if d["source"] == "library.md"
    ]
    result = run("show", document[by])
    assert result.code == 0
    assert "source: library.md\n" in result.out
    assert "예산은 350억 원이 들었다." in result.out
    shown = json.loads(run("show", document[by], "--json").out)
    assert list(shown) == [*DOCUMENT_KEYS.split(), "text"]
    assert len(shown["text"]) == shown["characters"]


def test_an_unknown_document_is_one_line(run: Run, world: World) -> None:
    for command in ("show", "remove"):
        result = run(command, "nothing.md")
        assert result.code == 1
        assert "nothing.md" in result.complaint()


def test_remove_forgets_documents_and_leaves_their_files(run: Run, world: World) -> None:
    result = run("remove", "library.md")
    assert (result.code, result.out) == (0, "removed library.md\n")
    assert "library.md" not in run("list").out
    assert (world.documents / "library.md").exists()
    assert "library.md" not in run("search", "푸른숲 도서관 예산").out


def test_remove_forgets_all_or_none(run: Run, world: World) -> None:
    assert run("remove", "library.md", "nothing.md").code == 1
    assert "library.md" in run("list").out


def test_a_document_named_twice_is_removed_once(run: Run, world: World) -> None:
    result = run("remove", "library.md", "library.md")
    assert (result.code, result.out) == (0, "removed library.md\n")


def test_reembedding_makes_a_store_answer_with_another_model(run: Run, world: World) -> None:
    world.embedder = HashEmbedder(dimension=32, name="hash-32", fingerprint="another")
    assert run("search", "예산").code == 1
    result = run("reembed", "--embedding", "hash-32")
    assert (result.code, result.out) == (0, "2 documents embedded anew with hash-32\n")
    assert run("search", "푸른숲 도서관 예산").out.startswith("1. 푸른숲 도서관 (library.md)")
    world.script("예산은 350억 원이 들었다.")
    assert "[1]" in run("ask", QUESTION).out
