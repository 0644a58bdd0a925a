"""A question set asked of a store, answer by answer, into a folder that can be gone on with and scored.

Questions go through the same function that users' questions take. Scoring is left to `score`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from eval.datasets.questions import load_questions
from eval.errors import BadQuestionSet
from eval.manifest import Asked, describe_run, hash_file
from eval.metrics.answer import matches_expected, says_any
from eval.predict import predict, search_alone
from eval.predictions import PREDICTIONS, append_prediction, load_predictions
from eval.request import RunRequest
from eval.run_documents import RunDocuments, cited_sources, gold_sources
from eval.run_folder import appending, begin, check_folder, locked
from eval.types import Prediction, Question

if TYPE_CHECKING:
    from service.inyong import Inyong


@dataclass(frozen=True, slots=True)
class Tally:
    """How far a run has come. judged: questions so far that can be told right or wrong without a metric."""

    done: int
    total: int
    right: int
    judged: int
    errors: int


def run_set(
    inyong: "Inyong", request: RunRequest, report_progress: Callable[[Tally], None] = lambda tally: None
) -> None:
    """Asks every question that has no prediction yet, after one that is not counted.

    Raises BadQuestionSet for a set that cannot be asked of this store, BadRun for a folder that cannot be
    used, and what the store and the models raise before the first question. A question that fails is a
    prediction with its error.
    """
    questions = select_questions(request)
    with locked(request.folder):
        check_folder(request)
        catalog = RunDocuments(inyong, request)
        catalog.require_gold(questions)
        _load(inyong, questions[0], request)
        manifest = describe_run(inyong, _asked(request, questions), catalog.in_scope)
        begin(request.folder, manifest, questions)
        done = load_predictions(request.folder / PREDICTIONS)
        _ask_all(inyong, request, questions, done, catalog, report_progress)


def select_questions(request: RunRequest) -> list[Question]:
    """The questions of the set that are asked. Raises BadQuestionSet when there is none."""
    questions = load_questions(request.set_path)
    if request.tags:
        questions = [question for question in questions if set(question.tags) & set(request.tags)]
        if not questions:
            raise BadQuestionSet(f"{request.set_path}: no question has the tag {' or '.join(request.tags)}")
    return questions[: request.limit]


def is_right(question: Question, prediction: Prediction) -> bool | None:
    """Whether the answer says what was expected, or was withheld rightly; None where metrics have to tell.

    One that says what is forbidden is not right.
    """
    if prediction.error is not None or says_any(prediction.answer, question.forbidden):
        return False
    if not question.answerable:
        return prediction.abstained
    if not question.expected:
        return None
    return not prediction.abstained and matches_expected(prediction.answer, question.expected)


def _load(inyong: "Inyong", question: Question, request: RunRequest) -> None:
    """Loads what the questions need, so that what no question can do without fails here, and once."""
    if request.retrieval_only:
        search_alone(inyong, question, request)
    else:
        inyong.prepare()


def _asked(request: RunRequest, questions: Sequence[Question]) -> Asked:
    return Asked(
        set_name=request.set_path.name,
        set_sha256=hash_file(request.set_path),
        ids=[question.id for question in questions],
        collections=request.collections,
        limit=request.limit,
        tags=request.tags,
        retrieval_only=request.retrieval_only,
        timeout_s=request.timeout_s,
    )


def _ask_all(
    inyong: "Inyong",
    request: RunRequest,
    questions: Sequence[Question],
    done: dict[str, Prediction],
    documents: RunDocuments,
    report_progress: Callable[[Tally], None],
) -> None:
    verdicts = [is_right(question, done[question.id]) for question in questions if question.id in done]
    errors = sum(prediction.error is not None for prediction in done.values())

    def report() -> None:
        judged = [verdict for verdict in verdicts if verdict is not None]
        report_progress(Tally(len(verdicts), len(questions), sum(judged), len(judged), errors))

    pending = [question for question in questions if question.id not in done]
    documents.keep([source for question in questions for source in gold_sources(question)])
    report()
    if pending:
        predict(inyong, pending[0], request)  # the first answer pays for what is loaded and computed once
    with appending(request.folder / PREDICTIONS) as file:
        for question in pending:
            prediction = predict(inyong, question, request)
            documents.keep(cited_sources(prediction))
            append_prediction(file, prediction)
            verdicts.append(None if request.retrieval_only else is_right(question, prediction))
            errors += prediction.error is not None
            report()
