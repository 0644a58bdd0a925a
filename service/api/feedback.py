"""Answers that were given before, and what their readers think of them."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path
from pydantic import Field, StringConstraints

from service.api.backend import TheBackend
from service.api.bodies import Body
from service.api.callers import CurrentCaller
from service.api.problem_kinds import ProblemKind
from service.api.problem_schemas import describe
from service.api.problems import Problem
from service.api.versions import shown_versions
from service.archive import MOST_COMMENT_CHARS, Rating, UnknownAnswer

router = APIRouter(prefix="/v1", tags=["answers"])

_AnswerId = Annotated[str, StringConstraints(min_length=1, max_length=64)]
_KEPT: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The answer as it was given, with `asked_at`, `history`, `versions` of index, models "
        "and prompt, and `feedback`, which may be null."
    }
}


class FeedbackBody(Body):
    """What a reader thinks of an answer."""

    answer_id: _AnswerId = Field(examples=["9f1c2a7be0d94c6db2b1f7a3c5d8e610"])
    rating: Literal["up", "down"]
    comment: Annotated[str, StringConstraints(max_length=MOST_COMMENT_CHARS)] = Field(
        default="", examples=["분관은 3곳이 맞습니다."]
    )


@router.get("/answers/{id}", responses=_KEPT | describe(401, 403, 404, 422, 429, 503))
async def kept_answer(
    ident: Annotated[str, Path(alias="id", min_length=1, max_length=64)],
    backend: TheBackend,
    caller: CurrentCaller,
) -> dict[str, Any]:
    """An answer that was given to this key before."""
    try:
        kept = await backend.run(backend.archive.find, ident, caller)
    except UnknownAnswer as error:
        raise Problem(404, str(error), kind=ProblemKind.NO_SUCH_ANSWER) from None
    feedback = kept.feedback
    return {
        **kept.body,
        "asked_at": kept.asked_at,
        "history": [{"role": turn.role, "content": turn.content} for turn in kept.history],
        "versions": shown_versions(kept.versions, caller),
        "feedback": feedback
        and {"rating": feedback.rating.value, "comment": feedback.comment, "given_at": feedback.given_at},
    }


@router.post("/feedback", status_code=204, responses=describe(400, 401, 403, 404, 422, 429, 503))
async def feedback(body: FeedbackBody, backend: TheBackend, caller: CurrentCaller) -> None:
    """Rates an answer that was given to this key; the last rating counts."""
    rating = Rating(body.rating)
    try:
        await backend.run(backend.archive.add_feedback, body.answer_id, caller, rating, body.comment)
    except UnknownAnswer as error:
        raise Problem(404, str(error), kind=ProblemKind.NO_SUCH_ANSWER) from None
