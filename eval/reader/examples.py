"""Reading examples: documents with questions, needed sentences and answer words; loading, checks and splits.

The format, one document a line, is described in `eval/reader/data/README.md`.
"""

import hashlib
import json
import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Any

from eval.errors import EvaluationError

DATA = Path(__file__).parent / "data"
KINDS = frozenset(
    "amount count share date duration person organisation place name reason method condition yes-no "
    "definition list other".split()
)
VERDICTS = frozenset({"yes-no", "condition"})
LANGUAGES = frozenset({"ko", "en"})


class Split(StrEnum):
    """What a document is for. Decided by its id alone, so that growing the data moves no document."""

    TRAIN = "train"
    VALIDATION = "validation"
    CALIBRATION = "calibration"
    TEST = "test"


@dataclass(frozen=True, slots=True)
class AnswerPart:
    """Answer words: code points `start` to `end` of a sentence."""

    sentence: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Question:
    """A question on one document. parts: empty for a near miss; near: the sentences that mislead."""

    id: str
    text: str
    previous: str
    language: str
    kind: str
    parts: tuple[AnswerPart, ...]
    near: tuple[int, ...]

    @property
    def answerable(self) -> bool:
        """Whether its document answers it."""
        return bool(self.parts)

    @property
    def asks_verdict(self) -> bool:
        """Whether it asks for yes or no, or under which condition."""
        return self.kind in VERDICTS

    @property
    def needed(self) -> frozenset[int]:
        """The sentences that answer, 0-based."""
        return frozenset(part.sentence for part in self.parts)

    @property
    def with_previous(self) -> str:
        """The question behind the one it leans on, as the reader is given it."""
        return f"{self.previous} {self.text}".strip()


@dataclass(frozen=True, slots=True)
class ExampleDocument:
    """A document as sentences, with its questions."""

    id: str
    title: str
    language: str
    genre: str
    sentences: tuple[str, ...]
    questions: tuple[Question, ...]

    @property
    def split(self) -> Split:
        """The split its id falls into: a tenth tests, 7 % each validate and calibrate, the rest trains."""
        bucket = int.from_bytes(hashlib.sha256(self.id.encode()).digest()[:4], "big") % 100
        if bucket < 10:
            return Split.TEST
        if bucket < 17:
            return Split.VALIDATION
        return Split.CALIBRATION if bucket < 24 else Split.TRAIN


def load_examples(paths: Iterable[Path] | None = None) -> list[ExampleDocument]:
    """Load documents from files and folders (default: the project's own), in order of file and line.

    Raises EvaluationError naming file and line for anything malformed and for an id that occurs twice.
    """
    documents: dict[str, ExampleDocument] = {}
    for path in _files(paths if paths is not None else [DATA]):
        for number, line in _lines(path):
            where = f"{path}:{number}"
            document = _parse(line, where)
            if document.id in documents:
                raise EvaluationError(f"{where}: the id {document.id} occurs twice; each needs its own")
            documents[document.id] = document
    return list(documents.values())


def select_split(documents: Iterable[ExampleDocument], split: Split) -> list[ExampleDocument]:
    """Return the documents of one split."""
    return [document for document in documents if document.split is split]


def sample_questions(documents: Sequence[ExampleDocument], n: int) -> list[ExampleDocument]:
    """Return the documents with at most `n` of their questions, the same each time; none without any."""
    places = [(row, i) for row, document in enumerate(documents) for i in range(len(document.questions))]
    chosen = set(random.Random(0).sample(places, min(n, len(places))))
    few = [
        replace(d, questions=tuple(q for i, q in enumerate(d.questions) if (row, i) in chosen))
        for row, d in enumerate(documents)
    ]
    return [document for document in few if document.questions]


def data_digest(documents: Sequence[ExampleDocument]) -> str:
    """Return a hash of the documents' content, whatever their order."""
    digest = hashlib.sha256()
    for line in sorted(repr(document) for document in documents):
        digest.update(line.encode("utf-8", "surrogatepass"))
    return digest.hexdigest()[:16]


def _files(paths: Iterable[Path]) -> Iterator[Path]:
    for path in paths:
        if path.is_dir():
            yield from sorted(path.glob("*.jsonl"))
        elif path.is_file():
            yield path
        else:
            raise EvaluationError(f"{path}: no such file or folder of reading examples")


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    try:
        with path.open(encoding="utf-8") as lines:
            yield from ((n, line) for n, line in enumerate(lines, 1) if line.strip())
    except UnicodeDecodeError as error:
        raise EvaluationError(f"{path}: is not UTF-8 text ({error.reason} at byte {error.start})") from error


def _parse(line: str, where: str) -> ExampleDocument:
    try:
        record = json.loads(line)
    except json.JSONDecodeError as error:
        raise EvaluationError(f"{where}: is not JSON ({error.msg} at column {error.colno})") from error
    if not isinstance(record, dict):
        raise EvaluationError(f"{where}: must be an object, one document a line")
    sentences = record.get("sentences")
    if not (isinstance(sentences, list) and sentences and all(isinstance(s, str) and s for s in sentences)):
        raise EvaluationError(f"{where}: 'sentences' must be a list of non-empty strings")
    for key in ("id", "title", "lang", "genre"):
        if not isinstance(record.get(key), str) or not record[key]:
            raise EvaluationError(f"{where}: '{key}' must be a non-empty string")
    if record["lang"] not in LANGUAGES:
        raise EvaluationError(f"{where}: 'lang' must be ko or en, not {record['lang']!r}")
    asked = record.get("questions")
    if not isinstance(asked, list):
        raise EvaluationError(f"{where}: 'questions' must be a list")
    questions = tuple(
        _parse_question(item, f"{record['id']}#{n}", sentences, f"{where} question {n}")
        for n, item in enumerate(asked)
    )
    return ExampleDocument(
        record["id"], record["title"], record["lang"], record["genre"], tuple(sentences), questions
    )


def _parse_question(item: Any, ident: str, sentences: list[str], where: str) -> Question:
    if not isinstance(item, dict) or not isinstance(item.get("q"), str) or not item["q"].strip():
        raise EvaluationError(f"{where}: must be an object with a question 'q'")
    if item.get("lang") not in LANGUAGES:
        raise EvaluationError(f"{where}: 'lang' must be ko or en, not {item.get('lang')!r}")
    if item.get("kind") not in KINDS:
        raise EvaluationError(f"{where}: kind must be one of {', '.join(sorted(KINDS))}")
    answers = item.get("answers")
    if not isinstance(answers, list):
        raise EvaluationError(f"{where}: 'answers' must be a list, empty for a near miss")
    near = item.get("near", [])
    if not isinstance(near, list) or not all(_is_index(s, sentences) for s in near):
        raise EvaluationError(f"{where}: 'near' must list indices of sentences")
    return Question(
        id=ident,
        text=item["q"],
        previous=str(item.get("before") or ""),
        language=item["lang"],
        kind=item["kind"],
        parts=tuple(_parse_part(part, sentences, where) for part in answers),
        near=tuple(near),
    )


def _parse_part(part: Any, sentences: list[str], where: str) -> AnswerPart:
    if not isinstance(part, dict) or not _is_index(part.get("s"), sentences):
        raise EvaluationError(f"{where}: an answer needs 's', the index of its sentence")
    text = part.get("text")
    if not isinstance(text, str) or not text or text not in sentences[part["s"]]:
        raise EvaluationError(f"{where}: {text!r} is not in sentence {part['s']}")
    start = sentences[part["s"]].index(text)
    return AnswerPart(part["s"], start, start + len(text))


def _is_index(value: Any, sentences: list[str]) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < len(sentences)
