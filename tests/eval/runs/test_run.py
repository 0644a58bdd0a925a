"""A set asked of a store: what is kept of each answer, and what happens when something goes wrong."""

import errno
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock

from eval.errors import BadQuestionSet, BadRun
from eval.runs.files import append_prediction, load_manifest, load_predictions, load_run
from eval.runs.request import RunRequest
from eval.runs.run import Tally, is_right, run_set
from eval.types import Prediction, Question
from tests.eval.conftest import (
    BUDGET,
    DATE,
    MAYOR,
    REFUSAL,
    RIGHT_BUDGET,
    RIGHT_DATE,
    Ask,
    interrupt_after,
    save_set,
    script,
)
from tests.service.conftest import World

ALL_RIGHT = ("warm-up", RIGHT_BUDGET, RIGHT_DATE, REFUSAL)


def predictions_in(folder: Path) -> dict[str, Prediction]:
    return load_predictions(folder / "predictions.jsonl")


def test_every_question_gets_a_prediction_in_the_order_of_the_set(ask_set: Ask) -> None:
    assert list(predictions_in(ask_set(*ALL_RIGHT))) == ["budget", "date", "mayor"]


def test_the_first_question_asked_is_not_counted(ask_set: Ask, world: World) -> None:
    predictions = predictions_in(ask_set(*ALL_RIGHT))
    asked = [str(BUDGET["question"]) in prompt[-1].content for prompt in world.generator.prompts]
    assert asked.count(True) == 2
    assert "350억" in predictions["budget"].answer


def test_an_answer_is_kept_with_what_was_found_read_and_cited(ask_set: Ask) -> None:
    folder = ask_set(*ALL_RIGHT)
    prediction, text = predictions_in(folder)["budget"], load_run(folder).texts["library.md"]
    (cited,) = prediction.citations
    assert cited.document == "library.md"
    assert text[cited.start : cited.end] == cited.quote == "예산은 350억 원이 들었다."
    assert {span.document for span in prediction.passages} == {"library.md", "festival.md"}
    assert prediction.passages[0].score >= prediction.passages[-1].score
    assert (cited.start, cited.end) in {(span.start, span.end) for span in prediction.sentences}
    assert prediction.timings_ms["total"] > 0
    assert prediction.tokens["completion"] == 4


def test_a_withheld_answer_keeps_all_passages_found(ask_set: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("service.answering.pipeline._NEAREST", 1)  # passages that a withheld answer shows
    prediction = predictions_in(ask_set("", REFUSAL))["mayor"]
    assert prediction.abstained
    assert len(prediction.passages) == 3


def test_a_question_that_fails_is_a_prediction_with_its_error(ask_set: Ask) -> None:
    predictions = predictions_in(ask_set("", RuntimeError("out of\ncontext"), RIGHT_DATE, REFUSAL))
    assert predictions["budget"].error == "RuntimeError: out of context"
    assert predictions["budget"].passages
    assert predictions["date"].error is None


def test_an_error_that_nobody_foresaw_is_told_with_its_type(ask_set: Ask) -> None:
    assert predictions_in(ask_set("", ZeroDivisionError("by 0")))["budget"].error == "ZeroDivisionError: by 0"


def test_a_question_that_takes_too_long_is_ended_and_counts_as_failed(
    ask_set: Ask, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("eval.runs.prediction._Watch.elapsed_ms", lambda watch: 5000.0)
    prediction = predictions_in(ask_set(*ALL_RIGHT, timeout_s=3.0))["budget"]
    assert prediction.error == "no answer within 3 s"
    assert world.generator.prompts == []  # the search alone took too long


def test_an_answer_that_comes_late_counts_as_failed(ask_set: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("eval.runs.prediction._Watch.listener", lambda watch: None)
    assert predictions_in(ask_set(*ALL_RIGHT, timeout_s=1e-6))["date"].error == "no answer within 1e-06 s"


def test_an_earlier_turn_is_asked_with_the_question(ask_set: Ask, tmp_path: Path, world: World) -> None:
    follow_up = BUDGET | {
        "question": "그럼 예산은?",
        "history": [{"role": "user", "content": "푸른숲 도서관"}],
    }
    ask_set("", set_path=save_set(tmp_path / "follow.jsonl", follow_up))
    assert "푸른숲 도서관 그럼 예산은?" in world.generator.prompts[-1][-1].content


def test_progress_counts_what_is_right_so_far(world: World, town_set: Path, tmp_path: Path) -> None:
    script(world, "", RIGHT_BUDGET, "축제는 2026년 강변에서 열린다.", REFUSAL)
    seen: list[Tally] = []
    with world.open() as inyong:
        run_set(inyong, RunRequest(town_set, tmp_path / "run"), seen.append)
    assert [(tally.done, tally.right) for tally in seen] == [(0, 0), (1, 1), (2, 1), (3, 2)]
    assert seen[-1] == Tally(done=3, total=3, right=2, judged=3, errors=0)


@pytest.mark.parametrize("answerable", [True, False])
def test_what_says_something_forbidden_does_not_count_as_right(answerable: bool) -> None:
    question = Question("q", "?", answerable, (("7건",),) if answerable else (), forbidden=("승인",))
    said = {
        text: is_right(question, Prediction("q", answer=text, abstained=not answerable))
        for text in ("7건", "7건 승인")
    }
    assert said == {"7건": True, "7건 승인": False}


# Retrieval only


def test_without_answers_the_language_model_is_never_loaded(
    ask_set: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(settings: object) -> None:
        raise AssertionError("loaded")

    monkeypatch.setattr("service.wiring.load_generator", refuse)
    prediction = predictions_in(ask_set(retrieval_only=True))["budget"]
    assert prediction.passages[0].document == "library.md"
    assert (prediction.answer, prediction.sentences, prediction.error) == ("", (), None)
    assert set(prediction.timings_ms) == {"search", "total"}


# Which questions


def test_only_the_questions_with_a_tag_are_asked(ask_set: Ask) -> None:
    assert list(predictions_in(ask_set("", tags=("date",)))) == ["date"]


def test_a_tag_that_no_question_has_is_told(ask_set: Ask) -> None:
    with pytest.raises(BadQuestionSet, match="no question has the tag dates"):
        ask_set("", tags=("dates",))


def test_only_the_first_questions_are_asked(ask_set: Ask) -> None:
    assert list(predictions_in(ask_set("", limit=2))) == ["budget", "date"]


def test_gold_in_a_document_that_is_not_searched_is_told(ask_set: Ask, tmp_path: Path) -> None:
    path = save_set(tmp_path / "set.jsonl", MAYOR, BUDGET | {"documents": ["libary.md"]})
    with pytest.raises(BadQuestionSet, match=r"budget has gold in libary\.md, which is not among the 2"):
        ask_set("", set_path=path)
    assert not (tmp_path / "run").exists()


# The folder


def test_a_folder_that_holds_a_run_is_refused(ask_set: Ask) -> None:
    folder = ask_set(*ALL_RIGHT)
    before = (folder / "predictions.jsonl").read_bytes()
    with pytest.raises(BadRun, match="holds a run; go on with it by --resume"):
        ask_set(*ALL_RIGHT)
    assert (folder / "predictions.jsonl").read_bytes() == before


def test_a_folder_that_holds_something_else_is_refused(ask_set: Ask, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(BadRun, match=r"holds .* but no manifest\.json"):
        ask_set("", folder=tmp_path)


def test_a_folder_that_is_a_file_is_refused(ask_set: Ask, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(BadRun, match="cannot be made"):
        ask_set("", folder=tmp_path / "file")


def test_two_processes_do_not_run_in_one_folder(ask_set: Ask, tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    with (
        FileLock(tmp_path / "run" / ".lock"),
        pytest.raises(BadRun, match="another process is running in it"),
    ):
        ask_set("")


def test_a_full_disk_is_told_and_what_was_written_stays(
    ask_set: Ask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fill(file: Any, prediction: Prediction) -> None:
        if prediction.id == "date":
            file.write(b'{"schema": 1, "id": "da')
            raise OSError(errno.ENOSPC, "No space left on device")
        append_prediction(file, prediction)

    monkeypatch.setattr("eval.runs.run.append_prediction", fill)
    with pytest.raises(BadRun, match=r"No space left on device\); what was written is kept"):
        ask_set(*ALL_RIGHT)
    assert (tmp_path / "run/predictions.jsonl").read_bytes().endswith(b"\n")
    assert list(predictions_in(tmp_path / "run")) == ["budget"]


# Going on


def test_an_interrupted_run_is_gone_on_with(
    ask_set: Ask, tmp_path: Path, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        interrupt_after(2, patch)
        with pytest.raises(KeyboardInterrupt):
            ask_set(*ALL_RIGHT)
    assert list(predictions_in(tmp_path / "run")) == ["budget"]
    folder = ask_set(*ALL_RIGHT, resume=True)
    assert not any(str(BUDGET["question"]) in prompt[-1].content for prompt in world.generator.prompts)
    assert list(predictions_in(folder)) == ["budget", "date", "mayor"]
    assert load_run(folder).missing == []


def test_a_complete_run_asks_nothing_when_gone_on_with(ask_set: Ask, world: World) -> None:
    ask_set(*ALL_RIGHT)
    ask_set("", resume=True)
    assert world.generator.prompts == []


def test_to_go_on_without_a_run_is_to_begin(ask_set: Ask) -> None:
    assert len(predictions_in(ask_set("", resume=True))) == 3


def test_a_run_of_another_set_is_not_gone_on_with(ask_set: Ask, tmp_path: Path) -> None:
    ask_set(*ALL_RIGHT)
    other = save_set(tmp_path / "other.jsonl", BUDGET, DATE)
    with pytest.raises(BadRun, match="cannot be resumed: set_sha256 was"):
        ask_set("", set_path=other, resume=True)


def test_a_run_of_other_documents_is_not_gone_on_with(ask_set: Ask, world: World) -> None:
    ask_set(*ALL_RIGHT)
    (world.documents / "library.md").write_text("# 도서관\n\n새 글이다.\n", encoding="utf-8")
    with world.open() as inyong:
        inyong.index([world.documents], collection="town")
    with pytest.raises(BadRun, match="documents_sha256 was"):
        ask_set("", resume=True)


def test_a_run_with_another_time_out_is_not_gone_on_with(ask_set: Ask) -> None:
    ask_set(*ALL_RIGHT)
    with pytest.raises(BadRun, match=r"resumed: timeout_s was None and is 60\.0"):
        ask_set("", timeout_s=60.0, resume=True)


def test_the_manifest_says_what_was_asked_with_what(ask_set: Ask) -> None:
    manifest = load_manifest(ask_set(*ALL_RIGHT, limit=2))
    assert manifest["set"] == "town.jsonl"
    assert manifest["asked"]["questions"] == 2
    assert manifest["documents"] == 2
    assert manifest["settings"]["passage_most"] == 60
    assert manifest["store"]["embedding_fingerprint"] == "hash-64-fingerprint"
    assert manifest["models"]["llm"] == {"name": "scripted", "files": {}}
    assert manifest["prompts"]["ko"].startswith("phrase/ko/")
    assert not {"home", "models"} & manifest["settings"].keys()
