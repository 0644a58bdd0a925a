"""Examples for the schema: one question about a library, its passage and its answer, as they are sent."""

from dataclasses import asdict

from index.types import Hit, Span
from service.answering.types import Answer, Citation, Models, Timings, Usage, Verification
from service.api.bodies import EXAMPLE_QUESTION
from service.api.chat_schemas import END_OF_CHUNKS, chunk_event, completion_as_json, sources_chunk
from service.api.streaming import named_event
from service.schemas import answer_as_json, hit_as_json

_QUOTE = "예산은 350억 원이 들었다."
_TEXT = f"푸른숲 도서관은 분관 3곳을 새로 열었다. {_QUOTE}"
_HIT = Hit(
    passage_id=12,
    document_id="library-2026",
    collection="reports",
    title="푸른숲 도서관",
    source="library.md",
    heading="",
    date="",
    page=None,
    span=Span(11, 11 + len(_TEXT)),
    text=_TEXT,
    score=1.8312,
    dense_score=0.9021,
    lexical_score=7.4415,
    sentences=(),
)
_CITATION = Citation(
    marker=1,
    document_id=_HIT.document_id,
    title=_HIT.title,
    source=_HIT.source,
    passage_id=_HIT.passage_id,
    start=_HIT.span.end - len(_QUOTE),
    end=_HIT.span.end,
    quote=_QUOTE,
    page=None,
)
_ANSWER = Answer(
    id="9f1c2a7be0d94c6db2b1f7a3c5d8e610",
    question=EXAMPLE_QUESTION,
    answer="예산은 350억 원입니다 [1].",
    language="ko",
    abstained=False,
    abstain_reason=None,
    citations=(_CITATION,),
    passages=(_HIT,),
    models=Models("qwen2.5-coder-1.5b", "multilingual-e5-small", "inyong-reader 5b1c09aa", "phrase/ko/1"),
    verification=Verification("예산은 350억 원입니다."),
    usage=Usage(512, 388, 14, 27.1),
    timings=Timings(
        search=21.4,
        select=803.1,
        generate=1402.8,
        ground=0.4,
        total=2227.7,
        first_quote=824.9,
        first_token=1701.2,
    ),
    confidence=0.971,
)
_CREATED = 1790000000
_VERSION = {"index": "5e0c9b1f kiwi-0.22.0-2", "index_change": "52"}

HITS = {"hits": [hit_as_json(_HIT)]}
ANSWER = answer_as_json(_ANSWER)
ANSWER_EVENTS = b"".join(
    (
        named_event(1, "sources", {"id": _ANSWER.id, "passages": [hit_as_json(_HIT)]}),
        named_event(2, "citation", asdict(_CITATION)),
        named_event(3, "delta", {"text": _ANSWER.answer}),
        named_event(4, "done", ANSWER),
    )
).decode()
COMPLETION = completion_as_json(_ANSWER, _CREATED, _VERSION)
COMPLETION_CHUNKS = b"".join(
    (
        sources_chunk(_ANSWER.id, _CREATED, [_HIT]),
        chunk_event(_ANSWER.id, _CREATED, {"content": _ANSWER.answer}),
        chunk_event(_ANSWER.id, _CREATED, {}, "stop", rag=COMPLETION["rag"]),
        END_OF_CHUNKS,
    )
).decode()
