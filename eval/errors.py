"""What can go wrong with an evaluation and be mended by whoever runs it."""


class EvaluationError(Exception):
    """A mistake in a question set, a run or a gate; the message says what, in which file, and what to do.

    exit_code: what the command line ends with.
    """

    exit_code = 2


class BadQuestionSet(EvaluationError):
    """A question set that cannot be used; names the file, the line and what is wrong."""


class BadRun(EvaluationError):
    """A run's folder that cannot be read or written to."""


class IncompleteRun(BadRun):
    """A run that holds no prediction for some of its questions."""

    exit_code = 3


class NotComparable(EvaluationError):
    """Two runs that did not ask the same questions of the same documents."""


class BadGate(EvaluationError):
    """A gate file that cannot be used."""
