"""What may be sent to /v1/answers and /v1/search, with its limits."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from service.answer import MAX_QUESTION_CHARS
from service.types import Turn

MAX_K = 50
MAX_TURNS = 2000  # accepted, so that a client may send the whole conversation
TURNS_USED = 20  # of these the latest
MAX_TURN_CHARS = 100_000

_QUESTION = "푸른숲 도서관 분관의 예산은 얼마인가요?"

Name = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Collections = Annotated[list[Name], Field(max_length=100, examples=[["reports"]])]
Filters = Annotated[dict[Name, Name], Field(max_length=20, examples=[{"date": "2026"}])]
Language = Literal["ko", "en"]


class Body(BaseModel):
    """A JSON object that holds what is named here and nothing else."""

    model_config = ConfigDict(extra="forbid", strict=True)


class TurnBody(Body):
    """One earlier turn."""

    role: Literal["user", "assistant"]
    content: Annotated[str, StringConstraints(max_length=MAX_TURN_CHARS)]


class QuestionBody(Body):
    """A question, and where its answer is to be looked for."""

    question: str = Field(
        max_length=MAX_QUESTION_CHARS, description="at most 4,000 characters", examples=[_QUESTION]
    )
    collections: Collections = Field(default=[], description="look only in these; empty: in all")
    filters: Filters = Field(default={}, description="only documents with this source, date or metadata")
    language: Language | None = Field(default=None, description="of the answer; null: the question's own")
    history: list[TurnBody] = Field(
        default=[], max_length=MAX_TURNS, description="earlier turns, the oldest first", examples=[[]]
    )
    k: int | None = Field(default=None, ge=1, le=MAX_K, description="passages that may be read")
    stream: bool = Field(default=False, description="events instead of the whole answer")

    def turns(self) -> list[Turn]:
        """The latest turns of the conversation."""
        return [Turn(turn.role, turn.content) for turn in self.history[-TURNS_USED:]]


class SearchBody(Body):
    """A query, and where it is to be looked for."""

    query: str = Field(max_length=MAX_QUESTION_CHARS, examples=[_QUESTION])
    k: int = Field(default=5, ge=1, le=100, description="how many passages")
    collections: Collections = Field(default=[], description="look only in these; empty: in all")
    filters: Filters = Field(default={}, description="only documents with this source, date or metadata")
    rerank: bool = Field(default=False, description="order the passages by the reader too; takes a second")
