"""The documents that a run searches, and the copies of their texts stored with it."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from eval.errors import BadQuestionSet, BadRun
from eval.runs.files import DOCUMENTS, append_text, load_texts
from eval.runs.request import RunRequest
from eval.runs.folder import appending
from eval.types import Prediction, Question

if TYPE_CHECKING:
    from index.store import StoredDocument
    from service.inyong import Inyong


class RunDocuments:
    """The documents in search scope, and the texts already stored with the run."""

    def __init__(self, inyong: "Inyong", request: RunRequest) -> None:
        """Raise BadRun if two documents have the same source."""
        self._inyong = inyong
        self._request = request
        self._path = request.folder / DOCUMENTS
        catalog = inyong.catalog()
        allowed = catalog.select_documents(request.collections, {})
        self.in_scope: list[StoredDocument] = [
            document for document in catalog.documents() if allowed is None or document.id in allowed
        ]
        self._by_source = {document.source: document for document in self.in_scope}
        self._kept: set[str] = set()
        self._require_distinct_sources()

    def _require_distinct_sources(self) -> None:
        if len(self._by_source) == len(self.in_scope):
            return
        sources = [document.source for document in self.in_scope]
        twice = next(source for source in sources if sources.count(source) > 1)
        raise BadRun(
            f"{self._inyong.settings.home}: two documents are called {twice}, and gold could mean either; "
            "ask one of their collections with --collection, or index them from a common folder"
        )

    def require_gold(self, questions: Sequence[Question]) -> None:
        """Raise BadQuestionSet if gold names documents outside the search scope."""
        unknown = {
            source: question.id
            for question in reversed(questions)
            for source in gold_sources(question)
            if source not in self._by_source
        }
        if unknown:
            source, question_id = next(reversed(unknown.items()))
            raise BadQuestionSet(
                f"{self._request.set_path}: {question_id} has gold in {source}, which is not among the "
                f"{len(self.in_scope)} documents searched ({len(unknown)} such); index it, or see the names "
                f"with: inyong list --home {self._inyong.settings.home}"
            )

    def keep(self, sources: Sequence[str]) -> None:
        """Store the texts of these documents with the run, each once."""
        if not self._kept:
            self._kept = set(load_texts(self._path))
        new = [source for source in dict.fromkeys(sources) if source not in self._kept]
        if not new:
            return
        with appending(self._path) as file:
            for source in new:
                # A document indexed after the run began is not in the mapping but may still be cited.
                document = self._by_source.get(source) or self._inyong.document(source)
                append_text(file, source, document.sha256, self._inyong.text(document.id))
                self._kept.add(source)


def gold_sources(question: Question) -> list[str]:
    """Return the sources of the question's gold documents, with repeats."""
    return [*question.documents, *(span.document for group in question.gold for span in group)]


def cited_sources(prediction: Prediction) -> list[str]:
    """Return the sources of all documents in the prediction, with repeats."""
    spans = [*prediction.passages, *prediction.sentences]
    return [span.document for span in spans] + [cited.document for cited in prediction.citations]
