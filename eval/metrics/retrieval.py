"""How well a ranking finds what it should."""

from collections.abc import Collection, Sequence


def recall_at_k(ranked: Sequence[str], gold: Collection[str], k: int) -> float:
    """Share of the gold items among the first `k` ranked, in [0, 1].

    Manning, Raghavan and Schütze, Introduction to Information Retrieval, 2008, section 8.4. Raises
    ValueError without gold items: such a question has no recall.
    """
    if not gold:
        raise ValueError("recall needs at least one gold item")
    return len(set(ranked[:k]) & set(gold)) / len(set(gold))


def rank_documents(passages: Sequence[tuple[str, float]]) -> list[str]:
    """Documents by their best passage, best first. passages: document and score of each."""
    best: dict[str, float] = {}
    for document, score in passages:
        best[document] = max(score, best.get(document, float("-inf")))
    return sorted(best, key=lambda document: -best[document])
