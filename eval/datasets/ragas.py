"""ragas test sets: questions, reference answers, and the contexts that each question was generated from.

Names are those of ragas 0.2 (user_input, reference, reference_contexts) or of 0.1 (question, ground_truth,
contexts). Each context becomes a document and, since all of a question's are required, a gold group. In 0.1,
contexts beside an `answer` were retrieved by some system, so they become documents but not gold. Reference
answers are whole sentences, so `expected` stays empty.
"""

import ast
import itertools
import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from eval.datasets.delimited import read_rows
from eval.datasets.files import read_json_lines, read_whole
from eval.datasets.imported import DocumentCollector, ImportedSet
from eval.datasets.questions import guess_language
from eval.datasets.records import Record
from eval.errors import BadQuestionSet
from eval.types import GoldSpan, Question

_QUESTION = ("user_input", "question")
_REFERENCE = ("reference", "ground_truth", "ground_truths")
_HOP = re.compile(r"\A<\d+-hop>\s*")  # ragas writes it before each context of a multi-hop question


def read_ragas(paths: Sequence[Path]) -> ImportedSet:
    """Read the set in these JSON Lines, JSON (a list of objects) or CSV files. Raises BadQuestionSet."""
    documents = DocumentCollector()
    rows = itertools.chain.from_iterable(map(_read_rows, paths))
    questions = [_read_question(row, number, documents) for number, row in enumerate(rows, 1)]
    without = sum(not question.gold for question in questions)
    note = f"questions without reference contexts, which measure no retrieval: {without}"
    return documents.finish(questions, (note,) * bool(without))


def _read_question(row: Record, number: int, documents: DocumentCollector) -> Question:
    text = row.filled(_present(row, _QUESTION))
    reference = _present(row, _REFERENCE)
    value = row.values.get(reference)
    answers = row.strings(reference) if isinstance(value, list) else (row.filled(reference),)
    names, is_gold = _read_contexts(row, documents)
    return Question(
        id=f"q{number}",
        question=text,
        answerable=True,
        answers=answers,
        documents=names if is_gold else (),
        gold=tuple((GoldSpan(name),) for name in names) if is_gold else (),
        lang=guess_language(text),
        tags=(row.filled("synthesizer_name"),) if "synthesizer_name" in row else (),
    )


def _read_contexts(row: Record, documents: DocumentCollector) -> tuple[tuple[str, ...], bool]:
    """Return the names of the contexts' documents, and whether the question was generated from them."""
    is_gold = "reference_contexts" in row or not ("answer" in row or "response" in row)
    column = "reference_contexts" if "reference_contexts" in row else "contexts"
    contexts = [_HOP.sub("", context) for context in row.strings(column)]
    found = [documents.add_context(context, "", row.place).name for context in contexts]
    return tuple(dict.fromkeys(found)), is_gold


def _present(row: Record, names: Sequence[str]) -> str:
    """Return the first of these columns that the row has."""
    for name in names:
        if name in row:
            return name
    raise row.mistake(names[0], f"is missing (also looked for: {', '.join(names[1:])})")


def _read_rows(path: Path) -> Iterator[Record]:
    if path.suffix.lower() in (".csv", ".tsv"):
        for place, cells in read_rows(path):
            yield Record({name: _parse_cell(name, cell) for name, cell in cells.items()}, place)
    elif path.suffix.lower() == ".json":
        yield from _read_list(path)
    else:
        yield from read_json_lines(path)


def _read_list(path: Path) -> Iterator[Record]:
    try:
        rows = json.loads(read_whole(path))
    except (ValueError, RecursionError) as error:
        raise BadQuestionSet(f"{path}: is not JSON ({error})") from error
    for number, row in enumerate(rows if isinstance(rows, list) else [None], 1):
        if not isinstance(row, dict):
            raise BadQuestionSet(f"{path}: must be a list of objects; item {number} is none")
        yield Record(row, f"{path}, item {number}")


def _parse_cell(name: str, cell: str) -> Any:
    """Parse a cell: lists of contexts are Python list literals, and an empty cell is None."""
    if not cell.strip():
        return None
    if name in ("reference_contexts", "contexts", "ground_truths"):
        try:
            return ast.literal_eval(cell)
        except (ValueError, SyntaxError, RecursionError, MemoryError):
            return cell  # the code that requires a list reports the error
    return cell
