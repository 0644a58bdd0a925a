"""An answer while it is written: its statements are checked one by one, and then weighed as a whole."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace

from index.languages import is_korean
from service.assemble import Grounded, assemble
from service.checks import Checks
from service.complete import is_incomplete, parts_missing
from service.confidence import is_open, is_uncertain
from service.contrast import with_number_asked_for
from service.copying import CopyConstraint
from service.ground import Statement, ground_statement
from service.listener import Listener
from service.markers import split_statements
from service.needed import by_document_that_answers, with_needed_quotes
from service.numbers import find_quantities
from service.orders import may_be_repeated
from service.quoting import as_quotation, is_said_in, unbroken
from service.reading import Reading
from service.refusals import is_refusal
from service.relevance import Relevance
from service.types import Evidence, Fault, Grounding, Sentence, StatementCheck
from service.verifier import Verifier


@dataclass(frozen=True, slots=True)
class _Settled:
    """A statement, why it was withheld if it was, and its relevance if that was looked at."""

    statement: Statement
    faults: tuple[Fault, ...]
    relevance: float | None
    is_weighed: bool = False

    @property
    def may_be_weighed(self) -> bool:
        """Whether nothing is wrong with it but, at most, that it shares few words with the question."""
        return not self.faults or (self.faults == (Fault.OFF_TOPIC,) and bool(self.relevance))


@dataclass(slots=True)
class Draft:
    """What the model has written so far, and what became of it.

    listener: told of the statements that hold, with their markers, when they are released. language: that
    of the answer.
    """

    question: str
    reading: Reading
    relevance: Relevance
    listener: Listener
    language: str = "ko"
    text: str = ""
    _likely: float = 0.0
    _evidence: Evidence | None = None
    _settled: list[_Settled] = field(default_factory=list)
    _n_done: int = 0

    @property
    def checks(self) -> Checks:
        """What its statements are held against."""
        return Checks(self.question, self.relevance)

    @property
    def kept(self) -> list[Statement]:
        """Statements that hold, in the order written."""
        return [settled.statement for settled in self._settled if not settled.faults]

    @property
    def confidence(self) -> float:
        """The probability that what holds is right, once it is weighed; 0.0 where nothing holds."""
        return self._likely if self.kept else 0.0

    @property
    def is_incomplete(self) -> bool:
        """Whether what holds leaves out a number that was asked for, or the holder of an office."""
        return is_incomplete(self.question, *self._said_and_quoted(), self.relevance.names_in)

    @property
    def parts_missing(self) -> list[str]:
        """The parts of the question that what holds leaves out."""
        return parts_missing(self.question, *self._said_and_quoted(), self.relevance.names_in)

    @property
    def is_uncertain(self) -> bool:
        """Whether people have to be told that what holds needs a look at its quotes."""
        is_weighed = all(one.is_weighed for one in self._settled if not one.faults)
        return not is_weighed or self.is_incomplete or self.is_better_quoted

    @property
    def is_better_quoted(self) -> bool:
        """Whether the words of its quotes are to be trusted more than those that the model made of them.

        Also where it has a Korean noun that they do not have: of a keeper (지기) it made a leader (지도자).
        """
        return is_uncertain(self.confidence) or any(map(self._has_own_nouns, self.kept))

    @property
    def withheld(self) -> list[Statement]:
        """The others."""
        return [settled.statement for settled in self._settled if settled.faults]

    def withheld_as(self, fault: Fault) -> list[Statement]:
        """Those withheld for this fault."""
        return [settled.statement for settled in self._settled if fault in settled.faults]

    @property
    def faults(self) -> frozenset[Fault]:
        """Why statements were withheld."""
        return frozenset(fault for settled in self._settled for fault in settled.faults)

    @property
    def refused(self) -> bool:
        """Whether the model says nothing but that the sentences do not hold the answer."""
        return not self._settled

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
        evidence = self.reading.evidence
        markers = iter(assemble(self.kept, evidence).markers)
        checks = tuple(
            StatementCheck(
                text=settled.statement.text,
                faults=settled.faults,
                markers=() if settled.faults else next(markers),
                numbers=tuple(q.text for q in find_quantities(settled.statement.text)),
                unsupported_numbers=tuple(q.text for q in settled.statement.unsupported),
                relevance=settled.relevance,
                repaired=settled.statement.repaired,
            )
            for settled in self._settled
        )
        everything = assemble([settled.statement for settled in self._settled], evidence).grounding
        return replace(everything, statements=checks, evidence=self._evidence)

    def share_near_what_does_not_answer(self) -> float:
        """Share of the question's words near quotes that speak of it and do not give what is asked for."""
        statements = [*self.withheld_as(Fault.WRONG_KIND), *self.withheld_as(Fault.ANOTHER)]
        return max((self.relevance.share_near(self._quoted([one])) for one in statements), default=0.0)

    def _said_and_quoted(self) -> tuple[str, str]:
        """What holds, and the quotes behind it."""
        quotes = " ".join(quote.text for quote in self._quoted(self.kept))
        return " ".join(one.text for one in self.kept), quotes

    def _quoted(self, statements: Iterable[Statement]) -> list[Sentence]:
        return [self.reading.evidence[i] for statement in statements for i in statement.backing]

    def _settle(self, text: str) -> None:
        self._n_done += 1
        evidence = self.reading.evidence
        if is_refusal(text, evidence, self.question):
            return
        statement = ground_statement(text, evidence, self.question, n_numbered=len(self.reading.texts))
        statement = self._in_its_language(self._with_number_asked_for(statement))
        quotes, said = self._quoted([statement]), self._quoted(self.kept)
        self._settled.append(_Settled(statement, *self.checks.faults_of(statement, quotes, said)))

    def weigh(
        self,
        verifier: Verifier,
        likelihood: Callable[[Evidence], float],
        least: float,
    ) -> None:
        """Keeps what holds only where it is likely right as a whole.

        Where nothing holds, statements that share few words with the question are weighed, and taken back
        where they are likely right. likelihood: the probability that an answer with this evidence is right.
        """
        held = [one for one in self._settled if not one.faults]
        weighed = held or [one for one in self._settled if one.may_be_weighed]
        if not weighed:
            return
        statements = [one.statement for one in weighed]
        quotes = " ".join(dict.fromkeys(quote.text for quote in self._quoted(statements)))
        evidence = self._evidence_for(statements, quotes, verifier)
        if is_open(likelihood(evidence)):
            evidence = replace(evidence, answering=verifier.answers(quotes))
        self._evidence, self._likely = evidence, likelihood(evidence)
        is_likely = self._likely >= least
        for one in weighed:
            faults = () if is_likely else one.faults or (Fault.DOUBTFUL,)
            statement = with_needed_quotes(one.statement, self.question, self.reading.evidence)
            self._settled[self._settled.index(one)] = replace(
                one, statement=statement, faults=faults, is_weighed=True
            )

    def _evidence_for(self, statements: Sequence[Statement], quotes: str, verifier: Verifier) -> Evidence:
        quoted = [
            group
            for statement in statements
            for group in by_document_that_answers(statement.text, self.question, self._quoted([statement]))
        ]
        return Evidence(
            backing=verifier.backs(" ".join(one.text for one in statements), quotes),
            around=min(map(self.relevance.share_around, quoted)),
            near=min(map(self.relevance.share_near, quoted)),
        )

    def release(self) -> None:
        """Tells the listener of each statement that holds, and of the citations that it adds."""
        kept, told = self.kept, assemble([], self.reading.evidence)
        for n in range(1, len(kept) + 1):
            so_far = assemble(kept[:n], self.reading.evidence)
            self.listener.on_text(so_far.text[len(told.text) :])
            for citation in so_far.citations[len(told.citations) :]:
                self.listener.on_citation(citation)
            told = so_far

    def quote(self, sentence: Sentence) -> None:
        """Says what a sentence of the documents says, as a statement of the answer."""
        text = as_quotation(sentence.text, self.language)
        statement = Statement(text, (self._position_of(sentence),), (), repaired=True)
        relevance = self.relevance.share_around(self._quoted([*self.kept, statement]))
        faults = (Fault.ANOTHER,) if self.checks.is_about_another(sentence.text, [sentence]) else ()
        self._settled.append(_Settled(statement, faults, relevance))

    def _position_of(self, sentence: Sentence) -> int:
        """Where the sentence stands among the evidence, which it joins if it is not there."""
        evidence = self.reading.evidence
        if sentence not in evidence:
            evidence = (*evidence, sentence)
            self.reading = replace(self.reading, evidence=evidence)
        return evidence.index(sentence)

    def speak_in_quotes(self) -> None:
        """Puts what the documents say in place of what was written from it, unless that is the same.

        Not in another language: whoever asked in one may not read the other.
        """
        written = [one for one in self._settled if not one.faults]
        quotes = list(dict.fromkeys(map(unbroken, self._quoted(one.statement for one in written))))
        is_same = all(_is_quoted(one.statement, quotes) for one in written)
        if is_same or not all(map(self._may_stand_for_the_answer, quotes)):
            return
        for one in written:
            self._settled[self._settled.index(one)] = replace(one, faults=(Fault.GAVE_WAY,))
        for quote in quotes:
            self.quote(quote)

    def _has_own_nouns(self, statement: Statement) -> bool:
        """Whether it has a noun that its Korean quotes do not have; those of a translation are its own."""
        quotes = self._quoted([statement])
        if _is_quoted(statement, quotes) or not any(is_korean(quote.text) for quote in quotes):
            return False
        sources = [self.question, *(text for quote in quotes for text in (quote.text, quote.hit.title))]
        nouns = " ".join(self.relevance.nouns_in(statement.text))
        return not CopyConstraint(sources).allows(nouns)

    def _may_stand_for_the_answer(self, quote: Sentence) -> bool:
        return (
            is_korean(quote.text) is (self.language == "ko")
            and may_be_repeated(quote.text)
            and not self.checks.is_about_another(quote.text, [quote])
        )

    def _with_number_asked_for(self, statement: Statement) -> Statement:
        """The statement with the other number of its quote where that is the one asked for."""
        quotes = [sentence.text for sentence in self._quoted([statement])]
        if statement.unsupported:
            return statement
        text = with_number_asked_for(statement.text, self.question, quotes, self.relevance.n_words_in)
        return replace(statement, text=text, repaired=True) if text else statement

    def _in_its_language(self, statement: Statement) -> Statement:
        """A Korean sentence in an English answer, said to be what the document says."""
        if self.language != "en" or not is_korean(statement.text) or not statement.backing:
            return statement
        quoted = unbroken(self.reading.evidence[statement.backing[0]])
        if not statement.supported or not may_be_repeated(quoted.text):
            return statement
        text = as_quotation(quoted.text, "en")
        return replace(statement, text=text, backing=(self._position_of(quoted),), repaired=True)


def _is_quoted(statement: Statement, quotes: Iterable[Sentence]) -> bool:
    return any(is_said_in(statement.text, quote.text) for quote in quotes)
