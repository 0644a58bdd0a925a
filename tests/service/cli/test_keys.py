"""`inyong keys` as an operator uses it."""

import json
from pathlib import Path

import pytest

from service.storage.keys import KEYS_FILE, Keys
from service.storage.permissions import Scope
from tests.service.cli.conftest import Run


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("INYONG_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def test_a_new_key_is_printed_alone_and_opens_the_door(run: Run, home: Path) -> None:
    result = run("keys", "add", "ann", "--collections", "town, club", "--scopes", "ask,write")
    keys = Keys(home)
    caller = keys.verify(result.out.strip())
    keys.close()
    assert caller is not None
    assert (caller.collections, caller.scopes) == (frozenset({"town", "club"}), frozenset(Scope))
    assert "ann may ask and write in town, club" in result.err


def test_a_key_may_only_ask_unless_told(run: Run, home: Path) -> None:
    run("keys", "add", "ann")
    (listed,) = json.loads(run("keys", "list", "--json").out)["keys"]
    assert (listed["scopes"], listed["collections"]) == (["ask"], None)


def test_the_list_never_shows_a_key(run: Run, home: Path) -> None:
    secret = run("keys", "add", "ann").out.strip().split("_", 2)[2]
    assert secret not in run("keys", "list").out + run("keys", "list", "--json").out


def test_revoking_the_last_key_says_that_the_door_is_shut(run: Run, home: Path) -> None:
    run("keys", "add", "ann")
    run("keys", "add", "ben")
    first, last = run("keys", "revoke", "ann"), run("keys", "revoke", "ben")
    assert (first.code, first.err) == (0, "")
    assert "refuses every request" in last.err
    assert str(home / KEYS_FILE) in last.err


def test_a_list_before_any_key_makes_no_file(run: Run, home: Path) -> None:
    assert run("keys", "list").code == 0
    assert not home.exists()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("add", "ann", "--scopes", "ask,rule"), "rule is no scope; choose from ask, write"),
        (("add", "ann", "--scopes", ","), "nothing is no scope"),
        (("add", "ann", "--collections", ""), "names no collection"),
    ],
)
def test_a_slip_of_the_operator_is_a_usage_error(
    run: Run, home: Path, arguments: tuple[str, ...], words: str
) -> None:
    result = run("keys", *arguments)
    assert result.code == 2
    assert words in " ".join(result.err.replace("│", " ").split())
    assert not home.exists()


def test_an_unknown_key_is_one_sentence(run: Run, home: Path) -> None:
    result = run("keys", "revoke", "ann")
    assert (result.code, result.complaint()) == (
        1,
        "ann: no key of this name is in use; see: inyong keys list",
    )
