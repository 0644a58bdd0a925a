"""What kinds of problem there are, by which a client, the page first, can say them in its own language."""

from enum import Enum


class ProblemKind(Enum):
    """The `type` of a problem. The page has a sentence of its own for each: `problem_...` in strings.js."""

    BAD_QUESTION = "bad-question"
    BUSY = "busy"
    TOO_MANY_REQUESTS = "too-many-requests"  # with one key
    TOO_MANY_WRONG_KEYS = "too-many-wrong-keys"  # from one address
    NOT_ALLOWED = "not-allowed"
    STOPPING = "stopping"
    LOADING = "loading"
    TIME_IS_UP = "time-is-up"
    MODEL_UNAVAILABLE = "model-unavailable"
    STORE_UNAVAILABLE = "store-unavailable"
    NO_SUCH_DOCUMENT = "no-such-document"
    NO_SUCH_ANSWER = "no-such-answer"
    UNSUPPORTED_FORMAT = "unsupported-format"
    UNREADABLE_DOCUMENT = "unreadable-document"
    EMPTY_DOCUMENT = "empty-document"
    INDEXED_FROM_FILE = "indexed-from-file"
    TOO_LARGE = "too-large"
    TOO_SLOW = "too-slow"
    INTERNAL = "internal"

    @property
    def uri(self) -> str:
        """As RFC 9457 wants it; a name, not an address: a page of another host is never asked for."""
        return f"urn:inyong:problem:{self.value}"
