from pathlib import Path

import pytest

from service.language_models.prompt_states import Prefixes, n_shared

TOKENS, LONGER, STATE = (1, 2), (1, 2, 3), b"what the model computed"


def test_kept_state_is_found_in_memory_and_after_a_restart(tmp_path: Path) -> None:
    prefixes = Prefixes(tmp_path, "model")
    prefixes.keep(TOKENS, STATE)
    assert prefixes.find(TOKENS) == STATE
    assert Prefixes(tmp_path, "model").find(TOKENS) == STATE


def test_state_of_another_model_or_other_tokens_is_not_found(tmp_path: Path) -> None:
    Prefixes(tmp_path, "model").keep(TOKENS, STATE)
    assert Prefixes(tmp_path, "another").find(TOKENS) is None
    assert Prefixes(tmp_path, "model").find(LONGER) is None


@pytest.mark.parametrize("damage", [b"", STATE, b"\0\0\0\0" + STATE])
def test_damaged_file_is_no_state(tmp_path: Path, damage: bytes) -> None:
    Prefixes(tmp_path, "model").keep(TOKENS, STATE)
    (file,) = tmp_path.iterdir()
    file.write_bytes(damage)
    assert Prefixes(tmp_path, "model").find(TOKENS) is None


def test_without_a_folder_states_are_kept_in_memory(tmp_path: Path) -> None:
    prefixes = Prefixes(None, "model")
    prefixes.keep(TOKENS, STATE)
    assert prefixes.find(TOKENS) == STATE


def test_folder_that_cannot_be_written_costs_nothing_but_time(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    prefixes = Prefixes(tmp_path / "file", "model")
    prefixes.keep(TOKENS, STATE)
    assert prefixes.find(TOKENS) == STATE


def test_longest_beginning_of_a_prompt_is_chosen() -> None:
    prefixes = Prefixes(None, "model")
    for tokens in (TOKENS, LONGER, (1, 9)):
        prefixes.keep(tokens, STATE)
    assert prefixes.longest_of([1, 2, 3, 4]) == LONGER
    assert prefixes.longest_of([1, 2, 4]) == TOKENS
    assert prefixes.longest_of([2, 1]) == ()


@pytest.mark.parametrize(
    ("one", "other", "n"), [([], [1], 0), ([1, 2], [1, 2], 2), ([1, 2, 3], [1, 2], 2), ([1, 2], [1, 3, 2], 1)]
)
def test_shared_tokens_are_those_that_both_begin_with(one: list[int], other: list[int], n: int) -> None:
    assert n_shared(one, other) == n
