"""Real objects from Settings: what is noticed when a store is opened for searching or indexing."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from index.errors import StoreUnavailable
from index.store import Catalog
from prompts.render import Message
from service import wiring
from service.inyong import Inyong
from service.language_models.types import GenerationRequest
from service.settings import Settings
from tests.fakes import ScriptedGenerator
from tests.llm_server import say, serving
from tests.service.conftest import World

OLD_ANALYZER = "kiwi-0.1"
RENEWED = (
    "the store's words come from another version of the morphological analyser; "
    "they are made again from the stored texts"
)


@pytest.fixture
def aged(world: World) -> World:
    """The store as an older analyser would have left it: of every passage it knew one word."""
    with Catalog(wiring.store_path(world.settings)) as catalog:
        spec = catalog.spec()
        assert spec
        for document in catalog.documents():
            catalog.put_words(document.id, dict.fromkeys(catalog.passage_ids([document.id]), "oldword"))
        catalog.save_spec(replace(spec, analyzer=OLD_ANALYZER))
    return world


@contextmanager
def read_only_copy(home: Path) -> Iterator[Path]:
    """A copy of the store that this process may read and not write."""
    with tempfile.TemporaryDirectory() as name:
        copy = Path(name) / "home"
        shutil.copytree(home, copy)
        for path in copy.rglob("*"):
            path.chmod(0o555 if path.is_dir() else 0o444)
        copy.chmod(0o555)
        Path(name).chmod(0o755)
        is_root = os.geteuid() == 0
        if is_root:
            os.setresuid(65534, 65534, 0)
        try:
            if os.access(copy, os.W_OK):
                pytest.skip("the file system does not keep permissions")
            yield copy
        finally:
            if is_root:
                os.setresuid(0, 0, 0)
            for path in [copy, *copy.rglob("*")]:
                path.chmod(0o755)


def _analyzer_of(world: World) -> str:
    with Catalog(wiring.store_path(world.settings)) as catalog:
        spec = catalog.spec()
        assert spec
        return spec.analyzer


def test_search_renews_the_words_of_an_older_analyzer_and_says_so_once(aged: World) -> None:
    told: list[str] = []
    with Inyong(settings=aged.settings, notify=told.append) as inyong:
        hit = inyong.search("도서관 예산")[0]
        assert hit.source == "library.md"
        assert hit.lexical_score > 0
    with Inyong(settings=aged.settings, notify=told.append) as inyong:
        inyong.search("도서관 예산")
    assert told == [RENEWED]
    assert _analyzer_of(aged) != OLD_ANALYZER


def test_indexing_renews_the_words_of_an_older_analyzer_and_says_so(aged: World) -> None:
    told: list[str] = []
    with Inyong(settings=aged.settings, notify=told.append) as inyong:
        report = inyong.index([aged.documents], collection="town")
        assert len(report.unchanged) == 2
        assert inyong.search("도서관 예산")[0].lexical_score > 0
    assert told == [RENEWED]


def test_search_of_a_read_only_store_goes_on_with_the_old_words_and_says_so(aged: World) -> None:
    told: list[str] = []
    with read_only_copy(aged.settings.home) as home:
        settings = replace(aged.settings, home=home)
        with Inyong(settings=settings, notify=told.append) as inyong:
            sources = {hit.source for hit in inyong.search("푸른숲 도서관 예산")}
    assert sources == {"library.md", "festival.md"}
    (sentence,) = told
    assert sentence.startswith(
        "the store's words come from another version of the morphological analyser and cannot be made again "
        "now; the search goes on with them ("
    )


def test_indexing_into_a_read_only_store_is_one_sentence(world: World) -> None:
    with read_only_copy(world.settings.home) as home:
        settings = replace(world.settings, home=home)
        with Inyong(settings=settings) as inyong:
            assert inyong.search("푸른숲 도서관 예산")[0].source == "library.md"
            with pytest.raises(StoreUnavailable, match="the store is read-only; allow writing to it"):
                inyong.index([home])


@pytest.mark.parametrize(
    ("damaged", "sentence"),
    [
        ("vectors.faiss", "vectors.faiss was damaged; it is made again from the store"),
        ("lexical/inyong.json", "the lexical index was damaged: "),
    ],
)
def test_search_over_a_damaged_index_says_so_and_finds_the_same(
    world: World, damaged: str, sentence: str
) -> None:
    with world.open() as inyong:
        before = inyong.search("푸른숲 도서관 예산")
    file = world.settings.home / damaged
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])

    told: list[str] = []
    with Inyong(settings=world.settings, notify=told.append) as inyong:
        assert inyong.search("푸른숲 도서관 예산") == before

    assert [message[: len(sentence)] for message in told] == [sentence]
    assert told[0].endswith("it is made again from the store")


def test_a_server_is_a_language_model_with_the_key_that_is_set() -> None:
    with serving(say("네.")) as server:
        settings = Settings(llm=f"openai:{server.url}#small", llm_key="open-sesame")
        generator = wiring.load_generator(settings)
        assert generator.generate(GenerationRequest([Message("user", "네?")], 9)).text == "네."
    assert generator.name == "small"
    assert server.headers[0]["Authorization"] == "Bearer open-sesame"


def test_every_context_is_a_model_with_its_share_of_the_threads(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded: list[dict[str, Any]] = []

    def load(path: Path, **options: Any) -> ScriptedGenerator:
        loaded.append(options)
        return ScriptedGenerator(["네."])

    (tmp_path / "mine.gguf").write_bytes(b"GGUF and more")
    monkeypatch.setattr(wiring, "LlamaCppGenerator", load)
    settings = Settings(llm=str(tmp_path / "mine.gguf"), models=tmp_path, contexts=3, threads=7)
    generator = wiring.load_generator(settings)
    assert [options["threads"] for options in loaded] == [2, 2, 2]
    assert generator.generate(GenerationRequest([Message("user", "네?")], 9)).text == "네."
