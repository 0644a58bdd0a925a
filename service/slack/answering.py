"""A question from Slack to its reply: limits, the queue, progress, the answer or an apology."""

import asyncio
import logging
import math
from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from weakref import WeakValueDictionary

from index.types import Hit
from service.answering.language import answer_language
from service.answering.pipeline import MAX_QUESTION_CHARS
from service.answering.types import Answer, Citation, Request
from service.errors import AnswerTimeout, BadQuestion
from service.question_queue.dispatcher import Dispatcher, StillLoading
from service.question_queue.events import Done, Failed, Heartbeat, PassagesFound, Queued, QuoteFound
from service.question_queue.fair_queue import Stopping, TooBusy
from service.question_queue.running import RunningQuestion, start_question
from service.slack.blocks import (
    Controls,
    Message,
    one_line,
    render_failure,
    render_progress,
    render_reply,
    render_status,
)
from service.slack.delivery import Delivery
from service.slack.ledger import Ledger
from service.slack.manifest import COMMAND
from service.slack.phrases import Phrases, phrases_in
from service.slack.replies import Links, ShownQuote, quoted_of, reply_of
from service.slack.rules import ChannelKinds, Limits, Origin, RuleStore
from service.slack.types import Task, TaskReply, Trigger
from service.storage.permissions import Caller, scope_for

_log = logging.getLogger(__name__)

_HOUR_S = 3600.0
_DAY_S = 86_400.0
_MAX_RUNNING = 8  # reading passages takes memory, and the queue serves the API too
_MAX_RUNNING_PER_USER = 2
_MAX_ATTEMPTS = 3
_RETRY_S = 1.0
_REFRESH_S = 0.5  # how soon an update that had to wait is sent
_MAX_TITLES = 5  # of documents in a status
_MAX_TITLE_UNITS = 80


def find_exceeded_limit(ledger: Ledger, limits: Limits, task: Task, phrases: Phrases) -> str | None:
    """Return the message for a question over a limit, else None. Blocks. Raises StoreUnavailable.

    Questions that got no answer do not count.
    """
    user = task.incoming.user
    for limit, seconds, whose, sentence in (
        (limits.user_per_hour, _HOUR_S, user, phrases.user_budget),
        (limits.user_per_day, _DAY_S, user, phrases.user_budget),
        (limits.workspace_per_hour, _HOUR_S, None, phrases.workspace_budget),
        (limits.workspace_per_day, _DAY_S, None, phrases.workspace_budget),
    ):
        if limit:
            n, oldest = ledger.count_before(task, seconds, whose)
            if n >= limit:
                left_s = oldest + seconds - task.accepted_at
                return sentence.format(count=limit, minutes=max(1, math.ceil(left_s / 60)))
    return None


def queue_status(position: int, phrases: Phrases) -> str:
    """Return the sentence about a position in the queue, from 1."""
    return phrases.queued.format(count=position - 1) if position > 1 else phrases.queued_next


@dataclass(slots=True)
class Progress:
    """Display of an answer in progress: a status below the quotes found so far."""

    delivery: Delivery
    language: str
    links: Links
    passages: Sequence[Hit] = ()
    _quotes: list[ShownQuote] = field(default_factory=list)
    _status: str = ""
    _is_shown: bool = True

    async def show_position(self, position: int) -> None:
        """Show the position in the queue, from 1."""
        await self._show(queue_status(position, phrases_in(self.language)))

    async def show_documents(self, passages: Sequence[Hit]) -> None:
        """Show the titles of the documents that were found."""
        self.passages = passages
        titles = list(dict.fromkeys(one_line(hit.title, _MAX_TITLE_UNITS) for hit in passages))
        if titles:
            reading = phrases_in(self.language).reading
            await self._show(reading.format(titles=", ".join(titles[:_MAX_TITLES])))

    async def add_quote(self, citation: Citation) -> None:
        """Show one more quote."""
        self._quotes.append(quoted_of(citation, self.passages))
        await self._show(phrases_in(self.language).writing)

    async def refresh(self) -> None:
        """Show what could not be shown when it happened."""
        if not self._is_shown:
            status = render_progress(self._quotes, self._status, self.language, self.links)
            self._is_shown = await self.delivery.update(status)

    async def _show(self, status: str) -> None:
        self._status = status
        self._is_shown = False
        await self.refresh()


class Interrupted(Exception):
    """A shutdown of the process; the question is left to the next one."""


@dataclass(frozen=True, slots=True)
class QuestionContext:
    """Permissions and settings for one question. is_private: whether only the requester sees the answer.

    language: of the bot's texts; answer_language: None for the question's own. nothing_is_open: whether no
    collection is visible anywhere; opening: the command that opens one there.
    """

    is_private: bool
    language: str
    caller: Caller = Caller("slack", frozenset(), frozenset())
    answer_language: str | None = None
    nothing_is_open: bool = False
    opening: str = ""

    def reply(self, message: Message, answer: Answer | None = None) -> TaskReply:
        """Return the message as the reply, with the answer that it shows."""
        if answer is None:
            return TaskReply(message, is_private=self.is_private)
        turn = (answer.question, answer.answer)
        return TaskReply(message, answer.id, turn, is_private=self.is_private)

    def apology(self, sentence: str, reference: str) -> TaskReply:
        """Return an apology. reference: the question's id in the log."""
        return self.reply(render_failure(sentence, reference, self.language))


class Answerer:
    """Producer of replies. Bound to one event loop."""

    def __init__(
        self,
        dispatcher: Dispatcher,
        ledger: Ledger,
        kinds: ChannelKinds,
        *,
        rules: RuleStore,
        limits: Limits,
        links: Links,
    ) -> None:
        self._dispatcher = dispatcher
        self._ledger = ledger
        self._kinds = kinds
        self._rules = rules
        self._limits = limits
        self._links = links
        self._slots = asyncio.Semaphore(max(1, min(_MAX_RUNNING, dispatcher.queue.n_places // 2)))
        self._user_slots: WeakValueDictionary[str, asyncio.Semaphore] = WeakValueDictionary()
        self._n_open = 0  # questions that wait or run

    async def context_of(self, task: Task) -> QuestionContext:
        """Return the context of a task. Raises StoreUnavailable, TokenGone, SlackUnreachable."""
        incoming = task.incoming
        if task.attempts > _MAX_ATTEMPTS:  # the code below may be what keeps failing
            return QuestionContext(not incoming.thread, answer_language(incoming.text, None))
        rules = await asyncio.to_thread(self._rules.read)
        kind = await self._kinds.of(incoming.team, incoming.channel, incoming.kind)
        origin = Origin(incoming.team, incoming.channel, kind, incoming.user)
        settings = rules.answer_settings(origin)
        is_private = not incoming.thread or settings.ephemeral
        return QuestionContext(
            is_private=is_private,
            language=settings.language or answer_language(incoming.text, None),
            caller=rules.caller(origin, is_private=is_private),
            answer_language=settings.language,
            nothing_is_open=rules.nothing_is_open,
            opening=rules.opening_command(origin),
        )

    async def reply_to(self, task: Task, context: QuestionContext, delivery: Delivery) -> TaskReply:
        """Return the answer, or a message why there is none.

        Raises Interrupted, StoreUnavailable, TokenGone.
        """
        phrases = phrases_in(context.language)
        if task.attempts > _MAX_ATTEMPTS:
            return context.apology(phrases.failed, f"slack-{task.id}")
        refusal = _refusal(task, context, phrases) or await asyncio.to_thread(
            find_exceeded_limit, self._ledger, self._limits, task, phrases
        )
        if refusal:
            return context.reply(render_status(refusal))
        slots = self._user_slots.setdefault(context.caller.id, asyncio.Semaphore(_MAX_RUNNING_PER_USER))
        must_wait = slots.locked() or self._slots.locked()
        self._n_open += 1
        try:
            status = queue_status(self._n_open, phrases) if must_wait else phrases.searching
            await delivery.begin(render_status(status))
            async with slots, self._slots:
                return await self._ask(task, context, Progress(delivery, context.language, self._links))
        finally:
            self._n_open -= 1

    async def _ask(self, task: Task, context: QuestionContext, progress: Progress) -> TaskReply:
        """Return the answer from the queue, or an apology."""
        phrases, incoming = phrases_in(context.language), task.incoming
        history = await asyncio.to_thread(self._ledger.history, task) if incoming.thread else ()
        request = Request(incoming.text, scope_for(context.caller), context.answer_language, history)
        try:
            answer = await self._answer(request, context.caller, progress)
        except Stopping:
            raise Interrupted from None
        except BadQuestion:
            return context.reply(render_status(phrases.empty_question))
        except AnswerTimeout:
            return context.apology(phrases.took_too_long, request.id)
        except Exception:  # notify the requester of any failure, and log why
            _log.exception("task %d: no answer %s", task.id, request.id)
            return context.apology(phrases.failed, request.id)
        can_act = self._dispatcher.settings.answer_days > 0
        controls = Controls(answer.id, incoming.user, can_share=context.is_private) if can_act else None
        return context.reply(render_reply(reply_of(answer), self._links, controls), answer)

    async def _answer(self, request: Request, caller: Caller, progress: Progress) -> Answer:
        """Return the answer, showing progress meanwhile. Raises the error it failed with."""
        running = await self._start(request, caller, progress)
        async with aclosing(running.events(beat_s=_REFRESH_S)) as events:
            async for event in events:
                match event:
                    case PassagesFound(passages):
                        await progress.show_documents(passages)
                    case QuoteFound(citation):
                        await progress.add_quote(citation)
                    case Queued(position):
                        await progress.show_position(position)
                    case Heartbeat():
                        await progress.refresh()
                    case Done(answer):
                        return answer
                    case Failed(error):
                        raise error
        raise AssertionError("events end with Done or Failed")

    async def _start(self, request: Request, caller: Caller, progress: Progress) -> RunningQuestion:
        """Start the question as soon as the queue has a place for this user."""
        while True:
            try:
                return start_question(self._dispatcher, request, caller)
            except StillLoading:
                pass
            except TooBusy:
                await progress.show_position(self._dispatcher.queue.n_held + 1)
            await asyncio.sleep(_RETRY_S)


def _refusal(task: Task, context: QuestionContext, phrases: Phrases) -> str | None:
    """Return why the question cannot be asked, else None."""
    text = task.incoming.text
    if not text.strip():
        is_command = task.incoming.trigger is Trigger.COMMAND
        return phrases.usage.format(command=COMMAND) if is_command else phrases.empty_question
    if len(text) > MAX_QUESTION_CHARS:
        return phrases.long_question.format(total=f"{len(text):,}", most=f"{MAX_QUESTION_CHARS:,}")
    if not context.caller.collections:
        sentence = phrases.not_set_up if context.nothing_is_open else phrases.no_rights
        return sentence.format(command=context.opening)
    return None
