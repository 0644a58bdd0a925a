import gc

import pytest

from service.collecting import collecting_seldom


def test_garbage_is_looked_for_seldom_and_afterwards_as_before() -> None:
    before = gc.get_threshold()
    with collecting_seldom():
        assert gc.get_threshold()[0] > before[0]
    assert gc.get_threshold() == before


def test_whoever_looks_more_seldom_or_never_is_left_alone() -> None:
    before = gc.get_threshold()
    try:
        for own in (0, 1_000_000):
            gc.set_threshold(own)
            with collecting_seldom():
                assert gc.get_threshold()[0] == own
    finally:
        gc.set_threshold(*before)


def test_threshold_is_put_back_after_an_error() -> None:
    before = gc.get_threshold()
    with pytest.raises(ValueError, match="wrong"), collecting_seldom():
        raise ValueError("wrong")
    assert gc.get_threshold() == before
