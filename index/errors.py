"""What can go wrong between a file and a ranked passage, each with the words shown to the user."""


class IndexingError(Exception):
    """A failure the user can mend; its text says what happened, to which file or setting, what to do."""


class UnreadableDocument(IndexingError):
    """One file cannot become a document; the run goes on without it."""


class UnsupportedFormat(UnreadableDocument):
    """No reader knows this kind of file."""


class SpecMismatch(IndexingError):
    """The store was made with another embedding model or with other passage sizes."""


class StoreUnavailable(IndexingError):
    """The store cannot be opened, read or written: missing, denied, full, locked or damaged."""


class UnknownDocument(IndexingError):
    """No document of the store answers to the given name."""


class DocumentIdTaken(IndexingError):
    """Another process has stored another document under the same id meanwhile."""


class WeightsUnusable(IndexingError):
    """Trained weights cannot be used: missing, damaged, of a newer format or for another base model."""
