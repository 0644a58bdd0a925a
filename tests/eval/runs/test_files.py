"""What a run's folder gives back, and what it refuses."""

import json
from pathlib import Path

import pytest

from eval.errors import BadRun
from eval.runs.files import (
    append_prediction,
    append_text,
    drop_torn_line,
    load_manifest,
    load_predictions,
    load_run,
    load_scores,
    load_texts,
    save_scores,
    write_whole,
)
from eval.types import Prediction, QuestionScores, QuotedSpan, TextSpan

WHOLE = Prediction(
    "q1",
    answer="350억 원입니다 [1].",
    language="ko",
    abstain_reason=None,
    confidence=0.75,
    passages=(TextSpan("a.md", 0, 40, 1.5),),
    sentences=(TextSpan("a.md", 3, 9, 0.5),),
    citations=(QuotedSpan(1, "a.md", 3, 9, "350억 원"),),
    unsupported_numbers=("7",),
    repaired=True,
    timings_ms={"total": 12.5},
    tokens={"prompt": 10},
    peak_memory_mb=99.5,
)


def save(path: Path, *predictions: Prediction) -> Path:
    with path.open("ab", buffering=0) as file:
        for prediction in predictions:
            append_prediction(file, prediction)
    return path


def test_a_prediction_is_read_back_as_it_was(tmp_path: Path) -> None:
    assert load_predictions(save(tmp_path / "p", WHOLE)) == {"q1": WHOLE}


def test_of_two_predictions_for_a_question_the_later_one_counts(tmp_path: Path) -> None:
    path = save(tmp_path / "p", Prediction("q1", answer="first"), Prediction("q1", answer="second"))
    assert load_predictions(path)["q1"].answer == "second"


def test_a_torn_last_line_is_dropped(tmp_path: Path) -> None:
    path = save(tmp_path / "p", Prediction("q1"), Prediction("q2"))
    path.write_bytes(path.read_bytes()[:-20])
    assert list(load_predictions(path)) == ["q1"]


def test_after_a_torn_line_is_cut_off_the_next_prediction_is_whole(tmp_path: Path) -> None:
    path = save(tmp_path / "p", Prediction("q1"), Prediction("q2"))
    path.write_bytes(path.read_bytes()[:-20])
    drop_torn_line(path)
    assert list(load_predictions(save(path, Prediction("q3")))) == ["q1", "q3"]


def test_a_broken_line_in_the_middle_is_named(tmp_path: Path) -> None:
    path = save(tmp_path / "p", Prediction("q1"))
    path.write_bytes(b"{torn\n" + path.read_bytes())
    with pytest.raises(BadRun, match="p, line 1: is broken"):
        load_predictions(path)


def test_predictions_of_another_schema_are_refused(tmp_path: Path) -> None:
    (tmp_path / "p").write_text('{"schema": 0, "id": "q1"}\n')
    with pytest.raises(
        BadRun, match="line 1: written in schema 0, and this version of Inyong reads schema 1"
    ):
        load_predictions(tmp_path / "p")


def test_a_missing_file_holds_no_predictions(tmp_path: Path) -> None:
    assert load_predictions(tmp_path / "none") == {}


def test_half_a_character_does_not_make_the_file_unreadable(tmp_path: Path) -> None:
    path = save(tmp_path / "p", Prediction("q1", answer="\ud83d"), Prediction("q2"))
    assert load_predictions(path)["q1"].answer == "?"


def test_a_line_separator_in_an_answer_is_no_line_end(tmp_path: Path) -> None:
    path = save(tmp_path / "p", Prediction("q1", answer="one\u2028two"))
    assert load_predictions(path)["q1"].answer == "one\u2028two"


def test_texts_are_read_back_by_source(tmp_path: Path) -> None:
    with (tmp_path / "d").open("ab", buffering=0) as file:
        append_text(file, "a.md", "00", "첫째\n둘째")
        append_text(file, "b.md", "01", "")
    assert load_texts(tmp_path / "d") == {"a.md": "첫째\n둘째", "b.md": ""}


def test_a_run_without_its_texts_is_called_half_written(tmp_path: Path) -> None:
    with pytest.raises(BadRun, match="half-written"):
        load_texts(tmp_path / "documents.jsonl")


def test_scores_keep_what_does_not_apply(tmp_path: Path) -> None:
    scores = QuestionScores("q1", {"expected": 1.0, "mrr": None}, "uncited")
    save_scores(tmp_path / "s", [scores])
    assert load_scores(tmp_path / "s") == {"q1": scores}


def test_a_folder_without_a_manifest_is_no_run(tmp_path: Path) -> None:
    with pytest.raises(BadRun, match=r"holds no run \(there is no manifest.json\)"):
        load_run(tmp_path)


@pytest.mark.parametrize("text", ["{", "[]", '{"schema": 2}', "{}"])
def test_a_manifest_that_is_none_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "manifest.json").write_text(text)
    with pytest.raises(BadRun, match=r"manifest\.json"):
        load_manifest(tmp_path)


def test_a_file_is_replaced_whole_or_not_at_all(tmp_path: Path) -> None:
    write_whole(tmp_path / "f", "old")
    with pytest.raises(UnicodeEncodeError):
        write_whole(tmp_path / "f", "new \ud800")
    assert [path.name for path in tmp_path.iterdir()] == ["f"]
    assert (tmp_path / "f").read_text() == "old"


def test_a_run_knows_the_questions_that_were_never_asked(tmp_path: Path) -> None:
    (tmp_path / "manifest.json").write_text('{"schema": 1}')
    lines = [
        json.dumps({"id": name, "question": "?", "answerable": False, "lang": "en"}) for name in ("q1", "q2")
    ]
    (tmp_path / "questions.jsonl").write_text("\n".join(lines).replace('"?"', '"Who?"'))
    save(tmp_path / "predictions.jsonl", Prediction("q2"))
    run = load_run(tmp_path)
    assert run.missing == ["q1"]
    assert run.scores is None
