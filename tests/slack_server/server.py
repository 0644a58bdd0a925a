"""The server itself: a thread of its own, what can be done to it, and what can be seen of the bot."""

import asyncio
import secrets
import threading
from collections.abc import Callable, Coroutine, Sequence
from time import monotonic
from types import TracebackType
from typing import Any, Self, TypeVar

from aiohttp import web

from tests.slack_server import payloads
from tests.slack_server.delivery import Delivery, Kind, Reply, Transport, deliver
from tests.slack_server.faults import Fault, Faults
from tests.slack_server.http_events import HttpEvents, SignedRequest
from tests.slack_server.people import People
from tests.slack_server.socket_mode import Sockets
from tests.slack_server.state import Call, OpenedView, State
from tests.slack_server.web_api import WebApi
from tests.slack_server.workspace import Message, Workspace, make_workspace

T = TypeVar("T")

# Slack tries again at once, after a minute and after five; a test has less time.
RETRY_PAUSES_S = (0.05, 1.0, 5.0)


class SlackServer(People):
    """Slack, on this machine. A context manager; safe to use from any thread.

    request_url: where the bot takes events over HTTP; None: Socket Mode. echoes: whether the bot is told of
    its own messages, as Slack does in every channel that it listens to.
    """

    def __init__(
        self,
        workspaces: Sequence[Workspace] = (),
        *,
        request_url: str | None = None,
        ack_within_s: float = 3.0,
        retry_pauses_s: Sequence[float] = RETRY_PAUSES_S,
        echoes: bool = True,
    ) -> None:
        self.state = State(
            list(workspaces) or [make_workspace()],
            app_token="xapp-1-A0LOCAL0001-1-local",  # noqa: S106
            signing_secret=secrets.token_hex(16),
        )
        self._sockets = Sockets(self.state, ack_within_s)
        self._transport: Transport = self._sockets
        self._ack_within_s = ack_within_s
        self._pauses_s = tuple(retry_pauses_s)
        self._echoes = echoes
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="slack-server", daemon=True)
        self._tasks: set[asyncio.Task[None]] = set()
        self._runner: web.AppRunner | None = None
        if request_url:
            self.send_to(request_url)

    def __enter__(self) -> Self:
        self._thread.start()
        self._do(self._start())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._do(self._stop())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    # Where and who

    @property
    def api_url(self) -> str:
        """The base of the Web API, with a slash at its end."""
        return f"{self.state.base}/api/"

    def environment(self) -> dict[str, str]:
        """The environment of a bot that is to talk with this server."""
        return {
            "SLACK_BOT_TOKEN": self.workspace.bot_token,
            "SLACK_APP_TOKEN": self.state.app_token,
            "SLACK_SIGNING_SECRET": self.state.signing_secret,
            "INYONG_SLACK_API_URL": self.api_url,
        }

    # What happens to the server

    def post(self, request: SignedRequest) -> Reply:
        """What the bot answers to exactly this request, whoever made and signed it."""
        assert isinstance(self._transport, HttpEvents)
        return self._do(self._transport.post(request))

    @property
    def faults(self) -> Faults:
        """What goes wrong."""
        return self.state.faults

    def fail(self, method: str, how: str, **more: Any) -> None:
        """Lets the next calls of a method go wrong; see Fault."""
        self.faults.add(Fault(method, how, **more))

    def send_to(self, request_url: str) -> None:
        """From now on events go there, over HTTP."""
        self._transport = HttpEvents(self.state, request_url, self._ack_within_s)

    def pass_time(self, seconds: float) -> None:
        """Lets the server's time pass, so that triggers and response URLs grow old."""
        with self.state.changed:
            self.state.ahead_s += seconds

    def refresh_connections(self, reason: str = "warning", close_after_s: float = 0.3) -> None:
        """Closes all connections, the polite way."""
        self._do(self._sockets.refresh(reason, close_after_s))

    def drop_connections(self) -> None:
        """Breaks all connections."""
        self._do(self._sockets.drop())

    # What can be seen

    @property
    def n_connections(self) -> int:
        """How many bots are connected now."""
        return self._sockets.n_open

    @property
    def n_connected(self) -> int:
        """How many connections have been opened, ever."""
        return self._sockets.n_connected

    def calls(self, method: str = "", *, with_errors: bool = True) -> list[Call]:
        """The calls so far of this method, or of all."""
        with self.state.changed:
            return [c for c in self.state.calls if method in ("", c.method) and (with_errors or not c.error)]

    def messages(
        self, channel: str | None = None, *, thread: str | None = None, team: str | None = None
    ) -> list[Message]:
        """What the bot has written and not deleted, in a channel or one of its threads, the oldest first."""
        workspace = self._workspace(team)
        with self.state.changed:
            where = self._channel(workspace, channel)
            return [
                message
                for message in where.messages.values()
                if message.bot_id == workspace.bot_id
                and not message.is_deleted
                and (thread is None or message.thread_ts == thread)
            ]

    def views(self) -> list[OpenedView]:
        """The modals opened so far."""
        with self.state.changed:
            return list(self.state.views)

    def wait_for(self, look: Callable[[], T], timeout_s: float = 20.0, what: str = "") -> T:
        """What `look` returns as soon as that is true. Raises AssertionError when it never is."""
        until = monotonic() + timeout_s
        with self.state.changed:
            while not (found := look()):
                left_s = until - monotonic()
                if left_s <= 0:
                    raise AssertionError(f"did not happen within {timeout_s:g} seconds: {what or look}")
                self.state.changed.wait(min(left_s, 0.1))
        return found

    def wait_for_connection(self, timeout_s: float = 60.0) -> None:
        """Returns when a bot is connected."""
        self.wait_for(lambda: self.n_connections, timeout_s, "a bot connects")

    # Inside

    def _send(
        self, kind: Kind, payload: payloads.Payload, on_reply: Callable[[Any], None] = lambda body: None
    ) -> Delivery:
        delivery = Delivery(kind, payload)
        pauses_s = self._pauses_s if kind == "events_api" else ()

        async def send() -> None:
            await deliver(delivery, self._transport, pauses_s)
            if delivery.is_acknowledged:
                on_reply(delivery.body)

        self._loop.call_soon_threadsafe(self._begin, send())
        return delivery

    def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        task = self._loop.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _echo(self, workspace: Workspace, event: payloads.Payload) -> None:
        if self._echoes:
            self.send_event(event, workspace)

    def _do(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(60)

    async def _start(self) -> None:
        self._runner = web.AppRunner(
            WebApi(self.state, self._sockets, self._echo).app(),
            access_log=None,
            shutdown_timeout=1,
            handler_cancellation=True,
        )
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        _, port = self._runner.addresses[0][:2]
        self.state.base = f"http://127.0.0.1:{port}"

    async def _stop(self) -> None:
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._sockets.drop()
        assert self._runner
        await self._runner.cleanup()
