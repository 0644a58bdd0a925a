"""All of a change or nothing, also with several threads and processes."""

import signal
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from index.errors import SpecMismatch, StoreUnavailable
from index.store import Access, Catalog
from index.store.spec import IndexSpec
from tests.index.samples import make_document, make_passage, put

REPOSITORY = Path(__file__).parents[3]


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
from index.store import Catalog
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
