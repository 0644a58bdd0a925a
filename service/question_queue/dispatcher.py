"""The dispatcher: store, models, queue and stored answers, shared by the API, the page and Slack."""

import logging
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from index.errors import StoreUnavailable
from service.answering.types import Answer, Turn
from service.errors import AnsweringError
from service.inyong import Inyong, Notify
from service.question_queue.fair_queue import FairQueue, Stopping
from service.settings import Settings
from service.storage.answers import Archive
from service.storage.permissions import Caller

if TYPE_CHECKING:
    from service.question_queue.running import RunningQuestion

_log = logging.getLogger(__name__)


class StillLoading(AnsweringError):
    """The models are still being loaded."""


class Recorder(Protocol):
    """Counts or logs answers."""

    def note_answer(self, answer: Answer, caller: Caller) -> None:
        """Record one answer."""

    def note_no_answer(self, *, abandoned: bool) -> None:
        """Record a question without an answer: it failed, or (abandoned) its client has gone."""


@dataclass(slots=True)
class Dispatcher:
    """The store, its models and the queue in front of the language model.

    workers: threads that answer questions, one for each place in the queue. recorders: notified of every
    answer. running: questions being answered.
    """

    settings: Settings
    inyong: Inyong
    queue: FairQueue
    workers: ThreadPoolExecutor
    archive: Archive
    recorders: tuple[Recorder, ...]
    running: set["RunningQuestion"] = field(default_factory=set)  # only touched in the event loop
    _loaded: threading.Event = field(default_factory=threading.Event)
    _loading: threading.Lock = field(default_factory=threading.Lock)

    @property
    def is_loaded(self) -> bool:
        """Whether questions can be answered."""
        return self._loaded.is_set()

    def load(self, then: Callable[[], None] = lambda: None) -> None:
        """Load the models, which takes seconds, and call `then` before the first question.

        Raises ModelUnavailable, SpecMismatch, StoreUnavailable.
        """
        with self._loading:
            self.inyong.prepare()
        then()
        try:
            self.archive.purge()  # later, expired answers are deleted as others are stored
        except StoreUnavailable as error:
            _log.error("old answers could not be deleted: %s", error)
        self._loaded.set()

    def require_loaded(self) -> None:
        """Raise StillLoading before questions can be answered, Stopping after `stop`."""
        if self.queue.is_closed:
            raise Stopping("the service is being stopped; try again in a moment")
        if not self.is_loaded:
            raise StillLoading("the models are still being loaded; try again in a few seconds")

    def store_answer(self, answer: Answer, caller: Caller, history: Sequence[Turn]) -> None:
        """Store an answer. Blocks; a failure is logged and does not fail the answer."""
        try:
            self.archive.keep(answer, caller, history=history, index=self.inyong.index_version())
        except StoreUnavailable as error:
            _log.error("an answer could not be kept: %s", error)

    def interrupt(self) -> None:
        """End every running answer. Call it in the event loop."""
        for question in list(self.running):
            question.interrupt()

    def stop(self) -> None:
        """Stop answering, after models that are being loaded; stored data stays readable."""
        self.queue.close()
        with self._loading:
            self._loaded.clear()
        self.workers.shutdown(cancel_futures=True)

    def close(self) -> None:
        """Stop answering and close the store."""
        self.stop()
        self.archive.close()
        self.inyong.close()


def open_dispatcher(settings: Settings, notify: Notify, *recorders: Recorder) -> Dispatcher:
    """Open the store, creating it if missing, without loading a model."""
    inyong = Inyong(settings=settings, notify=notify, may_be_empty=True)
    inyong.catalog()
    queue = FairQueue(slots=settings.contexts, places=settings.queue_length)
    return Dispatcher(
        settings=settings,
        inyong=inyong,
        queue=queue,
        workers=ThreadPoolExecutor(queue.n_places, thread_name_prefix="answering"),
        archive=Archive(settings.home, settings.answer_days, settings.answers_mb * 1_000_000),
        recorders=recorders,
    )
