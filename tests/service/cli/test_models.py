from pathlib import Path

import pytest

from service.language_models.weights.catalogue import names
from tests.service.cli.conftest import Run
from tests.service.conftest import World


def test_models_are_listed_with_size_state_and_licence(run: Run, world: World) -> None:
    result = run("models", "list")
    assert (result.code, result.err) == (0, "")
    lines = result.out.splitlines()
    assert lines[0].split()[:4] == ["name", "kind", "size", "state"]
    assert [line.split()[0] for line in lines[1:-1]] == list(names())
    assert all(" missing " in line for line in lines[1:-1])
    assert lines[-1] == "* set now"


def test_the_models_that_are_set_are_marked(run: Run, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INYONG_LLM", "qwen2.5-coder-0.5b-instruct")
    marked = [line.split()[0] for line in run("models", "list").out.splitlines()[1:-1] if " * " in line]
    assert marked == ["multilingual-e5-small", "qwen2.5-coder-0.5b-instruct"]


@pytest.mark.parametrize("command", ["pull", "verify", "path"])
def test_an_unknown_name_lists_the_known_ones(run: Run, world: World, command: str) -> None:
    result = run("models", command, "no-such-model")
    assert result.code == 1
    assert result.complaint().startswith(
        "no model is called 'no-such-model'; there are: multilingual-e5-small"
    )


def test_a_model_that_is_not_here_has_no_path(run: Run, world: World) -> None:
    result = run("models", "path", "multilingual-e5-small")
    assert result.code == 1
    assert result.complaint().endswith("run: inyong models pull multilingual-e5-small")


def test_verifying_what_is_missing_exits_1_and_says_how_to_fetch_it(run: Run, world: World) -> None:
    result = run("models", "verify")
    assert result.code == 1
    assert (
        "multilingual-e5-small: missing\n  fetch it with: inyong models pull multilingual-e5-small"
        in result.out
    )


@pytest.mark.parametrize("command", ["pull", "verify"])
def test_models_of_ones_own_have_nothing_to_fetch(
    run: Run, world: World, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    monkeypatch.setenv("INYONG_LLM", "mine.gguf")
    monkeypatch.setenv("INYONG_EMBEDDING", "some/model")
    result = run("models", command)
    assert (result.code, result.out) == (0, "")
    assert "neither mine.gguf nor some/model is of the catalogue" in result.err


def test_one_language_model_is_recommended_and_how_to_use_it_is_said(run: Run, world: World) -> None:
    result = run("models", "recommend")
    assert (result.code, result.err) == (0, "")
    (row,) = [line for line in result.out.splitlines() if line.lstrip().startswith("->")]
    name = row.split()[1]
    assert f"inyong ask --llm {name}" in result.out.splitlines()[-1]


def test_a_hub_that_cannot_be_reached_is_one_sentence(
    run: Run, world: World, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "cache"))
    result = run("models", "pull", "hf:some-org/some-model/some.gguf")
    assert result.code == 1
    assert "the hub cannot be reached" in result.complaint()
    assert "inyong models pull hf:some-org/some-model/some.gguf" in result.complaint()
