"""What a workspace holds: people, channels, messages, and the rights of the bot that is installed in it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from time import monotonic, time
from typing import Any, Literal

Kind = Literal["channel", "group", "im"]
Blocks = list[dict[str, Any]]

ALL_SCOPES = (
    "app_mentions:read channels:history channels:read chat:write commands groups:history groups:read "
    "im:history im:read im:write reactions:write users:read"
).split()


@dataclass(frozen=True, slots=True)
class Version:
    """What a message said from a moment on. at: monotonic seconds."""

    at: float
    text: str
    blocks: Blocks


@dataclass(slots=True)
class Message:
    """One message, with all that it has said. ts: its name in the channel; thread_ts: of its thread."""

    ts: str
    channel: str
    user: str
    versions: list[Version]
    thread_ts: str | None = None
    bot_id: str | None = None
    ephemeral_to: str | None = None  # the only one who sees it
    metadata: Mapping[str, Any] | None = None
    reactions: list[tuple[str, str]] = field(default_factory=list)  # user and name, as they are now
    reacted: list[tuple[float, str]] = field(default_factory=list)  # when each name was added
    is_deleted: bool = False
    arguments: Mapping[str, Any] = field(default_factory=dict)  # of the call that posted it

    @property
    def text(self) -> str:
        """What stands in notifications, by now."""
        return self.versions[-1].text

    @property
    def blocks(self) -> Blocks:
        """What people see, by now."""
        return self.versions[-1].blocks

    @property
    def shown(self) -> str:
        """All the text in the blocks, one piece a line; the plain text without blocks."""
        return "\n".join(texts_in(self.blocks)) or self.text

    @property
    def actions(self) -> dict[str, dict[str, Any]]:
        """The elements that can be pressed, by their action_id, each with the id of its block."""
        found = {}
        for number, block in enumerate(self.blocks):
            name = block.get("block_id", f"b{number}")
            for element in [*block.get("elements", []), block.get("accessory") or {}]:
                if "action_id" in element:
                    found[element["action_id"]] = {**element, "block_id": name}
        return found


def texts_in(value: object) -> Iterable[str]:
    """Every string under a key `text`, in reading order."""
    if isinstance(value, list):
        for item in value:
            yield from texts_in(item)
    elif isinstance(value, dict):
        for key, item in value.items():
            if key == "text" and isinstance(item, str):
                yield item
            else:
                yield from texts_in(item)


@dataclass(slots=True)
class Channel:
    """A place to talk. kind: "channel" is public, "group" private, "im" a direct message with `user`.

    is_external: whether people of another organisation are in it.
    """

    id: str
    name: str
    kind: Kind = "channel"
    has_bot: bool = True
    is_archived: bool = False
    is_external: bool = False
    user: str | None = None
    members: set[str] = field(default_factory=set)
    messages: dict[str, Message] = field(default_factory=dict)


@dataclass(slots=True)
class Workspace:
    """One team in which the bot is installed."""

    team: str
    domain: str
    bot_token: str
    bot_user: str
    bot_id: str
    scopes: set[str] = field(default_factory=lambda: set(ALL_SCOPES))
    channels: dict[str, Channel] = field(default_factory=dict)
    users: dict[str, str] = field(default_factory=dict)  # names by id
    languages: dict[str, str] = field(default_factory=dict)  # locales by user's id
    is_revoked: bool = False
    _last_us: int = 0

    @property
    def mention(self) -> str:
        """The bot, mentioned."""
        return f"<@{self.bot_user}>"

    def new_ts(self) -> str:
        """A time that no other message has."""
        self._last_us = max(int(time() * 1e6), self._last_us + 1)
        return f"{self._last_us // 1_000_000}.{self._last_us % 1_000_000:06d}"

    def add_channel(self, channel: Channel) -> Channel:
        """The channel, with everybody in it but those whom a direct message leaves out."""
        channel.members |= {channel.user} if channel.user else set(self.users)
        if channel.has_bot:
            channel.members.add(self.bot_user)
        self.channels[channel.id] = channel
        return channel

    def add_message(
        self,
        channel: Channel,
        user: str,
        text: str,
        blocks: Blocks,
        *,
        thread_ts: str | None = None,
        bot_id: str | None = None,
        ephemeral_to: str | None = None,
        arguments: Mapping[str, Any] | None = None,
        ts: str | None = None,
    ) -> Message:
        """A new message. Whoever sees a message nobody else sees cannot find it with a method."""
        message = Message(
            ts or self.new_ts(),
            channel.id,
            user,
            [Version(monotonic(), text, blocks)],
            thread_ts,
            bot_id,
            ephemeral_to,
            (arguments or {}).get("metadata"),
            arguments=arguments or {},
        )
        channel.messages[message.ts] = message
        return message


def make_workspace(number: int = 1) -> Workspace:
    """A workspace with two people, and channels: public, public without the bot, private, direct."""
    workspace = Workspace(
        team=f"T{number}TEAM0001",
        domain=f"team-{number}",
        bot_token=f"xoxb-{number}000-local",
        bot_user=f"U{number}BOT00001",
        bot_id=f"B{number}BOT00001",
        users={f"U{number}ANNA0001": "anna", f"U{number}BORA0001": "bora"},
    )
    anna, _ = workspace.users
    workspace.languages = dict.fromkeys(workspace.users, "ko-KR")
    workspace.add_channel(Channel(f"C{number}GENERAL1", "general"))
    workspace.add_channel(Channel(f"C{number}CLOSED01", "without-the-bot", has_bot=False))
    workspace.add_channel(Channel(f"G{number}PRIVATE1", "private", "group"))
    workspace.add_channel(Channel(f"D{number}DIRECT01", "", "im", user=anna))
    return workspace
