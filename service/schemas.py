"""Answers, passages and documents as the JSON of the design; what the command line and services print."""

from dataclasses import asdict
from typing import Any

from index.catalog import StoredDocument
from index.types import Hit
from service.types import Answer, Evidence, Grounding, StatementCheck


def answer_as_json(answer: Answer) -> dict[str, Any]:
    """The Answer as a JSON object."""
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
        "grounding": grounding_as_json(answer.grounding),
        "usage": asdict(answer.usage),
        "timings_ms": {name: round(value, 1) for name, value in asdict(answer.timings).items()},
        "models": asdict(answer.models),
    }


def grounding_as_json(grounding: Grounding) -> dict[str, Any]:
    """How the answer stands on its quotes, and of each statement what was checked and why it was withheld."""
    return {
        "sentences": grounding.sentences,
        "supported_sentences": grounding.supported_sentences,
        "unsupported_numbers": list(grounding.unsupported_numbers),
        "repaired": grounding.repaired,
        "invented_markers": grounding.invented_markers,
        "statements": [_check_as_json(check) for check in grounding.statements],
        "evidence": _evidence_as_json(grounding.evidence) if grounding.evidence else None,
    }


def _evidence_as_json(evidence: Evidence) -> dict[str, float | None]:
    return {name: None if value is None else round(value, 3) for name, value in asdict(evidence).items()}


def _check_as_json(check: StatementCheck) -> dict[str, Any]:
    return {
        "text": check.text,
        "kept": check.kept,
        "faults": [fault.value for fault in check.faults],
        "markers": list(check.markers),
        "numbers": list(check.numbers),
        "unsupported_numbers": list(check.unsupported_numbers),
        "relevance": None if check.relevance is None else round(check.relevance, 3),
        "repaired": check.repaired,
    }


def hit_as_json(hit: Hit) -> dict[str, Any]:
    """A passage with its place and its scores."""
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
    """What is known of a document, but its text."""
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
