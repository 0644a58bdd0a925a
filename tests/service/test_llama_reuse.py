"""What a model has read, and for which prompts that counts; no model is needed for that."""

from types import SimpleNamespace
from typing import Any

import pytest

from service.llama import LlamaCppGenerator
from service.prefixes import Prefixes

FIXED, ASKED = [1, 2, 3], [1, 2, 3, 40, 50, 60]
SESSION, ANOTHER = object(), object()


@pytest.fixture
def generator(monkeypatch: pytest.MonkeyPatch) -> Any:
    """A generator whose model has read the fixed part and no question yet."""
    made: Any = object.__new__(LlamaCppGenerator)
    made._model = SimpleNamespace(n_tokens=len(FIXED), input_ids=list(FIXED))
    made._last_session = None
    made._prefixes = Prefixes(None, "model")
    made._prefixes.keep(tuple(FIXED), b"state")

    def apply(tokens: tuple[int, ...], state: bytes) -> None:
        read(made, list(tokens))

    monkeypatch.setattr(LlamaCppGenerator, "_apply_state", staticmethod(apply))
    return made


def read(generator: Any, tokens: list[int]) -> None:
    generator._model.n_tokens, generator._model.input_ids = len(tokens), [*tokens, 0, 0]


def test_a_session_goes_on_from_its_own_prompt(generator: Any) -> None:
    assert generator._restore_known_beginning(ASKED, SESSION) == len(FIXED)
    read(generator, [*ASKED, 70])
    assert generator._restore_known_beginning([*ASKED, 70, 80], SESSION) == len(ASKED) + 1


def test_whole_prompt_is_never_known_for_its_last_token_has_to_be_read(generator: Any) -> None:
    generator._restore_known_beginning(ASKED, SESSION)
    read(generator, [*ASKED, 70])
    assert generator._restore_known_beginning(ASKED, SESSION) == len(ASKED) - 1


def test_another_caller_of_the_same_question_does_not_learn_that_it_was_asked(generator: Any) -> None:
    generator._restore_known_beginning(ASKED, SESSION)
    read(generator, [*ASKED, 70])
    assert generator._restore_known_beginning(ASKED, ANOTHER) == len(FIXED)


def test_without_a_session_nothing_but_the_fixed_part_is_known(generator: Any) -> None:
    generator._restore_known_beginning(ASKED, None)
    read(generator, [*ASKED, 70])
    assert generator._restore_known_beginning(ASKED, None) == len(FIXED)


def test_prompt_without_a_kept_beginning_is_read_whole_after_another_one(generator: Any) -> None:
    read(generator, [7, 8, 9])
    assert generator._restore_known_beginning([7, 8, 10], SESSION) == 0


def test_kept_beginning_comes_back_after_another_prompt(generator: Any) -> None:
    read(generator, [7, 8, 9])
    assert generator._restore_known_beginning(ASKED, SESSION) == len(FIXED)
    assert generator._model.n_tokens == len(FIXED)
