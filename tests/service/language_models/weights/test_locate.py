from pathlib import Path

import pytest

from service.errors import ModelUnavailable
from service.language_models.weights.locate import default_models_dir, resolve_embedding, resolve_llm


def test_a_model_not_pulled_yet_is_answered_with_the_command_to_run(tmp_path: Path) -> None:
    with pytest.raises(ModelUnavailable, match=r"run: inyong models pull multilingual-e5-small$"):
        resolve_embedding("multilingual-e5-small", tmp_path)
    with pytest.raises(ModelUnavailable, match=r"run: inyong models pull qwen2\.5-coder-1\.5b-instruct$"):
        resolve_llm("qwen2.5-coder-1.5b-instruct", tmp_path)


def test_a_damaged_model_says_why_and_what_to_run(tmp_path: Path) -> None:
    (tmp_path / "multilingual-e5-small").mkdir()
    with pytest.raises(
        ModelUnavailable, match=r"is damaged: .* has no complete model .*; run: inyong models pull"
    ):
        resolve_embedding("multilingual-e5-small", tmp_path)


@pytest.mark.parametrize("file", ["modules.json", "config.json"])
def test_a_sentence_transformers_folder_is_taken_as_it_is(tmp_path: Path, file: str) -> None:
    (tmp_path / file).write_text("{}")
    assert resolve_embedding(str(tmp_path), tmp_path) == tmp_path


def test_a_folder_without_a_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelUnavailable, match=r"neither modules\.json nor config\.json"):
        resolve_embedding(str(tmp_path), tmp_path)


def test_a_hub_name_is_returned_as_it_is(tmp_path: Path) -> None:
    assert resolve_embedding("some-org/some.model_v2", tmp_path) == "some-org/some.model_v2"


@pytest.mark.parametrize("value", ["nowhere", "./no/where", "/no/where", "../a/b", "a/b/c", ""])
def test_an_embedding_model_that_is_nowhere_lists_what_there_is(
    value: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(
        ModelUnavailable, match=r"modules\.json" if not value else "embeddinggemma-300m.*hub name"
    ):
        resolve_embedding(value, tmp_path)


def test_a_file_is_no_embedding_model(tmp_path: Path) -> None:
    (tmp_path / "x.gguf").write_bytes(b"GGUF")
    with pytest.raises(ModelUnavailable, match="an embedding model is a folder"):
        resolve_embedding(str(tmp_path / "x.gguf"), tmp_path)


def test_a_gguf_file_is_taken_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "x.bin").write_bytes(b"GGUF\x03")
    assert resolve_llm(str(tmp_path / "x.bin"), tmp_path) == tmp_path / "x.bin"


@pytest.mark.parametrize("content", [b"", b"GGU", b"PK\x03\x04"])
def test_a_file_that_is_not_gguf_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x.gguf").write_bytes(content)
    with pytest.raises(ModelUnavailable, match="is not a GGUF file"):
        resolve_llm(str(tmp_path / "x.gguf"), tmp_path)


def test_a_folder_is_no_language_model(tmp_path: Path) -> None:
    with pytest.raises(ModelUnavailable, match=r"is a folder; name the \.gguf file"):
        resolve_llm(str(tmp_path), tmp_path)


def test_a_language_model_that_is_nowhere_lists_what_there_is(tmp_path: Path) -> None:
    with pytest.raises(ModelUnavailable, match=r"qwen2\.5-coder-1\.5b-instruct.*nor a GGUF file"):
        resolve_llm("org/some-model", tmp_path)


def test_a_model_of_the_other_kind_is_refused(tmp_path: Path) -> None:
    with pytest.raises(
        ModelUnavailable, match="multilingual-e5-small is not a language model; there are: qwen"
    ):
        resolve_llm("multilingual-e5-small", tmp_path)
    with pytest.raises(ModelUnavailable, match="is not an embedding model; there are: multilingual-e5-small"):
        resolve_embedding("qwen2.5-coder-1.5b-instruct", tmp_path)


def test_the_home_folder_may_be_written_as_a_tilde(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    (tmp_path / "x.gguf").write_bytes(b"GGUF")
    assert resolve_llm("~/x.gguf", tmp_path) == tmp_path / "x.gguf"


def test_models_are_kept_in_the_cache_of_the_user() -> None:
    assert default_models_dir().name == "models"
    assert "inyong" in default_models_dir().parts
