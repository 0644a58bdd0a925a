"""Whether a language model can be used on this machine."""

import sys
from pathlib import Path

import pytest

from service.language_models.weights.trial import COMPILED_FOR_ANOTHER, why_it_cannot_run

MODEL = Path("model.gguf")


def python(program: str) -> list[str]:
    return [sys.executable, "-c", program]


def test_a_model_that_can_be_read_is_well() -> None:
    assert why_it_cannot_run(MODEL, python("import sys; sys.exit(sys.argv[1] != 'model.gguf')")) is None


@pytest.mark.parametrize(
    ("program", "reason"),
    [
        ("import os, signal; os.kill(os.getpid(), signal.SIGILL)", COMPILED_FOR_ANOTHER),
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", "llama.cpp ended with status -9"),
        ("raise ValueError('no such architecture')", "ValueError: no such architecture"),
    ],
)
def test_what_ends_the_process_is_told(program: str, reason: str) -> None:
    assert why_it_cannot_run(MODEL, python(program)) == reason


def test_a_process_that_does_not_end_is_ended() -> None:
    reason = why_it_cannot_run(MODEL, python("import time; time.sleep(60)"), timeout_s=0.5)
    assert reason == "reading a few tokens takes longer than 0.5 seconds"
