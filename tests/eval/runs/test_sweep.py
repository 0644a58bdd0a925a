"""Many settings tried on one set: which points there are, what they share, and which one is chosen."""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from eval.errors import BadQuestionSet
from eval.runs.grid import BadGrid, Point, make_points, parse_values, read_grid
from eval.runs.files import load_run
from eval.runs.request import RunRequest
from eval.metrics.statistics import Estimate
from eval.runs.sweep import Outcome, Sweep, Watcher, pareto_front, split_halves, sweep
from eval.types import Question
from service import wiring
from service.settings import Settings
from tests.eval.conftest import BUDGET, DATE, RIGHT_BUDGET, RIGHT_DATE, save_set, words_of_many
from tests.service.conftest import World

# The grid


def test_every_combination_is_a_point() -> None:
    points = make_points({"k": [2, 4], "dense_weight": [0.1, 0.5]}, Settings())
    assert {(p.settings.k, p.settings.dense_weight) for p in points} == {
        (2, 0.1),
        (2, 0.5),
        (4, 0.1),
        (4, 0.5),
    }


def test_what_is_not_in_the_grid_stays_as_it_is() -> None:
    (point,) = make_points({"k": [3]}, Settings(answer_tokens=123))
    assert point.settings == Settings(k=3, answer_tokens=123)


def test_words_from_the_command_line_become_numbers() -> None:
    (point,) = make_points(dict([parse_values("k=3")]), Settings())
    assert point.values == {"k": 3}


def test_points_that_share_models_and_stores_are_neighbours() -> None:
    points = make_points({"k": [2, 4], "passage_most": [300, 400], "llm": ["b", "a"]}, Settings())
    seen = [(p.settings.llm, p.settings.passage_most) for p in points]
    assert len([1 for one, other in pairwise(seen) if one != other]) == 3


def test_a_point_has_the_same_folder_whatever_else_is_in_the_grid() -> None:
    (alone,) = make_points({"k": [4]}, Settings())
    assert alone.folder_name in {p.folder_name for p in make_points({"k": [2, 4]}, Settings())}


def test_models_of_one_file_name_have_folders_of_their_own() -> None:
    points = make_points({"llm": ["/one/model.gguf", "/two/model.gguf"]}, Settings())
    assert len({p.folder_name for p in points}) == 2
    assert {p.label for p in points} == {"llm model.gguf"}
    assert not any("/" in p.folder_name for p in points)


@pytest.mark.parametrize(
    ("grid", "said"),
    [
        ({}, "the grid is empty"),
        ({"kk": [1]}, "'kk' is no setting that can be swept; there are embedding, llm, phrasing, k"),
        ({"home": ["x"]}, "'home' is no setting"),
        ({"k": []}, "k has no values"),
        ({"k": [0]}, "k is 0 .* must be from 1 to 50"),
        ({"passage_least": [500]}, "passage_least .* is more than passage_most"),
    ],
)
def test_a_grid_that_cannot_be_swept_is_told(grid: dict[str, list[Any]], said: str) -> None:
    with pytest.raises(BadGrid, match=said):
        make_points(grid, Settings())


def test_a_grid_is_read_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "sweep.toml").write_text("k = [4, 6]\ndense_weight = 0.2\n")
    assert read_grid(tmp_path / "sweep.toml") == {"k": [4, 6], "dense_weight": [0.2]}


@pytest.mark.parametrize("text", ["k = [", None])
def test_a_grid_file_that_cannot_be_read_is_told(tmp_path: Path, text: str | None) -> None:
    if text is not None:
        (tmp_path / "sweep.toml").write_text(text)
    with pytest.raises(BadGrid, match=r"sweep\.toml"):
        read_grid(tmp_path / "sweep.toml")


@pytest.mark.parametrize("text", ["k", "=4", "k=", "k=4,"])
def test_values_that_are_none_are_told(text: str) -> None:
    with pytest.raises(BadGrid, match="is not NAME=VALUE,VALUE"):
        parse_values(text)


# The halves


def questions(n: int) -> list[Question]:
    return [Question(f"q{i}", "?", i % 4 != 0, lang="ko" if i % 3 else "en") for i in range(n)]


def test_the_halves_are_whole_and_apart() -> None:
    halves = split_halves(questions(25))
    assert not halves.choosing & halves.reporting
    assert halves.choosing | halves.reporting == {f"q{i}" for i in range(25)}
    assert len(halves.choosing) == 13


def test_each_half_has_its_share_of_languages_and_unanswerable_questions() -> None:
    halves = split_halves(questions(48))
    kinds = [
        Counter((q.lang, q.answerable) for q in questions(48) if q.id in half)
        for half in (halves.choosing, halves.reporting)
    ]
    assert all(abs(kinds[0][kind] - kinds[1][kind]) <= 1 for kind in kinds[0] | kinds[1])


def test_the_halves_do_not_depend_on_the_order_of_the_set() -> None:
    assert split_halves(questions(30)) == split_halves(questions(30)[::-1])


# The front


def outcome(quality: float, seconds: float) -> Outcome:
    estimate = Estimate(quality, 10, 5, None, None)
    return Outcome(Point({}, Settings()), Path("x"), estimate, estimate, seconds, 0)


def test_the_front_holds_what_nothing_beats_in_both() -> None:
    fast, good, beaten = outcome(0.5, 1.0), outcome(0.8, 3.0), outcome(0.5, 2.0)
    assert pareto_front([good, beaten, fast]) == [fast, good]


def test_equals_are_both_on_the_front() -> None:
    assert len(pareto_front([outcome(0.5, 1.0), outcome(0.5, 1.0)])) == 2


# The sweep


@pytest.fixture
def two(tmp_path: Path) -> Path:
    """A set whose halves are one question each."""
    return save_set(tmp_path / "two.jsonl", BUDGET, DATE)


def run_sweep(
    world: World, set_path: Path, grid: dict[str, Sequence[Any]], watcher: Watcher | None = None
) -> Sweep:
    request = RunRequest(set_path, world.documents.parent / "runs" / "sweep")
    points = make_points(grid, replace(world.settings))
    return sweep(points, request, [world.documents], "overall", watcher, words_of_many)


def answer_from(messages: Sequence[Any]) -> str:
    """Right about both questions."""
    return RIGHT_DATE if "축제는 언제" in messages[-1].content else RIGHT_BUDGET


def test_each_point_is_a_run_and_the_sweep_is_summed_up(world: World, two: Path) -> None:
    world.generator.replies = [answer_from]
    done = run_sweep(world, two, {"k": [1, 3]})
    folder = world.documents.parent / "runs" / "sweep"
    for point in done.outcomes:
        run = load_run(point.folder)
        assert run.missing == []
        assert run.manifest["settings"]["k"] == point.point.values["k"]
        assert (point.folder / "report.html").exists()
    saved = json.loads((folder / "sweep.json").read_text(encoding="utf-8"))
    assert [point["values"] for point in saved["points"]] == [{"k": 1}, {"k": 3}]
    assert len(saved["choosing"]) == len(saved["reporting"]) == 1
    page = (folder / "sweep.html").read_text(encoding="utf-8")
    assert "<svg" in page
    assert "<script" not in page


def test_the_half_that_chooses_does_not_report(world: World, two: Path) -> None:
    halves = split_halves([Question("budget", "?", True, lang="ko"), Question("date", "?", True, lang="ko")])
    right = {"budget": RIGHT_BUDGET, "date": RIGHT_DATE}
    wrong = {"budget": "축제는 2026년 강변에서 열린다.", "date": "예산이 들었다."}  # of the other
    (chosen,) = halves.choosing
    world.generator.replies = [
        lambda messages: (
            right[chosen]
            if ("예산은 얼마" in messages[-1].content) == (chosen == "budget")
            else wrong[chosen]
        )
    ]
    done = run_sweep(world, two, {"k": [3]})
    assert (done.best.choosing.mean, done.best.reporting.mean) == (1.0, 0.0)


def test_models_are_loaded_once_where_they_stay(
    world: World, two: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded: list[str] = []

    def load_embedder(settings: Settings) -> Any:
        loaded.append(settings.embedding)
        return world.embedder

    def load_generator(settings: Settings) -> Any:
        loaded.append(settings.llm)
        return world.generator

    monkeypatch.setattr(wiring, "load_embedder", load_embedder)
    monkeypatch.setattr(wiring, "load_generator", load_generator)
    run_sweep(world, two, {"llm": ["small", "large"], "k": [1, 2, 3]})
    assert sorted(loaded) == ["hash-64", "large", "small"]


def test_points_of_one_passage_size_share_their_store(world: World, two: Path) -> None:
    n_before = len(world.embedder.embedded)
    run_sweep(world, two, {"k": [1, 3]})
    n_once = len(world.embedder.embedded) - n_before
    stores = list((world.documents.parent / "runs" / ".stores").iterdir())
    assert len(stores) == 1
    run_sweep(world, two, {"k": [2], "passage_most": [60, 90]})
    assert len(list((world.documents.parent / "runs" / ".stores").iterdir())) == 2
    assert len(world.embedder.embedded) - n_before <= 2 * n_once


def test_a_sweep_is_gone_on_with_point_by_point(world: World, two: Path) -> None:
    world.generator.replies = [answer_from]
    run_sweep(world, two, {"k": [1]})
    world.generator.prompts.clear()
    run_sweep(world, two, {"k": [1, 3]})
    assert len(world.generator.prompts) == 3  # of the new point, with the question that is not counted


def test_what_a_point_answers_with_is_what_a_user_would_get(world: World, two: Path) -> None:
    from eval.runs.sweep import Models, SharingInyong

    settings = replace(world.settings, k=2, answer_tokens=33)
    with SharingInyong(settings, Models(), lambda message: None) as inyong:
        ours = inyong._parts
        theirs = wiring.build_parts(settings, lambda: ours.searcher, lambda: ours.reader)
    assert replace(ours, verifier=theirs.verifier) == theirs


def test_a_set_too_small_for_halves_is_told(world: World, tmp_path: Path) -> None:
    with pytest.raises(BadQuestionSet, match="a half of its 1 questions has none with overall"):
        run_sweep(world, save_set(tmp_path / "one.jsonl", BUDGET), {"k": [3]})
