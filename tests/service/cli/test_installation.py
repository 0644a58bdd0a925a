import json
from dataclasses import fields

import pytest

from service.cli import doctor
from service.cli.doctor import Check
from service.settings import Settings
from tests.service.cli.conftest import Run
from tests.service.conftest import World


def test_config_prints_every_setting_and_where_it_came_from(run: Run, world: World) -> None:
    result = run("config", "--llm", "mine.gguf")
    assert (result.code, result.err) == (0, "")
    lines = {line.split()[0]: line for line in result.out.splitlines()}
    assert set(lines) == {"setting", *(spec.name for spec in fields(Settings))}
    assert lines["llm"].split()[1:3] == ["mine.gguf", "--llm"]
    assert lines["home"].split()[1:3] == [str(world.settings.home), "INYONG_HOME"]
    assert lines["k"].split()[1:3] == ["10", "default"]


def test_config_as_json(run: Run, world: World) -> None:
    shown = json.loads(run("config", "--json", "--home", "elsewhere").out)
    assert list(shown) == [spec.name for spec in fields(Settings)]
    assert shown["home"] == {"value": "elsewhere", "from": "--home"}
    assert shown["models"] == {"value": str(world.settings.models), "from": "INYONG_MODELS"}


def test_config_shows_the_models_folder_that_is_used_when_none_is_set(
    run: Run, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("INYONG_MODELS")
    shown = json.loads(run("config", "--json").out)
    assert shown["models"]["from"] == "default"
    assert shown["models"]["value"].endswith("models")


@pytest.mark.parametrize(("ok", "code"), [(True, 0), (False, 1)])
def test_doctor_exits_1_when_something_needs_doing(
    run: Run, world: World, monkeypatch: pytest.MonkeyPatch, ok: bool, code: int
) -> None:
    checks = [Check("Python", True, "3.11"), Check("disk", ok, "1 GB free", "" if ok else "free some space")]
    monkeypatch.setattr(doctor, "examine", lambda settings: checks)
    result = run("doctor")
    assert result.code == code
    assert result.out.splitlines()[0] == "ok   Python: 3.11"
    assert ("BAD  disk: 1 GB free\n     do: free some space\n" in result.out) is not ok


def test_config_masks_secrets(run: Run, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    assert json.loads(run("config", "--json").out)["llm_key"] == {"value": "None", "from": "default"}
    monkeypatch.setenv("INYONG_LLM_KEY", "open-sesame")
    assert json.loads(run("config", "--json").out)["llm_key"] == {
        "value": "********",
        "from": "INYONG_LLM_KEY",
    }
    assert "open-sesame" not in run("config").out
