"""Ranking metrics over groups of evidence: recall, success, nDCG, MRR and MAP. Pure.

Every function takes `found`: for each rank, best first, the groups that the item at this rank covers. A group
is one thing to find: the first of its alternatives counts, and it counts once. With one alternative per group
and one group per item, these are the measures of trec_eval.
"""

from collections.abc import Collection, Iterator, Sequence, Set
from math import log2

Found = Sequence[Set[int]]


def recall_at_k(found: Found, n_groups: int, k: int) -> float:
    """Return the share of groups covered by the first `k` items, in [0, 1].

    Manning, Raghavan and Schütze, Introduction to Information Retrieval, 2008, section 8.4. Raises
    ValueError without groups, for which recall is undefined.
    """
    return sum(_gains(found, n_groups, k)) / n_groups


def success_at_k(found: Found, n_groups: int, k: int) -> float:
    """Return 1 if the first `k` items cover a group, else 0 (trec_eval's "success"). Raises ValueError."""
    return float(any(_gains(found, n_groups, k)))


def reciprocal_rank(found: Found, n_groups: int) -> float:
    """Return 1 / rank of the first item that covers a group, 0 without one; the mean is MRR.

    Voorhees 1999, The TREC-8 question answering track report. Raises ValueError without groups.
    """
    gains = _gains(found, n_groups, len(found))
    return next((1 / rank for rank, gain in enumerate(gains, 1) if gain), 0.0)


def average_precision_at_k(found: Found, n_groups: int, k: int) -> float:
    """Return the mean over all groups of the precision at the rank that first covers each, 0 if none does.

    Precision at a rank: share of the items so far that cover a new group. The mean over questions is MAP;
    the divisor is the number of groups, not of those found nor `k` (Manning et al. 2008, section 8.4; "AP@k"
    of trec_eval). Raises ValueError without groups.
    """
    total, n_useful = 0.0, 0
    for rank, gain in enumerate(_gains(found, n_groups, k), 1):
        n_useful += gain > 0
        total += gain * n_useful / rank
    return total / n_groups


def ndcg_at_k(found: Found, n_groups: int, k: int) -> float:
    """Return the discounted gain of the first `k` items relative to the ideal ranking, in [0, 1].

    Järvelin and Kekäläinen 2002, with the discount 1 / log2(1 + rank) at every rank (Burges et al. 2005;
    trec_eval) where the former leave the first ranks undiscounted. Each group gains 1 where it is first
    covered. The ideal ranking covers all groups: the items with gain in falling order, then one item for
    each group not covered, so an item that covers two groups is no loss. Raises ValueError without groups.
    """
    gains = _gains(found, n_groups, k)
    ideal = sorted(filter(None, gains), reverse=True) + [1] * (n_groups - sum(gains))
    return _discounted(gains) / _discounted(ideal[:k])


def ranked_documents(documents: Sequence[str]) -> list[str]:
    """Return the documents of ranked passages without repeats: a document ranks by its best passage."""
    return list(dict.fromkeys(documents))


def found_documents(documents: Sequence[str], groups: Sequence[Collection[str]]) -> list[frozenset[int]]:
    """Return `found` for a ranking of whole documents. groups: sets of alternative documents."""
    return [
        frozenset(position for position, group in enumerate(groups) if document in group)
        for document in documents
    ]


def _gains(found: Found, n_groups: int, k: int) -> list[int]:
    """Return how many groups each of the first `k` items covers that none before it does."""
    if n_groups < 1:
        raise ValueError("a ranking cannot be judged without a gold group")
    return list(_new_groups(found[:k]))


def _new_groups(found: Found) -> Iterator[int]:
    seen: set[int] = set()
    for held in found:
        yield len(held - seen)
        seen |= held


def _discounted(gains: Sequence[int]) -> float:
    return sum(gain / log2(1 + rank) for rank, gain in enumerate(gains, 1))
