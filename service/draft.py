"""An answer while it is written; statements are checked one by one, and passed on when they hold."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from service.asked import is_only_for_kinds, kinds_missing
from service.ground import Grounded, Statement, assemble, ground_statement, is_refusal, split_statements
from service.listener import Listener
from service.reading import Reading
from service.relevance import Relevance
from service.types import Grounding, Sentence


@dataclass(slots=True)
class Draft:
    """What the model has written so far, and what became of it.

    least_relevance: share of the question's words that has to stand around a statement's quotes.
    listener: told of each statement that holds, with its markers. kept, withheld: in the order written.
    """

    question: str
    reading: Reading
    relevance: Relevance
    least_relevance: float
    listener: Listener
    text: str = ""
    kept: list[Statement] = field(default_factory=list)
    withheld: list[Statement] = field(default_factory=list)
    _n_done: int = 0

    @property
    def refused(self) -> bool:
        """Whether the model says nothing but that the sentences do not hold the answer."""
        return not self.kept and not self.withheld

    def take(self, piece: str) -> None:
        """Takes what the model has written next."""
        self.listener.on_progress()
        self.text += piece
        statements = split_statements(self.text)
        # The last may still grow, and markers may follow the one before it.
        for statement in statements[self._n_done : max(0, len(statements) - 1)]:
            self._settle(statement)

    def finish(self) -> None:
        """Settles what is left when the model has ended."""
        for statement in split_statements(self.text)[self._n_done :]:
            self._settle(statement)

    def grounded(self) -> Grounded:
        """The answer so far."""
        return assemble(self.kept, self.reading.evidence)

    def grounding(self) -> Grounding:
        """How everything the model wrote stands on the sentences, withheld statements included."""
        return assemble([*self.kept, *self.withheld], self.reading.evidence).grounding

    def relevance_of_kept(self) -> float:
        """Share of the question's words that stand around the quotes of what was kept."""
        return self.relevance.share_around(self._quoted(self.kept))

    def _quoted(self, statements: Iterable[Statement]) -> list[Sentence]:
        return [self.reading.evidence[i] for statement in statements for i in statement.backing]

    def _settle(self, text: str) -> None:
        self._n_done += 1
        evidence = self.reading.evidence
        if is_refusal(text, evidence, self.question):
            return
        statement = ground_statement(text, evidence, self.question, n_numbered=len(self.reading.texts))
        if not statement.supported or not self._answers_the_question(statement):
            self.withheld.append(statement)
            return
        before = self.grounded()
        self.kept.append(statement)
        after = self.grounded()
        self.listener.on_text(after.text[len(before.text) :])
        for citation in after.citations[len(before.citations) :]:
            self.listener.on_citation(citation)

    def _answers_the_question(self, statement: Statement) -> bool:
        """Whether the first statement is of the kind that is asked for, and the quotes are about that."""
        if (
            not self.kept
            and is_only_for_kinds(self.question)
            and kinds_missing(self.question, statement.text)
        ):
            return False
        quoted = self._quoted([*self.kept, statement])
        return self.relevance.share_around(quoted) >= self.least_relevance
