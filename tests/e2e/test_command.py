"""The `inyong` command in a process of its own, with the real models."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.models

COMMAND = [sys.executable, "-c", "from service.cli import main; main()"]


def run(*arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*COMMAND, *arguments], cwd=folder, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("office")
    (folder / "rules.txt").write_text(
        "사내 자전거 대여 규칙\n\n자전거는 한 번에 이틀까지 빌릴 수 있다. "
        "하루 대여료는 2천 원이며, 보증금은 3만 원이다.\n",
        encoding="utf-8",
    )
    (folder / "휴가.md").write_text(
        "---\ntitle: 여름 휴가 안내\ndate: 2031-06-02\n---\n\n"
        "여름 휴가는 7월 20일부터 쓸 수 있으며, 한 사람이 닷새까지 쓴다.\n",
        encoding="utf-8",
    )
    indexed = run("index", "rules.txt", "휴가.md", folder=folder)
    assert indexed.returncode == 0, indexed.stderr
    return folder


def test_ask_prints_the_answer_and_its_quotation(office: Path) -> None:
    done = run("ask", "자전거 하루 대여료는 얼마인가요?", folder=office)
    assert done.returncode == 0, done.stderr
    assert "2천 원" in done.stdout
    assert "rules.txt" in done.stdout
    assert "하루 대여료는 2천 원이며" in done.stdout


def test_ask_json_holds_the_schema_and_exact_spans(office: Path) -> None:
    done = run("ask", "자전거 하루 대여료는 얼마인가요?", "--json", folder=office)
    answer = json.loads(done.stdout)
    text = json.loads(run("show", "rules.txt", "--json", folder=office).stdout)["text"]
    assert answer["citations"]
    for citation in answer["citations"]:
        assert citation["quote"] == text[citation["start"] : citation["end"]]
    stages = {"rewrite", "search", "select", "wait", "generate", "ground"}
    times = answer["timings_ms"]
    assert set(times) == stages | {"total", "first_quote", "first_token"}
    assert sum(times[stage] for stage in stages) <= times["total"]


def test_search_reranks_with_the_reader(office: Path) -> None:
    done = run("search", "자전거를 하루 빌리면 얼마예요?", "--rerank", "--json", folder=office)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["hits"][0]["source"] == "rules.txt"


def test_search_without_a_reader_says_what_to_set(office: Path) -> None:
    (office / "inyong.toml").write_text('reader = "none"\n', encoding="utf-8")
    try:
        done = run("search", "자전거", "--rerank", folder=office)
    finally:
        (office / "inyong.toml").unlink()
    assert done.returncode == 2
    assert "reader is none" in done.stderr
    assert "Traceback" not in done.stderr


def test_ask_exits_with_3_when_the_documents_do_not_hold_it(office: Path) -> None:
    done = run("ask", "프랑스의 수도는 어디인가요?", folder=office)
    assert done.returncode == 3, done.stdout
    assert "문서에서 확인되지 않습니다" in done.stdout


def test_search_filters_by_date_before_ranking(office: Path) -> None:
    done = run("search", "자전거 대여료", "--filter", "date=2031-06", "--json", folder=office)
    assert {hit["source"] for hit in json.loads(done.stdout)["hits"]} == {"휴가.md"}


def test_a_conversation_reads_one_question_a_line(office: Path) -> None:
    done = subprocess.run(
        [*COMMAND, "ask", "-i"],
        cwd=office,
        input="자전거 하루 대여료는 얼마인가요?\n???\n그럼 보증금은?\n",
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "3만 원" in done.stdout
    assert "no letter or digit" in done.stderr
