"""A small question set on the town's store, and the run that asks it, with the fakes for models."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from eval.runs.request import RunRequest
from eval.runs.run import run_set
from prompts.render import Message
from service import Inyong
from tests.service.cli.conftest import run, run_process
from tests.service.conftest import World, world

__all__ = ["run", "run_process", "world"]  # fixtures of the service, offered here too

BUDGET = {
    "id": "budget",
    "question": "푸른숲 도서관 분관의 예산은 얼마인가요?",
    "answerable": True,
    "expected": [["350억"]],
    "answers": ["350억 원입니다."],
    "documents": ["library.md"],
    "gold": [[{"document": "library.md", "quote": "예산은 350억 원이 들었다."}]],
    "lang": "ko",
    "tags": ["number"],
}
DATE = {
    "id": "date",
    "question": "두레 축제는 언제 열리나요?",
    "answerable": True,
    "expected": [["5월 3일"]],
    "documents": ["festival.md"],
    "gold": [[{"document": "festival.md", "quote": "축제는 2026년 5월 3일 강변에서 열린다."}]],
    "lang": "ko",
    "tags": ["date"],
}
MAYOR = {"id": "mayor", "question": "Who is the mayor?", "answerable": False, "lang": "en"}
RIGHT_BUDGET = "예산은 350억 원이 들었다."
RIGHT_DATE = "축제는 2026년 5월 3일 강변에서 열린다."
REFUSAL = "문서에서 확인되지 않습니다."


def save_set(path: Path, *questions: Mapping[str, Any]) -> Path:
    """A question set of these questions."""
    path.write_text("".join(json.dumps(q, ensure_ascii=False) + "\n" for q in questions), encoding="utf-8")
    return path


@pytest.fixture
def town_set(tmp_path: Path) -> Path:
    """Two questions that the town's documents answer, and one that they do not."""
    return save_set(tmp_path / "town.jsonl", BUDGET, DATE, MAYOR)


Ask = Callable[..., Path]


def script(world: World, *replies: str | Exception) -> None:
    """What the model says: the first is ignored, then to each question of the town, however often asked."""
    wanted = replies[1:] or replies

    def reply(messages: Sequence[Message]) -> str:
        asked = messages[-1].content
        number = 1 if str(DATE["question"]) in asked else 2 if str(MAYOR["question"]) in asked else 0
        chosen = wanted[min(number, len(wanted) - 1)]
        if isinstance(chosen, Exception):
            raise chosen
        return chosen

    world.generator.replies = [reply]


@pytest.fixture
def ask_set(world: World, town_set: Path, tmp_path: Path) -> Ask:
    """Runs the set; replies: see `script`."""

    def ask(
        *replies: str | Exception,
        folder: Path | None = None,
        set_path: Path | None = None,
        **options: Any,
    ) -> Path:
        folder = folder or tmp_path / "run"
        world.generator.prompts.clear()
        script(world, *(replies or ("",)))
        with world.open() as inyong:
            run_set(inyong, RunRequest(set_path or town_set, folder, **options))
        return folder

    return ask


def words_of_many(texts: Iterable[str]) -> list[list[str]]:
    """Words between spaces, in the place of Kiwi's morphemes."""
    return [text.split() for text in texts]


def interrupt_after(n_questions: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Makes the process be stopped, as by Ctrl-C, when so many questions were asked (the first included)."""
    ask, asked = Inyong.ask, list[str]()

    def stop(self: Inyong, question: str, **options: Any) -> Any:
        if len(asked) == n_questions:
            raise KeyboardInterrupt
        asked.append(question)
        return ask(self, question, **options)

    monkeypatch.setattr(Inyong, "ask", stop)
