"""Evidence to a probability."""

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.confidence import LEAST_CONFIDENCE, confidence, is_open, is_uncertain
from service.types import Evidence

NOTHING = Evidence(backing=0.0, around=0.0, near=0.0)
ALL = Evidence(backing=9.2, around=1.0, near=1.0)
share = st.floats(0, 1)
log_odds = st.floats(-9.3, 9.3)
evidence = st.builds(Evidence, backing=log_odds, around=share, near=share, answering=st.none() | log_odds)


def test_formula_without_the_second_judgement_worked_by_hand() -> None:
    found = confidence(Evidence(backing=4.0, around=0.5, near=0.25), "ko")
    assert found == pytest.approx(1 / (1 + math.exp(5.3 - 0.9 * 4 - 2.5 * 0.5 - 1.17 * 0.25)))


@pytest.mark.parametrize("language", ["ko", "en"])
def test_what_everything_speaks_for_is_shown_and_what_nothing_speaks_for_is_not(language: str) -> None:
    assert confidence(ALL, language) > 0.9
    assert confidence(NOTHING, language) < LEAST_CONFIDENCE


@given(evidence, st.sampled_from(["backing", "around", "near"]), st.sampled_from(["ko", "en"]))
def test_more_of_any_evidence_is_never_less_confidence(given: Evidence, name: str, language: str) -> None:
    more = replace(given, **{name: getattr(given, name) + 0.1})
    assert 0 < confidence(given, language) <= confidence(more, language) < 1


def test_formula_with_it_worked_by_hand() -> None:
    found = confidence(Evidence(backing=4.0, around=0.5, near=0.25, answering=3.0), "ko")
    assert found == pytest.approx(1 / (1 + math.exp(5.78 - 0.5 * 3 - 0.54 * 4 - 2.5 * 0.5 - 1.17 * 0.25)))


@pytest.mark.parametrize(("likely", "is_wanted"), [(0.29, False), (0.3, True), (0.79, True), (0.8, False)])
def test_more_evidence_is_wanted_where_it_may_decide(likely: float, *, is_wanted: bool) -> None:
    assert is_open(likely) is is_wanted


def test_what_is_shown_may_still_be_uncertain() -> None:
    assert is_uncertain(LEAST_CONFIDENCE)
    assert not is_uncertain(confidence(ALL, "ko"))
