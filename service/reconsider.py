"""What can still be said where nothing the model wrote holds: the documents' own sentences, quoted.

An answer is quoted where its numbers do not hold or it says nothing. Where the model did not find any, or
none that is likely, the nearest sentences are read again one by one, and shown where one is the answer.
"""

from collections.abc import Callable, Iterator

from service.answer_type import fit
from service.asked import asks_for_several, kinds_asked, parts_of
from service.complete import gives_holder, gives_numbers
from service.draft import Draft
from service.language import answer_language
from service.orders import may_be_repeated
from service.quoting import sentences_to_quote, unbroken
from service.select import FIT_BONUS
from service.types import Fault, Sentence
from service.verifier import Verifier

# Measured on the sample and held-out questions (eval/LOG.md). Probability from which a quote answers
# its question: of the sentences that are judged best, those of unanswerable questions have less.
_LEAST_VERDICT = {"ko": 0.9, "en": 0.73}
_LEAST_OWN_SHARE = 0.12  # of the question's words in the sentence itself; with less it was never the answer
# Of Korean sentences the model says yes to English questions seldom, so there the words count as well.
_LEAST_VERDICT_NEAR = 0.55
_NEAR, _NEAR_WITH_KIND = 0.6, 0.45  # of the question's words in it, the sentence before it and the titles
_LEAST_SHARE_NEAR = 0.2  # of the question's words in it, the sentence before it and the titles
_SHARE_OF_NEARER = 0.5  # of what a sentence has near it that is about what is asked, and does not say it
_CERTAIN = 0.95  # from here on no better one was found
_TRIED = 5  # sentences read one by one; each takes the model most of a second


def reconsider(draft: Draft, verifier: Verifier, weigh: Callable[[], None]) -> None:
    """Quotes what answers the question, where the draft has no statement that holds.

    weigh: keeps of what the draft then holds what is likely right. Raises GenerationFailed.
    """
    if not draft.kept:
        _quote_what_was_miswritten(draft)
        weigh()
    if not draft.kept:
        for sentence in _answering(draft, verifier, _LEAST_VERDICT[draft.language]):
            draft.quote(sentence)
        weigh()


def quote_what_is_missing(draft: Draft) -> None:
    """For each part of the question that the draft leaves out, a sentence that gives what it asks for.

    A part by itself has few words, "and how many pages?", so the words of the whole question count.
    """
    question, names_in = draft.question, draft.relevance.names_in
    for part in draft.parts_missing:
        giving = [
            sentence
            for sentence in map(unbroken, _numbered(draft))
            if may_be_repeated(sentence.text)
            and gives_numbers(part, sentence.text)
            and gives_holder(part, sentence.text, names_in)
            and draft.relevance.share_in(question, sentence.text) >= _LEAST_OWN_SHARE
        ]
        if giving:
            draft.quote(max(giving, key=lambda sentence: sentence.score))


def _quote_what_was_miswritten(draft: Draft) -> None:
    """Off topic is off topic: there the model did not take the wrong words of the right sentence."""
    if draft.faults & {Fault.OFF_TOPIC, Fault.ANOTHER, Fault.DOUBTFUL}:
        return
    if Fault.UNSUPPORTED_NUMBER in draft.faults:
        chosen = sentences_to_quote(draft.question, _numbered(draft), draft.relevance.share_in)
    elif Fault.ECHO in draft.faults:
        chosen = [next(i for statement in draft.withheld for i in statement.backing)]
    else:
        return
    for sentence in (unbroken(draft.reading.evidence[position]) for position in chosen):
        if may_be_repeated(sentence.text):
            draft.quote(sentence)


def _answering(draft: Draft, verifier: Verifier, least: float) -> list[Sentence]:
    """The sentence that by itself answers the question best; two where several things are asked for."""
    n_wanted = 2 if asks_for_several(draft.question) else 1
    verdicts: dict[Sentence, float] = {}
    for sentence in _candidates(draft):
        verdicts[sentence] = verifier.probability(sentence.text)
        if n_wanted == 1 and verdicts[sentence] >= _CERTAIN:
            break
    answering: list[Sentence] = []
    for sentence in sorted(verdicts, key=lambda sentence: -verdicts[sentence]):
        if verdicts[sentence] >= _least_verdict(draft, sentence, least) and not any(
            _shares_text(sentence, other) for other in answering
        ):
            answering.append(sentence)
    return answering[:n_wanted]


def _least_verdict(draft: Draft, sentence: Sentence, least: float) -> float:
    """Less where many of an English question's words stand near, or some and the kind of thing asked for."""
    question = draft.question
    if answer_language(question) != "en":
        return least
    gives_kind = bool(kinds_asked(question)) and _gives_what_is_asked(question, sentence.text)
    is_near = draft.relevance.share_near([sentence]) >= (_NEAR_WITH_KIND if gives_kind else _NEAR)
    return min(least, _LEAST_VERDICT_NEAR) if is_near else least


def _shares_text(one: Sentence, other: Sentence) -> bool:
    is_same_document = one.hit.document_id == other.hit.document_id
    return is_same_document and one.span.start < other.span.end and other.span.start < one.span.end


def _candidates(draft: Draft) -> Iterator[Sentence]:
    """The sentences most likely to hold the answer, of those that may be shown for it."""
    question = draft.question
    of_another = {i for one in draft.withheld_as(Fault.ANOTHER) for i in one.backing}
    least_near = max(_LEAST_SHARE_NEAR, _SHARE_OF_NEARER * draft.share_near_what_does_not_answer())
    left = [s for i, s in enumerate(_numbered(draft)) if i not in of_another]
    ranked = sorted(left, key=lambda s: -(s.score + FIT_BONUS * fit(question, s.text)))
    for sentence in map(unbroken, ranked[:_TRIED]):
        if (
            may_be_repeated(sentence.text)
            and _gives_what_is_asked(question, sentence.text)
            and not draft.checks.is_of_another_kind(sentence.text, [sentence])
            and not draft.checks.is_about_another(sentence.text, [sentence])
            and draft.relevance.share_in(question, sentence.text) >= _LEAST_OWN_SHARE
            and draft.relevance.share_near([sentence]) >= least_near
            # None around it: another name, year or number in a series than was asked for.
            and draft.relevance.share_around([sentence]) > 0.0
        ):
            yield sentence


def _gives_what_is_asked(question: str, text: str) -> bool:
    return any(gives_numbers(part, text) for part in parts_of(question))


def _numbered(draft: Draft) -> tuple[Sentence, ...]:
    return draft.reading.evidence[: len(draft.reading.texts)]
