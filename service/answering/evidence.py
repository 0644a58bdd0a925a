"""Which sentences an answer rests on, by the reader's probabilities alone. Pure."""

import re
from collections.abc import Sequence

from index.reader.calibration import Calibration
from index.reader.rerank import ReadHit, ReadSentence, rank_sentences
from index.types import page_at
from service.answering.types import Citation, Evidence, Quote

MOST_QUOTES = 4
# Shares of the best sentence's probability that another sentence needs, and one beside a chosen sentence,
# which often carries its subject. Chosen on the calibration documents.
SHARE = 0.4
ADJACENT_SHARE = 0.05


def select_evidence(
    read: Sequence[ReadHit], calibration: Calibration, *, calibrated: bool = True
) -> Evidence:
    """Choose at most MOST_QUOTES sentences and put them in reading order, the best one's document first.

    calibrated: whether the calibration was fitted for the reader; without it nothing is trusted.
    """
    quotes = [_quote(sentence) for sentence in rank_sentences(read)]
    ranked = [quote for quote in quotes if _key(quote.text)]  # no punctuation marks on their own
    chosen: list[Quote] = []
    for quote in ranked:
        strong = [other for other in chosen if other.weight >= SHARE * ranked[0].weight]
        share = ADJACENT_SHARE if any(_adjacent(quote, other) for other in strong) else SHARE
        if len(chosen) == MOST_QUOTES or quote.weight < share * ranked[0].weight:
            continue
        if not any(_same_words(quote, other) for other in chosen):
            chosen.append(quote)
    documents = list(dict.fromkeys(quote.hit.document_id for quote in chosen))
    chosen.sort(key=lambda quote: (documents.index(quote.hit.document_id), quote.span))
    cited = {quote.hit.passage_id for quote in chosen}
    best = max(
        (item.reading for item in read if item.hit.passage_id in cited), key=lambda r: r.score, default=None
    )
    probability = calibration.question_probability(best.score) if best else 0.0
    return Evidence(
        tuple(chosen),
        probability,
        sufficient=bool(chosen) and probability >= calibration.abstain,
        trusted=calibrated and probability >= calibration.check,
        verdict=best.verdict if best else 0.0,
    )


def cite(evidence: Evidence) -> tuple[Citation, ...]:
    """Return the quotes as citations, numbered from 1 in reading order."""
    return tuple(
        Citation(
            marker=marker,
            document_id=quote.hit.document_id,
            title=quote.hit.title,
            source=quote.hit.source,
            passage_id=quote.hit.passage_id,
            start=quote.span.start,
            end=quote.span.end,
            quote=quote.text,
            page=page_at(quote.hit.pages, quote.span.start),
        )
        for marker, quote in enumerate(evidence.quotes, 1)
    )


def _quote(sentence: ReadSentence) -> Quote:
    hit, span = sentence.item.hit, sentence.span
    answers = {answer.sentence: answer.span for answer in sentence.item.reading.answers}
    text = hit.text[span.start - hit.span.start : span.end - hit.span.start]
    return Quote(hit, span, text, sentence.weight, answers.get(sentence.index))


def _adjacent(quote: Quote, other: Quote) -> bool:
    """Whether two sentences of one passage have no other sentence between them."""
    if quote.hit.passage_id != other.hit.passage_id:
        return False
    order = {sentence: index for index, sentence in enumerate(quote.hit.sentences)}
    return abs(order.get(quote.span, -2) - order.get(other.span, -2)) == 1


def _same_words(quote: Quote, other: Quote) -> bool:
    """Return whether two quotes are the same sentence, which is cited only once."""
    return _key(quote.text) == _key(other.text)


def _key(text: str) -> str:
    return re.sub(r"\s+", "", text).rstrip(".!?。")
