"""The Python API over a small store made with the fakes."""

from dataclasses import replace
from pathlib import Path

import pytest

from index.errors import IndexingError, SpecMismatch, StoreUnavailable, UnknownDocument
from service import Inyong, wiring
from service.answering.types import Request, Turn
from service.errors import BadSetting
from service.settings import Settings
from tests.fakes import HashEmbedder
from tests.service.conftest import World

QUESTION = "푸른숲 도서관 분관의 예산은 얼마인가요?"


def test_what_is_indexed_is_found_and_every_quote_is_exact(world: World) -> None:
    world.script("예산은 350억 원이 들었다.")
    with world.open() as inyong:
        answer = inyong.ask(QUESTION)
        assert answer.citations
        for citation in answer.citations:
            assert citation.quote == inyong.text(citation.document_id, citation.start, citation.end)
        for hit in inyong.search(QUESTION):
            assert hit.text == inyong.text(hit.document_id, hit.span.start, hit.span.end)


def test_nothing_is_opened_or_loaded_before_it_is_needed(tmp_path: Path) -> None:
    with Inyong(home=tmp_path / "home"):
        pass
    assert not (tmp_path / "home").exists()


def test_reading_makes_no_store(tmp_path: Path) -> None:
    with Inyong(home=tmp_path / "home") as inyong:
        with pytest.raises(StoreUnavailable, match="make one with: inyong index PATH"):
            inyong.documents()
        with pytest.raises(StoreUnavailable):
            inyong.ask("무엇?")
    assert not (tmp_path / "home").exists()


def test_a_document_is_found_at_once_after_indexing_it(world: World) -> None:
    with world.open() as inyong:
        assert "crane.md" not in {hit.source for hit in inyong.search("두루미 서식지")}
        (world.documents / "crane.md").write_text("# 두루미\n\n두루미 서식지는 강변이다.\n", encoding="utf-8")
        report = inyong.index([world.documents], collection="town")
        assert (report.added, sorted(report.unchanged)) == (["crane.md"], ["festival.md", "library.md"])
        assert inyong.search("두루미 서식지")[0].source == "crane.md"


def test_a_removed_document_is_not_found_again(world: World) -> None:
    with world.open() as inyong:
        inyong.search("예산")
        assert [document.source for document in inyong.remove(["library.md"])] == ["library.md"]
        assert {hit.source for hit in inyong.search("푸른숲 도서관 예산")} == {"festival.md"}


def test_a_closed_store_opens_again(world: World) -> None:
    inyong = world.open()
    before = inyong.search("예산")
    inyong.close()
    inyong.close()
    assert inyong.search("예산") == before
    inyong.close()


def test_an_unknown_document_is_told(world: World) -> None:
    with world.open() as inyong, pytest.raises(UnknownDocument, match=r"nothing\.md"):
        inyong.document("nothing.md")


def test_a_span_of_a_text_is_cut_by_code_points(world: World) -> None:
    with world.open() as inyong:
        document = inyong.document("library.md")
        text = inyong.text(document.id)
        assert inyong.text(document.id, 3, 9) == text[3:9]
        assert inyong.text(document.id, 5) == text[5:]
        assert inyong.text(document.id, 0, 10**9) == text


def test_a_missing_path_is_told_and_changes_nothing(world: World) -> None:
    with world.open() as inyong:
        with pytest.raises(IndexingError, match="nowhere: no such file or folder"):
            inyong.index([world.documents, "nowhere"])
        assert len(inyong.documents()) == 2


def test_a_store_of_another_embedding_model_is_neither_searched_nor_added_to(world: World) -> None:
    world.embedder = HashEmbedder(dimension=32, name="hash-32", fingerprint="another")
    with world.open() as inyong:
        with pytest.raises(SpecMismatch, match="inyong reembed --embedding hash-32"):
            inyong.search("예산")
        with pytest.raises(SpecMismatch):
            inyong.index([world.documents])


def test_models_are_loaded_once_for_many_questions(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    loaded: list[str] = []

    def load(settings: Settings) -> object:
        loaded.append(settings.embedding)
        return world.embedder

    monkeypatch.setattr(wiring, "load_embedder", load)
    world.script("예산은 350억 원이 들었다.")
    with world.open() as inyong:
        inyong.prepare()
        inyong.ask(QUESTION)
        inyong.ask(QUESTION, history=[Turn("user", QUESTION)])
        inyong.search(QUESTION)
    assert loaded == ["hash-64"]


def test_overrides_go_before_every_other_source(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INYONG_K", "3")
    assert Inyong().settings.k == 3
    assert Inyong(k=4).settings.k == 4
    assert Inyong(home="there").settings.home == Path("there")


def test_an_override_that_is_no_setting_is_refused() -> None:
    with pytest.raises(BadSetting, match="unknown setting 'kk'"):
        Inyong(kk=4)


def test_a_store_that_may_be_empty_is_made_and_holds_no_answer(world: World) -> None:
    home = world.settings.home.parent / "new"
    with Inyong(settings=replace(world.settings, home=home), may_be_empty=True) as inyong:
        inyong.prepare()
        assert inyong.search(QUESTION) == []
        assert inyong.ask(QUESTION).abstain_reason == "no_evidence"
        inyong.index([world.documents])
        assert inyong.search(QUESTION)


def test_a_request_says_how_many_passages_may_be_read_and_names_its_answer(world: World) -> None:
    world.script("예산은 350억 원이 들었다.")
    with world.open() as inyong:
        answer = inyong.answer(Request(QUESTION, k=1, id="mine"))
    assert (answer.id, len(answer.passages)) == ("mine", 1)
