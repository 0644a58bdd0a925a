"""Errors between a file and a ranked passage; their messages are shown to the user."""


class IndexingError(Exception):
    """A failure the user can fix; its message says what happened, to which file or setting, what to do."""


class UnreadableDocument(IndexingError):
    """A file that cannot become a document; the run continues without it."""


class UnsupportedFormat(UnreadableDocument):
    """A file in a format that has no reader."""


class SpecMismatch(IndexingError):
    """A store built with an embedding model or passage sizes other than those configured."""


class StoreUnavailable(IndexingError):
    """A store that cannot be opened, read or written: missing, denied, full, locked or damaged."""


class UnknownDocument(IndexingError):
    """A name that matches no stored document, or several."""


class DocumentIdTaken(IndexingError):
    """An id under which another process has meanwhile stored another document."""


class WeightsUnusable(IndexingError):
    """Trained weights that are missing, damaged, of a newer format or for another base model."""
