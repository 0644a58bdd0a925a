"""Which documents a caller may know of."""

import pytest

from service.storage.permissions import EVERYONE, Caller, Scope, scope_for
from tests.service.conftest import World

ANN = Caller("ann", frozenset({"town", "club"}), frozenset({Scope.ASK}), "k1")
NOBODY = Caller("nobody", frozenset(), frozenset({Scope.ASK}), "k2")


def test_a_caller_without_a_wish_searches_all_it_may_see() -> None:
    assert scope_for(ANN).collections == ("club", "town")


def test_of_the_collections_asked_for_only_the_allowed_remain() -> None:
    assert scope_for(ANN, ["secret", "town", "town"]).collections == ("town",)


def test_everyone_may_ask_for_anything() -> None:
    assert scope_for(EVERYONE).collections == ()
    assert scope_for(EVERYONE, ["secret"]).collections == ("secret",)


def test_filters_are_kept() -> None:
    assert scope_for(ANN, (), {"date": "2026"}).filters == {"date": "2026"}


@pytest.mark.parametrize(
    ("caller", "asked"), [(ANN, ("secret",)), (NOBODY, ()), (NOBODY, ("town",)), (EVERYONE, ("nothing",))]
)
def test_nothing_allowed_finds_nothing(world: World, caller: Caller, asked: tuple[str, ...]) -> None:
    scope = scope_for(caller, asked)
    with world.open() as inyong:
        assert inyong.search("도서관", collections=scope.collections) == []


def test_a_filter_on_the_collection_does_not_widen_the_scope(world: World) -> None:
    other = Caller("other", frozenset({"club"}), frozenset({Scope.ASK}), "k3")
    scope = scope_for(other, (), {"collection": "town"})
    with world.open() as inyong:
        assert inyong.search("도서관", collections=scope.collections, filters=scope.filters) == []


def test_rights_are_told_apart() -> None:
    assert (ANN.may(Scope.ASK), ANN.may(Scope.WRITE)) == (True, False)
    assert (ANN.sees("town"), ANN.sees("secret"), EVERYONE.sees("secret")) == (True, False, True)
