"""What can be wrong with the disk, and a home that cannot be written."""

import sqlite3
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from index.errors import StoreUnavailable
from index.store import Access, Catalog
from tests.index.samples import make_document, make_passage, put
from tests.index.unwritable import without_rights


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

    with pytest.raises(StoreUnavailable, match="store format 99, this one reads 2"):
        Catalog(path)


_PASSAGES_OF_FORMAT_1 = """CREATE TABLE passages (
    id INTEGER PRIMARY KEY AUTOINCREMENT,  -- never used twice, so a stale derived index cannot mislead
    document_id TEXT NOT NULL,
    ordinal INTEGER NOT NULL,
    start INTEGER NOT NULL,
    "end" INTEGER NOT NULL,
    heading TEXT NOT NULL,
    sentences BLOB NOT NULL,               -- int32 pairs: start, end of each sentence in the document
    tokens TEXT NOT NULL,                  -- words of the lexical index, joined by spaces
    embedding BLOB NOT NULL,               -- float16[dimension], length 1
    sentence_embeddings BLOB NOT NULL      -- float16[sentences, dimension], length 1 each
) STRICT"""


def _turn_into_format_1(path: Path) -> None:
    connection = sqlite3.connect(path, isolation_level=None)
    for statement in (
        "DROP INDEX passages_by_document",
        "ALTER TABLE passages RENAME TO new",
        _PASSAGES_OF_FORMAT_1,
        "INSERT INTO passages SELECT *, x'00' FROM new",
        "UPDATE sqlite_sequence SET seq = 1000 WHERE name = 'passages'",
        "DROP TABLE new",
        "CREATE INDEX passages_by_document ON passages (document_id, ordinal)",
        "PRAGMA user_version = 1",
    ):
        connection.execute(statement)
    connection.close()


@pytest.mark.parametrize("access", list(Access))
def test_a_store_of_the_first_format_is_migrated_and_keeps_its_passages(
    tmp_path: Path, access: Access
) -> None:
    path = tmp_path / "inyong.db"
    with Catalog(path) as catalog:
        put(catalog, "d", "word")
        before = catalog.passages(catalog.all_passage_ids())
    _turn_into_format_1(path)

    with Catalog(path, access) as catalog:
        assert repr(catalog.passages(catalog.all_passage_ids())) == repr(before)
        assert catalog.check() == ""

    with Catalog(path) as catalog:
        put(catalog, "e", "another")
        assert max(catalog.all_passage_ids()) == 1001  # ids of deleted passages are not used again


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
