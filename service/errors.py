"""What can go wrong between a question and its answer, each with the words shown to the user."""


class AnsweringError(Exception):
    """A failure the user can mend; its text says what happened, to which setting, what to do."""


class BadQuestion(AnsweringError):
    """The question cannot be asked: empty, too long, or nothing but punctuation."""


class BadSetting(AnsweringError):
    """A setting has a value that cannot work; names the setting, where it came from and what would do."""


class ModelUnavailable(AnsweringError):
    """Model weights are missing, damaged or cannot be fetched."""


class GenerationFailed(AnsweringError):
    """The language model could not produce an answer."""


class ServerUnavailable(GenerationFailed):
    """The language model's server does not answer now. retry_after_s: when asking again makes sense."""

    def __init__(self, message: str, *, retry_after_s: float = 0.0) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s
