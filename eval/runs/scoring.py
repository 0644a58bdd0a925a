"""Score one prediction against its question: every metric, and the stage that lost it. Pure.

A metric that a question is not eligible for is None. Eligibility depends on the question, not the answer: a
withheld answer or a failed question scores 0 and stays in the mean. Some metrics are defined only on what is
shown or phrased: `verbatim` is None where nothing is cited, the counts `uncited_sentences` and
`unsupported_numbers` are None for a failed question, for which 0 would be the best score, and the two of
verification where the language model phrased nothing, or nothing of that kind.
"""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from eval.metrics.attribution import attribute
from eval.metrics.gold import locate
from eval.metrics import citation, overlap, retrieval
from eval.metrics.answer import matches_expected, says_any
from eval.metrics.catalogue import DEPTHS, METRICS
from eval.metrics.matching import (
    GoldGroups,
    GoldPlace,
    document_groups,
    groups_held,
    groups_held_by_any,
)
from eval.types import GoldSpan, Prediction, Question, QuestionScores

Words = Callable[[str], Sequence[str]]
Embed = Callable[[Sequence[str]], NDArray[np.floating]]
Scores = dict[str, float | None]

NO_PREDICTION = "there is no prediction"


def score_prediction(
    question: Question,
    prediction: Prediction,
    texts: Mapping[str, str],
    words: Words,
    embed: Embed | None = None,
    *,
    retrieval_only: bool = False,
) -> QuestionScores:
    """Return every metric of METRICS for one question, and the failure it is attributed to.

    texts: stored text by source, of the documents that gold and citations name. words: content words of a
    text, for ROUGE-L and support. embed: vectors of texts, one row each; without it there is no cosine.
    retrieval_only: no answers were generated, so only retrieval is scored.
    """
    groups = gold_places(question.gold, texts)
    if prediction.error is not None:
        scores = _all_zero(question, with_cosine=embed is not None, retrieval_only=retrieval_only)
    else:
        scores = _retrieval_scores(question, prediction, groups)
        if not retrieval_only:
            scores |= _prompt_scores(question, prediction, groups)
            scores |= _answer_scores(question, prediction, words, embed)
            scores |= _citation_scores(question, prediction, groups, texts, words)
            scores |= _suppression_scores(question, prediction)
    complete = {name: scores.get(name) for name in METRICS}
    failure = attribute(question, prediction, complete, groups, retrieval_only=retrieval_only)
    return QuestionScores(question.id, complete, failure)


def score_missing(
    question: Question, *, with_cosine: bool = False, retrieval_only: bool = False
) -> QuestionScores:
    """Score a question without a prediction as failed."""
    nothing = Prediction(question.id, error=NO_PREDICTION)
    scores = _all_zero(question, with_cosine=with_cosine, retrieval_only=retrieval_only)
    complete = {name: scores.get(name) for name in METRICS}
    failure = attribute(question, nothing, complete, (), retrieval_only=retrieval_only)
    return QuestionScores(question.id, complete, failure)


def gold_places(gold: Sequence[Sequence[GoldSpan]], texts: Mapping[str, str]) -> GoldGroups:
    """Return the gold spans as places in the stored texts. A quote absent from its text has no place."""
    return [[place for span in group for place in _places(span, texts)] for group in gold]


def _places(span: GoldSpan, texts: Mapping[str, str]) -> list[GoldPlace]:
    if span.quote is None and span.start is None and span.end is None:
        return [GoldPlace(span.document)]
    text = texts.get(span.document)
    return [] if text is None else [GoldPlace(span.document, place) for place in locate(span, text)]


def _retrieval_scores(question: Question, prediction: Prediction, groups: GoldGroups) -> Scores:
    if not question.answerable:
        return {}
    scores: Scores = {}
    if groups:
        found = [groups_held(passage, groups) for passage in prediction.passages]
        n = len(groups)
        for k in DEPTHS:
            scores[f"recall_at_{k}"] = retrieval.recall_at_k(found, n, k)
            scores[f"success_at_{k}"] = retrieval.success_at_k(found, n, k)
            scores[f"ndcg_at_{k}"] = retrieval.ndcg_at_k(found, n, k)
            scores[f"map_at_{k}"] = retrieval.average_precision_at_k(found, n, k)
        scores["mrr"] = retrieval.reciprocal_rank(found, n)
    named = gold_documents(question)
    if named:
        ranked = retrieval.ranked_documents([passage.document for passage in prediction.passages])
        found = retrieval.found_documents(ranked, named)
        for k in DEPTHS:
            scores[f"document_recall_at_{k}"] = retrieval.recall_at_k(found, len(named), k)
    return scores


def _prompt_scores(question: Question, prediction: Prediction, groups: GoldGroups) -> Scores:
    if not question.answerable or not groups:
        return {}
    return {"prompt_recall": len(groups_held_by_any(prediction.sentences, groups)) / len(groups)}


def gold_documents(question: Question) -> list[frozenset[str]]:
    """Return groups of alternative documents: those of the gold groups, else those the question names."""
    whole = [[GoldPlace(span.document) for span in group] for group in question.gold]
    return document_groups(whole, question.documents)


def _answer_scores(question: Question, prediction: Prediction, words: Words, embed: Embed | None) -> Scores:
    # Checked on whatever is shown, including a refusal.
    is_clean = not says_any(prediction.answer, question.forbidden)
    scores: Scores = {"forbidden_absent": float(is_clean)} if question.forbidden else {}
    if not question.answerable:
        withheld = prediction.abstained
        return scores | {"abstained_rightly": float(withheld), "overall": float(withheld and is_clean)}
    scores["answered"] = float(not prediction.abstained)
    # A refusal shares characters with any answer; as in SQuAD 2.0 it counts as an empty answer.
    answer = "" if prediction.abstained else overlap.without_markers(prediction.answer)
    if question.expected:
        holds = bool(answer) and matches_expected(answer, question.expected)
        scores |= {"expected": float(holds), "overall": float(holds and is_clean)}
    if question.answers:
        references = question.answers
        scores["exact_match"] = overlap.best_of(overlap.exact_match, answer, references)
        scores["char_f1"] = overlap.best_of(overlap.char_f1, answer, references)
        scores["word_f1"] = overlap.best_of(overlap.word_f1, answer, references)
        split = {text: words(text) for text in {answer, *references}}
        scores["rouge_l"] = max(overlap.rouge_l(split[answer], split[one]) for one in references)
        if embed is not None:
            scores["embedding_cosine"] = _best_cosine(answer, references, embed)
    return scores


def _suppression_scores(question: Question, prediction: Prediction) -> Scores:
    """Return what verification did with a phrased answer whose correctness can be judged."""
    if not prediction.phrased or not (question.expected and question.answerable):
        return {}
    is_right = matches_expected(prediction.phrased, question.expected)
    name = "false_suppression" if is_right else "caught_misphrasing"
    return {name: float(prediction.repaired)}


def _best_cosine(answer: str, references: Sequence[str], embed: Embed) -> float:
    if not answer:
        return 0.0
    own, *others = embed([answer, *references])
    return max(overlap.cosine(own, other) for other in others)


def _citation_scores(
    question: Question,
    prediction: Prediction,
    groups: GoldGroups,
    texts: Mapping[str, str],
    words: Words,
) -> Scores:
    citations = prediction.citations
    statements = [] if prediction.abstained else citation.cited_statements(prediction.answer, citations)
    scores: Scores = {
        "verbatim": citation.verbatim_rate(citations, texts) if citations else None,
        "uncited_sentences": float(citation.n_uncited(statements)),
        "unsupported_numbers": float(citation.n_unsupported_numbers(statements)),
    }
    if not question.answerable:
        return scores
    scores["citation_precision"] = citation.citation_precision(statements, words, question.question)
    scores["citation_recall"] = citation.citation_recall(statements, words, question.question)
    if groups:
        scores["gold_precision"] = citation.gold_precision(citations, groups)
        scores["gold_recall"] = citation.gold_recall(citations, groups)
    named = gold_documents(question)
    if named:
        gold = frozenset[str]().union(*named)
        scores["gold_document_cited"] = float(any(cited.document in gold for cited in citations))
    return scores


_RETRIEVAL = frozenset(
    name for name in METRICS if name.startswith(("recall_", "success_", "ndcg_", "map_", "mrr"))
)
_DOCUMENTS = frozenset(name for name in METRICS if name.startswith("document_recall_"))
_REFERENCES = frozenset({"exact_match", "char_f1", "word_f1", "rouge_l"})


def _all_zero(question: Question, *, with_cosine: bool, retrieval_only: bool) -> Scores:
    """Return 0 for every metric that the question is eligible for."""
    names: set[str] = {"forbidden_absent"} if question.forbidden and not retrieval_only else set()
    if not question.answerable:
        names |= set() if retrieval_only else {"abstained_rightly", "overall"}
        return dict.fromkeys(names, 0.0)
    named = gold_documents(question)
    if question.gold:
        names |= _RETRIEVAL
    if named:
        names |= _DOCUMENTS
    if not retrieval_only:
        names |= {"answered", "verbatim", "citation_precision", "citation_recall"}
        names |= {"expected", "overall"} if question.expected else set()
        names |= {"prompt_recall", "gold_precision", "gold_recall"} if question.gold else set()
        names |= {"gold_document_cited"} if named else set()
        if question.answers:
            names |= _REFERENCES | ({"embedding_cosine"} if with_cosine else set())
    return dict.fromkeys(names, 0.0)
