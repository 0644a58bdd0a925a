"""Found passages to the few sentences that go into the prompt, within a token budget. Pure."""

import re
from collections.abc import Callable, Iterable, Sequence

from index.types import Hit, SentenceHit
from service.orders import without_orders
from service.types import Sentence

DEFAULT_TOKEN_BUDGET = 300
_LEXICAL_SHARE = 0.5  # how much the words a sentence shares with the question count beside its meaning
# For giving what is asked for. Which sentences are read depends on it, in which order does not: the model
# takes what stands last for the answer, and a number is no reason for that.
FIT_BONUS = 0.15
_NEIGHBOUR_SHARE = 0.35  # of a sentence's score passed on to the one before and the one after it


def choose_sentences(
    hits: Sequence[Hit],
    count_tokens: Callable[[str], int],
    *,
    token_budget: int = DEFAULT_TOKEN_BUDGET,
    lexical_share: float = _LEXICAL_SHARE,
    fit: Callable[[str], float] = lambda text: 0.0,
) -> list[Sentence]:
    """Sentences that may carry the answer, with the neighbours that give them their subject.

    Those that give orders to whoever answers are no evidence and left out. hits: best first. fit: how well a
    sentence fits what is asked for, in [0, 1]. The result is in the order in which the model should read. At
    least one sentence is returned when there is one, even when it alone is longer than the budget.
    """
    candidates = _without_repeats(_scored(hits, lexical_share))
    ranked = sorted(candidates, key=lambda s: -(s.score + FIT_BONUS * fit(s.text)))
    chosen = within_budget([count_tokens(sentence.text) for sentence in ranked], token_budget)
    return _best_run_last([ranked[i] for i in chosen])


def within_budget(costs: Iterable[int], budget: int) -> list[int]:
    """Positions of the texts that can be read, the first always; what does not fit lets later ones in.

    costs: tokens of each, the best first.
    """
    chosen: list[int] = []
    spent = 0
    for position, cost in enumerate(costs):
        if chosen and spent + cost + _MARKER_TOKENS > budget:
            continue
        chosen.append(position)
        spent += cost + _MARKER_TOKENS
    return chosen


def _without_repeats(sentences: Iterable[Sentence]) -> list[Sentence]:
    """Of sentences that say the same in the same words, the one whose passage ranks highest."""
    best: dict[str, Sentence] = {}
    for sentence in sentences:
        key = re.sub(r"\W+", "", sentence.text)
        if key and (key not in best or sentence.hit.score > best[key].hit.score):
            best[key] = sentence
    return list(best.values())


def _best_run_last(chosen: Sequence[Sentence]) -> list[Sentence]:
    """Runs of sentences that follow one another in their passage, each in text order, the best run last.

    "He said" keeps the sentence that says who; and what stands nearest to the question is read best.
    """
    runs: list[list[Sentence]] = []
    for sentence in sorted(chosen, key=lambda s: (s.hit.document_id, s.span.start)):
        before = runs[-1][-1] if runs else None
        if before and _follows(before, sentence):
            runs[-1].append(sentence)
        else:
            runs.append([sentence])
    runs.sort(key=lambda run: max(sentence.score for sentence in run))
    return [sentence for run in runs for sentence in run]


def _follows(before: Sentence, sentence: Sentence) -> bool:
    """Whether no other sentence of the passage stands between the two."""
    if before.hit.passage_id != sentence.hit.passage_id:
        return False
    return not any(before.span.end <= s.span.start < sentence.span.start for s in sentence.hit.sentences)


_MARKER_TOKENS = 4  # "[12] " and the line end


def _scored(hits: Sequence[Hit], lexical_share: float) -> list[Sentence]:
    """Every sentence of the hits with one score: its own, its neighbours' and its passage's."""
    everything = [sentence for hit in hits for sentence in hit.sentences]
    if not everything:
        return []
    lowest = min(s.dense_score for s in everything)
    highest = max(s.dense_score for s in everything)
    best_hit = max(hit.score for hit in hits)
    worst_hit = min(hit.score for hit in hits)

    def own(sentence: SentenceHit) -> float:
        dense = (sentence.dense_score - lowest) / (highest - lowest or 1.0)
        return (1 - lexical_share) * dense + lexical_share * sentence.lexical_score

    sentences: list[Sentence] = []
    for hit in hits:
        scores = [own(sentence) for sentence in hit.sentences]
        passage = (hit.score - worst_hit) / (best_hit - worst_hit or 1.0)
        for position, sentence in enumerate(hit.sentences):
            around = scores[max(0, position - 1) : position] + scores[position + 1 : position + 2]
            if not without_orders(sentence.text):
                continue
            score = scores[position] + _NEIGHBOUR_SHARE * max(around, default=0.0) + _PASSAGE_SHARE * passage
            sentences.append(Sentence(hit, sentence.span, sentence.text, score))
    return sentences


_PASSAGE_SHARE = 0.3
