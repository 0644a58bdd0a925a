import json
import math
import threading
import zlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from index.search.vector_index import VectorIndex, load_vectors
from index.store import Catalog
from tests.index.samples import make_document, make_passage

EAST, NORTH, WEST = (1.0, 0.0), (0.0, 1.0), (-1.0, 0.0)
NORTH_EAST = (1.0, 1.0)
HALF = math.sqrt(0.5)


@pytest.fixture
def catalog(tmp_path: Path) -> Iterator[Catalog]:
    with Catalog(tmp_path / "inyong.db") as opened:
        yield opened


@pytest.fixture
def index(catalog: Catalog) -> VectorIndex:
    """Passages 1 to 4 look east, north-east, north and west."""
    put(catalog, "a", EAST, NORTH_EAST)
    put(catalog, "b", NORTH, WEST)
    index = VectorIndex(2)
    index.catch_up(catalog)
    return index


def put(catalog: Catalog, ident: str, *vectors: tuple[float, float]) -> None:
    passages = [make_passage(i, i + 1, vector=vector) for i, vector in enumerate(vectors)]
    catalog.put_document(make_document(ident), "x" * len(vectors), passages)


def toward(vector: tuple[float, float]) -> NDArray[np.float32]:
    return np.array(vector, np.float32)


def ids(found: list[tuple[int, float]]) -> list[int]:
    return [ident for ident, _ in found]


# Search


def test_search_computes_in_the_calling_thread_alone(index: VectorIndex) -> None:
    """Threads that FAISS kept for every searching thread made a language model write a quarter slower."""
    import faiss

    allowed: list[int] = []

    def search() -> None:
        index.search(toward(EAST), 1)
        allowed.append(faiss.omp_get_max_threads())

    thread = threading.Thread(target=search)
    thread.start()
    thread.join()
    assert allowed == [1]


def test_scores_are_cosines_best_first(index: VectorIndex) -> None:
    found = index.search(toward(EAST), 4)

    assert ids(found) == [1, 2, 3, 4]
    assert [score for _, score in found] == pytest.approx([1, HALF, 0, -1], abs=1e-3)


def test_only_the_nearest_k_are_found(index: VectorIndex) -> None:
    assert ids(index.search(toward(WEST), 2)) == [4, 3]


def test_more_than_there_are_gives_all(index: VectorIndex) -> None:
    assert len(index.search(toward(EAST), 100)) == 4


def test_only_allowed_passages_are_found(index: VectorIndex) -> None:
    assert ids(index.search(toward(EAST), 4, [3, 4])) == [3, 4]
    assert ids(index.search(toward(EAST), 1, [4])) == [4]


def test_nothing_allowed_finds_nothing(index: VectorIndex) -> None:
    assert index.search(toward(EAST), 4, []) == []


def test_allowed_passages_that_do_not_exist_are_not_found(index: VectorIndex) -> None:
    assert ids(index.search(toward(EAST), 4, [2, 77])) == [2]


def test_empty_index_finds_nothing() -> None:
    assert VectorIndex(2).search(toward(EAST), 4) == []


def test_equally_near_passages_come_by_id(catalog: Catalog) -> None:
    put(catalog, "a", NORTH, EAST, NORTH, EAST)
    index = VectorIndex(2)
    index.catch_up(catalog)
    assert ids(index.search(toward(EAST), 4)) == [2, 4, 1, 3]


# Catching up


def test_catching_up_counts_the_changes_and_moves_the_watermark(catalog: Catalog) -> None:
    put(catalog, "a", EAST)
    put(catalog, "b", NORTH)
    index = VectorIndex(2)

    assert (index.catch_up(catalog), index.watermark, len(index)) == (2, 2, 2)
    assert (index.catch_up(catalog), index.watermark, len(index)) == (0, 2, 2)


def test_removed_document_is_no_longer_found(catalog: Catalog, index: VectorIndex) -> None:
    catalog.remove_document("a")
    index.catch_up(catalog)
    assert ids(index.search(toward(EAST), 4)) == [3, 4]


def test_replaced_document_is_found_by_its_new_vectors(catalog: Catalog, index: VectorIndex) -> None:
    put(catalog, "a", WEST)
    index.catch_up(catalog)

    found = index.search(toward(EAST), 4)
    assert ids(found) == [3, 4, 5]
    assert [score for _, score in found] == pytest.approx([0, -1, -1], abs=1e-3)


def test_document_put_and_removed_between_two_catch_ups_is_not_found(
    catalog: Catalog, index: VectorIndex
) -> None:
    put(catalog, "c", EAST)
    catalog.remove_document("c")
    assert index.catch_up(catalog) == 2
    assert len(index) == 4


def test_replaying_changes_is_harmless(catalog: Catalog, index: VectorIndex) -> None:
    before = index.search(toward(EAST), 10)
    for watermark in (0, 1):
        index.watermark = watermark
        index.catch_up(catalog)
        assert index.search(toward(EAST), 10) == before


def test_more_passages_than_one_batch_are_all_added(catalog: Catalog) -> None:
    put(catalog, "a", *[EAST] * 5000)
    index = VectorIndex(2)
    index.catch_up(catalog)
    assert len(index) == 5000


# Files


def test_saved_index_is_loaded_equal(index: VectorIndex, tmp_path: Path) -> None:
    path = tmp_path / "vectors.faiss"
    index.save(path)

    loaded = load_vectors(path, 2, last_change=2)

    assert loaded.problem is None
    assert loaded.index.watermark == 2
    assert loaded.index.search(toward(NORTH_EAST), 4) == index.search(toward(NORTH_EAST), 4)


def test_loaded_index_goes_on_where_it_was_saved(
    catalog: Catalog, index: VectorIndex, tmp_path: Path
) -> None:
    path = tmp_path / "vectors.faiss"
    index.save(path)
    put(catalog, "c", WEST)
    catalog.remove_document("b")

    loaded = load_vectors(path, 2, last_change=4).index

    assert loaded.catch_up(catalog) == 2
    assert ids(loaded.search(toward(EAST), 4)) == [1, 2, 5]


def test_empty_index_is_saved_and_loaded(tmp_path: Path) -> None:
    path = tmp_path / "vectors.faiss"
    VectorIndex(2).save(path)
    assert load_vectors(path, 2, 0).problem is None


def test_saving_leaves_no_other_file(index: VectorIndex, tmp_path: Path) -> None:
    folder = tmp_path / "home"
    folder.mkdir()
    index.save(folder / "vectors.faiss")
    index.save(folder / "vectors.faiss")
    assert [path.name for path in folder.iterdir()] == ["vectors.faiss"]


def test_failed_save_leaves_the_old_file(
    index: VectorIndex, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "vectors.faiss"
    index.save(path)
    old = path.read_bytes()
    index.watermark = 99

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match="No space left"):
        index.save(path)

    assert path.read_bytes() == old
    assert list(tmp_path.glob("*.partial")) == []


@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 0.9, 0.999])
def test_flipped_bit_anywhere_is_noticed(index: VectorIndex, tmp_path: Path, share: float) -> None:
    path = tmp_path / "vectors.faiss"
    index.save(path)
    data = bytearray(path.read_bytes())
    data[int(share * len(data))] ^= 0x10
    path.write_bytes(data)

    loaded = load_vectors(path, 2, last_change=2)

    assert loaded.problem == "damaged"
    assert (len(loaded.index), loaded.index.watermark) == (0, 0)


def test_flipped_bit_in_the_watermark_is_noticed(index: VectorIndex, tmp_path: Path) -> None:
    path = tmp_path / "vectors.faiss"
    index.save(path)
    path.write_bytes(path.read_bytes().replace(b'"watermark": 2', b'"watermark": 3'))

    assert load_vectors(path, 2, last_change=9).problem == "damaged"


@pytest.mark.parametrize("size", [0, 1, 5, 11, 20, 60, 100])
def test_truncated_file_is_noticed(index: VectorIndex, tmp_path: Path, size: int) -> None:
    path = tmp_path / "vectors.faiss"
    index.save(path)
    path.write_bytes(path.read_bytes()[:size])

    assert load_vectors(path, 2, last_change=2).problem == "damaged"


@pytest.mark.parametrize("header", [b"[]", b"3", b"null", b'{"crc32": 0}', b"{", b"\xff"])
def test_nonsense_header_is_noticed(tmp_path: Path, header: bytes) -> None:
    path = tmp_path / "vectors.faiss"
    path.write_bytes(b"INYONGVEC1\n" + header + b"\n")
    assert load_vectors(path, 2, last_change=2).problem == "damaged"


def test_index_that_faiss_cannot_read_is_told(tmp_path: Path) -> None:
    body = b"of a later FAISS"
    checksum = zlib.crc32(body, zlib.crc32(b"1 2"))
    header = json.dumps({"watermark": 1, "dimension": 2, "crc32": checksum}).encode()
    path = tmp_path / "vectors.faiss"
    path.write_bytes(b"INYONGVEC1\n" + header + b"\n" + body)
    assert load_vectors(path, 2, last_change=2).problem == "written by another version of FAISS"


def test_index_of_another_dimension_belongs_to_another_store(index: VectorIndex, tmp_path: Path) -> None:
    path = tmp_path / "vectors.faiss"
    index.save(path)
    assert load_vectors(path, 384, last_change=2).problem == "made for another store"


def test_index_that_has_seen_the_future_belongs_to_another_store(index: VectorIndex, tmp_path: Path) -> None:
    path = tmp_path / "vectors.faiss"
    index.save(path)
    assert load_vectors(path, 2, last_change=1).problem == "made for another store"


def test_missing_file_is_a_problem_only_where_there_was_something(tmp_path: Path) -> None:
    assert load_vectors(tmp_path / "none", 2, last_change=0).problem is None
    assert load_vectors(tmp_path / "none", 2, last_change=1).problem == "missing"


def test_folder_in_the_place_of_the_file_is_told(tmp_path: Path) -> None:
    assert load_vectors(tmp_path, 2, last_change=1).problem == "unreadable (Is a directory)"
