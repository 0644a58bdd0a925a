"""Small true implementations of the protocols, without weights: for tests that need meaning, not a model."""

import hashlib
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from index.embedding.embedder import PassageText, PassageVectors
from index.reader.calibration import UNCALIBRATED
from index.reader.readings import make_reading
from index.reader.types import RawScores, ReaderPassage, Reading
from prompts.render import Message
from service.language_models.types import Check, Generation, GenerationRequest

_WORD = re.compile(r"[a-z]+|\d+|[가-힣]+")
_SYLLABLES = re.compile(r"[가-힣]+")


@dataclass(slots=True)
class HashEmbedder:
    """Meaning as shared words: each word is a fixed direction, a text the sum of its words.

    A Korean word also counts by its first two syllables, so that particles and endings weigh little.
    synonyms: words to read as another word, for questions that share no word with their answer.
    """

    dimension: int = 64
    name: str = "hash-64"
    fingerprint: str = "hash-64-fingerprint"
    synonyms: Mapping[str, str] = field(default_factory=dict)
    embedded: list[PassageText] = field(default_factory=list)  # every passage ever embedded

    def embed_question(self, question: str) -> NDArray[np.float32]:
        """The question's vector, (dim,), of length 1."""
        return self._vector(question)

    def embed_passages(
        self, passages: Sequence[PassageText], advance: Callable[[int], None] | None = None
    ) -> list[PassageVectors]:
        """Vectors in the order given; all passages are one batch."""
        self.embedded += passages
        vectors = [
            PassageVectors(
                self._vector(f"{passage.header}\n{passage.text}"),
                np.array([self._vector(s.of(passage.text)) for s in passage.sentences], np.float32).reshape(
                    -1, self.dimension
                ),
            )
            for passage in passages
        ]
        if advance and passages:
            advance(len(passages))
        return vectors

    def _vector(self, text: str) -> NDArray[np.float32]:
        total = np.zeros(self.dimension, np.float64)
        for word in _WORD.findall(text.lower()):
            stem = word[:2] if _SYLLABLES.fullmatch(word) else word
            total += self._direction(self.synonyms.get(stem, stem))
        if not total.any():
            total = self._direction("")
        return np.asarray(total / np.linalg.norm(total), dtype=np.float32)

    def _direction(self, word: str) -> NDArray[np.float64]:
        seed = int.from_bytes(hashlib.sha256(word.encode()).digest()[:8], "little")
        return np.random.default_rng(seed).standard_normal(self.dimension)


@dataclass(slots=True)
class ScriptedGenerator:
    """A language model that says what it was told to, one reply a call, the last one for ever after.

    A reply may be an exception, which is raised, or a function of the messages. Tokens are
    words.
    """

    replies: Iterable[str | Exception | Callable[[Sequence[Message]], str]] = ("",)
    name: str = "scripted"
    prompts: list[list[Message]] = field(default_factory=list)  # of every call to generate
    prepared: list[list[Message]] = field(default_factory=list)
    context_tokens: int = 4096

    def __post_init__(self) -> None:
        self.replies = list(self.replies)

    def prepare(self, fixed: Sequence[Message]) -> None:
        """Remembers the fixed messages."""
        self.prepared.append(list(fixed))

    def generate(self, request: GenerationRequest, check: Check = lambda: None) -> Generation:
        """The next reply, cut after so many words as there may be tokens."""
        messages = request.messages
        replies = list(self.replies)
        reply = replies[min(len(self.prompts), len(replies) - 1)]
        self.prompts.append(list(messages))
        if isinstance(reply, Exception):
            raise reply
        text = reply if isinstance(reply, str) else reply(messages)
        pieces = re.findall(r"\s*\S+|\s+\Z", text)[: request.max_tokens]
        for _ in pieces:
            check()
        cached = max(
            (_n_words(fixed) for fixed in self.prepared if list(messages[: len(fixed)]) == fixed),
            default=0,
        )
        return Generation(
            text="".join(pieces),
            prompt_tokens=_n_words(messages),
            cached_prompt_tokens=cached,
            completion_tokens=len(pieces),
            first_token_ms=0.0,
            finished=len(re.findall(r"\s*\S+|\s+\Z", text)) <= request.max_tokens,
        )


def _n_words(messages: Sequence[Message]) -> int:
    return sum(len(message.content.split()) for message in messages)


class WordReader:
    """Of all sentences, those answer that have the last word of the question which any of them has.

    A word counts by its first two syllables; sentences that only have earlier words are as much less likely
    as those stand before it. Without any such word nothing answers. A log-odds of 0 is below the threshold.
    """

    name = "words"
    calibrated = True
    calibration = replace(UNCALIBRATED, abstain=0.55, check=0.6)

    def read(self, question: str, passages: Sequence[ReaderPassage]) -> list[Reading]:
        """One reading a passage."""
        return [
            make_reading(passage, raw, self.calibration)
            for passage, raw in zip(passages, self.raw_scores(question, passages), strict=True)
        ]

    def raw_scores(self, question: str, passages: Sequence[ReaderPassage]) -> list[RawScores]:
        """Log-odds from the places of the words."""
        asked = [_stem(word) for word in _WORD.findall(question.lower())]
        places = [[_last_place(asked, p.sentence_text(i)) for i in range(len(p.sentences))] for p in passages]
        last = max((place for row in places for place in row), default=0)
        scores = [tuple(_log_odds(place, last) for place in row) for row in places]
        return [RawScores(row, max(row, default=_log_odds(0, 0))) for row in scores]


def _stem(word: str) -> str:
    return word[:2] if _SYLLABLES.fullmatch(word) else word


def _last_place(asked: Sequence[str], sentence: str) -> int:
    """The place, from 1, of the question's last word that the sentence has; 0 for none."""
    words = {_stem(word) for word in _WORD.findall(sentence.lower())}
    return max((n for n, word in enumerate(asked, 1) if word in words), default=0)


def _log_odds(place: int, last: int) -> float:
    return 40 * place / last - 37 if last else -37.0
