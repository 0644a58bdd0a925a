"""Verify that a phrased answer is supported by its evidence, for every language model alike.

Every number with its unit is looked up in the quotes, every name also in their titles and headings, across
languages by the search's glossary; the words that the reader found to answer are looked up in the answer.
An answer that fails is replaced by the quotes; sentences are never edited.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

from index.search.terms import Glossary
from index.search.transliteration import is_name_in
from service.answering.language import answer_language
from service.answering.types import Evidence, Mismatch, Verification
from service.numbers import find_quantities, unsupported_quantities

# A yes or no at the beginning; "네 명", "No. 3" and "No fee" are none.
_VERDICT = re.compile(
    r"\s*(?:네|예|아뇨|아니(?:요|오)|그렇습니다|그렇지 않습니다|맞습니다|맞아요)(?=\s*[,.!~:;—-]|\s*\Z)"
    r"|\s*yes\b|\s*no(?=\s*[,!:;—-]|\s*\.(?!\s*\d)|\s*\Z)",
    re.IGNORECASE,
)
_NEGATION = re.compile(
    r"없|아니|아닙|아닌|불가|않|못|(?<![가-힣])안\s|\b(?:no|not|never|cannot|none|without)\b|n't\b",
    re.IGNORECASE,
)
_PREDICATE_CHARS = 12  # at the end of a Korean sentence
_HANGUL, _LATIN, _HAN = re.compile(r"[가-힣]"), re.compile(r"[A-Za-z]"), re.compile(r"[\u4e00-\u9fff]")
_LATIN_WORD = re.compile(r"[A-Za-z][A-Za-z0-9&-]*")
_HANGUL_WORD = re.compile(r"[가-힣]{2,}")
_PARTICLES = (
    r"(?:은|는|이|가|을|를|의|에|에서|에게|께서|와|과|로|으로|도|만|까지|부터|마다|보다|처럼|이나|나|이며|이고|인|이다|입니다)?"
    r"(?![가-힣])"
)
_LEAST_SHARE = 0.5  # of the content words of the reader's span
# English words of closed classes, which may begin a sentence without being a name.
_CLOSED_CLASS = frozenset(
    """a an the this that these those it its he she they we i you his her their our my your there here
    who whom whose which what when where why how and or but if as at by for from in of on to with without
    about according because so then however therefore although while among beside besides except against
    approximately around nearly almost over more less fewer most least many much several few
    everyone everything anyone anything nobody nothing none someone something others another other
    within until after before during since over under about between into through per is are was were be been
    has have had do does did will would can could may might shall should must not no yes also only both each
    every all some any one two three four five six seven eight nine ten dr mr mrs ms prof""".split()
)


class WordAnalyzer(Protocol):
    """The search's morphological analyser."""

    def words(self, text: str) -> list[str]:
        """Return the content words of a text."""

    def nouns(self, text: str) -> list[str]:
        """Return the nouns of a text, words in Latin letters among them."""

    def names(self, text: str) -> list[str]:
        """Return the Korean proper nouns of a text."""


class Verifier:
    """Compares phrased answers with their evidence."""

    def __init__(self, analyzer: WordAnalyzer, glossary: Glossary) -> None:
        self._analyzer, self._glossary = analyzer, glossary

    def verify(self, text: str, question: str, evidence: Evidence, language: str) -> Verification:
        """Compare a phrased answer, without markers, with the quotes it was made from."""
        text = unicodedata.normalize("NFC", text)
        source = _Source(question, evidence, self._analyzer, self._glossary)
        numbers = tuple(q.text for q in unsupported_quantities(text, source.quotes))
        names = tuple(dict.fromkeys(self._unsupported_names(text, language, source)))
        found = {
            Mismatch.EMPTY: not text.strip(),
            Mismatch.LANGUAGE: bool(text.strip()) and not _is_in_language(text, language, source.text),
            Mismatch.VERDICT: bool(_VERDICT.match(text)) or source.contradicts(text),
            Mismatch.NUMBER: bool(numbers),
            Mismatch.NAME: bool(names),
            Mismatch.ANSWER_MISSING: not self._has_answer(text, evidence),
        }
        return Verification(text, tuple(m for m, is_found in found.items() if is_found), numbers, names)

    def _unsupported_names(self, text: str, language: str, source: "_Source") -> Iterator[str]:
        """Yield names and, in Korean, all nouns of the answer that its source does not have."""
        korean = self._analyzer.nouns(text) if language == "ko" else _HANGUL_WORD.findall(text)
        yield from (word for word in (*korean, *_capitalised(text)) if not source.has(word))

    def _has_answer(self, text: str, evidence: Evidence) -> bool:
        """Return whether the answer has the words that the reader found in its best quote.

        Of words with numbers the numbers; of others at least half, or an equivalent in the other language.
        """
        best = max(evidence.quotes, key=lambda quote: quote.weight, default=None)
        if best is None or not best.answer_text:
            return True
        if find_quantities(best.answer_text):
            return not unsupported_quantities(best.answer_text, [text])
        said = set(self._analyzer.words(text))
        terms = self._glossary.terms(self._analyzer.words(best.answer_text))
        if bool(_HANGUL.search(best.answer_text)) is not bool(_HANGUL.search(text)):
            if not all(_is_word_of(_plain(name), _plain(text)) for name in _capitalised(best.answer_text)):
                return False  # Korean keeps names in Latin letters
            known = [term for term in terms if len(term.alternatives) > 1]  # the others cannot be compared
            return not known or any(term.found_in(said) for term in known)
        return sum(term.found_in(said) for term in terms) >= _LEAST_SHARE * len(terms)


@dataclass
class _Source:
    """The text that supports an answer: quotes, their titles and headings, common words of the question."""

    question: str
    evidence: Evidence
    analyzer: WordAnalyzer
    glossary: Glossary

    @cached_property
    def quotes(self) -> list[str]:
        return [quote.text for quote in self.evidence.quotes]

    @cached_property
    def text(self) -> str:
        contexts = [f"{quote.hit.title} {quote.hit.heading}" for quote in self.evidence.quotes]
        return _plain(" ".join([*self.quotes, *contexts]))

    def contradicts(self, answer: str) -> bool:
        """Return whether the answer has a negation that no quote has, or lacks that of the likeliest quote.

        Korean negation of the main clause is at the end; earlier clauses are ignored.
        """
        if _NEGATION.search(answer):
            return not any(_NEGATION.search(quote) for quote in self.quotes)
        best = max(self.evidence.quotes, key=lambda quote: quote.weight, default=None)
        text = best.text if best else ""
        return bool(_NEGATION.search(text[-_PREDICATE_CHARS:] if _HANGUL.search(text) else text))

    @cached_property
    def words(self) -> set[str]:
        return set(self.analyzer.words(self.text)) | set(self.analyzer.nouns(self.text))

    @cached_property
    def common_words(self) -> set[str]:
        """The question's nouns but its names, which only the evidence can confirm."""
        names = {*self.analyzer.names(self.question), *_capitalised(self.question)}
        return {_plain(word) for word in self.analyzer.nouns(self.question) if word not in names}

    def has(self, word: str) -> bool:
        """Return whether the word, or its equivalent in the other language, occurs."""
        plain = _plain(word)
        if plain in self.common_words or _is_word_of(plain, self.text):
            return True
        own = self.analyzer.words(word) or [plain]
        if set(own) <= self.words or all(term.found_in(self.words) for term in self.glossary.terms(own)):
            return True
        return bool(_LATIN.search(word)) and is_name_in(word, self.text)


def _capitalised(text: str) -> Iterator[str]:
    """Yield words in capitals or with a capital, but those of closed classes."""
    for match in _LATIN_WORD.finditer(text):
        word = match.group()
        if word[0].isupper() and word.lower() not in _CLOSED_CLASS:
            yield word


def _is_word_of(word: str, text: str) -> bool:
    """Return whether a word of the text is this one, with a particle where Korean adds one."""
    end = _PARTICLES if _HANGUL.search(word[-1:]) else r"(?![a-z0-9])"
    return re.search(rf"(?<![가-힣a-z0-9]){re.escape(word)}{end}", text) is not None


def _is_in_language(text: str, language: str, source: str) -> bool:
    """Return whether the letters are mainly of the language, Chinese characters all of the source."""
    if not set(_HAN.findall(text)) <= set(_HAN.findall(source)):
        return False
    if language == "ko":
        return answer_language(text) == "ko"
    return len(_LATIN.findall(text)) >= len(_HANGUL.findall(text))


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).lower()
