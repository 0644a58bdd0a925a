"""A draft on a bench: sentences made by hand, relevance as told, everything that is heard kept."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from service.draft import Draft
from service.listener import Listener
from service.reading import Reading
from service.relevance import Relevance
from service.types import Sentence
from tests.service.made import make_sentences

TEXTS = ("도서관 예산은 350억 원이 들었다.", "개관식에는 주민 40명이 왔다.")


class FixedRelevance(Relevance):
    """Says the same of every quote."""

    def __init__(self, share: float) -> None:
        self._share = share

    def share_around(self, sentences: Iterable[Sentence]) -> float:
        return self._share

    def names_in(self, text: str) -> list[str]:
        return [name for name in ("정다운", "한울상사") if name in text]

    def nouns_in(self, text: str) -> list[str]:
        return [word for word in text.split() if len(word) > 1 and not word.rstrip(".?").endswith("다")]

    def asks_about(self, noun: str) -> bool:
        return False

    def is_of_another_edition(self, text: str) -> bool:
        return "7층" in text

    def share_near(self, sentences: Iterable[Sentence]) -> float:
        return self._share

    def n_words_in(self, text: str) -> int:
        return sum(word in text for word in ("도서관", "운영사", "지역", "업체"))

    def share_in(self, part: str, text: str) -> float:
        words = part.split()
        return sum(word[:2] in text for word in words) / len(words)


@dataclass
class Bench:
    """A draft and what was heard of it."""

    question: str = "도서관에 대해 알려 주세요."
    share: float = 1.0
    texts: tuple[str, ...] = TEXTS
    language: str = "ko"
    heard: list[str] = field(default_factory=list)
    cited: list[tuple[int, str]] = field(default_factory=list)
    n_progress: int = 0

    def __post_init__(self) -> None:
        def progress() -> None:
            self.n_progress += 1

        self.draft = Draft(
            self.question,
            Reading(self.texts, tuple(make_sentences(*self.texts))),
            FixedRelevance(self.share),
            Listener(
                on_text=self.heard.append,
                on_citation=lambda citation: self.cited.append((citation.marker, citation.quote)),
                on_progress=progress,
            ),
            self.language,
        )

    def write(self, *pieces: str) -> Draft:
        for piece in pieces:
            self.draft.take(piece)
        self.draft.finish()
        self.draft.release()
        return self.draft


def texts(statements: Iterable[object]) -> list[str]:
    return [statement.text for statement in statements]  # type: ignore[attr-defined]
