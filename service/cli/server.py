"""`inyong serve`: the service over HTTP, until it is stopped."""

import ipaddress
import os
import signal
import socket
import threading
from typing import TYPE_CHECKING, Annotated

import typer

from service.cli.options import Embedding, Home, Llm, Phrasing
from service.cli.output import note
from service.errors import BadSetting
from service.settings import Settings, load_settings

if TYPE_CHECKING:
    from service.api.backend import Backend

_BACKLOG = 512  # connections that wait to be accepted


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
    phrasing: Phrasing = None,
) -> None:
    """Serve answers, searches and documents over HTTP, to chat clients and browsers."""
    from service.storage.keys import Keys

    flags = {
        "home": home,
        "embedding": embedding,
        "llm": llm,
        "phrasing": phrasing,
        "host": host,
        "port": port,
    }
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
    """Raise BadSetting if anyone on the network could read the documents."""
    if not (has_keys or insecure or is_loopback(host)):
        raise BadSetting(
            f"others can reach {host}, and there is no API key; make one with: inyong keys add NAME, or say "
            "--insecure"
        )


def is_loopback(host: str) -> bool:
    """Return whether only this machine can reach the address."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _listen(settings: Settings) -> socket.socket:
    """Return the open socket. Raises BadSetting for an address in use, before any model is loaded."""
    try:
        (family, _, _, _, address), *_ = socket.getaddrinfo(
            settings.host, settings.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )
        return socket.create_server(address[:2], family=family, backlog=_BACKLOG)
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno and error.errno > 0 else error.strerror
        raise BadSetting(
            f"{settings.host}:{settings.port} cannot be listened on ({reason}); choose another with --host "
            "and --port"
        ) from error


def _run(backend: "Backend", listener: socket.socket) -> None:
    """Serve until stopped. Raises the error of loading the models."""
    from service.api.server import Server

    server = Server(backend)
    failures: list[Exception] = []

    def load() -> None:
        try:
            backend.load()
            note("models loaded; ready")
        except Exception as error:  # raised again below, whatever it is
            failures.append(error)
            server.should_exit = True

    host, port = listener.getsockname()[:2]
    note(f"listening on http://{f'[{host}]' if ':' in host else host}:{port} (Ctrl-C ends it)")

    def stop(number: int, frame: object) -> None:
        server.should_exit = True  # in effect until uvicorn handles signals, and again afterwards

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    loading = threading.Thread(target=load, name="loading")
    loading.start()
    server.run(sockets=[listener])
    loading.join()
    if failures:
        raise failures[0]
