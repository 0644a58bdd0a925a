"""Indexing as real processes: ended in the middle, two at once, and read from meanwhile."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from index.chunking.passages import PassageSize
from index.indexing.indexer import Indexer
from index.indexing.progress import UpdateReport
from index.search.derived_indexes import DerivedIndexes
from index.search.keyword_index import MorphemeAnalyzer
from index.search.searcher import Searcher
from index.search.terms import Glossary
from index.store import Access, Catalog
from tests.fakes import HashEmbedder

REPOSITORY = Path(__file__).parents[2]
N_FILES = 12

# Tells how many files it has looked at; every file is a batch of its own.
_INDEXING = """
import signal, sys, time
from pathlib import Path
import index.indexing.indexer
from index.store import Catalog
from index.search.derived_indexes import DerivedIndexes
from index.search.keyword_index import MorphemeAnalyzer
from index.chunking.passages import PassageSize
from index.indexing.rebuild import make_spec
from index.indexing.indexer import Indexer
from tests.fakes import HashEmbedder

# A shell starts background jobs deaf to Ctrl-C, and children inherit that.
signal.signal(signal.SIGINT, signal.default_int_handler)
index.indexing.indexer._FLUSH_PASSAGES = 1
home, docs = map(Path, sys.argv[1:])
analyzer, embedder, size = MorphemeAnalyzer(), HashEmbedder(), PassageSize()

def report(progress):
    print(progress.files_done, flush=True)
    time.sleep(0.02)

with Catalog(home / "store.sqlite") as catalog:
    catalog.save_spec(make_spec(embedder, analyzer, size))
    derived = DerivedIndexes(catalog, embedder.dimension, lambda sentence: print("told", sentence))
    Indexer(catalog, derived, embedder, analyzer, size).index_paths([docs], None, report)
"""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def docs(tmp_path: Path) -> Path:
    folder = tmp_path / "docs"
    write_files(folder, "선정")
    return folder


def write_files(folder: Path, word: str) -> None:
    folder.mkdir(exist_ok=True)
    for number in range(N_FILES):
        (folder / f"{number:02}.txt").write_text(f"{number}번째 사업에 {word}됐다.", encoding="utf-8")


def start_indexing(home: Path, docs: Path) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-c", _INDEXING, str(home), str(docs)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=REPOSITORY,
    )


def index_here(home: Path, docs: Path, analyzer: MorphemeAnalyzer) -> tuple[UpdateReport, list[str]]:
    """What an ordinary run after all that does, and what it tells."""
    told: list[str] = []
    embedder = HashEmbedder()
    with Catalog(home / "store.sqlite") as catalog:
        assert catalog.check() == ""
        derived = DerivedIndexes(catalog, embedder.dimension, told.append)
        report = Indexer(catalog, derived, embedder, analyzer, PassageSize()).index_paths([docs])
        assert derived.in_step()
        assert len(derived.lexical.search(["사업"], 100)) == catalog.counts()[1]
        assert len(derived.vectors) == catalog.counts()[1]
    return report, told


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_interrupted_process_keeps_what_it_finished_and_the_next_run_goes_on(
    home: Path, docs: Path, analyzer: MorphemeAnalyzer, how: signal.Signals
) -> None:
    with start_indexing(home, docs) as process:
        assert process.stdout
        for line in process.stdout:
            if line.strip() == "5":
                break
        os.kill(process.pid, how)
        process.communicate(timeout=60)
    assert process.returncode != 0

    with Catalog(home / "store.sqlite", Access.READ) as catalog:
        finished = {document.source for document in catalog.documents()}
        assert all(catalog.read_text(document.id).endswith("됐다.") for document in catalog.documents())
    report, told = index_here(home, docs, analyzer)

    assert {f"{number:02}.txt" for number in range(4)} <= finished
    assert len(finished) < N_FILES
    assert set(report.unchanged) == finished
    assert len(report.added) == N_FILES - len(finished)
    assert report.failed == []
    if how is signal.SIGINT:
        assert told == []
    else:  # what is derived was not saved any more
        assert told == ["vectors.faiss was missing; it is made again from the store"]


def test_two_indexing_processes_store_every_file_once(
    home: Path, docs: Path, analyzer: MorphemeAnalyzer
) -> None:
    processes = [start_indexing(home, docs) for _ in range(2)]
    for process in processes:
        out, error = process.communicate(timeout=120)
        assert process.returncode == 0, error
        assert "told" not in out

    report, told = index_here(home, docs, analyzer)

    assert len(report.unchanged) == N_FILES
    assert told == []
    with Catalog(home / "store.sqlite", Access.READ) as catalog:
        assert catalog.counts() == (N_FILES, N_FILES)


def test_two_processes_index_two_folders_into_one_store(
    home: Path, docs: Path, tmp_path: Path, analyzer: MorphemeAnalyzer
) -> None:
    other = tmp_path / "other"
    write_files(other, "탈락")
    processes = [start_indexing(home, folder) for folder in (docs, other)]
    for process in processes:
        _, error = process.communicate(timeout=120)
        assert process.returncode == 0, error

    report, _ = index_here(home, tmp_path / "docs", analyzer)

    assert len(report.unchanged) == N_FILES
    with Catalog(home / "store.sqlite", Access.READ) as catalog:
        assert catalog.counts() == (2 * N_FILES, 2 * N_FILES)


@pytest.fixture
def searcher(home: Path, docs: Path, analyzer: MorphemeAnalyzer) -> Iterator[Searcher]:
    """A process that asks, over the documents as they are before they change."""
    with start_indexing(home, docs) as process:
        process.communicate(timeout=60)
    embedder = HashEmbedder()
    with Catalog(home / "store.sqlite", Access.READ) as catalog:
        derived = DerivedIndexes(catalog, embedder.dimension, lambda sentence: None)
        yield Searcher(catalog, derived, embedder, analyzer, Glossary({}))


def test_search_sees_old_or_new_documents_while_another_process_replaces_them(
    home: Path, docs: Path, searcher: Searcher
) -> None:
    write_files(docs, "선정되고 다시 탈락")
    old = {f"{number}번째 사업에 선정됐다." for number in range(N_FILES)}
    new = {f"{number}번째 사업에 선정되고 다시 탈락됐다." for number in range(N_FILES)}
    seen: list[set[str]] = []

    with start_indexing(home, docs) as process:
        while process.poll() is None:
            hits = searcher.search("사업 선정", 50)
            assert sorted(hit.source for hit in hits) == [f"{number:02}.txt" for number in range(N_FILES)]
            assert all(hit.sentences == (hit.span,) for hit in hits)
            seen.append({hit.text for hit in hits})
        process.communicate(timeout=60)

    assert seen[0] == old
    assert all(texts <= old | new for texts in seen)
    assert {hit.text for hit in searcher.search("사업 선정", 50)} == new
