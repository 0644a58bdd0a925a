"""Evaluation errors that the user can correct."""


class EvaluationError(Exception):
    """An error in a question set, run or gate; the message says what, in which file, and what to do.

    exit_code: of the command line.
    """

    exit_code = 2


class BadQuestionSet(EvaluationError):
    """An invalid question set; names the file, the line and the fault."""


class BadRun(EvaluationError):
    """A run folder that cannot be read or written."""


class IncompleteRun(BadRun):
    """A run that lacks predictions or scores for some of its questions."""

    exit_code = 3


class NotComparable(EvaluationError):
    """Two runs that did not ask the same questions over the same documents."""


class BadGate(EvaluationError):
    """A gate file that cannot be used."""
