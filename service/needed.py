"""Which of its quotes a statement needs: those that say what is answered, not what was asked. Pure."""

import re
from collections.abc import Sequence
from dataclasses import replace

from service.ground import Statement
from service.numbers import unsupported_quantities
from service.overlap import bigrams
from service.small_words import telling_stems
from service.stems import stem
from service.types import Sentence

_LEAST_HELD = 0.5  # of a statement, that quotes have to hold, as far as all of them do
_LEAST_GIVEN = 0.5  # of what the quotes answer, that one has to hold to give the answer by itself


def with_needed_quotes(statement: Statement, question: str, sentences: Sequence[Sentence]) -> Statement:
    """The statement without quotes that only repeat the question, where the others say what is answered.

    One that gives the whole answer stays beside another that does: two sources are better than one.
    sentences: those that `statement.backing` counts.
    """
    said, asked = bigrams(statement.text), bigrams(question)
    added = _stems(statement.text) - _stems(question)
    held = {i: said & bigrams(sentences[i].text) for i in statement.backing}
    kept = list(statement.backing)
    for i in sorted(kept, key=lambda i: len(held[i])):
        others = [j for j in kept if j != i]
        texts = [sentences[j].text for j in others]
        by_others = frozenset[str]().union(*(held[j] for j in others))
        answered = (held[i] | by_others) - asked
        is_needed = (
            len(by_others) < min(len(held[i] | by_others), _LEAST_HELD * len(said))
            or len(held[i] & answered) >= _LEAST_GIVEN * len(answered)
            or bool(added & _stems(sentences[i].text) - _stems(" ".join(texts)))
            or bool(unsupported_quantities(statement.text, texts))
        )
        if others and not is_needed:
            kept = others
    return replace(statement, backing=tuple(kept))


def by_document_that_answers(
    statement: str, question: str, quotes: Sequence[Sentence]
) -> list[list[Sentence]]:
    """The quotes of each document that gives some of the answer by itself: a name or a number.

    What one document says of its subject is no answer about another's. All quotes together where none does.
    """
    documents: dict[str, list[Sentence]] = {}
    for quote in quotes:
        documents.setdefault(quote.hit.document_id, []).append(quote)
    added = telling_stems(statement) - _stems(question)
    numbers = unsupported_quantities(statement, [question])
    answering = []
    for ident, quoted in documents.items():
        own = [quote.text for quote in quoted]
        others = [quote.text for quote in quotes if quote.hit.document_id != ident]
        words = added & _stems(" ".join(own)) - _stems(" ".join(others))
        lost, not_own = unsupported_quantities(statement, others), unsupported_quantities(statement, own)
        if words or any(number in lost and number not in not_own for number in numbers):
            answering.append(quoted)
    return answering or [list(quotes)]


def _stems(text: str) -> set[str]:
    return {stem(word) for word in re.findall(r"[가-힣]{2,}|[A-Za-z]+", text)}
