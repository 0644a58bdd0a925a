"""How well a ranking finds what it should: recall, success, nDCG, MRR and MAP over groups of evidence. Pure.

Every function takes `found`: for each rank, best first, the groups that the item at this rank holds. A group
is one thing to find; whichever of its alternatives comes first counts, and it counts once. With one
alternative a group, and one group an item, these are the measures of trec_eval.
"""

from collections.abc import Collection, Iterator, Sequence, Set
from math import log2

Found = Sequence[Set[int]]


def recall_at_k(found: Found, n_groups: int, k: int) -> float:
    """Share of the groups held by the first `k` items, in [0, 1].

    Manning, Raghavan and Schütze, Introduction to Information Retrieval, 2008, section 8.4. Raises
    ValueError without groups: such a question has no recall.
    """
    return sum(_gains(found, n_groups, k)) / n_groups


def success_at_k(found: Found, n_groups: int, k: int) -> float:
    """1 when the first `k` items hold a group, else 0 (trec_eval's "success"). Raises ValueError."""
    return float(any(_gains(found, n_groups, k)))


def reciprocal_rank(found: Found, n_groups: int) -> float:
    """1 / rank of the first item that holds a group, 0 without one; its mean over questions is MRR.

    Voorhees 1999, The TREC-8 question answering track report. Raises ValueError without groups.
    """
    gains = _gains(found, n_groups, len(found))
    return next((1 / rank for rank, gain in enumerate(gains, 1) if gain), 0.0)


def average_precision_at_k(found: Found, n_groups: int, k: int) -> float:
    """Mean over all groups of the precision at the rank where each is first held, 0 for one never held.

    Precision at a rank: share of the items so far that brought a new group. Its mean over questions is MAP;
    division is by the number of groups, not of those found nor `k` (Manning et al. 2008, section 8.4; "AP@k"
    of trec_eval). Raises ValueError without groups.
    """
    total, n_useful = 0.0, 0
    for rank, gain in enumerate(_gains(found, n_groups, k), 1):
        n_useful += gain > 0
        total += gain * n_useful / rank
    return total / n_groups


def ndcg_at_k(found: Found, n_groups: int, k: int) -> float:
    """Discounted gain of the first `k` items as a share of the ideal one, in [0, 1].

    Järvelin and Kekäläinen 2002, with the discount 1 / log2(1 + rank) at every rank (Burges et al. 2005;
    trec_eval) where the former leave the first ranks undiscounted. Each group gains 1 where it is first
    held. The ideal has all groups: the items that brought some in falling order of how many, then each
    group not held on an item of its own, so an item that holds two groups is no loss. Raises ValueError
    without groups.
    """
    gains = _gains(found, n_groups, k)
    ideal = sorted(filter(None, gains), reverse=True) + [1] * (n_groups - sum(gains))
    return _discounted(gains) / _discounted(ideal[:k])


def ranked_documents(documents: Sequence[str]) -> list[str]:
    """The documents of passages, best first and once each: a document ranks by its best passage."""
    return list(dict.fromkeys(documents))


def found_documents(documents: Sequence[str], groups: Sequence[Collection[str]]) -> list[frozenset[int]]:
    """`found` for a ranking of whole documents. groups: documents any of which will do."""
    return [
        frozenset(position for position, group in enumerate(groups) if document in group)
        for document in documents
    ]


def _gains(found: Found, n_groups: int, k: int) -> list[int]:
    """How many groups each of the first `k` items holds that none before it held."""
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
