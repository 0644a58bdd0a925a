import shutil
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest

from service.cli.doctor import Check, examine
from service.language_models.weights.trial import COMPILED_FOR_ANOTHER
from service.settings import Settings
from tests.llm_server import serving
from tests.service.conftest import World


def examined(settings: Settings) -> dict[str, Check]:
    return {check.name: check for check in examine(settings)}


def test_a_whole_store_is_well(world: World) -> None:
    checks = examined(world.settings)
    assert checks["store"].ok
    assert "2 documents" in checks["store"].finding
    assert checks["store"].finding.endswith("whole")
    assert checks["Python"].ok
    assert checks["torch"].ok
    assert "cores" in checks["processor"].finding


def test_a_store_that_is_not_there_yet_is_no_failure(tmp_path: Path) -> None:
    check = examined(Settings(home=tmp_path / "none", models=tmp_path))["store"]
    assert check.ok
    assert check.finding.endswith("none yet; inyong index PATH makes one")
    assert not (tmp_path / "none").exists()


def test_a_damaged_store_is_told_with_what_to_do(world: World) -> None:
    store = world.settings.home / "store.sqlite"
    for extra in world.settings.home.glob("store.sqlite-*"):
        extra.unlink()
    store.write_bytes(b"this is no database" * 1000)
    check = examined(world.settings)["store"]
    assert not check.ok
    assert "store" in check.finding
    assert check.advice


def test_derived_indexes_that_are_gone_are_no_failure(world: World) -> None:
    (world.settings.home / "vectors.faiss").unlink()
    shutil.rmtree(world.settings.home / "lexical")
    checks = list(examine(world.settings))
    repaired = [check for check in checks if check.finding.endswith("; the next search repairs it")]
    assert len(repaired) == 2
    assert all(check.ok for check in repaired)


def test_a_missing_model_is_told_with_the_command_to_pull_it(world: World) -> None:
    check = examined(replace(world.settings, embedding="multilingual-e5-small"))["embedding model"]
    assert not check.ok
    assert check.advice == "inyong models pull multilingual-e5-small"


def test_a_model_of_ones_own_must_be_there(world: World, tmp_path: Path) -> None:
    check = examined(replace(world.settings, llm=str(tmp_path / "mine.gguf")))["language model"]
    assert not check.ok
    assert "mine.gguf' is not found" in check.finding
    (tmp_path / "mine.gguf").write_bytes(b"GGUF and more")
    checks = examined(replace(world.settings, llm=str(tmp_path / "mine.gguf")))
    assert checks["language model"].ok
    assert checks["language model"].finding.endswith("mine.gguf (not of the catalogue, not verified)")
    assert not checks["llama.cpp"].ok  # it is no model
    assert "Failed to load model" in checks["llama.cpp"].finding
    assert checks["llama.cpp"].advice == "set another llm"


def test_llama_cpp_compiled_for_another_processor_is_told_with_what_to_do(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "mine.gguf").write_bytes(b"GGUF and more")
    monkeypatch.setattr("service.cli.doctor.why_it_cannot_run", lambda path: COMPILED_FOR_ANOTHER)
    check = examined(replace(world.settings, llm=str(tmp_path / "mine.gguf")))["llama.cpp"]
    assert (check.ok, check.finding) == (False, COMPILED_FOR_ANOTHER)
    assert "make clean setup" in check.advice


def test_little_disk_and_memory_are_told(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: SimpleNamespace(free=10**8))
    monkeypatch.setattr(psutil, "virtual_memory", lambda: SimpleNamespace(available=10**9))
    checks = examined(world.settings)
    assert (checks["disk"].ok, checks["memory"].ok) == (False, False)
    assert checks["disk"].finding.startswith("0.1 GB free at ")
    assert "free some space" in checks["disk"].advice
    assert checks["memory"].finding == "1.0 GB free"
    assert checks["memory"].advice


def test_every_failing_check_says_what_to_do(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: SimpleNamespace(free=0))
    world.settings = replace(
        world.settings, embedding="multilingual-e5-small", llm="qwen2.5-coder-0.5b-instruct"
    )
    failing = [check for check in examine(world.settings) if not check.ok]
    assert {"embedding model", "language model", "disk"} <= {check.name for check in failing}
    assert all(check.advice for check in failing)
    assert all(check.ok or check.finding for check in failing)


def test_a_home_that_is_a_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    checks = examined(Settings(home=tmp_path / "file", models=tmp_path))
    assert not checks["store"].ok
    assert "is a file" in checks["store"].finding


def test_a_server_for_language_model_is_asked_whether_it_answers(world: World) -> None:
    with serving() as server:
        settings = replace(world.settings, llm=f"openai:{server.url}#small")
        check = examined(settings)["language model"]
        assert (check.ok, check.finding) == (True, f"{server.url}: answers")
    check = examined(settings)["language model"]
    assert not check.ok
    assert "could not be reached" in check.finding
    assert "start that server" in check.advice


def test_an_address_that_is_none_is_told(world: World) -> None:
    check = examined(replace(world.settings, llm="openai:somewhere"))["language model"]
    assert (check.ok, "no address of a server" in check.finding) == (False, True)
