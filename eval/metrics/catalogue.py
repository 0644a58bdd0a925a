"""Catalogue of the metrics of a question: meaning, direction, and whether binary."""

from dataclasses import dataclass

DEPTHS = (1, 3, 5, 10)


@dataclass(frozen=True, slots=True)
class Metric:
    """A metric of one question. yes_or_no: always 0 or 1. in_unit: always in [0, 1]."""

    name: str
    meaning: str
    lower_is_better: bool = False
    yes_or_no: bool = False
    in_unit: bool = True


def _at_depths(name: str, meaning: str, *, yes_or_no: bool = False) -> list[Metric]:
    return [Metric(f"{name}_at_{k}", meaning.format(k=k), yes_or_no=yes_or_no) for k in DEPTHS]


METRICS: dict[str, Metric] = {
    metric.name: metric
    for metric in (
        Metric(
            "overall",
            "answered rightly, or rightly withheld (SQuAD 2.0), and nothing forbidden said",
            yes_or_no=True,
        ),
        Metric("expected", "the answer holds what was expected", yes_or_no=True),
        Metric("forbidden_absent", "nothing forbidden is said", yes_or_no=True),
        Metric("exact_match", "equal to a reference answer (KorQuAD 1.0)", yes_or_no=True),
        Metric("char_f1", "characters shared with a reference answer (KorQuAD 1.0)"),
        Metric("word_f1", "words shared with a reference answer (SQuAD)"),
        Metric("rouge_l", "longest common run of morphemes or words with a reference answer"),
        Metric("embedding_cosine", "cosine of the embeddings of answer and reference", in_unit=False),
        Metric("answered", "answerable, and not withheld", yes_or_no=True),
        Metric("abstained_rightly", "unanswerable, and withheld", yes_or_no=True),
        Metric("verbatim", "quotes that are exactly the stored text"),
        Metric("citation_precision", "citations that a supported sentence needs (ALCE, lexical)"),
        Metric("citation_recall", "sentences supported by their quotes (ALCE, lexical)"),
        Metric("gold_precision", "citations that match a gold span"),
        Metric("gold_recall", "gold groups that a citation matches"),
        Metric("gold_document_cited", "a gold document is cited", yes_or_no=True),
        Metric(
            "uncited_sentences", "sentences shown without a citation", lower_is_better=True, in_unit=False
        ),
        Metric(
            "unsupported_numbers", "numbers shown that no quote holds", lower_is_better=True, in_unit=False
        ),
        Metric(
            "false_suppression",
            "of answers phrased rightly, those replaced by the quotes",
            lower_is_better=True,
            yes_or_no=True,
        ),
        Metric(
            "caught_misphrasing", "of answers phrased wrongly, those replaced by the quotes", yes_or_no=True
        ),
        *_at_depths("recall", "gold groups in the first {k} passages"),
        *_at_depths("success", "some gold group in the first {k} passages", yes_or_no=True),
        *_at_depths("ndcg", "discounted gain of the first {k} passages"),
        *_at_depths("map", "average precision of the first {k} passages"),
        Metric("mrr", "reciprocal rank of the first passage with a gold group"),
        *_at_depths("document_recall", "gold documents in the first {k} documents"),
        Metric("prompt_recall", "gold groups in the sentences that the model read"),
    )
}

HEADLINES = (
    "overall",
    "expected",
    "char_f1",
    "answered",
    "abstained_rightly",
    "citation_precision",
    "citation_recall",
    "recall_at_5",
    "prompt_recall",
)
