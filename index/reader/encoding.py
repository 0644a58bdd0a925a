"""Question and passage to tokens, and token positions back to code points. Knows nothing of models.

Both have the form the embedding model was trained on, `<s> query: question </s>` and
`<s> passage: title > heading, sentences </s>`, so that its weights are a useful start.
"""

import copy
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

MAX_PASSAGE_TOKENS = 320
MAX_QUESTION_TOKENS = 96
MAX_CONTEXT_TOKENS = 48
NO_SENTENCE = -1
_SURROGATE = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of tokens of one sentence. offsets: (n, 2), code points within the sentence."""

    sentence: int
    token_ids: list[int]
    offsets: NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Window:
    """A passage, or a part of a long one, as the model reads it.

    sentence_ids: for each token an index into `pieces`, or NO_SENTENCE. first_token: where each piece begins.
    """

    token_ids: list[int]
    sentence_ids: list[int]
    pieces: tuple[Piece, ...]
    first_token: tuple[int, ...]

    def __len__(self) -> int:
        return len(self.token_ids)


def replace_surrogates(text: str) -> str:
    """Return the text with U+FFFD for unpaired surrogates, which no tokeniser takes; offsets stay true."""
    return _SURROGATE.sub("\ufffd", text)


class TextEncoder:
    """Encodes questions and passages with the tokeniser of the base model (a transformers fast tokeniser)."""

    def __init__(self, tokenizer: Any, *, max_tokens: int = MAX_PASSAGE_TOKENS) -> None:
        self._backend = copy.deepcopy(tokenizer.backend_tokenizer)  # the embedder's own goes on padding
        self._backend.no_padding()
        self._backend.no_truncation()
        self._max_tokens = max_tokens
        self._begin = int(tokenizer.cls_token_id)
        self._separator = int(tokenizer.sep_token_id)
        self.pad = int(tokenizer.pad_token_id)

    def encode_question(self, question: str) -> list[int]:
        """Return token ids; of a very long question the beginning and, twice as much, the end."""
        ids = self._ids("query: " + question)
        if len(ids) > MAX_QUESTION_TOKENS:
            head = MAX_QUESTION_TOKENS // 3
            ids = ids[:head] + ids[head - MAX_QUESTION_TOKENS :]
        return [self._begin, *ids, self._separator]

    def encode_passage(self, context: str, sentences: Sequence[str]) -> list[Window]:
        """Return the windows that cover all sentences, at least one.

        Sentences that do not fit one window go on in the next, which repeats the last sentence of the one
        before; a sentence longer than a window is cut into pieces.
        """
        prefix = [self._begin, *self._ids("passage: " + context)[:MAX_CONTEXT_TOKENS]]
        budget = self._max_tokens - len(prefix) - 1
        pieces = self._pieces(sentences, budget)
        windows: list[Window] = []
        first = 0
        while True:
            end, used = first, 0
            while end < len(pieces) and (end == first or used + len(pieces[end].token_ids) <= budget):
                used += len(pieces[end].token_ids)
                end += 1
            windows.append(self._window(prefix, pieces[first:end]))
            if end >= len(pieces):
                return windows
            overlap = len(pieces[end - 1].token_ids) + len(pieces[end].token_ids) <= budget
            first = end - 1 if end - first > 1 and overlap else end

    def _pieces(self, sentences: Sequence[str], budget: int) -> list[Piece]:
        encoded = self._backend.encode_batch(
            [replace_surrogates(s) for s in sentences], add_special_tokens=False
        )
        return [
            Piece(
                index,
                item.ids[at : at + budget],
                np.asarray(item.offsets[at : at + budget], dtype=np.int32).reshape(-1, 2),
            )
            for index, item in enumerate(encoded)
            for at in range(0, len(item.ids), budget)
        ]

    def _window(self, prefix: list[int], pieces: list[Piece]) -> Window:
        token_ids, sentence_ids, first_token = list(prefix), [NO_SENTENCE] * len(prefix), []
        for index, piece in enumerate(pieces):
            first_token.append(len(token_ids))
            token_ids += piece.token_ids
            sentence_ids += [index] * len(piece.token_ids)
        return Window(
            [*token_ids, self._separator], [*sentence_ids, NO_SENTENCE], tuple(pieces), tuple(first_token)
        )

    def _ids(self, text: str) -> list[int]:
        ids: list[int] = self._backend.encode(replace_surrogates(text), add_special_tokens=False).ids
        return ids
