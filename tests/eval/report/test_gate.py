from dataclasses import replace
from pathlib import Path

import pytest

from eval.errors import BadGate, IncompleteRun, NotComparable
from eval.report.gate import Check, Rule, Verdict, check_run, load_gate, passes
from eval.report.slices import Slice
from eval.runs.files import Run
from tests.eval.made import answerable, right, run_of, unanswerable, withheld, wrong

QUESTIONS = [*(answerable(i, tags=("number",)) for i in range(10)), unanswerable(0)]


def run(n_right: int, name: str = "run") -> Run:
    """The first `n_right` of ten answerable questions are answered rightly."""
    return run_of(name, QUESTIONS, [right(q) if i < n_right else wrong(q) for i, q in enumerate(QUESTIONS)])


def rules(folder: Path, text: str) -> list[Rule]:
    path = folder / "gate.toml"
    path.write_text(text, encoding="utf-8")
    return load_gate(path)


def verdict(rule: Rule, candidate: Run, baseline: Run | None = None) -> Verdict:
    (check,) = check_run([rule], candidate, baseline)
    return check.verdict


def test_a_table_is_a_rule_and_an_array_of_tables_several(tmp_path: Path) -> None:
    text = """
        [expected]
        least = 0.8
        largest_drop = 0.02
        [[char_f1]]
        least = 0.5
        [[char_f1]]
        slice = "lang=ko"
        least = 1
    """
    assert rules(tmp_path, text) == [
        Rule("expected", None, 0.8, 0.02),
        Rule("char_f1", None, 0.5, None),
        Rule("char_f1", Slice("lang", "ko"), 1.0, None),
    ]


def test_what_counts_what_is_wrong_has_a_most_and_a_largest_rise(tmp_path: Path) -> None:
    text = "[unsupported_numbers]\nmost = 0\nlargest_rise = 0.5\n"
    assert rules(tmp_path, text) == [Rule("unsupported_numbers", None, 0.0, 0.5)]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "holds no rule"),
        ("[expected\n", "cannot be read as TOML"),
        ("[faithfulness]\nleast = 0.8\n", r"\[faithfulness\]: no such metric; there are overall, expected"),
        ("[expected]\nslice = 'tag=number'\n", "says nothing to check; give least or largest_drop"),
        ("[expected]\nleast = 'high'\n", "least is 'high', but must be a number"),
        ("[expected]\nleast = nan\n", "least is nan, but must be a number"),
        ("[expected]\nleast = true\n", "least is True, but must be a number"),
        ("[expected]\nleats = 0.8\n", "'leats' is not known; expected has least, largest_drop and slice"),
        ("[expected]\nlargest_drop = -0.1\n", "largest_drop is -0.1, but must be 0 or more"),
        ("[expected]\nleast = 0.8\nslice = 'author=kim'\n", "'author=kim' is no slice"),
        ("[uncited_sentences]\nleast = 0\n", "'least' is not known; uncited_sentences has most"),
        ("expected = 0.8\n", r"\[expected\]: is no table"),
    ],
)
def test_a_gate_that_cannot_be_meant_is_refused_by_file_and_table(
    tmp_path: Path, text: str, said: str
) -> None:
    with pytest.raises(BadGate, match=said) as caught:
        rules(tmp_path, text)
    assert str(caught.value).startswith(f"{tmp_path / 'gate.toml'}")
    assert caught.value.exit_code == 2


def test_a_missing_gate_says_how_to_name_another(tmp_path: Path) -> None:
    with pytest.raises(BadGate, match=r"no such file.*--gate"):
        load_gate(tmp_path / "gate.toml")


def test_a_value_at_its_least_passes_and_one_below_is_a_regression() -> None:
    least = Rule("expected", None, 0.7, None)
    assert verdict(least, run(7)) is Verdict.PASSED
    assert verdict(least, run(6)) is Verdict.REGRESSION


def test_a_count_of_what_is_wrong_fails_above_its_most() -> None:
    most = Rule("uncited_sentences", None, 0.3, None)
    # Unanswerable questions withheld show no sentence: 3 of 11 and 4 of 11.
    assert verdict(most, run(7)) is Verdict.REGRESSION
    assert verdict(Rule("uncited_sentences", None, 0.5, None), run(7)) is Verdict.PASSED


def test_a_drop_within_the_allowed_one_passes() -> None:
    assert verdict(Rule("expected", None, None, 0.1), run(8), run(9)) is Verdict.PASSED


def test_a_rise_passes() -> None:
    assert verdict(Rule("expected", None, None, 0.0), run(9), run(8)) is Verdict.PASSED


def test_a_large_drop_is_a_regression() -> None:
    assert verdict(Rule("expected", None, None, 0.05), run(2), run(10)) is Verdict.REGRESSION


def test_a_drop_that_is_none_of_chance_is_a_regression_though_it_may_be_as_small_as_allowed() -> None:
    (check,) = check_run([Rule("expected", None, None, 0.4)], run(4), run(10))
    assert check.verdict is Verdict.REGRESSION
    assert check.reason == "changed by -0.600, 95 % interval -0.900 to -0.300"


def test_a_drop_that_may_be_chance_is_inconclusive_and_fails_only_when_strict() -> None:
    (check,) = check_run([Rule("expected", None, None, 0.05)], run(9), run(10))
    assert check.verdict is Verdict.INCONCLUSIVE
    assert "changed by -0.100, 95 % interval -0.300 to +0.000: may be chance" in check.reason
    assert passes([check])
    assert not passes([check], strict=True)


def test_a_rise_of_what_is_wrong_is_a_loss() -> None:
    rise = Rule("uncited_sentences", None, None, 0.05)
    assert verdict(rise, run(2), run(10)) is Verdict.REGRESSION
    assert verdict(rise, run(10), run(2)) is Verdict.PASSED


def test_a_rule_looks_at_its_slice_only() -> None:
    # Of five odd, Korean questions 1, 3 and 5 are right; of the even ones 0, 2 and 4.
    (check,) = check_run([Rule("expected", Slice("lang", "ko"), 0.5, None)], run(6))
    assert (check.part, check.n, check.value) == ("lang=ko", 5, 0.6)


def test_a_rule_with_both_bounds_is_checked_twice() -> None:
    checks = check_run([Rule("expected", None, 0.5, 0.5)], run(9), run(10))
    assert [check.bound for check in checks] == ["least 0.5", "largest drop 0.5 from 1.000"]


def test_one_regression_fails_the_gate() -> None:
    fine = Check("expected", "all", 1, 1.0, "least 1", Verdict.PASSED, "as wanted")
    assert passes([fine])
    assert not passes([fine, replace(fine, verdict=Verdict.REGRESSION)])


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        (Rule("expected", Slice("tag", "dates"), 0.5, None), "no question of run is in the slice tag=dates"),
        (Rule("embedding_cosine", None, 0.5, None), "no question of run has this metric"),
        (
            Rule("expected", Slice("answerable", "false"), 0.5, None),
            "has this metric in the slice answerable=",
        ),
        (Rule("expected", None, None, 0.1), "--baseline"),
    ],
)
def test_a_rule_that_checks_nothing_is_bad_input_not_a_pass(rule: Rule, said: str) -> None:
    with pytest.raises(BadGate, match=said):
        check_run([rule], run(9))


def test_a_baseline_of_another_set_is_refused() -> None:
    other = [unanswerable(5)]
    with pytest.raises(NotComparable):
        check_run([Rule("overall", None, None, 0.1)], run(9), run_of("old", other, [withheld(other[0])]))


def test_an_interrupted_run_is_neither_passed_nor_failed() -> None:
    part = run(9)
    part = replace(part, predictions={k: v for k, v in part.predictions.items() if k != "q0"})
    with pytest.raises(IncompleteRun):
        check_run([Rule("expected", None, 0.1, None)], part)
