"""CSV and TSV tables of questions, with any column names.

A mapping assigns columns to fields: question=질문. Without one, columns named like the fields are used.
`expected`, `answers`, `context` and `quote` may have several columns. A cell of `expected`, `documents` or
`tags` holds alternatives or items separated by "|"; each column of `expected` is a group.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

from eval.datasets.delimited import read_rows
from eval.datasets.imported import DocumentCollector, ImportedSet
from eval.datasets.questions import guess_language
from eval.errors import BadQuestionSet
from eval.types import GoldSpan, Question

FIELDS = "question id answerable expected answers documents context quote lang tags".split()
_YES = {"true", "yes", "y", "1", "예", "네", "o"}
_NO = {"false", "no", "n", "0", "아니오", "아니요", "x"}


def read_table(path: Path, mapping: Sequence[str]) -> ImportedSet:
    """Read the set in the table. mapping: FIELD=COLUMN pairs, as on the command line.

    A row's contexts become documents. Its quotes belong to the only document that the row names, by
    `context` or by `documents`, and are not located here. Raises BadQuestionSet.
    """
    documents = DocumentCollector()
    questions: list[Question] = []
    columns: Mapping[str, Sequence[str]] | None = None
    for place, cells in read_rows(path):
        if columns is None:
            columns = _columns(mapping, list(cells), str(path))
        row = {field: [cells[name].strip() for name in names] for field, names in columns.items()}
        questions.append(_read_question(row, place, len(questions) + 1, documents))
    return documents.finish(questions)


def _columns(mapping: Sequence[str], names: Sequence[str], path: str) -> dict[str, list[str]]:
    """Return the columns of each field."""
    columns: dict[str, list[str]] = {}
    for pair in mapping or [f"{name}={name}" for name in names if name in FIELDS]:
        field, _, name = pair.partition("=")
        if field not in FIELDS or not name:
            raise BadQuestionSet(f"--column {pair}: must be FIELD=COLUMN with one of {', '.join(FIELDS)}")
        if name not in names:
            raise BadQuestionSet(f"{path}: has no column {name!r}; there are {_listed(names)}")
        columns.setdefault(field, []).append(name)
    if "question" not in columns:
        raise BadQuestionSet(
            f"{path}: no column is named question; say which it is with --column question=NAME "
            f"(there are {_listed(names)})"
        )
    return columns


def _read_question(
    row: Mapping[str, Sequence[str]], place: str, number: int, documents: DocumentCollector
) -> Question:
    text = _one(row, "question")
    if not text:
        raise BadQuestionSet(f"{place}: the question is empty")
    expected = tuple(items for cell in row.get("expected", ()) if (items := _items(cell)))
    answers = tuple(cell for cell in row.get("answers", ()) if cell)
    contexts = [documents.add_context(cell, "", place).name for cell in row.get("context", ()) if cell]
    named = tuple(
        dict.fromkeys([*contexts, *(name for cell in row.get("documents", ()) for name in _items(cell))])
    )
    gold = _read_gold(row, place, contexts, named)
    answerable = _read_answerable(_one(row, "answerable"), place, bool(expected or answers or gold))
    return Question(
        id=_one(row, "id") or f"q{number}",
        question=text,
        answerable=answerable,
        expected=expected if answerable else (),
        answers=answers if answerable else (),
        documents=named if answerable else (),
        gold=gold if answerable else (),
        lang=_one(row, "lang") or guess_language(text),
        tags=_items(_one(row, "tags")),
    )


def _read_gold(
    row: Mapping[str, Sequence[str]], place: str, contexts: Sequence[str], named: Sequence[str]
) -> tuple[tuple[GoldSpan, ...], ...]:
    """Return a group for each quote or, without quotes, for each context."""
    quotes = [cell for cell in row.get("quote", ()) if cell]
    if not quotes:
        return tuple((GoldSpan(name),) for name in contexts)
    if len(named) != 1:
        raise BadQuestionSet(
            f"{place}: has a quote and {len(named)} documents; a quote needs exactly one to be looked for in"
        )
    return tuple((GoldSpan(named[0], quote=quote),) for quote in quotes)


def _read_answerable(cell: str, place: str, has_answer: bool) -> bool:
    if cell.lower() in _NO:
        return False
    if cell and cell.lower() not in _YES:
        raise BadQuestionSet(f"{place}: answerable must be true or false (yes, no, 1, 0), not {cell!r}")
    if not has_answer:
        raise BadQuestionSet(
            f"{place}: has neither expected, answers, context nor quote; if it is a question that cannot be "
            "answered, say false in a column mapped to answerable"
        )
    return True


def _listed(names: Sequence[str]) -> str:
    """Return the names on one line, truncated if too long."""
    line = " ".join(", ".join(names).split())
    return line if len(line) <= 200 else f"{line[:199]}…"


def _one(row: Mapping[str, Sequence[str]], field: str) -> str:
    return next(iter(row.get(field, ())), "")


def _items(cell: str) -> tuple[str, ...]:
    return tuple(item for part in cell.split("|") if (item := part.strip()))
