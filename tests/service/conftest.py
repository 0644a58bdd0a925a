"""A small store made with the fakes, and the models that read it."""

import shutil
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from index.lexical import MorphemeAnalyzer
from index.terms import Glossary
from service import wiring
from service.inyong import Inyong
from service.settings import Settings
from tests.fakes import HashEmbedder, ScriptedGenerator

LIBRARY = """# 푸른숲 도서관

푸른숲 도서관은 가람동과 나래동 3곳에 분관을 새로 열었다. 예산은 350억 원이 들었다.
개관식에는 주민 40여 명이 왔다.
"""
FESTIVAL = """# 두레 축제

축제는 2026년 5월 3일 강변에서 열린다. 참가비는 무료이며 정다운 교수가 심사를 맡았다.
"""


@dataclass(slots=True)
class World:
    """A folder of documents, the store made from it, and the models that the service is given."""

    documents: Path
    settings: Settings
    embedder: HashEmbedder
    generator: ScriptedGenerator

    def open(self) -> Inyong:
        """The store, with the fakes for models."""
        return Inyong(settings=self.settings)

    def script(self, *replies: str | Exception) -> None:
        """What the language model is going to say."""
        self.generator.replies = list(replies)


@cache
def load_analyzer() -> MorphemeAnalyzer:
    """Kiwi, loaded once for all tests: it takes two seconds."""
    return MorphemeAnalyzer()


@cache
def load_glossary() -> Glossary:
    """The glossary of that analyzer."""
    return Glossary(load_analyzer())


def share_analyzer(patch: pytest.MonkeyPatch) -> None:
    """Makes the service use what is loaded already."""
    patch.setattr(wiring, "MorphemeAnalyzer", load_analyzer)
    patch.setattr(wiring, "Glossary", lambda analyzer: load_glossary())


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with documents and a store, made once and copied for each test."""
    folder = tmp_path_factory.mktemp("made")
    documents = folder / "documents"
    documents.mkdir()
    (documents / "library.md").write_text(LIBRARY, encoding="utf-8")
    (documents / "festival.md").write_text(FESTIVAL, encoding="utf-8")
    settings = Settings(home=folder / "home", embedding="hash-64", passage_least=20, passage_most=60)
    with pytest.MonkeyPatch.context() as patch:
        share_analyzer(patch)
        patch.setattr(wiring, "load_embedder", lambda settings: HashEmbedder())
        with Inyong(settings=settings) as inyong:
            inyong.index([documents], collection="town")
    return folder


@pytest.fixture
def world(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    """A store of two documents that a test may change; the working folder is empty."""
    shutil.copytree(made, tmp_path / "made")
    working = tmp_path / "working"
    working.mkdir()
    monkeypatch.chdir(working)
    for name in ("HOME", "MODELS", "EMBEDDING", "LLM", "K"):
        monkeypatch.delenv(f"INYONG_{name}", raising=False)
    monkeypatch.setenv("INYONG_HOME", str(tmp_path / "made" / "home"))
    monkeypatch.setenv("INYONG_MODELS", str(tmp_path / "models"))
    settings = Settings(
        home=tmp_path / "made" / "home", models=tmp_path / "models", embedding="hash-64", llm="scripted"
    )
    world = World(tmp_path / "made" / "documents", settings, HashEmbedder(), ScriptedGenerator())
    share_analyzer(monkeypatch)
    monkeypatch.setattr(wiring, "load_embedder", lambda settings: world.embedder)
    monkeypatch.setattr(wiring, "load_generator", lambda settings: world.generator)
    return world
