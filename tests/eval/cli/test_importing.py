import json
import re
from pathlib import Path

import pytest

from service.inyong import Inyong
from tests.service.cli.conftest import Run
from tests.service.conftest import World

TABLE = """question,expected,context
분관은 몇 곳인가요?,3곳,분관은 모두 3곳이다.
축제는 언제인가요?,5월,축제는 5월에 열린다.
"""


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "set.csv"
    path.write_text(TABLE, encoding="utf-8")
    return path


def write_set(folder: Path, **fields: object) -> Path:
    question = {"id": "q", "question": "참가비는?", "answerable": True, "expected": [["무료"]]}
    path = folder / "set.jsonl"
    path.write_text(json.dumps(question | fields, ensure_ascii=False), encoding="utf-8")
    return path


def gold(quote: str, document: str = "festival.md") -> list[list[dict[str, str]]]:
    return [[{"document": document, "quote": quote}]]


def test_import_makes_documents_questions_and_a_store(
    run: Run, world: World, table: Path, tmp_path: Path
) -> None:
    output = tmp_path / "made"
    result = run("eval", "import", "csv", str(table), "-o", str(output))
    assert result.code == 0
    assert result.out.splitlines() == [
        f"{output}/qa.jsonl: 2 questions, 2 documents, 2 gold spans, 2 of them found",
        f"{output}/store: 2 documents, 2 passages",
    ]
    assert sorted(path.name for path in output.iterdir()) == ["docs", "qa.jsonl", "store"]
    with Inyong(home=output / "store") as inyong:
        assert {document.source for document in inyong.documents()} == {
            path.name for path in (output / "docs").iterdir()
        }
        assert inyong.search("축제는 언제?")[0].text == "축제는 5월에 열린다."


def test_the_made_set_passes_its_check_against_the_made_store(
    run: Run, world: World, table: Path, tmp_path: Path
) -> None:
    output = tmp_path / "made"
    run("eval", "import", "csv", str(table), "-o", str(output))
    result = run("eval", "check", str(output / "qa.jsonl"), "--home", str(output / "store"))
    assert result.code == 0
    assert result.out.endswith("2 gold spans, 2 of them found; 0 errors, 0 warnings\n")


def test_no_store_leaves_the_store_out(run: Run, table: Path, tmp_path: Path) -> None:
    output = tmp_path / "made"
    assert run("eval", "import", "csv", str(table), "-o", str(output), "--no-store").code == 0
    assert sorted(path.name for path in output.iterdir()) == ["docs", "qa.jsonl"]


def test_the_same_command_goes_on_where_it_was_interrupted(
    run: Run, world: World, table: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*arguments: object, **options: object) -> None:
        raise KeyboardInterrupt

    output = tmp_path / "made"
    with monkeypatch.context() as patch:
        patch.setattr(Inyong, "index", interrupted)
        assert run("eval", "import", "csv", str(table), "-o", str(output)).code == 130
    assert not (output / "store").exists()
    assert run("eval", "import", "csv", str(table), "-o", str(output)).code == 0
    assert (output / "store").is_dir()
    assert not (output / "store.partial").exists()


def test_columns_are_mapped_on_the_command_line(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "set.csv"
    path.write_text("질문,정답\n몇 명?,3명\n", encoding="utf-8")
    arguments = ["--column", "question=질문", "--column", "expected=정답", "--no-store"]
    result = run("eval", "import", "csv", str(path), "-o", str(tmp_path / "made"), *arguments)
    assert result.out.endswith("qa.jsonl: 1 questions, 0 documents, 0 gold spans, 0 of them found\n")


def test_gold_that_is_not_found_is_pointed_to(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "set.csv"
    path.write_text("question,context,quote\n몇 명?,모두 3명이다.,모두 5명\n", encoding="utf-8")
    output = tmp_path / "made"
    result = run("eval", "import", "csv", str(path), "-o", str(output), "--no-store")
    assert result.out.endswith("1 gold spans, 0 of them found\n")
    assert result.err == f"see what is wrong with the others: inyong eval check {output}/qa.jsonl\n"


def test_a_folder_in_use_is_refused_before_anything_is_read(run: Run, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").touch()
    result = run("eval", "import", "csv", str(tmp_path / "none.csv"), "-o", str(tmp_path))
    assert (result.code, result.complaint()) == (2, f"{tmp_path}: is not empty; name a new folder")


def test_a_broken_set_leaves_nothing_behind(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "set.json"
    path.write_text("{", encoding="utf-8")
    result = run("eval", "import", "squad", str(path), "-o", str(tmp_path / "made"))
    assert result.code == 2
    assert result.complaint().startswith(f"{path}: is not JSON")
    assert list(tmp_path.iterdir()) == [path]


def test_an_unknown_format_is_a_usage_error_that_lists_them(run: Run, tmp_path: Path) -> None:
    result = run("eval", "import", "tsv", "a", "-o", str(tmp_path / "made"))
    assert result.code == 2
    assert "'autorag', 'beir', 'squad', 'korquad', 'klue-mrc', 'ragas', 'csv'" in result.err


def test_check_of_a_sound_set_ends_with_0(run: Run, world: World, tmp_path: Path) -> None:
    path = write_set(tmp_path, gold=gold("참가비는 무료"))
    result = run("eval", "check", str(path), "--docs", str(world.documents))
    assert (result.code, result.err) == (0, "")
    assert result.out == "1 questions, 2 documents, 1 gold spans, 1 of them found; 0 errors, 0 warnings\n"


def test_check_ends_with_1_when_gold_is_not_found_and_shows_it(
    run: Run, world: World, tmp_path: Path
) -> None:
    path = write_set(tmp_path, gold=gold("참가비는 유료"))
    result = run("eval", "check", str(path), "--docs", str(world.documents))
    assert result.code == 1
    heading, row, summary = result.out.splitlines()
    assert heading.split() == ["severity", "kind", "question", "detail"]
    assert re.split(r"\s{2,}", row.strip()) == [
        "error",
        "gold not found",
        "q",
        "“참가비는 유료” is not in festival.md",
    ]
    assert summary.endswith("1 errors, 0 warnings")


def test_check_ends_with_0_when_there_are_warnings_only(run: Run, world: World, tmp_path: Path) -> None:
    result = run("eval", "check", str(write_set(tmp_path)), "--docs", str(world.documents))
    assert result.code == 0
    assert "no gold" in result.out
    assert result.out.splitlines()[-1].endswith("0 errors, 1 warnings")


def test_check_reads_the_store_when_no_documents_are_named(run: Run, world: World, tmp_path: Path) -> None:
    path = write_set(tmp_path, gold=gold("참가비는 무료"))
    assert run("eval", "check", str(path)).out.startswith("1 questions, 2 documents, 1 gold spans, 1 of them")


def test_check_reads_the_folder_docs_beside_the_set(run: Run, tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "a.txt").write_text("참가비는 무료이다.", encoding="utf-8")
    path = write_set(tmp_path, gold=gold("참가비는 무료", "a.txt"))
    assert run("eval", "check", str(path)).out.startswith("1 questions, 1 documents, 1 gold spans, 1 of them")


def test_check_prints_json(run: Run, world: World, tmp_path: Path) -> None:
    path = write_set(tmp_path, gold=gold("참가비는 유료"))
    result = run("eval", "check", str(path), "--docs", str(world.documents), "--json")
    assert json.loads(result.out) == {
        "questions": 1,
        "documents": 2,
        "unreadable_documents": {},
        "gold_spans": 1,
        "gold_spans_found": 0,
        "findings": [
            {
                "severity": "error",
                "kind": "gold not found",
                "id": "q",
                "detail": "“참가비는 유료” is not in festival.md",
            }
        ],
    }


def test_many_findings_of_a_kind_are_cut_off_and_counted(run: Run, world: World, tmp_path: Path) -> None:
    path = tmp_path / "set.jsonl"
    lines = [
        json.dumps({"id": f"q{n}", "question": f"{n}?", "answerable": True, "expected": [["1"]]})
        for n in range(23)
    ]
    path.write_text("\n".join(lines), encoding="utf-8")
    result = run("eval", "check", str(path), "--docs", str(world.documents))
    assert "and 3 more of the kind “no gold” (--json lists all)" in result.out
    assert len(result.out.splitlines()) == 1 + 20 + 1 + 1


@pytest.mark.parametrize("text", ["", "{", '{"id": "a"}'])
def test_check_of_an_unusable_set_ends_with_2(run: Run, tmp_path: Path, text: str) -> None:
    path = tmp_path / "set.jsonl"
    path.write_text(text, encoding="utf-8")
    result = run("eval", "check", str(path))
    assert result.code == 2
    assert result.complaint().startswith(str(path))


def test_check_without_documents_says_how_to_name_them(run: Run, tmp_path: Path) -> None:
    result = run("eval", "check", str(write_set(tmp_path)), "--home", str(tmp_path / "none"))
    assert result.code == 2
    assert result.complaint().endswith("or name the documents with --docs")


def test_check_of_documents_and_a_store_at_once_is_a_usage_error(run: Run, tmp_path: Path) -> None:
    result = run("eval", "check", str(write_set(tmp_path)), "--docs", "a", "--home", "b")
    assert result.code == 2
    assert "--docs and --home exclude each other" in result.err


def test_check_loads_no_model(run_process: Run, tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "a.txt").write_text("참가비는 무료이다.", encoding="utf-8")
    path = write_set(tmp_path, gold=gold("참가비는 무료", "a.txt"))
    assert run_process("eval", "check", str(path)).code == 0  # in a place without models
