"""AutoRAG: a corpus and its questions, each a Parquet file.

`retrieval_gt` is a list of lists: one document of each inner list is required, and any of them suffices
(AutoRAG's documentation, "Dataset Format"), which is exactly groups of alternatives. A flat list is
ambiguous: AutoRAG reads it as alternatives, while people often mean documents that are all required, so the
user must say which. Documents are whole rows of the corpus. `generation_gt` holds whole sentences, so they
become reference answers, and `expected` stays empty.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from eval.datasets.files import opened
from eval.datasets.imported import MOST_DOCUMENTS, MOST_TEXT_CHARS, DocumentCollector, ImportedSet
from eval.datasets.questions import guess_language
from eval.datasets.records import Record
from eval.errors import BadQuestionSet
from eval.types import GoldSpan, Question

_CORPUS = ("doc_id", "contents")
_QA = ("qid", "query", "retrieval_gt", "generation_gt")
_MOST_BYTES = 4 * MOST_TEXT_CHARS  # uncompressed; a character has up to four bytes
_ROWS_AT_ONCE = 16  # a row may be large, and a small file may hold many large rows


def read_autorag(paths: Sequence[Path], ground_truth: str | None) -> ImportedSet:
    """Read the set from a corpus and a qa file, or from the folder with corpus.parquet and qa.parquet.

    ground_truth: "and" if all documents of a flat `retrieval_gt` are required, "or" if one suffices; None
    rejects a flat list of several. Raises BadQuestionSet.
    """
    if len(paths) == 1 and paths[0].is_dir():
        paths = [paths[0] / "corpus.parquet", paths[0] / "qa.parquet"]
    corpus, qa = _tell_apart(paths)
    documents = DocumentCollector()
    for row in _read_rows(corpus, _CORPUS):
        documents.add(row.filled("doc_id"), row.text("contents"), "", row.place)
    questions = [_read_question(row, ground_truth, documents) for row in _read_rows(qa, _QA)]
    return documents.finish(questions)


def _read_question(row: Record, ground_truth: str | None, documents: DocumentCollector) -> Question:
    text = row.filled("query")
    groups = [
        [documents.find(ident, f"{row.place}, qid {row.filled('qid')!r}").name for ident in group]
        for group in _read_groups(row, ground_truth)
    ]
    answer = row.values["generation_gt"]
    answers = (answer,) if isinstance(answer, str) else row.strings("generation_gt")
    if not (groups or answers):
        raise row.mistake("retrieval_gt", "and generation_gt are both empty: nothing to measure")
    return Question(
        id=row.filled("qid"),
        question=text,
        answerable=True,
        answers=tuple(dict.fromkeys(answers)),
        documents=tuple(dict.fromkeys(name for group in groups for name in group)),
        gold=tuple(tuple(GoldSpan(name) for name in dict.fromkeys(group)) for group in groups),
        lang=guess_language(text),
    )


def _read_groups(row: Record, ground_truth: str | None) -> list[tuple[str, ...]]:
    """Return document ids in groups of alternatives; AutoRAG writes [[]] and [[""]] for none."""
    value: Any = row.values["retrieval_gt"]
    if isinstance(value, str):
        value = [value]
    if not value or value in ([[]], [[""]], [""]):
        return []
    if isinstance(value[0], list):
        return list(row.string_groups("retrieval_gt"))
    idents = Record({"retrieval_gt": value}, row.place).strings("retrieval_gt")
    if len(idents) > 1 and ground_truth is None:
        raise row.mistake(
            "retrieval_gt",
            "is a flat list; say --ground-truth=and if all its documents are needed, "
            "--ground-truth=or if one will do",
        )
    return [idents] if ground_truth == "or" else [(ident,) for ident in idents]


def _tell_apart(paths: Sequence[Path]) -> tuple[Path, Path]:
    """Return the corpus file and the qa file, identified by their columns."""
    if len(paths) != 2:
        raise BadQuestionSet("AutoRAG sets are a corpus and a qa file (Parquet), or a folder with both")
    first, second = paths
    return (first, second) if "doc_id" in _column_names(first) else (second, first)


def _column_names(path: Path) -> list[str]:
    with _parquet(path) as file:
        return list(file.schema_arrow.names)


def _read_rows(path: Path, columns: Sequence[str]) -> Iterator[Record]:
    """Yield the rows with these columns, a few in memory at a time."""
    with _parquet(path) as file:
        missing = [name for name in columns if name not in file.schema_arrow.names]
        if missing:
            raise BadQuestionSet(f"{path}: lacks the column {missing[0]}; needed are {', '.join(columns)}")
        n_rows = file.metadata.num_rows
        if n_rows > MOST_DOCUMENTS:
            raise BadQuestionSet(
                f"{path}: {n_rows:,} rows are more than the limit of {MOST_DOCUMENTS:,}; "
                "import a part of the set"
            )
        size = sum(file.metadata.row_group(number).total_byte_size for number in range(file.num_row_groups))
        if size > _MOST_BYTES:
            raise BadQuestionSet(
                f"{path}: {size / 1e6:,.0f} MB unpacked is more than the limit of "
                f"{_MOST_BYTES / 1e6:,.0f} MB; import a part of the set"
            )
        number = 0
        for batch in file.iter_batches(batch_size=_ROWS_AT_ONCE, columns=list(columns)):
            for values in batch.to_pylist():
                number += 1
                yield Record(values, f"{path}, row {number}")


@contextmanager
def _parquet(path: Path) -> Iterator[Any]:
    """Open the file as pyarrow's ParquetFile. Raises BadQuestionSet, also for errors inside the block."""
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ImportError as error:
        raise BadQuestionSet("Parquet files need pyarrow; run: pip install 'inyong[eval]'") from error

    with opened(path) as file:
        try:
            yield pq.ParquetFile(file)
        except (pa.ArrowException, OSError) as error:
            reason = str(error).splitlines()[0]
            raise BadQuestionSet(f"{path}: cannot be read as Parquet ({reason})") from error
