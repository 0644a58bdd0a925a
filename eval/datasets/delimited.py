"""Read rows of CSV and TSV files, detecting encoding and separator."""

import csv
import io
from collections.abc import Iterator, Mapping
from pathlib import Path

from eval.datasets.files import read_whole
from eval.errors import BadQuestionSet
from index.errors import UnreadableDocument
from index.formats.decode import decode_text

_MOST_CELL_CHARS = 32 << 20
_SEPARATORS = ",;\t"


def read_rows(path: Path) -> Iterator[tuple[str, Mapping[str, str]]]:
    """Yield each row's place (file and line) and its cells by the column names of the first row.

    Blank rows are skipped. Raises BadQuestionSet for a file that is not text, has no rows or repeats a
    column name, and for a row with a different number of cells.
    """
    try:
        text = decode_text(read_whole(path))
    except UnreadableDocument as error:
        raise BadQuestionSet(f"{path}: {error}") from error
    csv.field_size_limit(_MOST_CELL_CHARS)
    first_line = text.partition("\n")[0]
    separator = max(_SEPARATORS, key=first_line.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    names: list[str] | None = None
    while True:
        place = f"{path}, line {reader.line_num + 1}"
        try:
            cells = next(reader)
        except StopIteration:
            break
        except csv.Error as error:
            raise BadQuestionSet(f"{place}: is not CSV ({error})") from error
        if not any(cell.strip() for cell in cells):
            continue
        if names is None:
            names = [cell.strip().removeprefix("\ufeff") for cell in cells]
            twice = next((name for name in names if names.count(name) > 1), None)
            if twice is not None:
                raise BadQuestionSet(f"{place}: the column name {twice!r} occurs twice")
            continue
        if len(cells) != len(names):
            raise BadQuestionSet(f"{place}: has {len(cells)} cells, but there are {len(names)} columns")
        yield place, dict(zip(names, cells, strict=True))
    if names is None:
        raise BadQuestionSet(f"{path}: holds no row")
