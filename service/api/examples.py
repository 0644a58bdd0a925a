"""What the schema shows as examples: one question about a library, its passage and its answer."""

from typing import Any

from service.api.streaming import named_event, unnamed_event

_PASSAGE: dict[str, Any] = {
    "passage_id": 12,
    "document_id": "library-2026",
    "title": "푸른숲 도서관",
    "source": "library.md",
    "text": "푸른숲 도서관은 분관 3곳을 새로 열었다. 예산은 350억 원이 들었다.",
    "start": 11,
    "end": 49,
    "page": None,
    "score": 1.8312,
    "dense_score": 0.9021,
    "lexical_score": 7.4415,
}
_CITATION: dict[str, Any] = {
    "marker": 1,
    "document_id": "library-2026",
    "title": "푸른숲 도서관",
    "source": "library.md",
    "passage_id": 12,
    "start": 34,
    "end": 49,
    "quote": "예산은 350억 원이 들었다.",
    "page": None,
}
_ID = "9f1c2a7be0d94c6db2b1f7a3c5d8e610"
_MODELS = {"llm": "qwen2.5-coder-1.5b", "embedding": "multilingual-e5-small", "prompt": "answer/ko/4"}
_GROUNDING: dict[str, Any] = {
    "sentences": 1,
    "supported_sentences": 1,
    "unsupported_numbers": [],
    "repaired": False,
    "invented_markers": 0,
    "statements": [
        {
            "text": "예산은 350억 원입니다.",
            "kept": True,
            "faults": [],
            "markers": [1],
            "numbers": ["350억"],
            "unsupported_numbers": [],
            "relevance": 1.0,
            "repaired": False,
        }
    ],
    "evidence": {"backing": 6.41, "around": 1.0, "near": 0.83, "answering": None},
}
_TEXT = "예산은 350억 원입니다 [1]."

HITS: dict[str, Any] = {"hits": [_PASSAGE]}
ANSWER: dict[str, Any] = {
    "id": _ID,
    "question": "푸른숲 도서관 분관의 예산은 얼마인가요?",
    "answer": _TEXT,
    "language": "ko",
    "abstained": False,
    "abstain_reason": None,
    "confidence": 0.971,
    "uncertain": False,
    "citations": [_CITATION],
    "passages": [_PASSAGE],
    "grounding": _GROUNDING,
    "usage": {"prompt_tokens": 512, "cached_prompt_tokens": 388, "completion_tokens": 14},
    "timings_ms": {
        "rewrite": 0.0,
        "search": 21.4,
        "select": 3.1,
        "first_token": 900.2,
        "generate": 1402.8,
        "ground": 0.4,
        "total": 1427.7,
    },
    "models": _MODELS,
}
ANSWER_EVENTS = b"".join(
    [
        named_event(1, "sources", {"id": _ID, "passages": [_PASSAGE]}),
        named_event(2, "delta", {"text": _TEXT}),
        named_event(3, "citation", _CITATION),
        named_event(4, "done", ANSWER),
    ]
).decode()

_RAG: dict[str, Any] = {
    "abstained": False,
    "reason": None,
    "confidence": 0.971,
    "uncertain": False,
    "sources": [_PASSAGE],
    "citations": [_CITATION],
    "grounding": _GROUNDING,
    "versions": {"index": "5e0c9b1f kiwi-0.22.0-2", "index_change": "52", **_MODELS},
}
_MESSAGE: dict[str, Any] = {"role": "assistant", "content": _TEXT, "refusal": None}
COMPLETION: dict[str, Any] = {
    "id": _ID,
    "object": "chat.completion",
    "created": 1790000000,
    "model": "inyong",
    "choices": [{"index": 0, "message": _MESSAGE, "logprobs": None, "finish_reason": "stop"}],
    "usage": {
        "prompt_tokens": 512,
        "completion_tokens": 14,
        "total_tokens": 526,
        "prompt_tokens_details": {"cached_tokens": 388},
    },
    "rag": _RAG,
}


def _chunk(delta: dict[str, Any], end: str | None, **further: Any) -> bytes:
    head = {"id": _ID, "object": "chat.completion.chunk", "created": 1790000000, "model": "inyong"}
    choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": end}
    return unnamed_event({**head, "choices": [choice], **further})


COMPLETION_CHUNKS = b"".join(
    [
        _chunk({"role": "assistant", "content": ""}, None, rag={"sources": [_PASSAGE]}),
        _chunk({"content": _TEXT}, None),
        _chunk({}, "stop", rag=_RAG),
        b"data: [DONE]\n\n",
    ]
).decode()
