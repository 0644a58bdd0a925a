"""Request bodies of answers, searches and feedback, with their limits."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from service.answering.pipeline import MAX_QUESTION_CHARS
from service.answering.types import Turn
from service.storage.answers import MAX_COMMENT_CHARS

MAX_K = 50
MAX_TURNS = 2000  # accepted, so that a client may send the whole conversation
TURNS_USED = 20  # the latest of these
MAX_TURN_CHARS = 100_000

EXAMPLE_QUESTION = "푸른숲 도서관 분관의 예산은 얼마인가요?"

Name = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Collections = Annotated[
    list[Name],
    Field(max_length=100, description="look only in these; empty: in all", examples=[["reports"]]),
]
Filters = Annotated[
    dict[Name, Name],
    Field(
        max_length=20,
        description="only documents with this source, date or metadata",
        examples=[{"date": "2026"}],
    ),
]
Language = Annotated[Literal["ko", "en"] | None, Field(description="of the answer; null: the question's own")]
PassagesRead = Annotated[int | None, Field(ge=1, le=MAX_K, description="passages that may be read")]


class Body(BaseModel):
    """A JSON object without unknown fields."""

    model_config = ConfigDict(extra="forbid", strict=True)


class TurnBody(Body):
    """One earlier turn."""

    role: Literal["user", "assistant"]
    content: Annotated[str, StringConstraints(max_length=MAX_TURN_CHARS)]


class QuestionBody(Body):
    """A question and the scope of its search."""

    question: str = Field(
        max_length=MAX_QUESTION_CHARS, description="at most 4,000 characters", examples=[EXAMPLE_QUESTION]
    )
    collections: Collections = []
    filters: Filters = {}
    language: Language = None
    history: list[TurnBody] = Field(
        default=[], max_length=MAX_TURNS, description="earlier turns, the oldest first", examples=[[]]
    )
    k: PassagesRead = None
    stream: bool = Field(default=False, description="events instead of the whole answer")

    def turns(self) -> list[Turn]:
        """Return the latest turns of the conversation."""
        return [Turn(turn.role, turn.content) for turn in self.history[-TURNS_USED:]]


class SearchBody(Body):
    """A query and the scope of its search."""

    query: str = Field(max_length=MAX_QUESTION_CHARS, examples=[EXAMPLE_QUESTION])
    k: int = Field(default=5, ge=1, le=100, description="how many passages")
    collections: Collections = []
    filters: Filters = {}
    rerank: bool = Field(default=False, description="order the passages by the reader too; takes a second")


class FeedbackBody(Body):
    """A reader's rating of an answer."""

    answer_id: str = Field(min_length=1, max_length=64, examples=["9f1c2a7be0d94c6db2b1f7a3c5d8e610"])
    rating: Literal["up", "down"]
    comment: str = Field(default="", max_length=MAX_COMMENT_CHARS, examples=["분관은 3곳이 맞습니다."])
