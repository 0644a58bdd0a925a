"""Define the values between a Slack event and its answer: frozen, typed, without behaviour."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, IntEnum

from service.slack.blocks import Message
from service.slack.rules import ChannelKind


class Trigger(Enum):
    """How a question was asked."""

    MENTION = "mention"
    DIRECT = "direct"
    FOLLOW_UP = "follow_up"
    COMMAND = "command"
    SHORTCUT = "shortcut"
    AGAIN = "again"  # the button below an answer


@dataclass(frozen=True, slots=True)
class Incoming:
    """One question from Slack.

    team, channel, ts: together identify it, however often Slack sends it. ts: of the message; without one, an
    id unique to the command or click. text: the question without the bot's mention. kind: of the channel, if
    the payload says.
    thread: ts of the message that the answer replies to; "" if nobody else may read it.
    message: ts of the message that gets the reaction; "" for none. response_url: "" if Slack sent none; it
    takes 5 messages within 30 minutes.
    """

    team: str
    channel: str
    ts: str
    user: str
    text: str
    trigger: Trigger
    kind: ChannelKind | None = None
    thread: str = ""
    message: str = ""
    response_url: str = field(default="", repr=False)  # a secret: its holder can post


class State(Enum):
    """State of a task."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"  # its reply is an apology or a refusal


class Post(IntEnum):
    """A message of a task, as numbered in the ledger."""

    THREAD = 0  # the status, which becomes the answer
    PRIVATE = 1000  # the answer for the requester only
    SHARED = 2000  # the private answer, shared with the channel


@dataclass(frozen=True, slots=True)
class TaskReply:
    """The message that ends a task. answer_id: None for an apology or a refusal of the question.

    turn: question and answer, the history of follow-ups. is_private: whether only the requester may see it,
    whatever the rules say when it is posted.
    """

    message: Message
    answer_id: str | None = None
    turn: tuple[str, str] = ("", "")
    is_private: bool = False


@dataclass(frozen=True, slots=True)
class Task:
    """An accepted question. accepted_at: seconds since 1970; attempts: how often it was started.

    has_reaction: whether there is, or may be, a reaction to remove. reply: once it is stored, the question is
    not rerun. posts: ts of the messages posted so far, by `Post`; "" for one that may or may not have been
    posted.
    """

    id: int
    incoming: Incoming
    accepted_at: float
    attempts: int = 0
    has_reaction: bool = False
    reply: TaskReply | None = None
    posts: Mapping[int, str] = field(default_factory=dict)
