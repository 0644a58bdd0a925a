"""What people and other apps do in a workspace, told to the bot as Slack would tell it."""

import secrets
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic
from typing import Any

from tests.slack_server import payloads
from tests.slack_server.delivery import Delivery, Kind
from tests.slack_server.state import State
from tests.slack_server.workspace import Channel, Message, Version, Workspace


@dataclass(frozen=True, slots=True)
class Spoken:
    """A message that somebody wrote, and the events that tell the bot of it."""

    message: Message
    deliveries: tuple[Delivery, ...]

    @property
    def thread(self) -> str:
        """The ts of the thread that answers belong into."""
        return self.message.thread_ts or self.message.ts

    @property
    def is_acknowledged(self) -> bool:
        """Whether any of the events was taken."""
        return any(delivery.is_acknowledged for delivery in self.deliveries)

    def wait(self, timeout_s: float = 30.0) -> "Spoken":
        """Itself, when every event was acknowledged or given up. Raises TimeoutError."""
        for delivery in self.deliveries:
            delivery.wait(timeout_s)
        return self


class People(ABC):
    """Everybody who is not the bot. Whatever they do returns at once; the bot is told meanwhile."""

    state: State

    @property
    def workspace(self) -> Workspace:
        """The first workspace."""
        return self.state.workspaces[0]

    @property
    def mention(self) -> str:
        """The bot of the first workspace, mentioned."""
        return self.workspace.mention

    def say(
        self,
        text: str,
        *,
        channel: str | None = None,
        user: str | None = None,
        thread_ts: str | None = None,
        team: str | None = None,
        ts: str | None = None,
        n_repeats: int = 0,
        twin: bool = True,
    ) -> Spoken:
        """Somebody writes. text: as Slack stores it, `<@U…>` and all; without a channel the first public one.

        n_repeats: further events of the same message, each with an event_id of its own and no word of a retry
        (slackapi/node-slack-sdk#2141). twin: whether a mention comes as a `message` event too.
        """
        workspace = self._workspace(team)
        where = self._channel(workspace, channel)
        author = user or next(iter(workspace.users))
        with self.state.changed:
            message = workspace.add_message(
                where, author, text, payloads.rich_text(text), thread_ts=thread_ts, ts=ts
            )
        kinds: list[Callable[[Workspace, Channel, Message], payloads.Payload]] = []
        is_mention = workspace.mention in text and where.kind != "im"
        if where.has_bot:
            kinds = [payloads.message_event] if twin or not is_mention else []
            kinds += [payloads.mention_event] if is_mention else []
        events = [kind(workspace, where, message) for kind in kinds]
        events += [secrets.choice(events) for _ in range(n_repeats if events else 0)]
        return Spoken(message, tuple(self.send_event(event, workspace) for event in events))

    def edit(self, message: Message, text: str, *, team: str | None = None) -> Delivery:
        """Somebody changes what they wrote."""
        workspace = self._workspace(team)
        with self.state.changed:
            message.versions.append(Version(monotonic(), text, payloads.rich_text(text)))
        channel = workspace.channels[message.channel]
        return self.send_event(payloads.changed_event(workspace, channel, message), workspace)

    def say_as_another_bot(
        self, text: str, *, channel: str | None = None, thread_ts: str | None = None
    ) -> Spoken:
        """Another app writes."""
        workspace = self.workspace
        where = self._channel(workspace, channel)
        with self.state.changed:
            message = workspace.add_message(
                where, "U9OTHERBOT", text, [], thread_ts=thread_ts, bot_id="B9OTHERBOT"
            )
        events = [payloads.message_event(workspace, where, message)]
        if workspace.mention in text:
            events.append(payloads.mention_event(workspace, where, message))
        return Spoken(message, tuple(self.send_event(event, workspace) for event in events))

    def join(self, user: str, *, channel: str | None = None) -> Delivery:
        """Somebody comes into a channel."""
        where = self._channel(self.workspace, channel)
        return self.send_event(payloads.joined_event(self.workspace, where, user), self.workspace)

    def command(
        self,
        text: str,
        *,
        command: str = "/inyong",
        channel: str | None = None,
        user: str | None = None,
        team: str | None = None,
    ) -> Delivery:
        """Somebody types a slash command. What the acknowledgement says is shown to them alone."""
        workspace = self._workspace(team)
        where, author = self._channel(workspace, channel), user or next(iter(workspace.users))
        with self.state.changed:
            url = self.state.new_response_url(workspace, where.id, author, "commands")
            trigger = self.state.new_trigger(workspace, author)
        payload = payloads.slash_command(workspace, where, author, command, text, url, trigger)
        return self._send(
            "slash_commands", payload, on_reply=lambda body: self._show(workspace, where, author, body)
        )

    def shortcut(
        self, message: Message, callback_id: str, *, user: str | None = None, team: str | None = None
    ) -> Delivery:
        """Somebody chooses a shortcut in the menu of a message."""
        workspace = self._workspace(team)
        where, author = workspace.channels[message.channel], user or next(iter(workspace.users))
        with self.state.changed:
            url = self.state.new_response_url(workspace, where.id, author, "app")
            trigger = self.state.new_trigger(workspace, author)
        payload = payloads.message_shortcut(workspace, where, author, message, callback_id, url, trigger)
        return self._send("interactive", payload)

    def press(
        self,
        message: Message,
        action_id: str,
        *,
        value: str | None = None,
        user: str | None = None,
        team: str | None = None,
    ) -> Delivery:
        """Somebody presses a button. value: which of the two, for feedback buttons; else the button's own."""
        workspace = self._workspace(team)
        where = workspace.channels[message.channel]
        author = user or message.ephemeral_to or next(iter(workspace.users))
        element = message.actions[action_id]
        with self.state.changed:
            url = self.state.new_response_url(workspace, where.id, author, "actions", message)
            trigger = self.state.new_trigger(workspace, author)
        payload = payloads.block_actions(workspace, where, author, message, element, value, url, trigger)
        return self._send("interactive", payload)

    def send_event(self, event: payloads.Payload, workspace: Workspace | None = None) -> Delivery:
        """An event, under an event_id of its own."""
        return self._send("events_api", payloads.event_callback(workspace or self.workspace, event))

    @abstractmethod
    def _send(
        self, kind: Kind, payload: payloads.Payload, on_reply: Callable[[Any], None] = lambda body: None
    ) -> Delivery:
        """On its way to the bot. on_reply: told what came with the acknowledgement."""

    def _workspace(self, team: str | None) -> Workspace:
        return self.workspace if team is None else self.state.workspace(team)

    def _channel(self, workspace: Workspace, channel: str | None) -> Channel:
        return workspace.channels[channel] if channel else next(iter(workspace.channels.values()))

    def _show(self, workspace: Workspace, channel: Channel, user: str, body: Any) -> None:
        """Shows what the acknowledgement of a slash command says."""
        said: dict[str, Any] = {"text": body} if isinstance(body, str) else body or {}
        if said.get("text") or said.get("blocks"):
            with self.state.changed:
                workspace.add_message(
                    channel,
                    workspace.bot_user,
                    said.get("text", ""),
                    said.get("blocks", []),
                    bot_id=workspace.bot_id,
                    ephemeral_to=None if said.get("response_type") == "in_channel" else user,
                )
                self.state.changed.notify_all()
