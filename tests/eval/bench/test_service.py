"""Figures of the service's bench, from values whose figures are known."""

from collections import Counter

import pytest

from eval.bench.served import Streamed
from eval.bench.service import Load, answer_figures, load_figures


def streamed(sources: float, first_text: float, whole: float, first_token: float, total: float) -> Streamed:
    timings = {"timings_ms": {"first_token": first_token, "total": total}}
    return Streamed(200, sources, first_text, whole, timings)


def test_what_one_asker_sees() -> None:
    figures = answer_figures([streamed(100, 2500, 4040, 1500, 4000), streamed(100, 0, 1010, 0, 1000)])
    assert figures["with a text"] == 1
    assert figures["time to first text, s, median"] == 2.5
    assert figures["of that, for checking before showing, s, median"] == 1.0
    assert figures["added by the service, % of answering"] == pytest.approx(1.0)  # 50 of 5000 ms


def test_a_key_without_an_answer_and_an_error_are_seen() -> None:
    load = Load(Counter({"200": 7, "429": 20, "503": 2}), Counter({0: 3, 2: 4}), [1.0] * 7)
    figures = load_figures(load, 3, [100.0, 102.0, 108.0, 110.0])
    assert (figures["answers by key, fewest"], figures["answers by key, most"]) == (0, 4)
    assert (figures["refused with 429"], figures["errors other than 429"]) == (20, 2)
    assert figures["which"] == {"503": 2}
    assert figures["memory by quarters of that time, MB"] == "100, 102, 108, 110"
