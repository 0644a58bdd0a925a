"""The window of an answer's passages: the stored text as it is now, for those who may see it now."""

import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eval.slack_server.limits import view_problems
from service.access import Caller, Scope
from service.archive import KeptAnswer
from service.schemas import answer_as_json
from service.slack import views
from service.slack.channels import caller_id
from service.slack.kept import Context, Recall, Still
from service.slack.phrases import PHRASES
from service.slack.replies import Quoted
from service.slack.views import render_passages
from service.types import Answer
from tests.service.slack.conftest import ASKER, LINKS, QUESTION, TEAM, Office
from tests.service.slack.made import KNOWN, make_place, nodes, sent
from tests.service.slack.test_blocks import LONG, QUOTED

KO = PHRASES["ko"]
READER = Caller("slack", frozenset({"town"}), frozenset({Scope.ASK}), caller_id(TEAM, ASKER))
STRANGER = Caller("slack", frozenset({"elsewhere"}), frozenset({Scope.ASK}), caller_id(TEAM, ASKER))


def recall(office: Office, answer: Answer, caller: Caller = READER) -> Recall:
    kept = KeptAnswer(answer.id, "slack", "", (), {}, answer_as_json(answer), None)
    return Recall(kept, office.inyong.catalog(), caller)


def text_of(view: dict[str, Any]) -> str:
    return "".join(node["text"] for node in nodes(view["blocks"]) if node["type"] in ("text", "link"))


def test_the_quote_stands_in_the_text_around_it(office: Office) -> None:
    view = render_passages(recall(office, office.answer()), LINKS)
    assert view["title"]["text"] == "근거"
    shown = text_of(view)
    assert shown.startswith(f"질문: {QUESTION}")
    around = "새로 열었다. 예산은 350억 원이 들었다. 개관식에는 주민 40여 명이 왔다."
    assert around in shown


def test_sections_are_read_from_the_store(office: Office) -> None:
    (context,) = recall(office, office.answer()).citations
    assert (context.quoted.place.heading, context.still) == ("푸른숲 도서관", Still.SAME)


def test_a_document_that_may_not_be_seen_any_more_shows_no_word_of_itself(office: Office) -> None:
    answer = office.answer()
    view = render_passages(recall(office, answer, STRANGER), LINKS)
    assert answer.citations[0].quote not in text_of(view)
    assert KO.view_gone in text_of(view)
    assert not [node for node in nodes(view) if node["type"] == "link"]


def test_a_document_that_has_changed_is_said_to_have(office: Office) -> None:
    answer = office.answer()
    path = office.world.documents / "library.md"
    path.write_text("# 푸른숲 도서관\n\n새 글이다. " + path.read_text(encoding="utf-8"), encoding="utf-8")
    office.inyong.index([office.world.documents], collection="town")
    view = render_passages(recall(office, answer), LINKS)
    assert KO.view_changed in text_of(view)
    assert answer.citations[0].quote in text_of(view)


def test_passages_that_nothing_was_quoted_from_come_behind(office: Office) -> None:
    view = render_passages(recall(office, office.answer()), LINKS)
    before, _, behind = text_of(view).partition(KO.view_others)
    assert "축제는 2026년 5월 3일" in behind
    assert "축제" not in before


def test_a_refusals_passages_are_no_answer(office: Office) -> None:
    office.world.script("NONE")
    answer = office.answer("푸른숲 도서관의 관장은 누구인가요?")
    assert answer.abstained
    said = text_of(render_passages(recall(office, answer), LINKS))
    assert KO.nearest in said
    assert KO.view_others not in said


class Made(Recall):
    """What was made by hand."""

    def __init__(self, citations: list[Context], passages: list[Context], question: str) -> None:
        self._body = {"question": question, "language": "ko", "abstained": False}
        self.citations, self.passages = tuple(citations), tuple(passages)


CONTEXTS = st.builds(Context, QUOTED, LONG, LONG, st.sampled_from(list(Still)))


@settings(max_examples=40, deadline=None)
@given(st.lists(CONTEXTS, max_size=30), st.lists(CONTEXTS, max_size=30), LONG)
def test_whatever_was_found_slack_takes_the_window(
    citations: list[Context], passages: list[Context], question: str
) -> None:
    view = render_passages(Made(citations, passages, question), LINKS)
    assert view_problems({**view, "blocks": sent(view["blocks"])}) == []
    assert len(str(view).encode("utf-8", "surrogatepass")) < 250_000
    assert {node["type"] for node in nodes(view)} <= KNOWN | {"modal"}
    assert all(node["url"].startswith("https://inyong.example/?") for node in nodes(view) if "url" in node)


def test_what_does_not_fit_is_counted() -> None:
    one = Context(Quoted(1, make_place(), "가" * 2000), "", "", Still.SAME)
    said = text_of(render_passages(Made([one] * 40, [], "?"), LINKS))
    found = re.search(r"그 밖의 대목 (\d+)개", said)
    assert found
    assert int(found[1]) + said.count("[1] ") == 40


@pytest.mark.parametrize(
    ("before", "start", "shown"),
    [("가나 다라 ", 6, "가나 다라 "), ("나 다라 ", 60, "… 다라 "), ("가나다", 60, "… 가나다")],
)
def test_text_before_a_quote_begins_with_a_whole_word(before: str, start: int, shown: str) -> None:
    context = Context(Quoted(1, make_place(start=start), "인용"), before, "", Still.SAME)
    assert views._before(context) == shown


def test_text_behind_a_quote_ends_with_a_whole_word() -> None:
    context = Context(Quoted(1, make_place(), "인용"), "", "가나 " * 100 + "다", Still.SAME)
    assert views._after(context).endswith("가나 …")
    short = Context(Quoted(1, make_place(), "인용"), "", " 끝이다.", Still.SAME)
    assert views._after(short) == " 끝이다."
