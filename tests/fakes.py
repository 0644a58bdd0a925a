"""Small true implementations of the protocols, without weights: for tests that need meaning, not a model."""

import hashlib
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from index.embed import PassageText, PassageVectors
from index.reader.types import RawScores, ReaderPassage, Reading, SentenceScore
from prompts.render import LANGUAGES, Message, load_template
from service.generate import Generation, GenerationRequest, OnText

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


_VERIFYING = [load_template("verify", language).fixed for language in LANGUAGES]
_JUDGING = {load_template("judge", language).fixed: language for language in LANGUAGES}
_YES_NO = {"ko": ("예", "아니오"), "en": ("Yes", "No")}
_SURE, _DOUBT = 0.95, 0.6
_EVEN = 0.5


@dataclass(slots=True)
class ScriptedGenerator:
    """A language model that says what it was told to, one reply a call, the last one for ever after.

    A reply may be an exception, which is raised, or a function of the messages. Text is streamed word by
    word; tokens are words. Whether a quote answers the question is no call: it says `verdict` to each. Nor
    is whether its quotes say an answer: it is as sure of that as `agrees` says.
    """

    replies: Iterable[str | Exception | Callable[[Sequence[Message]], str]] = ("",)
    name: str = "scripted"
    verdict: Callable[[str], str] = lambda asked: "아니오"
    agrees: Callable[[str], float] = lambda asked: 0.9999
    judged: list[str] = field(default_factory=list)  # the quote and the question of every verdict
    prompts: list[list[Message]] = field(default_factory=list)  # of every call to generate
    prepared: list[list[Message]] = field(default_factory=list)
    context_tokens: int = 4096

    def __post_init__(self) -> None:
        self.replies = list(self.replies)

    def count_tokens(self, text: str) -> int:
        """How many words the text has."""
        return len(text.split())

    def prepare(self, fixed: Sequence[Message]) -> None:
        """Remembers the fixed messages."""
        self.prepared.append(list(fixed))

    def generate(self, request: GenerationRequest, on_text: OnText | None = None) -> Generation:
        """The next reply behind the opening, cut after so many words as there may be tokens."""
        messages = request.messages
        if tuple(messages[:-1]) in _VERIFYING:
            self.judged.append(messages[-1].content)
            word = self.verdict(messages[-1].content)
            sureness = _SURE if word in ("예", "Yes") else _DOUBT  # so that an answer can be likely without
            return Generation(word, 0, 0, 1, 0.0, confidence=sureness)
        if language := _JUDGING.get(tuple(messages[:-1])):
            likely = self.agrees(messages[-1].content)
            word = _YES_NO[language][likely < _EVEN]
            return Generation(word, 0, 0, 1, 0.0, confidence=max(likely, 1 - likely))
        replies = list(self.replies)
        reply = replies[min(len(self.prompts), len(replies) - 1)]
        self.prompts.append(list(messages))
        if isinstance(reply, Exception):
            raise reply
        text = reply if isinstance(reply, str) else reply(messages)
        pieces = re.findall(r"\s*\S+|\s+\Z", text)[: request.max_tokens]
        for piece in pieces:
            if on_text:
                on_text(piece)
        prompt_tokens = sum(self.count_tokens(message.content) for message in messages)
        cached = max(
            (
                sum(self.count_tokens(message.content) for message in fixed)
                for fixed in self.prepared
                if list(messages[: len(fixed)]) == fixed
            ),
            default=0,
        )
        return Generation(
            text="".join([request.opening, *pieces]),
            prompt_tokens=prompt_tokens,
            cached_prompt_tokens=cached,
            completion_tokens=len(pieces),
            first_token_ms=0.0,
        )


class WordReader:
    """A reader for which a sentence answers as far as it shares words with the question."""

    name = "words"
    calibrated = True

    def read(self, question: str, passages: Sequence[ReaderPassage]) -> list[Reading]:
        """One reading a passage."""
        readings = []
        for passage, raw in zip(passages, self.raw_scores(question, passages), strict=True):
            scores = tuple(map(SentenceScore, passage.sentences, raw.sentences))
            readings.append(Reading(raw.passage, raw.passage, scores, ()))
        return readings

    def raw_scores(self, question: str, passages: Sequence[ReaderPassage]) -> list[RawScores]:
        """Shares of the question's words."""
        asked = set(_WORD.findall(question.lower())) or {""}
        scores = []
        for passage in passages:
            texts = [passage.sentence_text(i).lower() for i in range(len(passage.sentences))]
            shares = tuple(len(asked & set(_WORD.findall(text))) / len(asked) for text in texts)
            scores.append(RawScores(shares, max(shares, default=0.0)))
        return scores
