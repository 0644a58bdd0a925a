"""Whether what is quoted is about what was asked: the same place, the same year, the same thing.

A small model answers with whoever stands near: asked for the pavilion of Gwangju it gives the figure of
Daegu's. So the words of the question have to stand around the quotes, rare words above all.
"""

import re
from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass

from index.languages import is_korean
from index.lexical import MorphemeAnalyzer
from index.search import Searcher, SearchScope
from index.terms import Term
from index.types import Span
from service.asked import parts_of
from service.naming import is_named, squash
from service.transliterate import is_spelled_in
from service.types import Sentence

_ASKING = frozenset(  # words of asking, which no document needs to hold
    """몇 얼마 어떻 어떠 어디 누구 무엇 뭐 언제 며칠 왜 어느 어떤 까닭 쪽 중 때 가지 번 명 개 곳 시 각각
    가운데 모두 말 사람 나라 퍼센트 원화 알리 date day time name number count per share within between take
    part place own s together up off over out get got give come go put one no not other such all so far may
    than ani some both onli also even ever just still yet again more most about after befor dure sinc until
    while whether then there here accord percentag percent 기사 문서 자료 글 쓰 씨 님""".split()
)
_OPENING_CHARS = 400  # of a document; they say what it is about, as its title does
# "어떤 단체", "which company": what is asked for, which the text may call by its name alone.
_TYPE_ASKED = re.compile(r"(?:어떤|무슨|어느|\b(?:what|which)\b)\s+(\w+)", re.IGNORECASE)
_ENDINGS = "시도군구의은는이가을를"
_MAY_BE_A_NAME = re.compile(r"(?P<name>[가-힣]{3,}?)(?:은|는|이|가|을|를|의|에게|과|와|도)?(?![가-힣])")
_LEAST_WORDS_OF_A_PART = 2  # "When, and where was it held?"
# What tells one of a series from the others: 3호, 제31차, 2단계, 4분기. 회 and 권 count how many as often.
_EDITION = re.compile(r"(\d+)\s?(호선|호(?!텔)|차(?![량선종])|기(?![관업간술])|단계|분기|등급|층|학년)")
_ORDINALS = "first second third fourth fifth sixth seventh eighth ninth tenth".split()
_EDITION_EN = re.compile(
    rf"\b(?:(?P<ordinal>{'|'.join(_ORDINALS)})|(?P<digits>\d+)(?:st|nd|rd|th))"
    r" (?P<kind>quarter|floor|stage|phase)\b"
    r"|\b(?P<before>phase|stage) (?P<number>\d+)\b|\bQ(?P<quarter>[1-4])\b",
    re.IGNORECASE,
)
_KOREAN_EDITION = {"quarter": "분기", "floor": "층", "stage": "단계", "phase": "단계"}
_LATIN_NAME = re.compile(r"\b[A-Z][A-Za-z]{3,}\b")
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
_SHORT_YEAR = re.compile(r"['’‘](\d\d)(?=\s?년|[.~)\s])")  # '24년, as offices write it; never long ago


class Relevance:
    """What a question is about, to be held against quotes."""

    def __init__(self, question: str, searcher: Searcher, scope: SearchScope | None = None) -> None:
        self.question = question
        self._searcher = searcher
        self._scope = scope
        self._analyzer = searcher.analyzer
        self._catalog = searcher.catalog
        first, *others = parts_of(question)
        # What a later part is about may stand in the part before it alone: "…, and when?"
        parts = [first, *(part for part in others if self._analyzer.names(part))] if others else []
        topics = [_topic(part, searcher, scope) for part in parts]
        self._topics = [
            _topic(question, searcher, scope),
            *(topic for topic in topics if len(topic.weights) >= _LEAST_WORDS_OF_A_PART),
        ]

    def share_around(self, sentences: Iterable[Sentence]) -> float:
        """Share of the question's words that stand around these sentences, weighted by rarity, in [0, 1].

        Around: in the passages they come from, and in the titles and openings of the documents. 0.0
        when a year, a number in a series (2호) or a Korean name of the question does not stand there though
        others do. Words that the text's language has no known equivalent for are left out of account; 1.0
        when none is left.
        Of a question with several parts, the part that fits best counts.
        """
        around = self._surroundings(sentences)
        words = set(self._analyzer.words(around))
        return max(topic.share_in(around, words) for topic in self._topics)

    def share_near(self, sentences: Iterable[Sentence]) -> float:
        """Share of the question's words in these sentences, the one before each, and the titles over them."""
        near: list[str] = []
        for sentence in sentences:
            hit = sentence.hit
            before = [other.text for other in hit.sentences if other.span.end <= sentence.span.start][-1:]
            near += [hit.title, hit.heading, hit.date, *before, sentence.text]
        return self.share_in(self.question, "\n".join(near))

    def is_of_another_edition(self, text: str) -> bool:
        """Whether the text speaks of a second floor, say, and not of the third that is asked for."""
        return self._topics[0].is_of_another_edition(text)

    def n_words_in(self, text: str) -> int:
        """How many of the question's words stand in a text, whatever else it says."""
        return self._topics[0].n_words_in(text, set(self._analyzer.words(text)))

    def asks_about(self, noun: str) -> bool:
        """Whether a noun is one of the question's words, a synonym, or what the other language calls it."""
        alternatives = (words for term in self._topics[0].weights for words in term.alternatives)
        return {word for words in alternatives for word in words}.issuperset(self._analyzer.words(noun))

    def share_in(self, part: str, text: str) -> float:
        """Share of the words of a part of the question that stand in a text, weighted by rarity."""
        topic = _topic(part, self._searcher, self._scope)
        return topic.share_of_words(text, set(self._analyzer.words(text)))

    def names_in(self, text: str) -> list[str]:
        """Korean proper nouns of the text."""
        return self._analyzer.names(text)

    def nouns_in(self, text: str) -> list[str]:
        """Nouns of the text, of two letters or more."""
        return self._analyzer.nouns(text)

    def _surroundings(self, sentences: Iterable[Sentence]) -> str:
        passages = {sentence.hit.passage_id: sentence.hit for sentence in sentences}
        openings = {
            hit.document_id: self._catalog.read_text(hit.document_id, Span(0, _OPENING_CHARS))
            for hit in passages.values()
        }
        return "\n".join(
            part
            for hit in passages.values()
            for part in (hit.title, hit.heading, hit.date, hit.source, openings[hit.document_id], hit.text)
        )


@dataclass(frozen=True, slots=True)
class _Topic:
    """What a question, or a part of one, speaks of. weights: of its terms, by rarity."""

    weights: Mapping[Term, float]
    names: tuple[str, ...]
    latin_names: Mapping[Term, str]
    years: frozenset[str]
    editions: frozenset[tuple[str, str]]

    def share_in(self, text: str, words: Set[str]) -> float:
        """Share of it that stands in the text, whose words are given."""
        years = _years(text)
        if self.years and years and not self.years & years:
            return 0.0
        if self.is_of_another_edition(text):
            return 0.0
        if is_korean(squash(text)) and not all(is_named(name, text) for name in self.names):
            return 0.0
        return self.share_of_words(text, words)

    def n_words_in(self, text: str, words: Set[str]) -> int:
        """How many of its terms stand in the text."""
        squashed = squash(text)
        return sum(_stands_in(term, words, squashed) for term in self.weights)

    def share_of_words(self, text: str, words: Set[str]) -> float:
        """Share of its terms alone, whatever its years and names."""
        squashed = squash(text)
        in_korean = is_korean(squashed)
        found = total = 0.0
        for term, weight in self.weights.items():
            stands = _stands_in(term, words, squashed) or (
                term in self.latin_names and is_spelled_in(self.latin_names[term], text)
            )
            if stands or _could_stand_in(term, in_korean):
                total += weight
                found += weight * stands
        return found / total if total else 1.0

    def is_of_another_edition(self, text: str) -> bool:
        """Whether the text speaks of a second where the question asks for a third, and not of that."""
        editions = _editions(text)
        series = {unit for _, unit in editions}
        return any(unit in series and (number, unit) not in editions for number, unit in self.editions)


def _years(text: str) -> frozenset[str]:
    short = (f"20{year}" for year in _SHORT_YEAR.findall(text))
    return frozenset((*_YEAR.findall(text), *short))


def _editions(text: str) -> frozenset[tuple[str, str]]:
    """Numbers in a series, with what Korean calls its members."""
    korean = [(number.lstrip("0"), unit) for number, unit in _EDITION.findall(text)]
    return frozenset((*korean, *map(_edition_in_english, _EDITION_EN.finditer(text))))


def _edition_in_english(match: re.Match[str]) -> tuple[str, str]:
    if match["quarter"]:
        return match["quarter"], "분기"
    kind = (match["kind"] or match["before"]).lower()
    number = match["digits"] or match["number"] or str(_ORDINALS.index(match["ordinal"].lower()) + 1)
    return number, _KOREAN_EDITION[kind]


def _topic(question: str, searcher: Searcher, scope: SearchScope | None) -> _Topic:
    of_asking = _ASKING | set(searcher.analyzer.words(" ".join(_TYPE_ASKED.findall(question))))
    names_cut = _names_cut(question, searcher.analyzer)
    weights = {
        _with_name(searcher.glossary.with_synonyms(term), names_cut): weight
        for term, weight in searcher.term_weights(question, scope).items()
        if not of_asking.issuperset(term.alternatives[0])
    }
    names = tuple(_stem(name) for name in searcher.analyzer.names(question) if len(name) > 1)
    latin = {
        term: name
        for name in _LATIN_NAME.findall(question)
        for term in weights
        if term.alternatives[0] == tuple(searcher.analyzer.words(name))
    }
    return _Topic(weights, names, latin, _years(question), _editions(question))


def _names_cut(question: str, analyzer: MorphemeAnalyzer) -> Mapping[str, str]:
    """What may be a name for each word that the analyser made of a part of it: 오세린은 became 오, 세, 린."""
    cut: dict[str, str] = {}
    for match in _MAY_BE_A_NAME.finditer(question):
        words = analyzer.words(match.group())
        if len(words) > 1 and min(map(len, words)) == 1:
            cut.update(dict.fromkeys(words, match["name"]))
    return cut


def _with_name(term: Term, names_cut: Mapping[str, str]) -> Term:
    """The term, which the name it is a part of stands for, too: elsewhere it may have been left whole."""
    names = [(names_cut[word],) for word in term.alternatives[0] if word in names_cut]
    return Term((*term.alternatives, *names))


def _stem(name: str) -> str:
    """The name without what the analyser may have left on it: 대구시, 닥터테일의."""
    return squash(name[:-1] if len(name) > 2 and name[-1] in _ENDINGS else name)


def _stands_in(term: Term, words: Set[str], squashed: str) -> bool:
    """Whether the term stands in a text, also where the analyser cuts its words elsewhere."""
    return term.found_in(words) or any(
        len(joined := "".join(alternative)) > 1 and joined in squashed for alternative in term.alternatives
    )


def _could_stand_in(term: Term, in_korean: bool) -> bool:
    """Whether one of the term's alternatives is written in the script of the text; digits are in any."""
    return any(
        all(word.isdigit() or word.isascii() != in_korean for word in alternative)
        for alternative in term.alternatives
    )
