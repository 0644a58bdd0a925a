"""What answering needs, whoever asks through whatever door: store, models, queue, and the kept answers."""

import logging
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Protocol

from index.errors import StoreUnavailable
from service.access import Caller
from service.archive import Archive
from service.errors import AnsweringError
from service.inyong import Inyong, Notify
from service.settings import Settings
from service.turns import FairTurns, Stopping
from service.types import Answer, Turn

_log = logging.getLogger(__name__)


class Interruptible(Protocol):
    """Something that runs, and can be told to end."""

    def interrupt(self) -> None:
        """Ends it, and says so to whoever waits."""


class StillLoading(AnsweringError):
    """The models are being loaded."""


class Records(Protocol):
    """Who counts and logs the answers."""

    def note_answer(self, answer: Answer, caller: Caller, waited_s: float) -> None:
        """One answer. waited_s: how long it waited for the model."""

    def note_no_answer(self, *, abandoned: bool) -> None:
        """One question that got no answer: it failed, or nobody waited for it any more."""


@dataclass(slots=True)
class Desk:
    """The store, its models and the queue in front of them, shared by all who ask.

    askers: threads in which questions are answered, one for each place in the queue. records: told of every
    answer. askings: questions being answered.
    """

    settings: Settings
    inyong: Inyong
    turns: FairTurns
    askers: ThreadPoolExecutor
    archive: Archive
    records: Records
    askings: set[Interruptible] = field(default_factory=set)  # only touched in the event loop
    _loaded: threading.Event = field(default_factory=threading.Event)
    _loading: threading.Lock = field(default_factory=threading.Lock)

    @property
    def is_loaded(self) -> bool:
        """Whether questions can be answered."""
        return self._loaded.is_set()

    def load(self, then: Callable[[], None] = lambda: None) -> None:
        """Loads the models; takes seconds. then: done with them before the first question.

        Raises ModelUnavailable, SpecMismatch, StoreUnavailable.
        """
        with self._loading:
            self.inyong.prepare()
        then()
        self._forget_old_answers()
        self._loaded.set()

    def require_loaded(self) -> None:
        """Raises StillLoading while questions cannot be answered yet, Stopping when no longer."""
        if self.turns.is_closed:
            raise Stopping("the service is being stopped; try again in a moment")
        if not self.is_loaded:
            raise StillLoading("the models are still being loaded; try again in a few seconds")

    def keep(self, answer: Answer, caller: Caller, history: Sequence[Turn]) -> None:
        """Keeps an answer. Blocks; when it cannot be kept it is given all the same, and the log says why."""
        try:
            self.archive.keep(answer, caller, history=history, index=self.inyong.index_version())
        except StoreUnavailable as error:
            _log.error("an answer could not be kept: %s", error)

    def interrupt(self) -> None:
        """Ends every answer that is still being made; to be called in the event loop."""
        for asking in list(self.askings):
            asking.interrupt()

    def stop(self) -> None:
        """Ends the answering, after models that are just being loaded; what is stored can still be read."""
        self.turns.close()
        with self._loading:
            self._loaded.clear()
        self.askers.shutdown(cancel_futures=True)

    def close(self) -> None:
        """Ends the answering and closes the store."""
        self.stop()
        self.archive.close()
        self.inyong.close()

    def _forget_old_answers(self) -> None:
        """At the start; from then on whenever an answer is kept."""
        try:
            self.archive.purge()
        except StoreUnavailable as error:
            _log.error("old answers could not be forgotten: %s", error)


def open_desk(settings: Settings, notify: Notify, records: Records) -> Desk:
    """The desk; opens the store, making it when there is none, and loads no model yet."""
    inyong = Inyong(settings=settings, notify=notify, may_be_empty=True)
    inyong.catalog()
    turns = FairTurns(slots=settings.contexts, places=settings.queue_length)
    return Desk(
        settings=settings,
        inyong=inyong,
        turns=turns,
        askers=ThreadPoolExecutor(turns.n_places, thread_name_prefix="asking"),
        archive=Archive(settings.home, settings.answer_days, settings.answers_mb * 1_000_000),
        records=records,
    )
