"""Ask a question set of a store and record the predictions in a folder that can be resumed and scored.

Questions go through the same function as users' questions. Scoring is left to `score`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from eval.datasets.questions import load_questions
from eval.errors import BadQuestionSet
from eval.runs.manifest import Asked, describe_run, hash_file
from eval.metrics.answer import matches_expected, says_any
from eval.runs.prediction import predict, search_alone
from eval.runs.files import PREDICTIONS, append_prediction, load_predictions
from eval.runs.request import RunRequest
from eval.runs.documents import RunDocuments, cited_sources, gold_sources
from eval.runs.folder import appending, begin, check_folder, locked
from eval.types import Prediction, Question

if TYPE_CHECKING:
    from service.inyong import Inyong


@dataclass(frozen=True, slots=True)
class Tally:
    """The progress of a run. judged: questions so far that can be judged right or wrong without a metric."""

    done: int
    total: int
    right: int
    judged: int
    errors: int


def run_set(
    inyong: "Inyong", request: RunRequest, report_progress: Callable[[Tally], None] = lambda tally: None
) -> None:
    """Ask every question that has no prediction yet, after an uncounted warm-up.

    Raises BadQuestionSet for a set that cannot be asked of this store, BadRun for an unusable folder, and
    what the store and the models raise before the first question. A question that fails becomes a
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
    """Return the questions of the set to ask. Raises BadQuestionSet if there are none."""
    questions = load_questions(request.set_path)
    if request.tags:
        questions = [question for question in questions if set(question.tags) & set(request.tags)]
        if not questions:
            raise BadQuestionSet(f"{request.set_path}: no question has the tag {' or '.join(request.tags)}")
    return questions[: request.limit]


def is_right(question: Question, prediction: Prediction) -> bool | None:
    """Return whether the answer is as expected or rightly withheld; None if only metrics can judge it.

    An answer with a forbidden phrase is wrong.
    """
    if prediction.error is not None or says_any(prediction.answer, question.forbidden):
        return False
    if not question.answerable:
        return prediction.abstained
    if not question.expected:
        return None
    return not prediction.abstained and matches_expected(prediction.answer, question.expected)


def _load(inyong: "Inyong", question: Question, request: RunRequest) -> None:
    """Load what every question needs, so that a missing part fails here, once."""
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
        predict(inyong, pending[0], request)  # warm-up: the first answer includes one-off work
    with appending(request.folder / PREDICTIONS) as file:
        for question in pending:
            prediction = predict(inyong, question, request)
            documents.keep(cited_sources(prediction))
            append_prediction(file, prediction)
            verdicts.append(None if request.retrieval_only else is_right(question, prediction))
            errors += prediction.error is not None
            report()
