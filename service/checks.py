"""What is wrong with a statement, as an answer to its question: nothing quoted, another thing, off topic.

Each fault was seen on questions that a document nearly answers; rules catch those that can be told from
words and numbers, and the rest is left to the weighing of the whole answer.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from index.languages import is_korean
from service.asked import is_only_for_kinds, parts_of
from service.given import kinds_missing
from service.ground import Statement
from service.offices import office_asked, speaks_of_holder
from service.quoting import echoes
from service.relevance import Relevance
from service.rivals import is_of_a_rival, quotes_of_numbers, relabels
from service.titles import asks_for_title, is_title
from service.types import Fault, Sentence
from service.who_where import names_nobody_new

_LEAST_RELEVANCE = 0.5  # share of the question's words that has to stand around a statement's quotes
_LEAST_SHARE_OF_NUMBER = 0.05  # of the question's words beside the number, where other quotes have them


@dataclass(frozen=True, slots=True)
class Checks:
    """What statements are held against: one question, and what it speaks of."""

    question: str
    relevance: Relevance

    def faults_of(
        self, statement: Statement, quotes: Sequence[Sentence], said: Sequence[Sentence]
    ) -> tuple[tuple[Fault, ...], float | None]:
        """Why the statement may not be shown, and its relevance where that was looked at.

        quotes: what backs it. said: what backs the statements before it; the first has to be of the kind
        that is asked for, what follows may add to it.
        """
        faults: list[Fault] = []
        # The model may name a sentence and say nothing.
        if not statement.backing or not re.search(r"\w", statement.text):
            faults.append(Fault.NO_QUOTE)
        if statement.unsupported:
            faults.append(Fault.UNSUPPORTED_NUMBER)
        if not said and self.is_of_another_kind(statement.text, quotes):
            faults.append(Fault.WRONG_KIND)
        if not faults and echoes(statement.text, self.question):
            faults.append(Fault.ECHO)
        if faults:
            return tuple(faults), None
        is_relabelled = not statement.repaired and any(
            relabels(statement.text, quote.text) for quote in quotes
        )
        if is_relabelled or self.is_about_another(statement.text, quotes):
            return (Fault.ANOTHER,), None
        relevance = self.relevance.share_around([*said, *quotes])
        return ((Fault.OFF_TOPIC,) if relevance < _LEAST_RELEVANCE else ()), relevance

    def is_about_another(self, text: str, quotes: Sequence[Sentence]) -> bool:
        """Whether the number asked for, as the text so quoted gives it, is that of something else."""
        texts = [quote.text for quote in quotes]
        holding = quotes_of_numbers(text, self.question, texts)
        if holding and all(map(self.relevance.is_of_another_edition, holding)):
            return True
        is_stitched = len(texts) > len(holding) > 0 and all(
            # Across languages too few words are known to tell.
            is_korean(quote) is is_korean(self.question)
            and self.relevance.share_in(self.question, quote) < _LEAST_SHARE_OF_NUMBER
            for quote in holding
        )
        if is_stitched:
            return True
        topics = " ".join(f"{quote.hit.title} {quote.hit.heading}" for quote in quotes)
        return is_of_a_rival(text, self.question, texts, topics, self.relevance.names_in)

    def is_of_another_kind(self, text: str, quotes: Iterable[Sentence]) -> bool:
        """Whether the question asks only for a kind of thing that the text, so quoted, does not give."""
        if is_only_for_kinds(self.question):
            return bool(kinds_missing(self.question, text))
        quotes = list(quotes)
        if quotes and all(is_title(quote) for quote in quotes) and not asks_for_title(self.question):
            return True
        relevance = self.relevance
        if names_nobody_new(
            self.question,
            [quote.text for quote in quotes],
            relevance.nouns_in,
            relevance.names_in,
            relevance.asks_about,
        ):
            return True
        office = office_asked(self.question)
        if not office or len(parts_of(self.question)) > 1:
            return False
        return not any(
            speaks_of_holder(office, quote.text, relevance.names_in(quote.text)) for quote in quotes
        )
