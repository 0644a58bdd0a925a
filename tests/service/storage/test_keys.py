"""API keys: what is kept of them, who they let in, and what shuts them out."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from index.errors import StoreUnavailable
from service.storage.keys import KEYS_FILE, BadKeyRequest, Keys
from service.storage.permissions import Scope

ASK = [Scope.ASK]


class Clock:
    """Seconds, moved by hand."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def keys(tmp_path: Path, clock: Clock) -> Iterator[Keys]:
    made = Keys(tmp_path, clock)
    yield made
    made.close()


def test_a_key_lets_its_holder_in_with_its_rights(keys: Keys) -> None:
    key = keys.add("ann", ["town", "club"], [Scope.ASK, Scope.WRITE])
    caller = keys.verify(key)
    assert caller is not None
    assert (caller.name, caller.collections, caller.scopes) == (
        "ann",
        frozenset({"town", "club"}),
        frozenset(Scope),
    )


def test_a_key_without_collections_sees_all(keys: Keys) -> None:
    caller = keys.verify(keys.add("ann", None, ASK))
    assert caller is not None
    assert caller.collections is None
    assert caller.sees("a collection of tomorrow")


def test_the_key_itself_is_nowhere_on_disk(keys: Keys, tmp_path: Path) -> None:
    key = keys.add("ann", None, ASK)
    keys.close()
    secret = key.split("_", 2)[2].encode()
    assert all(secret not in path.read_bytes() for path in tmp_path.iterdir())


def test_the_file_is_its_owners_alone(keys: Keys, tmp_path: Path) -> None:
    keys.add("ann", None, ASK)
    assert (tmp_path / KEYS_FILE).stat().st_mode & 0o077 == 0


def test_two_keys_have_nothing_in_common(keys: Keys) -> None:
    first, second = keys.add("ann", None, ASK), keys.add("ben", None, ASK)
    assert not set(first.split("_", 2)[1:]) & set(second.split("_", 2)[1:])


@pytest.mark.parametrize(
    "spoil", [lambda k: k[:-1], lambda k: k + "A", lambda k: k.upper(), lambda k: "", str.swapcase]
)
def test_what_is_almost_a_key_is_none(keys: Keys, spoil: object) -> None:
    key = keys.add("ann", None, ASK)
    assert callable(spoil)
    assert keys.verify(spoil(key)) is None


@pytest.mark.parametrize(
    "forged",
    ["inyong_abc_def", "inyong__", "Bearer", "inyong_" + "a" * 100_000, "키_키_키", "inyong_\0_\0", "_" * 99],
)
def test_a_forged_key_is_none(keys: Keys, forged: str) -> None:
    keys.add("ann", None, ASK)
    assert keys.verify(forged) is None


def test_the_secret_of_one_key_does_not_open_another(keys: Keys) -> None:
    first, second = keys.add("ann", None, ASK), keys.add("ben", None, ASK)
    mixed = "_".join([*first.split("_", 2)[:2], second.split("_", 2)[2]])
    assert keys.verify(mixed) is None


def test_a_revoked_key_is_refused_at_once_in_another_process(keys: Keys, tmp_path: Path) -> None:
    key = keys.add("ann", None, ASK)
    server = Keys(tmp_path)
    assert server.verify(key) is not None
    keys.revoke("ann")
    assert server.verify(key) is None
    server.close()


def test_no_key_is_required_before_the_first_and_the_last_one_leaves_the_door_shut(keys: Keys) -> None:
    assert not keys.required()
    keys.add("ann", None, ASK)
    assert keys.required()
    keys.revoke("ann")
    assert keys.required()


def test_asking_about_keys_makes_no_file(keys: Keys, tmp_path: Path) -> None:
    assert (keys.required(), keys.known(), keys.verify("inyong_a_b")) == (False, [], None)
    assert list(tmp_path.iterdir()) == []


def test_a_name_is_free_again_after_revoking_but_the_id_is_new(keys: Keys) -> None:
    old = keys.verify(keys.add("ann", None, ASK))
    keys.revoke("ann")
    new = keys.verify(keys.add("ann", None, ASK))
    assert old is not None
    assert new is not None
    assert (old.name, old.id != new.id) == (new.name, True)


def test_use_is_recorded_once_a_minute(keys: Keys, clock: Clock, tmp_path: Path) -> None:
    key = keys.add("ann", None, ASK)
    assert keys.known()[0].last_used_at is None
    keys.verify(key)
    first = keys.known()[0].last_used_at
    assert first
    with sqlite3.connect(tmp_path / KEYS_FILE) as connection:
        connection.execute("UPDATE keys SET last_used_at = 'earlier'")
    connection.close()
    clock.now = 59.9
    keys.verify(key)
    assert keys.known()[0].last_used_at == "earlier"
    clock.now = 60
    keys.verify(key)
    assert keys.known()[0].last_used_at != "earlier"


def test_a_key_is_good_also_when_its_use_cannot_be_recorded(
    keys: Keys, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = keys.add("ann", None, ASK)

    def refuse() -> None:
        raise StoreUnavailable("the disk is full")

    monkeypatch.setattr(keys._database, "writing", refuse)
    assert keys.verify(key) is not None


@pytest.mark.parametrize("name", ["", " ann", "a\nb", "local", "x" * 65, "\0"])
def test_a_name_that_would_mislead_is_refused(keys: Keys, name: str) -> None:
    with pytest.raises(BadKeyRequest):
        keys.add(name, None, ASK)


def test_a_name_in_use_is_refused(keys: Keys) -> None:
    keys.add("ann", None, ASK)
    with pytest.raises(BadKeyRequest, match="inyong keys revoke ann"):
        keys.add("ann", None, ASK)


@pytest.mark.parametrize("collections", [[], [""], ["a\nb"], [" a"]])
def test_a_list_of_collections_never_turns_into_all(keys: Keys, collections: list[str]) -> None:
    with pytest.raises(BadKeyRequest):
        keys.add("ann", collections, ASK)


def test_revoking_what_is_not_there_is_told(keys: Keys) -> None:
    with pytest.raises(BadKeyRequest, match="inyong keys list"):
        keys.revoke("ann")


def test_a_damaged_file_is_reported(keys: Keys, tmp_path: Path) -> None:
    (tmp_path / KEYS_FILE).write_bytes(b"no database" * 500)
    with pytest.raises(StoreUnavailable, match="make the keys again with: inyong keys add"):
        keys.required()


def test_a_file_of_a_later_version_is_reported(keys: Keys, tmp_path: Path) -> None:
    keys.add("ann", None, ASK)
    keys.close()
    with sqlite3.connect(tmp_path / KEYS_FILE) as connection:
        connection.execute("PRAGMA user_version = 9")
    connection.close()
    with pytest.raises(StoreUnavailable, match=r"another version of Inyong \(format 9"):
        keys.required()


def test_a_folder_that_cannot_be_created_is_reported(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StoreUnavailable, match="cannot be opened"):
        Keys(tmp_path / "file" / "home").add("ann", None, ASK)
