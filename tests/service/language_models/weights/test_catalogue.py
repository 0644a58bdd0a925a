import re

import pytest

from service.errors import ModelUnavailable
from service.language_models.weights.catalogue import (
    DEFAULT_EMBEDDING,
    DEFAULT_LLM,
    ModelEntry,
    ModelKind,
    Wheel,
    entries,
    find_entry,
    names,
)


def test_the_defaults_are_a_small_embedding_model_and_a_language_model() -> None:
    assert find_entry(DEFAULT_EMBEDDING).kind is ModelKind.EMBEDDING
    assert find_entry(DEFAULT_LLM).kind is ModelKind.LLM
    assert names(ModelKind.EMBEDDING) == ("multilingual-e5-small", "embeddinggemma-300m")
    assert names(ModelKind.LLM) == ("qwen2.5-coder-1.5b-instruct", "qwen2.5-coder-0.5b-instruct")


def test_an_unknown_name_is_answered_with_the_valid_ones() -> None:
    with pytest.raises(
        ModelUnavailable, match=r"'gpt-9'.*multilingual-e5-small.*qwen2\.5-coder-0\.5b-instruct"
    ):
        find_entry("gpt-9")


@pytest.mark.parametrize("entry", entries(), ids=lambda entry: entry.name)
def test_every_wheel_is_pinned_by_version_hash_and_size(entry: ModelEntry) -> None:
    assert len(entry.wheels) == len({wheel.filename for wheel in entry.wheels})
    assert re.fullmatch(r"[0-9a-f]{64}", entry.sha256)
    for wheel in entry.wheels:
        assert re.fullmatch(r"[a-z0-9-]+==[0-9.]+", wheel.requirement)
        assert re.fullmatch(r"[0-9a-f]{64}", wheel.sha256)
        project, version = wheel.requirement.split("==")
        assert wheel.filename.startswith(f"{project.replace('-', '_')}-{version}-")
        assert wheel.size_bytes > 1_000_000


@pytest.mark.parametrize("name", ["qwen2.5-coder-1.5b-instruct", "qwen2.5-coder-0.5b-instruct"])
def test_parts_are_joined_in_the_order_of_their_numbers(name: str) -> None:
    numbers = [re.findall(r"part(\d+)", wheel.member) for wheel in find_entry(name).wheels]
    assert [tuple(map(int, pair)) for pair in numbers] == [(n, n) for n in range(1, len(numbers) + 1)]


def test_releases_that_hold_one_chunk_each_are_joined_in_the_order_of_their_versions() -> None:
    versions = [wheel.requirement.rsplit(".", 1)[1] for wheel in find_entry("embeddinggemma-300m").wheels]
    assert versions == [str(n) for n in range(1, 26)]


def test_sizes_are_those_of_the_published_files() -> None:
    assert find_entry("multilingual-e5-small").size_bytes == 71_622_400
    assert find_entry("qwen2.5-coder-1.5b-instruct").size_bytes == 1_117_320_768
    assert find_entry("qwen2.5-coder-0.5b-instruct").size_bytes == 491_400_064


def test_a_wheel_for_any_platform_names_none_and_another_names_its_last_tag() -> None:
    assert Wheel("a==1", "a-1-py3-none-any.whl", "0" * 64, 1, "a").platform is None
    tagged = Wheel("a==1", "a-1-py3-none-manylinux_2_17_x86_64.manylinux2014_x86_64.whl", "0" * 64, 1, "a")
    assert tagged.platform == "manylinux2014_x86_64"
