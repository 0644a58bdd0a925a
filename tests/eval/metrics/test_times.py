import pytest

from eval.metrics.times import Percentiles, output_tokens_per_s, percentiles, prompt_tokens_per_s


def test_percentiles_are_linear_between_neighbours() -> None:
    # Positions (n - 1) * share of 0, 10, ..., 100: 5, 9.5 and 9.9.
    assert percentiles([float(10 * i) for i in range(11)][::-1]) == Percentiles(50.0, 95.0, 99.0)


def test_one_value_is_every_percentile() -> None:
    assert percentiles([7.0]) == Percentiles(7.0, 7.0, 7.0)


def test_percentiles_of_nothing_are_an_error() -> None:
    with pytest.raises(ValueError, match="no value"):
        percentiles([])


TIMINGS = [
    {"search": 100.0, "select": 100.0, "first_token": 1200.0, "generate": 3000.0},
    {"search": 50.0, "select": 50.0, "first_token": 600.0, "generate": 1000.0},
    {"search": 50.0, "select": 50.0, "first_token": 0.0, "generate": 0.0},  # nothing was generated
]


def test_the_prompt_is_read_between_selection_and_the_first_token() -> None:
    assert prompt_tokens_per_s(TIMINGS, [200, 100, 0]) == pytest.approx(300 / 1.5)


def test_output_is_written_from_the_first_token_to_the_end_of_generation() -> None:
    # 2.0 s for the 40 tokens after the first, 0.5 s for 10.
    assert output_tokens_per_s(TIMINGS, [41, 11, 0]) == pytest.approx(50 / 2.5)


def test_without_any_time_there_is_no_speed() -> None:
    assert prompt_tokens_per_s([], []) is None
    assert output_tokens_per_s([{"search": 5.0}], [0]) is None


def test_waiting_for_the_model_is_no_part_of_its_speed() -> None:
    waited = [
        {**timings, "wait": 500.0, "first_token": timings["first_token"] + 500} for timings in TIMINGS[:2]
    ]
    assert prompt_tokens_per_s(waited, [200, 100]) == prompt_tokens_per_s(TIMINGS[:2], [200, 100])
    assert output_tokens_per_s(waited, [41, 11]) == output_tokens_per_s(TIMINGS[:2], [41, 11])


def test_answers_to_rewritten_follow_ups_are_left_out() -> None:
    rewritten = {"rewrite": 900.0, "search": 50.0, "select": 50.0, "first_token": 1600.0, "generate": 1000.0}
    assert prompt_tokens_per_s([*TIMINGS, rewritten], [200, 100, 0, 500]) == pytest.approx(300 / 1.5)
