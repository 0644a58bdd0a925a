"""The layout of a run's folder on disk: file names, and reading and writing predictions and texts.

Runs are stored as JSON and JSON Lines, so that they can be scored, compared and shown years later without the
store and the models that produced them.
"""

import json
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from functools import cached_property
from pathlib import Path
from typing import Any, BinaryIO

from eval.errors import BadRun
from eval.types import Prediction, Question, QuestionScores, QuotedSpan, TextSpan

PREDICTION_SCHEMA = 1

MANIFEST = "manifest.json"
QUESTIONS = "questions.jsonl"
PREDICTIONS = "predictions.jsonl"
DOCUMENTS = "documents.jsonl"
SCORES = "scores.jsonl"
SUMMARY = "summary.json"
JUNIT = "junit.xml"
REPORT = "report.html"


@dataclass(frozen=True)
class Run:
    """A run loaded from its folder.

    manifest: as in manifest.json. questions: as asked, in order. predictions: by question id, absent for
    questions without one. scores: None if the run is not scored yet. texts: stored text by source of every
    document that a gold span or a prediction names, loaded on first use.
    """

    folder: Path
    manifest: Mapping[str, Any]
    questions: Sequence[Question]
    predictions: Mapping[str, Prediction]
    scores: Mapping[str, QuestionScores] | None

    @cached_property
    def texts(self) -> Mapping[str, str]:
        """Stored texts by source."""
        return load_texts(self.folder / DOCUMENTS)

    @property
    def missing(self) -> list[str]:
        """Ids of the questions that were never asked because the run was interrupted."""
        return [question.id for question in self.questions if question.id not in self.predictions]


def load_run(folder: Path) -> Run:
    """Load the run in this folder. Raises BadRun if there is none or this version cannot read it."""
    from eval.datasets.questions import load_questions

    manifest = load_manifest(folder)
    questions = load_questions(folder / QUESTIONS)
    scores_path = folder / SCORES
    return Run(
        folder,
        manifest,
        questions,
        load_predictions(folder / PREDICTIONS),
        load_scores(scores_path) if scores_path.exists() else None,
    )


def load_manifest(folder: Path) -> dict[str, Any]:
    """Load the manifest. Raises BadRun if it is missing, unreadable or of another schema."""
    path = folder / MANIFEST
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise BadRun(
            f"{folder}: holds no run (there is no {MANIFEST}); make one with: inyong eval run -o {folder}"
        ) from None
    except (OSError, ValueError) as error:
        raise BadRun(f"{path}: cannot be read ({error}); make the run anew") from error
    if not isinstance(manifest, dict):
        raise BadRun(f"{path}: is not a manifest; make the run anew")
    _require_schema(manifest.get("schema"), path)
    return manifest


def append_prediction(file: BinaryIO, prediction: Prediction) -> None:
    """Append one line and sync it to disk, so that it survives a killed run.

    file: opened for appending, unbuffered, so that a failed write is not repeated later.
    """
    _append(file, {"schema": PREDICTION_SCHEMA, **asdict(prediction)})


def append_text(file: BinaryIO, source: str, sha256: str, text: str) -> None:
    """Append a document's source, the sha256 of its file's bytes, and its stored text, synced likewise."""
    _append(file, {"source": source, "sha256": sha256, "text": text})


def _append(file: BinaryIO, value: Mapping[str, Any]) -> None:
    line = memoryview(_line(value).encode())
    while line:
        line = line[file.write(line) :]
    os.fsync(file.fileno())


def load_predictions(path: Path) -> dict[str, Prediction]:
    """Return predictions by question id; of two for one question, the later counts.

    A torn last line, left by a killed run, is dropped; a missing file means no predictions.
    Raises BadRun for any other unreadable line, and for predictions of another schema.
    """
    predictions: dict[str, Prediction] = {}
    for number, value in _read_lines(path, torn_end_allowed=True):
        _require_schema(value.get("schema"), path, number)
        try:
            prediction = _prediction(value)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise BadRun(f"{path}, line {number}: is not a prediction ({error!r})") from error
        predictions[prediction.id] = prediction
    return predictions


def drop_torn_line(path: Path) -> None:
    """Truncate a torn last line, left by a killed run, so that the next append starts a line."""
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return
    if data and not data.endswith(b"\n"):
        os.truncate(path, data.rfind(b"\n") + 1)


def load_texts(path: Path) -> dict[str, str]:
    """Return stored texts by source. Raises BadRun if the file is missing or malformed."""
    if not path.exists():
        raise BadRun(f"{path.parent}: there is no {path.name}, the run is half-written; make it anew")
    try:
        return {
            str(value["source"]): str(value["text"]) for _, value in _read_lines(path, torn_end_allowed=True)
        }
    except KeyError as error:
        raise BadRun(f"{path}: a line has no {error}") from error


def save_scores(path: Path, scores: Iterable[QuestionScores]) -> None:
    """Write the scores, one question per line."""
    write_whole(path, "".join(_line(asdict(score)) for score in scores))


def load_scores(path: Path) -> dict[str, QuestionScores]:
    """Return scores by question id. Raises BadRun if a line is malformed."""
    scores = {}
    for number, value in _read_lines(path, torn_end_allowed=False):
        try:
            score = QuestionScores(str(value["id"]), dict(value["scores"]), value["failure"])
        except (KeyError, TypeError, ValueError) as error:
            raise BadRun(
                f"{path}, line {number}: is not a question's scores; make them anew with: "
                f"inyong eval score {path.parent}"
            ) from error
        scores[score.id] = score
    return scores


def write_whole(path: Path, text: str) -> None:
    """Write the file atomically."""
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        with partial.open("w", encoding="utf-8", newline="\n") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


def write_json(path: Path, value: Any) -> None:
    """Write a value as indented JSON, atomically."""
    write_whole(path, json.dumps(value, ensure_ascii=False, indent=2) + "\n")


def _line(value: Mapping[str, Any]) -> str:
    # A lone surrogate, which JSON allows but UTF-8 does not, would make the file unreadable.
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return text.encode("utf-8", "replace").decode("utf-8") + "\n"


def _read_lines(path: Path, *, torn_end_allowed: bool) -> Iterable[tuple[int, dict[str, Any]]]:
    """Yield the number, from 1, and the value of each non-blank line."""
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return
    except OSError as error:
        raise BadRun(f"{path}: cannot be read ({error.strerror})") from error
    lines = data.split(b"\n")
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            value = json.loads(line.decode("utf-8"))
            if not isinstance(value, dict):
                raise TypeError("not an object")
        except (ValueError, TypeError) as error:
            if torn_end_allowed and number == len(lines):
                return
            raise BadRun(f"{path}, line {number}: is broken ({error})") from error
        yield number, value


def _require_schema(schema: object, path: Path, line: int = 0) -> None:
    if schema != PREDICTION_SCHEMA:
        place = f"{path}, line {line}" if line else str(path)
        raise BadRun(
            f"{place}: written in schema {schema!r}, and this version of Inyong reads schema "
            f"{PREDICTION_SCHEMA}; make the run anew"
        )


_FIELDS = frozenset(spec.name for spec in fields(Prediction))


def _prediction(value: Mapping[str, Any]) -> Prediction:
    known = {name: value[name] for name in _FIELDS if name in value}
    return Prediction(
        **known
        | {
            "id": str(value["id"]),
            "passages": tuple(TextSpan(**span) for span in value.get("passages", ())),
            "sentences": tuple(TextSpan(**span) for span in value.get("sentences", ())),
            "citations": tuple(QuotedSpan(**span) for span in value.get("citations", ())),
            "unsupported_numbers": tuple(value.get("unsupported_numbers", ())),
        }
    )
