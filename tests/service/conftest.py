"""A small store made with the fakes, and the models that read it."""

from dataclasses import dataclass, fields
from functools import cache
from importlib.resources import files
from pathlib import Path

import pytest

from index.search.keyword_index import MorphemeAnalyzer
from index.search.terms import Glossary, analyse_glossary
from service import wiring
from service.inyong import Inyong
from service.settings import Settings
from tests.fakes import HashEmbedder, ScriptedGenerator, WordReader

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
    text = files("index.search").joinpath("glossary.tsv").read_text(encoding="utf-8")
    return Glossary(analyse_glossary(load_analyzer(), text))


def share_analyzer(patch: pytest.MonkeyPatch) -> None:
    """Makes the service use what is loaded already."""
    patch.setattr(wiring, "MorphemeAnalyzer", load_analyzer)
    patch.setattr(wiring, "load_glossary", lambda analyzer, name, folder: load_glossary())


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    """A store of two documents, named by INYONG_HOME; the working folder is empty."""
    documents, working = tmp_path / "documents", tmp_path / "working"
    documents.mkdir()
    working.mkdir()
    (documents / "library.md").write_text(LIBRARY, encoding="utf-8")
    (documents / "festival.md").write_text(FESTIVAL, encoding="utf-8")
    settings = Settings(
        home=tmp_path / "home",
        models=tmp_path / "models",
        embedding="hash-64",
        llm="scripted",
        passage_least=20,
        passage_most=60,
    )
    world = World(documents, settings, HashEmbedder(), ScriptedGenerator())
    share_analyzer(monkeypatch)
    monkeypatch.setattr(wiring, "load_embedder", lambda settings: world.embedder)
    monkeypatch.setattr(wiring, "load_reader", lambda settings, embedder: WordReader())
    monkeypatch.setattr(wiring, "load_generator", lambda settings: world.generator)
    monkeypatch.chdir(working)
    for spec in fields(Settings):
        monkeypatch.delenv(f"INYONG_{spec.name.upper()}", raising=False)
    monkeypatch.setenv("INYONG_HOME", str(settings.home))
    monkeypatch.setenv("INYONG_MODELS", str(settings.models))
    with world.open() as inyong:
        inyong.index([documents], collection="town")
    return world
