"""The image and its composition, as far as they can be checked without a container engine."""

import json
import re
import shlex
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[1]
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")


def composed() -> dict[str, Any]:
    service: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text("utf-8"))["services"]["inyong"]
    return service


def final_stage() -> str:
    return DOCKERFILE.rpartition("\nFROM ")[2]


def test_what_is_copied_into_the_image_is_sent_to_the_build_and_exists() -> None:
    sent = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    copied = {
        name
        for line in re.findall(r"^COPY (?!--from)(.+)$", DOCKERFILE, re.MULTILINE)
        for name in shlex.split(line)[:-1]
    }
    assert copied == sent
    assert all((ROOT / name).exists() for name in copied)


def test_it_runs_as_a_user_who_is_not_root() -> None:
    (user,) = re.findall(r"^USER (\d+):(\d+)$", final_stage(), re.MULTILINE)
    assert "0" not in user
    assert f"--uid {user[0]}" in final_stage()


def test_the_store_and_the_models_lie_on_volumes() -> None:
    paths = re.findall(r"INYONG_(?:HOME|MODELS)=(\S+)", final_stage())
    assert len(paths) == 2
    mounted = [volume.partition(":")[2] for volume in composed()["volumes"]]
    assert all(any(Path(path).is_relative_to(mount) for mount in mounted) for path in paths)
    assert sorted(
        re.findall(r'"(/\w+)"', re.findall(r"^VOLUME (.+)$", final_stage(), re.MULTILINE)[0])
    ) == sorted(mounted)


def test_nothing_else_can_be_written_and_no_right_is_left() -> None:
    service = composed()
    assert service["read_only"] is True
    assert [mount.partition(":")[0] for mount in service["tmpfs"]] == ["/tmp"]  # noqa: S108
    assert service["cap_drop"] == ["ALL"]
    assert "no-new-privileges:true" in service["security_opt"]


def test_only_this_machine_reaches_the_service_and_only_with_a_key() -> None:
    service = composed()
    assert "--insecure" not in service["command"]
    assert all(port.startswith("127.0.0.1:") for port in service["ports"])
    assert "--insecure" not in DOCKERFILE


def test_it_has_more_time_to_stop_than_the_service_takes() -> None:
    from service.api.server import GRACE_S, NOTICE_S
    from service.storage.uploads import STOP_S

    assert int(composed()["stop_grace_period"].removesuffix("s")) > GRACE_S + NOTICE_S + STOP_S


@contextmanager
def answering_with(status: int) -> Iterator[int]:
    """A port of this machine where every path is answered with this status."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status if self.path == "/healthz" else 404)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Says nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield server.server_port
        server.shutdown()
        thread.join()


@pytest.mark.parametrize(("status", "is_well"), [(200, True), (503, False)])
def test_the_health_check_asks_the_port_that_is_set(status: int, is_well: bool, tmp_path: Path) -> None:
    (command,) = re.findall(r"^  CMD (\[.+\])$", final_stage(), re.MULTILINE)
    _, *arguments = json.loads(command)
    with answering_with(status) as port:
        ran = subprocess.run(
            [sys.executable, *arguments],
            env={"PYTHONPATH": str(ROOT), "INYONG_PORT": str(port), "PATH": ""},
            cwd=tmp_path,
            capture_output=True,
            check=False,
        )
    assert (ran.returncode == 0) is is_well


def test_the_port_that_is_exposed_is_the_one_that_is_served_unless_told() -> None:
    from service.settings import Settings

    (port,) = re.findall(r"^EXPOSE (\d+)$", final_stage(), re.MULTILINE)
    assert int(port) == Settings().port
    assert composed()["ports"] == [f"127.0.0.1:8080:{port}"]
