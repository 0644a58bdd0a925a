"""Who is held off after wrong keys, and for how long."""

import pytest

from service.api.wrong_keys import WrongKeys
from service.rates import RateLimiter
from tests.service.test_rates import Clock


@pytest.fixture
def wrong_keys() -> WrongKeys:
    """Two attempts a minute for each address."""
    return WrongKeys(RateLimiter(2, Clock()))


def guess(wrong_keys: WrongKeys, address: str, n: int = 1) -> list[int]:
    waits = [wrong_keys.begin(address, f"guess {i}") for i in range(n)]
    for i in range(n):
        wrong_keys.was_wrong(f"guess {i}")
    return waits


def test_an_address_has_so_many_attempts_and_another_its_own(wrong_keys: WrongKeys) -> None:
    assert guess(wrong_keys, "10.0.0.1", 3) == [0, 0, 30]
    assert guess(wrong_keys, "10.0.0.2", 1) == [0]


def test_a_right_key_costs_no_attempt(wrong_keys: WrongKeys) -> None:
    for key in ("ann", "ben", "cid"):
        assert wrong_keys.begin("10.0.0.1", key) == 0
        wrong_keys.was_right("10.0.0.1", key)
    assert guess(wrong_keys, "10.0.0.1", 3) == [0, 0, 30]


def test_a_key_that_was_right_passes_until_it_is_revoked(wrong_keys: WrongKeys) -> None:
    wrong_keys.was_right("10.0.0.1", "ann")
    guess(wrong_keys, "10.0.0.1", 3)
    assert wrong_keys.begin("10.0.0.1", "ann") == 0
    wrong_keys.was_wrong("ann")
    assert wrong_keys.begin("10.0.0.1", "ann") == 30


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("2001:db8::1", "2001:db8::ffff:1"),
        ("10.0.0.1", "::ffff:10.0.0.1"),
        ("x" * 64, "x" * 65),
    ],
)
def test_addresses_that_one_may_have_are_one(wrong_keys: WrongKeys, one: str, other: str) -> None:
    guess(wrong_keys, one, 2)
    assert guess(wrong_keys, other) == [30]


def test_memory_is_bounded(wrong_keys: WrongKeys, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("service.api.wrong_keys._MOST_RIGHT_KEYS", 3)
    for n in range(10):
        wrong_keys.was_right("10.0.0.1", f"key {n}")
    assert len(wrong_keys._right) == 3
