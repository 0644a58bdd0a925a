"""Errors of answering a question; their messages are shown to the user."""


class AnsweringError(Exception):
    """A failure the user can fix; the message says what failed, for which setting, and what to do."""


class BadQuestion(AnsweringError):
    """A question that is empty, too long, or nothing but punctuation."""


class BadSetting(AnsweringError):
    """An invalid value of a setting; the message names the setting, the value's origin and what is valid."""


class ModelUnavailable(AnsweringError):
    """Model weights that are missing, damaged or cannot be fetched."""


class GenerationFailed(AnsweringError):
    """A failure of the language model to produce an answer."""


class AnswerTimeout(AnsweringError):
    """An answer that took longer than the settings allow."""
