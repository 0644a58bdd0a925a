"""What may be sent to /v1/answers, /v1/search and /v1/chat/completions."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from service.answer import MAX_QUESTION_CHARS
from service.types import Turn

MAX_K = 50
MAX_TURNS = 1000
MAX_TURN_CHARS = 100_000

Name = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Collections = Annotated[list[Name], Field(default_factory=list, max_length=100)]
Filters = Annotated[dict[Name, Name], Field(default_factory=dict, max_length=20)]
Language = Literal["ko", "en"]


class TurnBody(BaseModel):
    """One earlier turn."""

    model_config = ConfigDict(extra="forbid")

    role: Literal["user", "assistant"]
    content: Annotated[str, StringConstraints(max_length=MAX_TURN_CHARS)]

    def as_turn(self) -> Turn:
        """The turn as the service knows it."""
        return Turn(self.role, self.content)


class QuestionBody(BaseModel):
    """A question, and where its answer is to be looked for."""

    model_config = ConfigDict(extra="forbid")

    question: str = Field(max_length=MAX_QUESTION_CHARS)
    collections: Collections
    filters: Filters
    language: Language | None = None
    history: list[TurnBody] = Field(default_factory=list, max_length=MAX_TURNS)
    k: int | None = Field(default=None, ge=1, le=MAX_K)
    stream: bool = False
