"""The page of a run, as a browser and its reader meet it."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from eval.metrics.abstention import RiskPoint
from eval.metrics.statistics import Estimate, Interval
from eval.report.page import funnel, render_report
from eval.report.plots import plot_latency, plot_recall, plot_risk_coverage
from eval.runs.files import load_run
from eval.runs.score import ScoredRun, score_folder
from tests.eval.conftest import BUDGET, REFUSAL, RIGHT_BUDGET, RIGHT_DATE, Ask, save_set, words_of_many

_VOID = {"meta", "br", "img", "link", "path", "use"}
_OPTIONAL_END = {"th", "td", "tr"}


class Page(HTMLParser):
    """What matters of a page: its text, ids, links, and tags left open."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.words: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.tags: set[str] = set()
        self.open: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        values = dict(attrs)
        if values.get("id"):
            self.ids.append(str(values["id"]))
        self.links += [str(values[name]) for name in ("href", "src", "xlink:href") if values.get(name)]
        if tag not in _VOID | _OPTIONAL_END:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in _VOID | _OPTIONAL_END:
            assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if not self.open or self.open[-1] != "style":
            self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())


def scored_run(folder: Path) -> ScoredRun:
    return score_folder(folder, words_of_many=words_of_many)


@pytest.fixture
def scored(ask_set: Ask) -> ScoredRun:
    """The budget is right, the date is not, the mayor is rightly not named."""
    return scored_run(ask_set("", RIGHT_BUDGET, "축제는 2026년 강변에서 열린다.", REFUSAL))


def test_the_page_is_well_formed_and_needs_nothing_else(scored: ScoredRun) -> None:
    html = render_report(scored)
    page = Page(html)
    assert page.open == []
    assert not page.tags & {"script", "link", "img", "iframe"}
    assert all(link.startswith("#") for link in page.links)
    assert not re.search(r"@import|url\(\s*['\"]?https?:", html)
    assert "default-src 'none'" in html


def test_every_id_is_there_once_and_every_link_leads_somewhere(scored: ScoredRun) -> None:
    page = Page(render_report(scored))
    assert len(page.ids) == len(set(page.ids))
    assert {link.removeprefix("#") for link in page.links} <= set(page.ids)


def test_each_question_is_shown_with_its_answer_and_what_was_expected(scored: ScoredRun) -> None:
    text = Page(render_report(scored)).text
    assert "푸른숲 도서관 분관의 예산은 얼마인가요?" in text
    assert "축제는 2026년 강변에서 열린다" in text
    assert "5월 3일" in text


def test_a_failed_question_is_shown_with_its_error(ask_set: Ask) -> None:
    scored = scored_run(ask_set("", RuntimeError("out of context"), RIGHT_DATE, REFUSAL))
    assert "out of context" in Page(render_report(scored)).text


def test_quotes_and_gold_are_marked_in_their_document(scored: ScoredRun) -> None:
    html = render_report(scored)
    assert '<mark class="cited gold" title="cited and gold">예산은 350억 원이 들었다.</mark>' in html


def test_text_that_looks_like_a_tag_is_text(ask_set: Ask, tmp_path: Path) -> None:
    evil = BUDGET | {"question": "<script>alert(1)</script> 예산은?", "id": '"><b id=x>'}
    scored = scored_run(ask_set("", set_path=save_set(tmp_path / "evil.jsonl", evil)))
    page = Page(render_report(scored))
    assert "<script>alert(1)</script> 예산은?" in page.text
    assert "script" not in page.tags
    assert "x" not in page.ids


def test_the_funnel_counts_each_question_at_the_stage_that_lost_it(scored: ScoredRun) -> None:
    stages = {stage.failure: (stage.lost, stage.left) for stage in funnel(scored)}
    assert stages == {
        "not retrieved": (0, 2),
        "wrongly withheld": (0, 2),
        "retrieved but not cited": (0, 2),
        "wrongly suppressed": (0, 2),
        "misphrased": (1, 1),
        "uncited": (0, 1),
    }


def test_a_run_without_answers_says_so(ask_set: Ask) -> None:
    text = Page(render_report(scored_run(ask_set(retrieval_only=True)))).text
    assert "Search only" in text
    assert "withheld" not in text.replace("wrongly withheld", "")


def test_many_questions_are_shown_failures_first(scored: ScoredRun, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("eval.report.page.MOST_QUESTIONS", 1)
    page = Page(render_report(scored))
    assert "q-date" in page.ids
    assert not {"q-budget", "q-mayor"} & set(page.ids)
    assert "1 of 3 are shown" in page.text


def test_with_a_baseline_the_page_tells_what_changed(ask_set: Ask, tmp_path: Path) -> None:
    worse = ask_set("", "예산이 들었다.", RIGHT_DATE, REFUSAL, folder=tmp_path / "worse")
    scored_run(worse)
    better = scored_run(ask_set("", RIGHT_BUDGET, RIGHT_DATE, REFUSAL, timeout_s=60.0))
    text = Page(render_report(better, load_run(worse))).text
    assert "Changes since worse" in text
    assert "won 푸른숲 도서관 분관의 예산은 얼마인가요?" in text
    assert "timeout_s None 60.0" in text


# Plots


def estimate(mean: float) -> Estimate:
    return Estimate(mean, 10, 5, Interval(mean - 0.1, mean + 0.1), None)


def test_plots_keep_their_words_and_take_the_colours_of_the_page() -> None:
    metrics = {
        f"{name}_at_{k}": estimate(0.5) for name in ("recall", "success", "ndcg") for k in (1, 3, 5, 10)
    }
    plot = plot_recall(metrics)
    assert plot is not None
    assert "passages looked at</text>" in plot.svg
    assert "currentColor" in plot.svg
    assert not re.search(r"#0102\d\d", plot.svg)
    assert "recall at 5: 0.500" in plot.description


def test_plots_share_no_id_and_are_the_same_each_time() -> None:
    points = [RiskPoint(0.9, 0.5, 0.0), RiskPoint(0.1, 1.0, 0.25)]
    risk, time = plot_risk_coverage(points, 0.1), plot_latency([1.0, 2.0, 3.0])
    assert risk is not None
    assert time is not None
    assert not set(Page(risk.svg).ids) & set(Page(time.svg).ids)
    assert risk == plot_risk_coverage(points, 0.1)


def test_there_is_no_plot_of_nothing() -> None:
    assert plot_recall({}) is None
    assert plot_latency([]) is None
    assert plot_risk_coverage([], None) is None
