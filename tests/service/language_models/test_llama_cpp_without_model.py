"""What a model has read, for which prompts that counts, and when it stops writing; needs no model."""

import threading
import time
from types import SimpleNamespace
from typing import Any

import pytest

from service.language_models.llama_cpp import LlamaCppGenerator, repeats_itself
from service.language_models.prompt_states import Prefixes
from service.language_models.types import Generation, GenerationRequest

FIXED, ASKED = [1, 2, 3], [1, 2, 3, 40, 50, 60]


@pytest.fixture
def generator(monkeypatch: pytest.MonkeyPatch) -> Any:
    """A generator whose model has read the fixed part and no question yet."""
    made: Any = object.__new__(LlamaCppGenerator)
    made._model = SimpleNamespace(n_tokens=len(FIXED), input_ids=list(FIXED))
    made._prefixes = Prefixes(None, "model")
    made._prefixes.keep(tuple(FIXED), b"state")

    def apply(tokens: tuple[int, ...], state: bytes) -> None:
        read(made, list(tokens))

    monkeypatch.setattr(LlamaCppGenerator, "_apply_state", staticmethod(apply))
    return made


def read(generator: Any, tokens: list[int]) -> None:
    generator._model.n_tokens, generator._model.input_ids = len(tokens), [*tokens, 0, 0]


def test_the_fixed_part_is_known(generator: Any) -> None:
    assert generator._restore_fixed_part(ASKED) == len(FIXED)


def test_another_caller_of_the_same_question_does_not_learn_that_it_was_asked(generator: Any) -> None:
    read(generator, [*ASKED, 70])
    assert generator._restore_fixed_part(ASKED) == len(FIXED)


def test_the_last_token_has_to_be_read(generator: Any) -> None:
    assert generator._restore_fixed_part(FIXED) == len(FIXED) - 1


def test_prompt_without_a_fixed_part_is_read_whole(generator: Any) -> None:
    read(generator, [7, 8, 9])
    assert generator._restore_fixed_part([7, 8, 10]) == 0


def test_fixed_part_comes_back_after_another_prompt(generator: Any) -> None:
    read(generator, [7, 8, 9])
    assert generator._restore_fixed_part(ASKED) == len(FIXED)
    assert generator._model.n_tokens == len(FIXED)


class Writer:
    """In place of a model: reads anything, and writes these tokens, each of which is one byte; 0 ends."""

    def __init__(self, tokens: list[int]) -> None:
        self.n_tokens, self.evaluated, self.coming = 0, list[list[int]](), iter(tokens)

    def n_ctx(self) -> int:
        return 100

    def eval(self, tokens: list[int]) -> None:
        self.evaluated.append(list(tokens))

    def detokenize(self, tokens: list[int], prev_tokens: list[int]) -> bytes:
        assert prev_tokens == ASKED
        return bytes(tokens)


def write(tokens: list[int], monkeypatch: pytest.MonkeyPatch, **options: Any) -> tuple[Generation, Writer]:
    made: Any = object.__new__(LlamaCppGenerator)
    made._model = Writer(tokens)
    monkeypatch.setattr(made, "_prompt_tokens", lambda messages: ASKED, raising=False)
    monkeypatch.setattr(made, "_restore_fixed_part", lambda prompt: len(FIXED), raising=False)
    monkeypatch.setattr(made, "_pick", lambda: next(made._model.coming), raising=False)
    monkeypatch.setattr(made, "_ends_turn", lambda token: token == 0, raising=False)
    request = GenerationRequest((), options.get("max_tokens", 50))
    interrupted = options.get("interrupted", threading.Event())
    check = options.get("check", lambda: None)
    return made._generate(request, check, time.perf_counter(), interrupted), made._model


def test_tokens_are_written_until_the_turn_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    made, model = write([*"네.".encode(), 0, 65], monkeypatch)
    assert (made.text, made.completion_tokens, made.finished) == ("네.", 4, True)
    assert (made.prompt_tokens, made.cached_prompt_tokens) == (len(ASKED), len(FIXED))
    assert model.evaluated == [ASKED[len(FIXED) :], *([token] for token in "네.".encode())]
    assert made.first_token_ms >= 0


def test_a_character_cut_at_the_limit_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    made, model = write([65, *"가".encode()], monkeypatch, max_tokens=3)
    assert (made.text, made.completion_tokens, made.finished) == ("A", 3, False)
    assert len(model.evaluated) == 3  # the last token is not read again


def test_running_in_a_circle_ends_the_writing(monkeypatch: pytest.MonkeyPatch) -> None:
    made, _ = write([65, 66, 67, 68] * 9, monkeypatch)
    assert (made.completion_tokens, made.finished) == (12, False)


def test_every_token_is_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    checked: list[int] = []

    def check() -> None:
        checked.append(1)
        if len(checked) == 3:
            raise InterruptedError

    with pytest.raises(InterruptedError):
        write([65] * 9, monkeypatch, check=check)


def test_nothing_more_is_written_for_a_caller_that_has_left(monkeypatch: pytest.MonkeyPatch) -> None:
    interrupted = threading.Event()
    interrupted.set()
    _, model = write([65] * 9, monkeypatch, interrupted=interrupted)
    assert len(model.evaluated) == 1


@pytest.mark.parametrize("tokens", [[9, 1, 2, 3, 4, 1, 2, 3, 4, 1, 2, 3, 4], [*range(40)] * 3])
def test_three_rounds_of_the_same_tokens_are_a_circle(tokens: list[int]) -> None:
    assert repeats_itself(tokens)


@pytest.mark.parametrize(
    "tokens", [[], [1] * 11, [1, 2, 3, 4, 1, 2, 3, 4], [1, 2, 3, 4, 1, 2, 3, 4, 1, 2, 3], [*range(41)] * 3]
)
def test_fewer_rounds_or_other_lengths_are_none(tokens: list[int]) -> None:
    assert not repeats_itself(tokens)
