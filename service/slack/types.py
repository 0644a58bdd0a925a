"""The values that a Slack event turns into on its way to an answer: frozen, typed, without behaviour."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from service.slack.channels import ChannelKind
from service.slack.elements import Message


class Way(Enum):
    """How somebody asked."""

    MENTION = "mention"
    DIRECT = "direct"
    FOLLOW_UP = "follow_up"
    COMMAND = "command"
    SHORTCUT = "shortcut"
    AGAIN = "again"  # the button under an answer


@dataclass(frozen=True, slots=True)
class Incoming:
    """One question from Slack.

    team, channel, ts: together what makes it one, however often Slack tells of it. ts: of the message; where
    there is none, what is unique to the command or click. text: the question without the bot's mention.
    kind: who reads along, where Slack has said so.
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
    kind: ChannelKind | None = None
    thread: str = ""
    message: str = ""
    response_url: str = field(default="", repr=False)  # whoever has it can post


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
    once they are known; from then on nothing is asked again. is_private: they were made for the asker alone,
    whatever the rules are by the time that they are posted. posts: ts of the messages posted so far, by
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
    is_private: bool = False
    posts: Mapping[int, str] = field(default_factory=dict)
