"""Convert answers, passages and documents to the JSON that the command line and the API return."""

from dataclasses import asdict
from typing import Any

from index.chunking.sentences import split_sentences
from index.store import StoredDocument
from index.types import Hit
from service.answering.types import Answer


def answer_as_json(answer: Answer) -> dict[str, Any]:
    """Return the answer as a JSON object."""
    return {
        "id": answer.id,
        "question": answer.question,
        "answer": answer.answer,
        "language": answer.language,
        "abstained": answer.abstained,
        "abstain_reason": answer.abstain_reason,
        "confidence": round(answer.confidence, 3),
        "uncertain": answer.uncertain,
        "citations": [asdict(citation) for citation in answer.citations],
        "passages": [hit_as_json(hit) for hit in answer.passages],
        "grounding": _grounding_as_json(answer),
        "usage": asdict(answer.usage),
        "timings_ms": {name: round(value, 1) for name, value in asdict(answer.timings).items()},
        "models": asdict(answer.models),
    }


def _grounding_as_json(answer: Answer) -> dict[str, Any]:
    """Return how quotes support the answer, and what verification found in the phrased one, shown or not.

    Every sentence shown is supported: a phrased answer is verified as a whole, or replaced by its quotes.
    """
    verification = answer.verification
    if answer.abstained or verification is None or answer.quoted:
        n_sentences = len(answer.citations)  # each quote is one
    else:
        n_sentences = len(split_sentences(verification.text))
    return {
        "sentences": n_sentences,
        "supported_sentences": n_sentences,
        "unsupported_numbers": list(verification.unsupported_numbers) if verification else [],
        "repaired": answer.repaired,
        "quoted": answer.quoted,
        "mismatches": [mismatch.value for mismatch in verification.mismatches] if verification else [],
        "unsupported_names": list(verification.unsupported_names) if verification else [],
    }


def hit_as_json(hit: Hit) -> dict[str, Any]:
    """Return a passage with its location and scores as a JSON object."""
    return {
        "passage_id": hit.passage_id,
        "document_id": hit.document_id,
        "title": hit.title,
        "source": hit.source,
        "text": hit.text,
        "start": hit.span.start,
        "end": hit.span.end,
        "page": hit.page,
        "score": round(hit.score, 4),
        "dense_score": round(hit.dense_score, 4),
        "lexical_score": round(hit.lexical_score, 4),
    }


def document_as_json(document: StoredDocument) -> dict[str, Any]:
    """Return a document's metadata as a JSON object, without its text."""
    return {
        "id": document.id,
        "title": document.title,
        "source": document.source,
        "collection": document.collection,
        "media_type": document.media_type,
        "sha256": document.sha256,
        "characters": document.characters,
        "passages": document.n_passages,
        "modified_at": document.modified_at,
        "metadata": dict(document.metadata),
    }
