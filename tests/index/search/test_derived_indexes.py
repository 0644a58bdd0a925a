import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from index.errors import StoreUnavailable
from index.search.derived_indexes import (
    LEXICAL_FOLDER,
    VECTORS_FILE,
    DerivedIndexes,
    derived_files,
    inspect_derived,
)
from index.search.keyword_index import LexicalIndex, discard_lexical, lexical_watermark
from index.search.vector_index import load_vectors
from index.store import Access, Catalog
from tests.index.samples import put
from tests.index.unwritable import without_rights

REPOSITORY = Path(__file__).parents[3]
EAST = np.array([1, 0], np.float32)


@pytest.fixture
def catalog(tmp_path: Path) -> Iterator[Catalog]:
    with Catalog(tmp_path / "inyong.db") as opened:
        yield opened


@pytest.fixture
def told() -> list[str]:
    return []


def refuse_notice(sentence: str) -> None:
    raise AssertionError(f"nothing was to be told, but: {sentence}")


def found(derived: DerivedIndexes, word: str = "apple") -> tuple[list[int], list[int]]:
    """Passage ids found by vector and by word."""
    return (
        sorted(ident for ident, _ in derived.vectors.search(EAST, 100)),
        sorted(ident for ident, _ in derived.lexical.search([word], 100)),
    )


def flip(path: Path, position: int = -1) -> None:
    data = bytearray(path.read_bytes())
    data[position] ^= 0x10
    # Put in the file's place: cutting one short that tantivy has mapped into memory would end the process.
    path.with_name("flipped").write_bytes(data)
    path.with_name("flipped").replace(path)


# The ordinary course


def test_fresh_store_tells_nothing(catalog: Catalog) -> None:
    derived = DerivedIndexes(catalog, 2, refuse_notice)
    assert derived.in_step()
    put(catalog, "a", "apple")
    derived.catch_up(save=True)
    assert found(derived) == ([1], [1])


def test_changes_are_found_after_catching_up(catalog: Catalog) -> None:
    derived = DerivedIndexes(catalog, 2, refuse_notice)
    put(catalog, "a", "apple")
    put(catalog, "b", "apple")
    assert not derived.in_step()

    derived.catch_up()
    assert derived.in_step()
    assert found(derived) == ([1, 2], [1, 2])

    catalog.remove_document("a")
    derived.catch_up()
    assert found(derived) == ([2], [2])


def test_saved_indexes_are_opened_without_a_word(catalog: Catalog) -> None:
    put(catalog, "a", "apple")
    DerivedIndexes(catalog, 2, lambda sentence: None).catch_up(save=True)

    derived = DerivedIndexes(catalog, 2, refuse_notice)

    assert derived.in_step()
    assert found(derived) == ([1], [1])


def test_vectors_are_saved_when_asked_to(catalog: Catalog, tmp_path: Path) -> None:
    derived = DerivedIndexes(catalog, 2, refuse_notice)
    put(catalog, "a", "apple")

    derived.catch_up()
    assert not (tmp_path / VECTORS_FILE).exists()
    derived.catch_up(save=True)

    assert load_vectors(tmp_path / VECTORS_FILE, 2, 1).index.watermark == 1


def test_many_changes_are_saved_unasked(catalog: Catalog, tmp_path: Path) -> None:
    derived = DerivedIndexes(catalog, 2, refuse_notice)
    for number in range(65):
        put(catalog, f"d{number}", "apple")
    derived.catch_up()
    assert load_vectors(tmp_path / VECTORS_FILE, 2, 65).index.watermark == 65


# Repair


def _lexical_segment(home: Path) -> Path:
    return max((home / LEXICAL_FOLDER).glob("*.fast"))


def _empty(path: Path) -> None:
    path.write_bytes(b"")


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-3])


_VECTORS_DAMAGED = "vectors.faiss was damaged; it is made again from the store"
_LEXICAL_DAMAGED = "the lexical index was damaged: "
_WAYS: dict[str, tuple[Callable[[Path], None], str]] = {
    "vectors flipped": (lambda home: flip(home / VECTORS_FILE), _VECTORS_DAMAGED),
    "vectors cut": (lambda home: _cut(home / VECTORS_FILE), _VECTORS_DAMAGED),
    "vectors emptied": (lambda home: _empty(home / VECTORS_FILE), _VECTORS_DAMAGED),
    "vectors missing": (
        lambda home: (home / VECTORS_FILE).unlink(),
        "vectors.faiss was missing; it is made again from the store",
    ),
    "words flipped": (lambda home: flip(_lexical_segment(home)), _LEXICAL_DAMAGED),
    "words cut": (lambda home: _cut(_lexical_segment(home)), _LEXICAL_DAMAGED),
    "words missing": (lambda home: _lexical_segment(home).unlink(), _LEXICAL_DAMAGED),
    "note emptied": (lambda home: _empty(home / LEXICAL_FOLDER / "inyong.json"), _LEXICAL_DAMAGED),
}


@pytest.mark.parametrize("way", list(_WAYS))
def test_damaged_file_is_made_again_and_named(
    catalog: Catalog, tmp_path: Path, told: list[str], way: str
) -> None:
    damage, sentence = _WAYS[way]
    put(catalog, "a", "apple")
    put(catalog, "b", "apple")
    catalog.remove_document("a")
    DerivedIndexes(catalog, 2, lambda sentence: None).catch_up(save=True)
    damage(tmp_path)

    derived = DerivedIndexes(catalog, 2, told.append)

    assert [message[: len(sentence)] for message in told] == [sentence]
    assert derived.in_step()
    assert found(derived) == ([2], [2])


def test_repaired_files_are_whole_at_the_next_start(
    catalog: Catalog, tmp_path: Path, told: list[str]
) -> None:
    put(catalog, "a", "apple")
    DerivedIndexes(catalog, 2, lambda sentence: None).catch_up(save=True)
    flip(tmp_path / VECTORS_FILE)
    flip(_lexical_segment(tmp_path))
    DerivedIndexes(catalog, 2, told.append)
    assert len(told) == 2

    assert found(DerivedIndexes(catalog, 2, refuse_notice)) == ([1], [1])


def test_lexical_folder_that_is_gone_is_made_again(catalog: Catalog, tmp_path: Path) -> None:
    put(catalog, "a", "apple")
    DerivedIndexes(catalog, 2, lambda sentence: None)
    discard_lexical(tmp_path / LEXICAL_FOLDER)

    assert found(DerivedIndexes(catalog, 2, lambda sentence: None)) == ([1], [1])


def test_lexical_index_damaged_while_in_use_is_made_again(
    catalog: Catalog, tmp_path: Path, told: list[str]
) -> None:
    put(catalog, "a", "apple")
    derived = DerivedIndexes(catalog, 2, lambda sentence: None)
    derived.catch_up(save=True)
    derived = DerivedIndexes(catalog, 2, told.append)
    flip(_lexical_segment(tmp_path))
    put(catalog, "b", "apple")

    derived.catch_up()

    assert len(told) == 1
    assert told[0].startswith("the lexical index was damaged")
    assert found(derived) == ([1, 2], [1, 2])


def test_files_of_another_store_are_made_again(catalog: Catalog, tmp_path: Path, told: list[str]) -> None:
    put(catalog, "a", "apple")
    put(catalog, "b", "apple")
    DerivedIndexes(catalog, 2, lambda sentence: None).catch_up(save=True)
    for name in ("inyong.db", "inyong.db-wal", "inyong.db-shm"):
        (tmp_path / name).unlink(missing_ok=True)

    with Catalog(tmp_path / "inyong.db") as fresh:
        put(fresh, "c", "apple")
        derived = DerivedIndexes(fresh, 2, told.append)
        assert found(derived) == ([1], [1])

    assert told == [
        "vectors.faiss was made for another store; it is made again from the store",
        "the lexical index was made for another store; it is made again from the store",
    ]


def test_vectors_that_cannot_be_saved_are_told_and_the_search_goes_on(
    catalog: Catalog, told: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    derived = DerivedIndexes(catalog, 2, told.append)
    put(catalog, "a", "apple")

    def full(path: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(derived.vectors, "save", full)
    derived.catch_up(save=True)

    assert told == [
        "vectors.faiss could not be saved (No space left on device); it is made again at the next start"
    ]
    assert found(derived) == ([1], [1])


def test_full_disk_while_catching_up_is_one_sentence(
    catalog: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    derived = DerivedIndexes(catalog, 2, refuse_notice)
    put(catalog, "a", "apple")

    def full(index: LexicalIndex, catalog: Catalog) -> int:
        raise ValueError("An IO error occurred: 'No space left on device (os error 28)'")

    monkeypatch.setattr(LexicalIndex, "catch_up", full)
    with pytest.raises(StoreUnavailable, match="the disk is full; no document was lost"):
        derived.catch_up()


# Several at once


_OTHER_PROCESS = """
import sys
from pathlib import Path
from index.store import Catalog
from index.search.derived_indexes import DerivedIndexes
from tests.index.unwritable import without_rights
from tests.index.samples import put
with Catalog(Path(sys.argv[1])) as catalog:
    derived = DerivedIndexes(catalog, 2, print)
    put(catalog, "other", "apple", "pear")
    derived.catch_up(save=True)
"""


def test_changes_of_another_process_are_seen(catalog: Catalog, tmp_path: Path) -> None:
    put(catalog, "a", "apple")
    derived = DerivedIndexes(catalog, 2, lambda sentence: None)
    derived.catch_up(save=True)

    done = subprocess.run(
        [sys.executable, "-c", _OTHER_PROCESS, str(catalog.path)],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout == ""
    derived.catch_up()
    assert found(derived) == ([1, 2, 3], [1, 2])
    assert lexical_watermark(tmp_path / LEXICAL_FOLDER) == 2


def test_two_users_of_one_store_stay_in_step(catalog: Catalog) -> None:
    one = DerivedIndexes(catalog, 2, refuse_notice)
    with Catalog(catalog.path) as second:
        other = DerivedIndexes(second, 2, refuse_notice)
        for number in range(6):
            put(catalog if number % 2 else second, f"d{number}", "apple")
            (one if number % 3 else other).catch_up()
        one.catch_up(save=True)
        other.catch_up(save=True)
        assert found(one) == found(other) == ([1, 2, 3, 4, 5, 6], [1, 2, 3, 4, 5, 6])


def test_threads_catch_up_together(catalog: Catalog) -> None:
    derived = DerivedIndexes(catalog, 2, refuse_notice)
    errors: list[BaseException] = []

    def work(number: int) -> None:
        try:
            for turn in range(4):
                put(catalog, f"{number}-{turn}", "apple")
                derived.catch_up()
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    derived.catch_up()

    assert errors == []
    assert found(derived) == ([*range(1, 17)], [*range(1, 17)])


# A home that cannot be written


def test_indexes_live_in_memory_where_the_home_cannot_be_written() -> None:
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        with Catalog(home / "inyong.db") as catalog:
            put(catalog, "a", "apple")
        with without_rights(home), Catalog(home / "inyong.db", Access.READ) as catalog:
            derived = DerivedIndexes(catalog, 2, lambda sentence: None)
            derived.catch_up(save=True)
            assert found(derived) == ([1], [1])
            assert derived.lexical.folder is None
        assert [path.name for path in home.iterdir()] == ["inyong.db"]


# What the doctor sees


def test_inspection_of_indexes_in_step_finds_nothing(catalog: Catalog) -> None:
    put(catalog, "a", "apple")
    DerivedIndexes(catalog, 2, lambda sentence: None).catch_up(save=True)
    assert inspect_derived(catalog, 2) == [(VECTORS_FILE, ""), (LEXICAL_FOLDER, "")]


def test_inspection_counts_how_far_they_are_behind(catalog: Catalog) -> None:
    put(catalog, "a", "apple")
    DerivedIndexes(catalog, 2, lambda sentence: None).catch_up(save=True)
    put(catalog, "b", "apple")
    assert inspect_derived(catalog, 2) == [
        (VECTORS_FILE, "1 changes behind"),
        (LEXICAL_FOLDER, "1 changes behind"),
    ]


def test_inspection_repairs_nothing(catalog: Catalog, tmp_path: Path) -> None:
    put(catalog, "a", "apple")
    DerivedIndexes(catalog, 2, lambda sentence: None).catch_up(save=True)
    vectors, lexical = derived_files(tmp_path)
    flip(vectors)
    flip(_lexical_segment(tmp_path))

    for _ in range(2):
        (_, dense), (_, words) = inspect_derived(catalog, 2)
        assert dense == "damaged"
        assert words.endswith("is not as it was written")
    assert lexical.is_dir()
