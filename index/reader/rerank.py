"""Search hits and their readings: read together, then ordered by both."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from index.reader.calibration import sigmoid
from index.reader.types import Reader, ReaderPassage, Reading
from index.search.searcher import Searcher, SearchScope
from index.types import Hit, Span

CANDIDATES = 20  # passages that are read where fewer are wanted
MOST_READ = 100  # passages that are read at most, however many are wanted

# Log-odds that a passage answers gain so much for each standard deviation of its search score: the ratio of
# the weights of a logistic regression on both, over the calibration documents in one store.
SEARCH_LOG_ODDS = 1.4
LEAST_DEVIATION = 0.5  # of search scores, which are standardised over all candidates: less is no difference


@dataclass(frozen=True, slots=True)
class ReadHit:
    """A search hit with what the reader found in it."""

    hit: Hit
    reading: Reading


@dataclass(frozen=True, slots=True)
class ReadSentence:
    """A sentence of a read hit. weight: its probability times its passage's, search considered."""

    item: ReadHit
    index: int
    weight: float

    @property
    def span(self) -> Span:
        """The sentence's position in the document."""
        return self.item.reading.sentences[self.index].span


def read_hits(reader: Reader, question: str, hits: Sequence[Hit]) -> list[ReadHit]:
    """Read every hit, in the order given."""
    readings = reader.read(question, [ReaderPassage.from_hit(hit) for hit in hits])
    return [ReadHit(hit, reading) for hit, reading in zip(hits, readings, strict=True)]


def search_and_read(
    searcher: Searcher, reader: Reader, question: str, k: int, scope: SearchScope | None = None
) -> list[ReadHit]:
    """Search, read the best passages and return the best `k` of them in the order of both."""
    hits = searcher.search(question, max(k, CANDIDATES), scope)
    read = read_hits(reader, question, hits[:MOST_READ])
    return rerank(read)[:k]


def rerank(read: Sequence[ReadHit], *, search_log_odds: float = SEARCH_LOG_ODDS) -> list[ReadHit]:
    """Order read hits by reader and search, best first.

    Each returned hit has the joint log-odds as its score, comparable within this list only.
    """
    scores = joint_log_odds(read, search_log_odds=search_log_odds)
    order = sorted(range(len(read)), key=lambda i: (-scores[i], i))
    return [ReadHit(replace(read[i].hit, score=scores[i]), read[i].reading) for i in order]


def rank_sentences(read: Sequence[ReadHit]) -> list[ReadSentence]:
    """Return every stored sentence once, best first."""
    found: dict[tuple[str, Span], ReadSentence] = {}
    for item, log_odds in zip(read, joint_log_odds(read), strict=True):
        for index, sentence in enumerate(item.reading.sentences):
            if len(sentence.span):
                weighted = ReadSentence(item, index, sentence.probability * sigmoid(log_odds))
                found.setdefault((item.hit.document_id, sentence.span), weighted)
    return sorted(found.values(), key=lambda sentence: -sentence.weight)


def joint_log_odds(read: Sequence[ReadHit], *, search_log_odds: float = SEARCH_LOG_ODDS) -> list[float]:
    """Return the log-odds that each passage answers, from its reader and search scores."""
    readings, search = [item.reading.score for item in read], [item.hit.score for item in read]
    return add_search(readings, search, search_log_odds=search_log_odds)


def add_search(
    log_odds: Sequence[float], search: Sequence[float], *, search_log_odds: float = SEARCH_LOG_ODDS
) -> list[float]:
    """Add the standardised search score, weighted, to the log-odds of each passage."""
    scores = np.asarray(search, dtype=np.float64)
    deviation = max(float(scores.std()), LEAST_DEVIATION) if len(scores) else 1.0
    prior = (scores - scores.mean()) / deviation if len(scores) else scores
    return [odds + search_log_odds * float(z) for odds, z in zip(log_odds, prior, strict=True)]
