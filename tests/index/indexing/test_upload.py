"""Documents given as bytes: the same as from a file, known by their key, and safe from runs over files."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from index.errors import DocumentIdTaken, UnreadableDocument, UnsupportedFormat
from index.indexing.indexer import Options, Upload
from index.indexing.origin import digest, is_gone, upload_id, upload_key, upload_origin
from index.search.keyword_index import MorphemeAnalyzer
from tests.index.bench import Bench, make_bench

TEXT = "# 두루미\n\n두루미 서식지는 강변이다.\n"


@pytest.fixture
def bench(tmp_path: Path, analyzer: MorphemeAnalyzer) -> Iterator[Bench]:
    made = make_bench(tmp_path, analyzer)
    yield made
    made.catalog.close()


def give(
    text: str = TEXT, *, key: str = "crane", collection: str = "default", name: str = "crane.md"
) -> Upload:
    return Upload(collection, key, name, text.encode())


def test_an_upload_is_stored_as_the_same_file_would_be(bench: Bench) -> None:
    bench.write("crane.md", TEXT)
    bench.index(options=Options("files"))
    assert bench.indexer.index_bytes(give())
    given, read = bench.catalog.documents()
    assert (given.collection, given.source, given.id) == (
        "default",
        "crane.md",
        upload_id("default", "crane"),
    )
    for name in ("title", "media_type", "sha256", "characters", "sections", "keep", "n_passages"):
        assert getattr(given, name) == getattr(read, name)
    assert bench.catalog.read_text(given.id) == bench.catalog.read_text(read.id)


def test_an_upload_is_searchable_at_once(bench: Bench) -> None:
    bench.indexer.index_bytes(give())
    assert bench.indexer.derived.in_step()
    assert len(bench.indexer.derived.vectors) == 1


def test_the_same_bytes_again_change_nothing(bench: Bench) -> None:
    assert bench.indexer.index_bytes(give())
    last = bench.catalog.last_change()
    assert not bench.indexer.index_bytes(give())
    assert bench.catalog.last_change() == last


def test_other_bytes_or_another_name_replace_the_document(bench: Bench) -> None:
    bench.indexer.index_bytes(give())
    assert bench.indexer.index_bytes(give("둘째 판이다."))
    assert bench.indexer.index_bytes(give("둘째 판이다.", name="second.txt"))
    (document,) = bench.catalog.documents()
    assert (document.source, bench.catalog.read_text(document.id)) == ("second.txt", "둘째 판이다.")


def test_one_key_in_two_collections_is_two_documents(bench: Bench) -> None:
    bench.indexer.index_bytes(give("하나다.", collection="a"))
    bench.indexer.index_bytes(give("둘이다.", collection="b"))
    assert [bench.catalog.read_text(d.id) for d in bench.catalog.documents()] == ["하나다.", "둘이다."]


def test_pruning_leaves_uploads_alone(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(bench.docs)
    bench.write("a.txt")
    bench.indexer.index_bytes(give())
    report = bench.index(options=Options(prune=True))
    assert report.removed == []
    assert set(bench.by_source()) == {"a.txt", "crane.md"}


def test_a_file_of_the_same_name_does_not_take_an_uploads_place(bench: Bench) -> None:
    bench.indexer.index_bytes(give())
    bench.write("crane.md", TEXT)
    assert bench.index().added == ["crane.md"]
    assert len(bench.catalog.documents()) == 2


def test_a_file_named_like_a_key_keeps_its_own_id(bench: Bench) -> None:
    bench.write("upload:crane.md", "파일이다.")
    bench.index()
    bench.indexer.index_bytes(give("올린 글이다.", key="crane.md"))
    assert len({document.id for document in bench.catalog.documents()}) == 2


def test_an_id_that_another_document_has_is_refused_and_that_one_kept(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.write("a.txt", "먼저 있던 글이다.")
    bench.index()
    taken = digest("default\0a.txt")
    monkeypatch.setattr("index.indexing.indexer.upload_id", lambda collection, key: taken)
    with pytest.raises(DocumentIdTaken):
        bench.indexer.index_bytes(give())
    assert bench.text_of("a.txt") == "먼저 있던 글이다."


def test_nothing_is_stored_when_it_is_not_wanted_any_more(bench: Bench) -> None:
    @contextmanager
    def refuse() -> Iterator[None]:
        raise InterruptedError
        yield

    with pytest.raises(InterruptedError):
        bench.indexer.index_bytes(give(), storing=refuse())
    assert bench.catalog.documents() == []


def test_progress_adds_up_to_all_passages(bench: Bench) -> None:
    told: list[tuple[int, int]] = []
    text = "\n\n".join(f"{n}째 문단은 이렇게 길게 이어지는 문장으로 되어 있다. " * 20 for n in range(5))
    bench.indexer.index_bytes(give(text), advance=lambda n, total: told.append((n, total)))
    assert sum(n for n, _ in told) == told[-1][1] == bench.catalog.counts()[1] > 1


@pytest.mark.parametrize(
    ("upload", "error"),
    [
        (give(name="crane.exe"), UnsupportedFormat),
        (give(name="crane"), UnsupportedFormat),
        (give("  \n"), UnreadableDocument),
        (Upload("default", "crane", "crane.txt", b"\x7fELF\x00\x01\x02\x00" * 40), UnreadableDocument),
    ],
)
def test_what_cannot_be_read_is_refused_and_the_old_one_kept(
    bench: Bench, upload: Upload, error: type[Exception]
) -> None:
    bench.indexer.index_bytes(give())
    with pytest.raises(error):
        bench.indexer.index_bytes(upload)
    assert bench.text_of("crane.md").endswith("두루미 서식지는 강변이다.")


def test_an_origin_tells_uploads_from_files() -> None:
    assert upload_key(upload_origin("a:b")) == "a:b"
    assert upload_key("/a/upload:b") is None
    assert not is_gone(upload_origin("nothing"))
