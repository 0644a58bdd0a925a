"""A run's folder scored without the store and the models that made it."""

import json
import shutil
from pathlib import Path
from xml.etree import ElementTree as Xml

import pytest

from eval.errors import BadRun
from eval.runs.files import load_run
from eval.runs.score import KnownWords, score_folder
from tests.eval.conftest import REFUSAL, RIGHT_BUDGET, RIGHT_DATE, Ask, interrupt_after, words_of_many
from tests.service.conftest import World


def test_a_run_is_scored_from_its_folder_alone(ask_set: Ask, world: World) -> None:
    folder = ask_set("", RIGHT_BUDGET, "축제는 2026년 강변에서 열린다.", REFUSAL)
    shutil.rmtree(world.settings.home)
    shutil.rmtree(world.documents)
    scores = score_folder(folder, words_of_many=words_of_many).scores
    assert {name: score.scores["overall"] for name, score in scores.items()} == {
        "budget": 1.0,
        "date": 0.0,
        "mayor": 1.0,
    }
    assert scores["budget"].scores["verbatim"] == 1.0
    assert scores["budget"].scores["recall_at_1"] == 1.0


def test_a_failed_question_stays_in_the_mean(ask_set: Ask) -> None:
    folder = ask_set("", RuntimeError("no"), RIGHT_DATE, REFUSAL)
    summary = score_folder(folder, words_of_many=words_of_many).summary
    assert summary.metrics["expected"].mean == 0.5
    assert summary.metrics["expected"].n == 2
    assert summary.counts.errors == 1


def test_scoring_twice_gives_the_same_files(ask_set: Ask) -> None:
    folder = ask_set("", RIGHT_BUDGET, RIGHT_DATE, REFUSAL)
    names = ("scores.jsonl", "summary.json", "junit.xml")
    score_folder(folder, words_of_many=words_of_many)
    first = [(folder / name).read_bytes() for name in names]
    score_folder(folder, words_of_many=words_of_many)
    assert [(folder / name).read_bytes() for name in names] == first
    assert load_run(folder).scores is not None


def test_the_questions_never_asked_score_nothing_and_the_summary_says_so(
    ask_set: Ask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    interrupt_after(2, monkeypatch)
    with pytest.raises(KeyboardInterrupt):
        ask_set("", RIGHT_BUDGET)
    scored = score_folder(tmp_path / "run", words_of_many=words_of_many)
    assert scored.run.missing == ["date", "mayor"]
    assert scored.scores["date"].scores["expected"] == 0.0
    assert json.loads((tmp_path / "run/summary.json").read_text())["complete"] is False


def test_a_run_whose_texts_are_gone_is_not_scored(ask_set: Ask) -> None:
    folder = ask_set("")
    (folder / "documents.jsonl").unlink()
    with pytest.raises(BadRun, match=r"there is no documents\.jsonl"):
        score_folder(folder, words_of_many=words_of_many)


def test_without_answers_no_metric_of_answers_is_scored(ask_set: Ask) -> None:
    scored = score_folder(ask_set(retrieval_only=True), words_of_many=words_of_many)
    assert scored.scores["budget"].scores["recall_at_5"] == 1.0
    assert scored.scores["budget"].scores["expected"] is None
    assert scored.scores["mayor"].scores["abstained_rightly"] is None


def test_words_are_analysed_together_and_each_text_once() -> None:
    calls: list[list[str]] = []

    def analyse(texts: object) -> list[list[str]]:
        calls.append(list(texts))  # type: ignore[call-overload]
        return [text.split() for text in calls[-1]]

    words = KnownWords(analyse)
    assert list(words.note("a b")) == []
    words.note("c")
    words.note("a b")
    words.look_up()
    assert words.of("a b") == ["a", "b"]
    assert words.of("d e") == words.of("d e") == ["d", "e"]
    assert calls == [["a b", "c"], ["d e"]]


# JUnit


def test_each_question_is_a_test_case_with_its_time(ask_set: Ask) -> None:
    folder = ask_set("", RuntimeError("no room"), "축제는 2026년 강변에서 열린다.", REFUSAL)
    score_folder(folder, words_of_many=words_of_many)
    (suite,) = Xml.parse(folder / "junit.xml").getroot()  # noqa: S314  written by us
    budget, date, mayor = suite
    assert (suite.get("tests"), suite.get("failures"), suite.get("errors")) == ("3", "1", "1")
    assert (budget.get("name"), budget.get("classname")) == ("budget", "town.jsonl.ko")
    assert len(mayor) == 0
    assert float(budget.get("time", "")) > 0
    assert date[0].tag == "failure"
    assert "expected: 5월 3일; answer: 축제는 2026년 강변에서 열린다" in date[0].get("message", "")
    assert (budget[0].tag, budget[0].get("message")) == ("error", "RuntimeError: no room")


def test_control_characters_do_not_break_the_document(ask_set: Ask) -> None:
    folder = ask_set("", RuntimeError("a\x00\x1b[31m\ufffe]]>&<b"))
    score_folder(folder, words_of_many=words_of_many)
    (suite,) = Xml.parse(folder / "junit.xml").getroot()  # noqa: S314  written by us
    assert suite[0][0].get("message") == "RuntimeError: a\ufffd\ufffd[31m\ufffd]]>&<b"
