"""The values that a Slack event turns into on its way to an answer: frozen, typed, without behaviour."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Protocol

from service.access import Caller
from service.slack.elements import Message


class Way(Enum):
    """How somebody asked."""

    MENTION = "mention"
    DIRECT = "direct"
    FOLLOW_UP = "follow_up"
    COMMAND = "command"
    SHORTCUT = "shortcut"
    AGAIN = "again"  # the button under an answer


class ChannelKind(Enum):
    """Who can read a conversation. Events do not always say so: an unknown one counts as public."""

    PUBLIC = "public"
    PRIVATE = "private"  # also a group of a few people
    DIRECT = "direct"  # the bot and one person
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Incoming:
    """One question from Slack.

    team, channel, ts: together what makes it one, however often Slack tells of it. ts: of the message; where
    there is none, what is unique to the command or click. text: the question without the bot's mention.
    thread: ts of the message that the answer goes under; "" where nobody else is to read it.
    message: ts of the message that gets the reaction; "" for none. response_url: where Slack gave one; it
    takes 5 messages within 30 minutes.
    """

    team: str
    channel: str
    ts: str
    user: str
    text: str
    way: Way
    kind: ChannelKind = ChannelKind.UNKNOWN
    thread: str = ""
    message: str = ""
    response_url: str = field(default="", repr=False)  # whoever has it can post

    @property
    def asker(self) -> str:
        """The id of the caller who asks, as answers are kept under it."""
        return asker_id(self.team, self.user)


class State(Enum):
    """How far a task is."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"  # its visible end is an apology or a refusal to begin


@dataclass(frozen=True, slots=True)
class Task:
    """A question that was accepted. accepted_at: seconds since 1970; attempts: how often it was begun.

    has_reaction: whether there is, or may be, a reaction to take away. reply: the messages that end the task,
    once they are known; from then on nothing is asked again. posts: ts of the messages posted so far, by
    part, from 0; "" for one that may have been posted or not.
    """

    id: int
    incoming: Incoming
    state: State
    accepted_at: float
    attempts: int = 0
    has_reaction: bool = False
    answer_id: str | None = None
    reply: tuple[Message, ...] = ()
    posts: Mapping[int, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Rule:
    """How a question is to be answered where it was asked.

    caller: the asker, with the collections that may be seen there; none of them: nothing is open there.
    language: "ko", "en" or None for the question's own.
    """

    caller: Caller
    followups: bool = True
    ephemeral: bool = False
    language: str | None = None


class Rules(Protocol):
    """What applies where."""

    def of(self, team: str, channel: str, user: str, kind: ChannelKind) -> Rule:
        """What applies to this user's questions in this channel. Quick: called in the event loop.

        Raises BadSetting and StoreUnavailable when the rules cannot be read: then nothing is shown.
        """


def asker_id(team: str, user: str) -> str:
    """The id of a user of Slack as a caller."""
    return f"slack:{team}:{user}"
