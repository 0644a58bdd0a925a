"""The image and its composition, as far as they can be checked without a container engine."""

import re
import shlex
from pathlib import Path
from typing import Any

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
    from service.cli.serving import _GRACE_S, _TO_SAY_SO_S

    assert int(composed()["stop_grace_period"].removesuffix("s")) > _GRACE_S + _TO_SAY_SO_S


def test_the_health_check_asks_the_port_that_is_exposed() -> None:
    (port,) = re.findall(r"^EXPOSE (\d+)$", final_stage(), re.MULTILINE)
    assert f"http://127.0.0.1:{port}/healthz" in final_stage()
    assert composed()["ports"] == [f"127.0.0.1:8080:{port}"]
