"""The answer in the question's language: by the language model from the evidence alone, or the quotes."""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace

from index.chunking.sentences import split_sentences
from prompts.render import render_phrasing
from service.answering.amounts import add_amounts, converted_amounts
from service.answering.types import Evidence, Quote
from service.language_models.types import Generation, GenerationRequest, Generator

_MARKER = re.compile(r"\s*\[\d{1,3}\]")
_MARKER_LIKE = re.compile(r"\[(\d{1,3})\]")  # in a document, where it would pass for a marker of ours
_LEAST_SHARED_BIGRAMS = 4  # fewer are endings and particles
_MOST_QUESTION_CHARS = 600  # the end of a longer one; the context of the model is small


def phrase_answer(
    question: str,
    evidence: Evidence,
    language: str,
    generator: Generator,
    max_tokens: int,
    on_progress: Callable[[], None] = lambda: None,
) -> Generation:
    """Generate the answer from the quotes in one call. Raises GenerationFailed."""
    quotes = [add_amounts(quote.text, language) for quote in evidence.quotes]
    messages = render_phrasing(question[-_MOST_QUESTION_CHARS:], quotes, language)
    written = generator.generate(GenerationRequest(messages, max_tokens), on_progress)
    return replace(written, text=_MARKER.sub("", written.text).strip())


def add_markers(text: str, evidence: Evidence, language: str) -> str:
    """Return the answer with a marker behind each sentence for the quotes it shares most with.

    Amounts count in both languages. A quote that shares nothing with the answer has no marker, but that of
    the likeliest quote stands behind every sentence without another.
    """
    sentences = [span.of(text) for span in split_sentences(text)] or [text]
    markers: list[list[int]] = [[] for _ in sentences]
    quotes = [add_amounts(quote.text, language) for quote in evidence.quotes]
    for number, quote in enumerate(quotes, 1):
        shared = [_n_shared_bigrams(sentence, quote) for sentence in sentences]
        if max(shared) >= _LEAST_SHARED_BIGRAMS:
            markers[shared.index(max(shared))].append(number)
    likeliest = max(range(len(quotes)), key=lambda i: evidence.quotes[i].weight) + 1
    markers = [own or [likeliest] for own in markers]
    return " ".join(_with_markers(sentence, own) for sentence, own in zip(sentences, markers, strict=True))


def quote_answer(quotes: Sequence[Quote], language: str) -> str:
    """Return the quotes as the answer, each with its marker and its amounts in the other language.

    A number in brackets inside a quote, which would pass for a marker, is put in parentheses.
    """
    parts = []
    for number, quote in enumerate(quotes, 1):
        said = _MARKER_LIKE.sub(r"(\1)", re.sub(r"\s+", " ", quote.text))
        converted = "; ".join(f"{written} = {other}" for written, other in converted_amounts(said, language))
        parts.append(f"“{said}”{f' ({converted})' if converted else ''} [{number}]")
    return " ".join(parts)


def _with_markers(sentence: str, markers: Sequence[int]) -> str:
    """Put markers before the full stop: "…350억 원입니다 [1]."."""
    if not markers:
        return sentence
    end = re.search(r"[.!?。]*\Z", sentence)
    at = end.start() if end else len(sentence)
    return f"{sentence[:at]} {''.join(f'[{m}]' for m in markers)}{sentence[at:]}"


def _n_shared_bigrams(sentence: str, quote: str) -> int:
    """How many pairs of neighbouring characters both have, blanks aside."""
    return len(_bigrams(sentence) & _bigrams(quote))


def _bigrams(text: str) -> set[str]:
    folded = re.sub(r"\s", "", text.lower())
    return {folded[i : i + 2] for i in range(len(folded) - 1)}
