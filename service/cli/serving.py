"""`inyong serve`: the service over HTTP, until it is told to stop."""

import ipaddress
import os
import signal
import socket
import threading
from typing import TYPE_CHECKING, Annotated

import typer

from service.cli.options import Embedding, Home, Llm
from service.cli.output import note
from service.errors import BadSetting
from service.settings import Settings, load_settings

if TYPE_CHECKING:
    import uvicorn

    from service.api.backend import Backend

_GRACE_S = 20  # what runs may take so long to end after SIGTERM; container engines kill after 30 s or less
_TO_SAY_SO_S = 3  # for telling whoever still waits, before connections are cut
_CONNECTIONS = 512


def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on (default 127.0.0.1).")] = None,
    port: Annotated[
        int | None, typer.Option(min=0, max=65535, help="Port (default 8080); 0: any that is free.")
    ] = None,
    insecure: Annotated[
        bool, typer.Option("--insecure", help="Let everybody who can reach the address ask and write.")
    ] = False,
    home: Home = None,
    embedding: Embedding = None,
    llm: Llm = None,
) -> None:
    """Serve answers, searches and documents over HTTP, to chat clients and browsers."""
    from service.keys import Keys

    flags = {"home": home, "embedding": embedding, "llm": llm, "host": host, "port": port}
    settings = load_settings(flags).settings
    require_safe_address(settings.host, has_keys=Keys(settings.home).required(), insecure=insecure)
    listener = _listen(settings)
    try:
        from service.api.backend import open_backend
        from service.api.logs import configure_logging

        configure_logging()
        backend = open_backend(settings, note)
        _run(backend, listener)
    finally:
        listener.close()


def require_safe_address(host: str, *, has_keys: bool, insecure: bool) -> None:
    """Raises BadSetting where everybody on the network could read the documents."""
    if not (has_keys or insecure or is_loopback(host)):
        raise BadSetting(
            f"others can reach {host}, and there is no API key; make one with: inyong keys add NAME, or say "
            "--insecure"
        )


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach the address."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _listen(settings: Settings) -> socket.socket:
    """The open socket. Raises BadSetting for an address in use, before any model is loaded."""
    try:
        (family, _, _, _, address), *_ = socket.getaddrinfo(
            settings.host, settings.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )
        return socket.create_server(address[:2], family=family, backlog=_CONNECTIONS)
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno and error.errno > 0 else error.strerror
        raise BadSetting(
            f"{settings.host}:{settings.port} cannot be listened on ({reason}); choose another with --host "
            "and --port"
        ) from error


def _run(backend: "Backend", listener: socket.socket) -> None:
    """Serves until told to stop. Raises what kept the models from being loaded."""
    import uvicorn

    from service.api.app import create_app
    from service.api.promptness import PromptConnection

    server = _server(
        backend,
        uvicorn.Config(
            create_app(backend),
            http=PromptConnection,
            timeout_graceful_shutdown=_GRACE_S + _TO_SAY_SO_S,
            limit_concurrency=_CONNECTIONS,
            log_config=None,
            access_log=False,
            server_header=False,
            lifespan="on",
        ),
    )
    failures: list[Exception] = []

    def load() -> None:
        try:
            backend.load()
            note("models loaded; ready")
        except Exception as error:  # told by the command, whatever it is
            failures.append(error)
            server.should_exit = True

    host, port = listener.getsockname()[:2]
    note(f"listening on http://{f'[{host}]' if ':' in host else host}:{port} (Ctrl-C ends it)")

    def stop(number: int, frame: object) -> None:
        server.should_exit = True  # before uvicorn listens to signals; when all is done it gives them back

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    loading = threading.Thread(target=load, name="loading")
    loading.start()
    server.run(sockets=[listener])
    loading.join()
    if failures:
        raise failures[0]


def _server(backend: "Backend", config: "uvicorn.Config") -> "uvicorn.Server":
    import asyncio

    import uvicorn

    class Server(uvicorn.Server):
        """Ends what runs in time to say so, before uvicorn cuts the connections."""

        async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
            backend.turns.close()
            backend.uploads.wind_down()
            asyncio.get_running_loop().call_later(_GRACE_S, backend.desk.interrupt)
            await super().shutdown(sockets)

    return Server(config)
