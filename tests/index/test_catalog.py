import os
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.catalog import TEXT_BLOCK_CHARS, Access, Catalog, Change
from index.errors import SpecMismatch, StoreUnavailable, UnknownDocument
from index.spec import IndexSpec
from index.types import Section, Span
from tests.index.samples import make_document, make_passage, put, unit

REPOSITORY = Path(__file__).parents[2]


@pytest.fixture
def catalog(tmp_path: Path) -> Iterator[Catalog]:
    with Catalog(tmp_path / "inyong.db") as opened:
        yield opened


# Documents


def test_document_comes_back_as_it_was_put(catalog: Catalog) -> None:
    document = replace(
        make_document("a", metadata={"date": "2026-01-29", "저자": "김"}),
        sections=(Section(0, "제목"), Section(4, "둘째")),
        pages=(0, 3),
        keep=(Span(0, 2), Span(4, 6)),
    )

    catalog.put_document(document, "가나다라마바", [make_passage(0, 2), make_passage(4, 6)])

    assert catalog.documents() == [replace(document, characters=6, n_passages=2)]
    assert catalog.read_text("a") == "가나다라마바"


def test_passage_comes_back_with_its_text_and_vectors(catalog: Catalog) -> None:
    passage = replace(
        make_passage(2, 8, words="가 나", heading="제목", vector=(3, 4)),
        sentences=(Span(2, 4), Span(5, 8)),
        sentence_embeddings=np.stack([unit(1, 0), unit(0, 1)]),
    )
    catalog.put_document(make_document("a"), "01234567", [make_passage(0, 1), passage])
    ident = catalog.passage_ids(["a"])[1]

    stored = catalog.passages([ident])[ident]

    assert (stored.document_id, stored.ordinal, stored.span) == ("a", 1, Span(2, 8))
    assert (stored.heading, stored.text) == ("제목", "234567")
    assert stored.sentences == (Span(2, 4), Span(5, 8))
    assert stored.embedding.tolist() == unit(0.6, 0.8).tolist()
    assert stored.sentence_embeddings.tolist() == [[1, 0], [0, 1]]
    assert list(catalog.tokens(ident, ident + 1)) == [(ident, "a", "가 나", "default")]


def test_replaced_document_keeps_nothing_of_the_old_one(catalog: Catalog) -> None:
    old = put(catalog, "a", "one", "two", "three")
    catalog.put_document(make_document("a", source="new.txt"), "새 글", [make_passage(0, 3)])

    assert [d.source for d in catalog.documents()] == ["new.txt"]
    assert catalog.read_text("a") == "새 글"
    assert catalog.passages(old) == {}
    assert catalog.counts() == (1, 1)


def test_removed_document_leaves_nothing(catalog: Catalog) -> None:
    put(catalog, "a", "one", "two")
    put(catalog, "b", "three")

    catalog.remove_document("a")

    assert [d.id for d in catalog.documents()] == ["b"]
    assert catalog.read_text("a") == ""
    assert catalog.passage_ids(["a"]) == []
    assert catalog.counts() == (1, 1)


def test_removing_what_is_not_there_changes_nothing(catalog: Catalog) -> None:
    put(catalog, "a", "one")
    catalog.remove_document("b")
    assert catalog.last_change() == 1


def test_passage_ids_are_never_used_twice(catalog: Catalog) -> None:
    old = put(catalog, "a", "one", "two")
    catalog.remove_document("a")
    assert min(put(catalog, "a", "one")) > max(old)


def test_put_passages_leaves_the_text_alone(catalog: Catalog) -> None:
    catalog.put_document(make_document("a"), "가나다", [make_passage(0, 1)])
    catalog.put_passages("a", [make_passage(0, 2), make_passage(2, 3)])

    assert catalog.read_text("a") == "가나다"
    assert [catalog.passages([i])[i].text for i in catalog.passage_ids(["a"])] == ["가나", "다"]


def test_moved_document_keeps_its_passages(catalog: Catalog) -> None:
    ids = put(catalog, "a", "one")
    catalog.move_document("a", "/elsewhere/a", "2026-02-01T00:00:00+00:00")

    (document,) = catalog.documents()
    assert (document.origin, document.modified_at) == ("/elsewhere/a", "2026-02-01T00:00:00+00:00")
    assert catalog.passage_ids(["a"]) == ids


def test_documents_are_listed_by_collection_and_source(catalog: Catalog) -> None:
    for ident, collection, source in (("1", "b", "a"), ("2", "a", "b"), ("3", "a", "a")):
        catalog.put_document(make_document(ident, collection=collection, source=source), "", [])
    assert [d.id for d in catalog.documents()] == ["3", "2", "1"]


def test_more_documents_than_sqlite_takes_variables_are_found(catalog: Catalog) -> None:
    for number in range(1001):
        catalog.put_document(make_document(f"d{number}"), "x", [make_passage(0, 1)])
    ids = [f"d{number}" for number in range(1001)]

    assert {d.id for d in catalog.documents(ids)} == set(ids)
    assert len(catalog.passages(catalog.passage_ids(ids))) == 1001
    assert len(catalog.embeddings(catalog.passage_ids(ids))) == 1001


def test_document_is_found_by_id_source_or_title(catalog: Catalog) -> None:
    put(catalog, "a")
    assert [catalog.find_document(name).id for name in ("a", "a.txt", "Title a")] == ["a", "a", "a"]


def test_ambiguous_name_is_refused_with_the_ids(catalog: Catalog) -> None:
    for ident in ("a", "b"):
        catalog.put_document(make_document(ident, source="same.txt"), "", [])
    with pytest.raises(UnknownDocument, match="2 documents have this source; name one by its id: a, b"):
        catalog.find_document("same.txt")


def test_unknown_name_is_refused(catalog: Catalog) -> None:
    with pytest.raises(UnknownDocument, match="no such document"):
        catalog.find_document("a")


@pytest.mark.parametrize(("position", "page"), [(0, 1), (9, 1), (10, 2), (99, 3)])
def test_page_is_the_last_one_that_began(position: int, page: int) -> None:
    assert replace(make_document("a"), pages=(0, 10, 20)).page_at(position) == page


def test_document_without_pages_has_no_page() -> None:
    assert make_document("a").page_at(5) is None


def test_spec_is_kept(catalog: Catalog) -> None:
    spec = IndexSpec("m", "f", 2, 200, 450, "k")
    assert catalog.spec() is None
    catalog.save_spec(spec)
    assert catalog.spec() == spec


# Text


@given(
    pieces=st.lists(st.sampled_from(["가", "a", "🙂", "é", "\n", "漢", "𝒳"]), min_size=1, max_size=50),
    near=st.integers(0, 3),
    offset=st.integers(-5, 5),
    length=st.integers(0, TEXT_BLOCK_CHARS * 2 + 10),
)
@settings(max_examples=30, deadline=None)
def test_reading_a_span_equals_slicing_the_text(
    pieces: list[str], near: int, offset: int, length: int
) -> None:
    text = ("".join(pieces) * (3 * TEXT_BLOCK_CHARS // len(pieces) + 1))[: 3 * TEXT_BLOCK_CHARS - 7]
    start = max(0, near * TEXT_BLOCK_CHARS + offset)
    with tempfile.TemporaryDirectory() as folder, Catalog(Path(folder) / "inyong.db") as catalog:
        catalog.put_document(make_document("a"), text, [])

        assert catalog.read_text("a", Span(start, start + length)) == text[start : start + length]
        assert catalog.read_text("a") == text


def test_text_of_an_unknown_document_is_empty(catalog: Catalog) -> None:
    assert catalog.read_text("nobody") == ""
    assert catalog.read_text("nobody", Span(3, 9)) == ""


# Filters


@pytest.fixture
def shelves(catalog: Catalog) -> Catalog:
    for ident, collection, metadata in (
        ("a", "news", {"date": "2026-01-29", "author": "Kim"}),
        ("b", "news", {"date": "2025-12-31", "author": "Lee"}),
        ("c", "law", {"author": "Kim", "부서": "기획"}),
    ):
        catalog.put_document(make_document(ident, collection=collection, metadata=metadata), "x", [])
    return catalog


def test_no_filter_leaves_nothing_out(shelves: Catalog) -> None:
    assert shelves.select_documents([], {}) is None


@pytest.mark.parametrize(
    ("collections", "filters", "found"),
    [
        (["news"], {}, "ab"),
        (["law"], {}, "c"),
        (["news", "law"], {}, "abc"),
        (["nowhere"], {}, ""),
        ([], {"author": "Kim"}, "ac"),
        (["news"], {"author": "Kim"}, "a"),
        ([], {"author": "kim"}, ""),
        ([], {"부서": "기획"}, "c"),
        ([], {"source": "b.txt"}, "b"),
        ([], {"title": "Title c"}, "c"),
        ([], {"id": "a"}, "a"),
        ([], {"media_type": "text/plain"}, "abc"),
        ([], {"media_type": "text/html"}, ""),
        ([], {"date": "2026"}, "ac"),  # c by its modified time
        ([], {"date": "2026-01-29"}, "ac"),
        ([], {"date": "2025-12"}, "b"),
        ([], {"date": "2026", "author": "Lee"}, ""),
        ([], {"unknown": "x"}, ""),
        ([], {"author": "' OR 1=1 --"}, ""),
        ([], {"author') OR 1=1 --": "x"}, ""),
    ],
)
def test_filters_select_documents(
    shelves: Catalog, collections: list[str], filters: dict[str, str], found: str
) -> None:
    assert shelves.select_documents(collections, filters) == set(found)


# The change log


def test_each_put_and_removal_leaves_a_line_in_the_change_log(catalog: Catalog) -> None:
    assert catalog.last_change() == 0
    put(catalog, "a", "one", "two")
    put(catalog, "b", "three")
    catalog.remove_document("a")

    assert catalog.changes_since(0) == [
        Change(1, True, 1, 3),
        Change(2, True, 3, 4),
        Change(3, False, 1, 3),
    ]
    assert catalog.changes_since(2) == [Change(3, False, 1, 3)]
    assert catalog.last_change() == 3


def test_document_without_passages_leaves_no_change(catalog: Catalog) -> None:
    put(catalog, "a")
    assert catalog.last_change() == 0


def test_vectors_and_words_are_read_by_range(catalog: Catalog) -> None:
    put(catalog, "a", "one", "two", "three")
    assert [ident for ident, _ in catalog.vectors(2, 4)] == [2, 3]
    assert list(catalog.tokens(1, 3)) == [(1, "a", "one", "default"), (2, "a", "two", "default")]


# All or nothing


def test_failed_replacement_leaves_the_old_document(catalog: Catalog) -> None:
    put(catalog, "a", "one", "two")
    broken = replace(make_passage(0, 1), tokens=None)  # type: ignore[arg-type]

    with pytest.raises(StoreUnavailable):
        catalog.put_document(make_document("a"), "new", [make_passage(0, 1), broken])

    assert catalog.read_text("a") == "xx"
    assert catalog.counts() == (1, 2)
    assert catalog.last_change() == 1


def test_writing_inside_a_reading_block_is_refused_rather_than_lost(catalog: Catalog) -> None:
    with pytest.raises(StoreUnavailable), catalog.reading():
        put(catalog, "a", "one")
    put(catalog, "b", "two")
    assert [d.id for d in catalog.documents()] == ["b"]


def test_everything_is_replaced_at_once(catalog: Catalog) -> None:
    with Catalog(catalog.path) as reader:
        with catalog.replacing_everything():
            put(catalog, "a", "one")
            put(catalog, "b", "two")
            assert catalog.counts() == (2, 2)
            assert reader.counts() == (0, 0)
        assert reader.counts() == (2, 2)


def test_interrupted_replacement_of_everything_leaves_all_as_it_was(catalog: Catalog) -> None:
    put(catalog, "a", "one")

    def replace_and_stop() -> None:
        with catalog.replacing_everything():
            put(catalog, "a", "two", "three")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        replace_and_stop()

    assert catalog.counts() == (1, 1)
    put(catalog, "b", "two")
    assert catalog.counts() == (2, 2)


def test_document_embedded_otherwise_than_the_store_is_refused(catalog: Catalog) -> None:
    catalog.save_spec(IndexSpec("new", "f2", 2, 200, 450, "k"))
    with pytest.raises(SpecMismatch, match="made with the embedding model new"):
        catalog.put_document(
            make_document("a"), "x", [make_passage(0, 1)], IndexSpec("old", "f1", 2, 200, 450, "k")
        )
    assert catalog.counts() == (0, 0)


def test_reading_block_does_not_see_what_is_written_meanwhile(catalog: Catalog) -> None:
    put(catalog, "a", "one")
    with Catalog(catalog.path) as writer, catalog.reading():
        before = catalog.counts()
        put(writer, "b", "two")
        assert catalog.counts() == before == (1, 1)
    assert catalog.counts() == (2, 2)


def test_nested_reading_is_one_view(catalog: Catalog) -> None:
    with Catalog(catalog.path) as writer, catalog.reading():
        assert catalog.counts() == (0, 0)
        with catalog.reading():
            put(writer, "a", "one")
        assert catalog.counts() == (0, 0)


def test_concurrent_reader_sees_the_old_or_the_new_document_never_half(catalog: Catalog) -> None:
    def put_version(writer: Catalog, letter: str, n: int) -> None:
        passages = [make_passage(i, i + 1, words=letter) for i in range(n)]
        writer.put_document(make_document("a", source=letter), letter * n, passages)

    put_version(catalog, "a", 5)
    done = threading.Event()

    def write() -> None:
        try:
            with Catalog(catalog.path) as writer:
                for _ in range(30):
                    put_version(writer, "b", 9)
                    put_version(writer, "a", 5)
        finally:
            done.set()

    thread = threading.Thread(target=write)
    thread.start()
    seen = set()
    while not done.is_set():
        with catalog.reading():
            (document,) = catalog.documents()
            ids = catalog.passage_ids(["a"])
            text, passages = catalog.read_text("a"), catalog.passages(ids)
        seen.add((document.source, text, "".join(passages[i].text for i in sorted(passages))))
    thread.join()

    assert seen <= {("a", "a" * 5, "a" * 5), ("b", "b" * 9, "b" * 9)}


def test_threads_share_a_catalog(catalog: Catalog) -> None:
    def work(number: int) -> None:
        for turn in range(5):
            put(catalog, f"{number}-{turn}", "one")
            catalog.documents()

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert catalog.counts() == (20, 20)


_ENDLESS_WRITER = """
import sys
from pathlib import Path
from index.catalog import Catalog
from tests.index.samples import make_document, make_passage
catalog = Catalog(Path(sys.argv[1]))
number = 0
while True:
    ident = f"d{number % 7}"
    passages = [make_passage(i, i + 1, words=str(number)) for i in range(number % 5 + 1)]
    catalog.put_document(make_document(ident, source=str(number)), "x" * len(passages), passages)
    print(number, flush=True)
    number += 1
"""


@pytest.mark.parametrize("acknowledged", [1, 40])
def test_killed_writer_leaves_a_whole_store_with_all_it_acknowledged(
    tmp_path: Path, acknowledged: int
) -> None:
    path = tmp_path / "inyong.db"
    with subprocess.Popen(
        [sys.executable, "-c", _ENDLESS_WRITER, str(path)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=REPOSITORY,
    ) as writer:
        assert writer.stdout
        for line in writer.stdout:
            if int(line) == acknowledged:
                break
        writer.send_signal(signal.SIGKILL)
        told = [acknowledged, *map(int, writer.stdout.read().split())]

    with Catalog(path, Access.READ) as catalog:
        assert catalog.check() == ""
        written = {int(d.source): d for d in catalog.documents()}
        assert max(written) >= told[-1]
        for number, document in written.items():
            assert document.characters == number % 5 + 1 == document.n_passages
            assert catalog.read_text(document.id) == "x" * (number % 5 + 1)
        assert catalog.last_change() >= told[-1]


# What can be wrong with the disk


def test_full_disk_is_told_and_loses_nothing(catalog: Catalog) -> None:
    put(catalog, "a", "one")
    with catalog.reading() as connection:
        (pages,) = connection.execute("PRAGMA page_count").fetchone()
    connection.execute(f"PRAGMA max_page_count = {pages + 2}")

    with pytest.raises(StoreUnavailable, match="the disk is full; nothing was lost"):
        catalog.put_document(make_document("a"), "new" * 100_000, [make_passage(0, 1)])

    assert catalog.read_text("a") == "x"
    assert catalog.check() == ""
    connection.execute("PRAGMA max_page_count = 1000000")
    put(catalog, "b", "two")
    assert catalog.counts() == (2, 2)


@pytest.mark.parametrize("access", list(Access))
def test_file_that_is_no_database_is_refused(tmp_path: Path, access: Access) -> None:
    path = tmp_path / "inyong.db"
    path.write_bytes(b"not a database at all\n" * 1000)

    with pytest.raises(StoreUnavailable, match=r"inyong\.db: this file is not an Inyong store, or it is"):
        Catalog(path, access)

    assert path.read_bytes().startswith(b"not a database")


def test_store_of_another_format_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "inyong.db"
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA user_version = 99")
    connection.close()

    with pytest.raises(StoreUnavailable, match="store format 99, this one reads 1"):
        Catalog(path)


def test_damaged_page_is_told_by_the_check(tmp_path: Path) -> None:
    path = tmp_path / "inyong.db"
    with Catalog(path) as catalog:
        for number in range(50):
            put(catalog, f"d{number}", *["word"] * 20)
    data = bytearray(path.read_bytes())
    data[len(data) // 2 : len(data) // 2 + 4096] = bytes(4096)
    path.write_bytes(data)

    with Catalog(path, Access.READ) as catalog:
        found = catalog.check()

    assert "page" in found.lower()


def test_store_that_is_not_there_is_not_made_by_reading(tmp_path: Path) -> None:
    with pytest.raises(StoreUnavailable, match="no store here yet; make one with: inyong index PATH"):
        Catalog(tmp_path / "home" / "inyong.db", Access.READ)
    assert not (tmp_path / "home").exists()


def test_empty_file_is_an_empty_store_to_a_reader(tmp_path: Path) -> None:
    path = tmp_path / "inyong.db"
    path.touch()
    with pytest.raises(StoreUnavailable, match="the store is empty"):
        Catalog(path, Access.READ)


def test_home_that_is_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "home").touch()
    with pytest.raises(StoreUnavailable, match="cannot make the store's folder"):
        Catalog(tmp_path / "home" / "inyong.db")


def test_two_first_runs_at_once_make_one_store(tmp_path: Path) -> None:
    path = tmp_path / "inyong.db"
    errors: list[BaseException] = []
    start = threading.Barrier(4)

    def first_run(number: int) -> None:
        try:
            start.wait()
            with Catalog(path) as catalog:
                put(catalog, f"d{number}", "one")
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=first_run, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert errors == []
    with Catalog(path) as catalog:
        assert catalog.counts() == (4, 4)


# A home that cannot be written


@contextmanager
def read_only_home() -> Iterator[Path]:
    """A store's folder that this process may read and not write; root becomes nobody where it matters."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        try:
            yield home
        finally:
            home.chmod(0o755)


@contextmanager
def without_rights(home: Path) -> Iterator[None]:
    for path in home.iterdir():
        path.chmod(0o444)
    home.chmod(0o555)
    is_root = os.geteuid() == 0
    if is_root:
        os.setresuid(65534, 65534, 0)
    try:
        if os.access(home, os.W_OK):
            pytest.skip("the file system does not keep permissions")
        yield
    finally:
        if is_root:
            os.setresuid(0, 0, 0)
        home.chmod(0o755)


def test_read_only_store_can_be_read() -> None:
    with read_only_home() as home:
        with Catalog(home / "inyong.db") as catalog:
            put(catalog, "a", "one")
        with without_rights(home), Catalog(home / "inyong.db", Access.READ) as catalog:
            assert catalog.read_text("a") == "x"


def test_read_only_store_cannot_be_written_and_says_so() -> None:
    with read_only_home() as home:
        Catalog(home / "inyong.db").close()
        with (
            without_rights(home),
            Catalog(home / "inyong.db", Access.READ) as catalog,
            pytest.raises(StoreUnavailable, match="the store is read-only"),
        ):
            put(catalog, "a", "one")


def test_reader_without_rights_sees_what_a_writer_has_not_yet_folded_in() -> None:
    with read_only_home() as home, Catalog(home / "inyong.db") as writer:
        put(writer, "a", "one")  # in the write-ahead log still
        with without_rights(home), Catalog(home / "inyong.db", Access.READ) as catalog:
            assert catalog.counts() == (1, 1)
