"""The documents that a run's questions are asked of, and their texts as the run keeps them."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from eval.errors import BadQuestionSet, BadRun
from eval.predictions import DOCUMENTS, append_text, load_texts
from eval.request import RunRequest
from eval.run_folder import appending
from eval.types import Prediction, Question

if TYPE_CHECKING:
    from index.catalog import StoredDocument
    from service.inyong import Inyong


class RunDocuments:
    """The documents that searches may see, and those whose text the run keeps already."""

    def __init__(self, inyong: "Inyong", request: RunRequest) -> None:
        """Raises BadRun when two of them have one name."""
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
        """Raises BadQuestionSet when gold names documents that searches cannot see."""
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
        """Writes the texts of these documents into the run, each once."""
        if not self._kept:
            self._kept = set(load_texts(self._path))
        new = [source for source in dict.fromkeys(sources) if source not in self._kept]
        if not new:
            return
        with appending(self._path) as file:
            for source in new:
                # A document indexed since the run began is not in the list, and may be cited all the same.
                document = self._by_source.get(source) or self._inyong.document(source)
                append_text(file, source, document.sha256, self._inyong.text(document.id))
                self._kept.add(source)


def gold_sources(question: Question) -> list[str]:
    """Names of the documents in which its gold stands, with repeats."""
    return [*question.documents, *(span.document for group in question.gold for span in group)]


def cited_sources(prediction: Prediction) -> list[str]:
    """Names of the documents that the prediction shows anything of, with repeats."""
    spans = [*prediction.passages, *prediction.sentences]
    return [span.document for span in spans] + [cited.document for cited in prediction.citations]
