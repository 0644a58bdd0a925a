"""Token lists to padded arrays, for every engine and for training."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from index.reader.encoding import NO_SENTENCE, Window

Integers = NDArray[np.int64]


class InputArrays(NamedTuple):
    """Questions (q, lq), passages and sentence ids (p, lp), pairs (b, 2) of rows; attention 0 on padding."""

    questions: Integers
    question_attention: Integers
    passages: Integers
    passage_attention: Integers
    sentence_ids: Integers
    pairs: Integers


def pad_inputs(
    questions: Sequence[Sequence[int]],
    windows: Sequence[Window],
    pairs: Sequence[tuple[int, int]],
    pad: int,
) -> InputArrays:
    """Return the arrays of a batch. pairs: row of a question and row of a window."""
    asked, asked_attention = _pad(questions, pad)
    read, read_attention = _pad([window.token_ids for window in windows], pad)
    sentence_ids, _ = _pad([window.sentence_ids for window in windows], NO_SENTENCE)
    rows = np.asarray(pairs, dtype=np.int64).reshape(-1, 2)
    return InputArrays(asked, asked_attention, read, read_attention, sentence_ids, rows)


def _pad(rows: Sequence[Sequence[int]], value: int) -> tuple[Integers, Integers]:
    length = max(map(len, rows))
    padded = np.full((len(rows), length), value, dtype=np.int64)
    attention = np.zeros((len(rows), length), dtype=np.int64)
    for index, row in enumerate(rows):
        padded[index, : len(row)] = row
        attention[index, : len(row)] = 1
    return padded, attention
