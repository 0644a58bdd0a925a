"""What a question from Slack gets: rights and budgets, the answer through the desk, or an apology."""

import asyncio
import logging
from contextlib import aclosing
from dataclasses import dataclass

from service.access import Caller, scope_for
from service.answer import MAX_QUESTION_CHARS, Request
from service.asking import TimeIsUp, start_asking
from service.asking_events import Beat, Cited, Delta, Done, Failed, Found, Queued
from service.desk import Desk, StillLoading
from service.errors import BadQuestion
from service.language import answer_language
from service.slack.blocks import (
    Controls,
    render_failure,
    render_reply,
    render_status,
)
from service.slack.budget import Budget
from service.slack.channels import RuleStore, Where
from service.slack.elements import Message
from service.slack.gate import Gate
from service.slack.kinds import Kinds
from service.slack.ledger import Ledger
from service.slack.narration import Narration
from service.slack.phrases import Phrases, phrases_in
from service.slack.progress import Progress
from service.slack.replies import Links, reply_of
from service.slack.types import Task, Way
from service.turns import Stopping, TooBusy
from service.types import Answer

_MOST_AT_ONCE = 8  # that stand before the language model; the others wait at the gate
_MOST_ATTEMPTS = 3
_LOOK_AGAIN_S = 1.0

_log = logging.getLogger(__name__)


class PutBack(Exception):
    """The process is being stopped; the question waits for the next one."""


@dataclass(frozen=True, slots=True)
class Setting:
    """Where a question was asked and what applies there. alone: only the asker will see the answer.

    language: of what the bot says; wanted: of the answer, None for the question's own. opens_nothing: whether
    nothing can be seen anywhere; opening: the command that lets something be seen there.
    """

    caller: Caller
    alone: bool
    language: str
    wanted: str | None
    opens_nothing: bool
    opening: str

    @property
    def phrases(self) -> Phrases:
        """What is said there."""
        return phrases_in(self.language)


@dataclass(frozen=True, slots=True)
class Ending:
    """What a task ends with. answer_id: None for an apology. turn: question and answer, for follow-ups."""

    reply: tuple[Message, ...]
    answer_id: str | None = None
    turn: tuple[str, str] = ("", "")


class Replier:
    """Makes replies. Of one event loop."""

    def __init__(
        self,
        desk: Desk,
        ledger: Ledger,
        kinds: Kinds,
        *,
        rules: RuleStore,
        budget: Budget,
        links: Links,
        command: str,
    ) -> None:
        """command: the slash command, as people type it."""
        self._desk = desk
        self._ledger = ledger
        self._kinds = kinds
        self._rules = rules
        self._budget = budget
        self._links = links
        self._command = command
        self._gate = Gate(max(1, min(_MOST_AT_ONCE, desk.turns.n_places // 2)))

    async def setting_of(self, task: Task) -> Setting:
        """Where it was asked. Raises StoreUnavailable, TokenGone, SlackUnreachable."""
        asked = task.incoming
        if task.attempts > _MOST_ATTEMPTS and not task.reply:  # what fails every time may fail in here
            return _setting_of_an_apology(task)
        rules = await asyncio.to_thread(self._rules.read)
        kind = await self._kinds.of(asked.team, asked.channel, asked.kind)
        where = Where(asked.team, asked.channel, kind, asked.user)
        manner = rules.manner(where)
        alone = not asked.thread or manner.ephemeral
        return Setting(
            caller=rules.caller(where, alone=alone),
            alone=alone,
            language=manner.language or answer_language(asked.text, None),
            wanted=manner.language,
            opens_nothing=rules.opens_nothing,
            opening=rules.opening(where),
        )

    async def ending_of(self, task: Task, setting: Setting, narration: Narration) -> Ending:
        """The answer, or in words why there is none. Raises PutBack, StoreUnavailable, TokenGone."""
        phrases, text = setting.phrases, task.incoming.text
        if task.attempts > _MOST_ATTEMPTS:
            return _apology(phrases.failed, f"slack-{task.id}", setting.language)
        if not text.strip():
            words = phrases.usage.format(command=self._command)
            return Ending(
                (render_status(words if task.incoming.way is Way.COMMAND else phrases.empty_question),)
            )
        if len(text) > MAX_QUESTION_CHARS:
            words = phrases.long_question.format(total=f"{len(text):,}", most=f"{MAX_QUESTION_CHARS:,}")
            return Ending((render_status(words),))
        if not setting.caller.collections:
            words = phrases.not_set_up if setting.opens_nothing else phrases.no_rights
            return Ending((render_status(words.format(command=setting.opening)),))
        if refusal := await self._budget.refusal(task, phrases):
            return Ending((render_status(refusal),))
        await narration.begin(render_status(phrases.searching))
        progress = Progress(narration, setting.language, self._links)
        async with self._gate.entered(setting.caller.id, progress.show_queued):
            return await self._asked(task, setting, progress)

    async def _asked(self, task: Task, setting: Setting, progress: Progress) -> Ending:
        """The answer through the desk."""
        asked = task.incoming
        history = await self._ledger.history(asked.team, asked.channel, asked.thread) if asked.thread else ()
        request = Request(asked.text, scope_for(setting.caller), setting.wanted, history)
        try:
            answer = await self._answer(request, setting.caller, progress)
        except Stopping:
            raise PutBack from None
        except BadQuestion:
            return Ending((render_status(setting.phrases.empty_question),))
        except TimeIsUp:
            return _apology(setting.phrases.took_too_long, request.id, setting.language)
        except Exception:  # whatever it is, the asker is told that it failed, and the log why
            _log.exception("task %d: no answer %s", task.id, request.id)
            return _apology(setting.phrases.failed, request.id, setting.language)
        can_act = self._desk.settings.answer_days > 0
        controls = Controls(answer.id, asked.user, can_share=setting.alone) if can_act else None
        reply = render_reply(reply_of(answer), self._links, controls)
        return Ending(tuple(reply), answer.id, (asked.text, answer.answer))

    async def _answer(self, request: Request, caller: Caller, progress: Progress) -> Answer:
        """The answer, told while it is made. Raises what went wrong."""
        while True:
            try:
                asking = start_asking(self._desk, request, caller)
                break
            except StillLoading:
                await asyncio.sleep(_LOOK_AGAIN_S)
            except TooBusy:  # others hold the places; this question has been accepted, so it waits
                progress.show_queued(self._desk.turns.n_held + 1)
                await asyncio.sleep(_LOOK_AGAIN_S)
        async with aclosing(asking.events()) as events:
            async for event in events:
                match event:
                    case Found(passages):
                        progress.passages = passages
                        progress.show_found()
                    case Queued(position):
                        progress.show_queued(position)
                    case Delta(text):
                        progress.text += text
                        progress.show_text()
                    case Cited(citation):
                        progress.citations.append(citation)
                        progress.show_text()
                    case Done(answer):
                        return answer
                    case Failed(error):
                        raise error
                    case Beat():
                        pass
        raise AssertionError("events end with Done or Failed")


def _setting_of_an_apology(task: Task) -> Setting:
    asked = task.incoming
    return Setting(
        caller=Caller("slack", frozenset(), frozenset()),
        alone=not asked.thread,
        language=answer_language(asked.text, None),
        wanted=None,
        opens_nothing=False,
        opening="",
    )


def _apology(sentence: str, reference: str, language: str) -> Ending:
    return Ending((render_failure(sentence, reference, language),))
