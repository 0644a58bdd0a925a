import json

from index.types import Hit, Span
from service.answering.types import Answer, Citation, Mismatch, Models, Timings, Usage, Verification
from service.schemas import answer_as_json, document_as_json, hit_as_json
from tests.service.conftest import World

HIT = Hit(
    passage_id=7,
    document_id="d1",
    collection="town",
    title="도서관",
    source="library.md",
    heading="푸른숲",
    date="2026-01-29",
    page=2,
    span=Span(10, 22),
    text="예산은 350억 원.",
    score=1.23456789,
    dense_score=0.98765432,
    lexical_score=0.0,
    sentences=(Span(10, 22),),
)
ANSWER = Answer(
    id="a1",
    question="예산은?",
    answer="350억 원입니다 [1].",
    language="ko",
    abstained=False,
    abstain_reason=None,
    citations=(Citation(1, "d1", "도서관", "library.md", 7, 10, 22, "예산은 350억 원.", 2),),
    passages=(HIT,),
    models=Models("llm", "e5", "reader", "phrase/ko/1+0"),
    verification=Verification("예산은 7억 원입니다.", (Mismatch.NUMBER,), ("7억",)),
    quoted=True,
    usage=Usage(100, 80, 12, 20.5),
    confidence=0.48765,
    uncertain=True,
    timings=Timings(search=1.26, select=0.04, first_token=5.0, generate=9.99, ground=0.5, total=12.34567),
)


def test_an_answer_has_the_keys_of_the_design_and_their_values() -> None:
    assert answer_as_json(ANSWER) == {
        "id": "a1",
        "question": "예산은?",
        "answer": "350억 원입니다 [1].",
        "language": "ko",
        "abstained": False,
        "abstain_reason": None,
        "confidence": 0.488,
        "uncertain": True,
        "citations": [
            {
                "marker": 1,
                "document_id": "d1",
                "title": "도서관",
                "source": "library.md",
                "passage_id": 7,
                "start": 10,
                "end": 22,
                "quote": "예산은 350억 원.",
                "page": 2,
            }
        ],
        "passages": [hit_as_json(HIT)],
        "grounding": {
            "sentences": 1,
            "supported_sentences": 1,
            "unsupported_numbers": ["7억"],
            "repaired": True,
            "quoted": True,
            "mismatches": ["unsupported_number"],
            "unsupported_names": [],
        },
        "usage": {
            "prompt_tokens": 100,
            "cached_prompt_tokens": 80,
            "completion_tokens": 12,
            "tokens_per_second": 20.5,
        },
        "timings_ms": {
            "rewrite": 0.0,
            "search": 1.3,
            "select": 0.0,
            "wait": 0.0,
            "generate": 10.0,
            "ground": 0.5,
            "total": 12.3,
            "first_quote": 0.0,
            "first_token": 5.0,
        },
        "models": {"llm": "llm", "embedding": "e5", "reader": "reader", "prompt": "phrase/ko/1+0"},
    }


def test_a_passage_has_the_keys_of_the_design_and_rounded_scores() -> None:
    assert hit_as_json(HIT) == {
        "passage_id": 7,
        "document_id": "d1",
        "title": "도서관",
        "source": "library.md",
        "text": "예산은 350억 원.",
        "start": 10,
        "end": 22,
        "page": 2,
        "score": 1.2346,
        "dense_score": 0.9877,
        "lexical_score": 0.0,
    }


def test_everything_is_valid_json() -> None:
    assert json.loads(json.dumps(answer_as_json(ANSWER))) == answer_as_json(ANSWER)


def test_a_document_has_the_keys_of_the_design(world: World) -> None:
    with world.open() as inyong:
        document = inyong.document("library.md")
        text = inyong.text(document.id)
    shown = document_as_json(document)
    assert list(shown) == [
        "id",
        "title",
        "source",
        "collection",
        "media_type",
        "sha256",
        "characters",
        "passages",
        "modified_at",
        "metadata",
    ]
    assert shown["characters"] == len(text)
    assert (shown["title"], shown["source"], shown["collection"]) == ("푸른숲 도서관", "library.md", "town")
    assert json.loads(json.dumps(shown)) == shown
