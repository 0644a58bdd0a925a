"""The window of an answer's passages: the stored text as it is now, for those who may see it now."""

import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.answering.types import Answer
from service.schemas import answer_as_json
from service.slack.blocks import render_passages
from service.slack.phrases import PHRASES
from service.slack.replies import QuoteInContext, QuoteState, StoredReply
from service.slack.rules import caller_id
from service.storage.answers import KeptAnswer
from service.storage.permissions import Caller, Scope
from tests.service.slack.conftest import ASKER, LINKS, QUESTION, TEAM, Office
from tests.service.slack.made import KNOWN, make_quoted, nodes, sent
from tests.service.slack.test_blocks import LONG, QUOTED
from tests.slack_server.limits import view_problems

KO = PHRASES["ko"]
READER = Caller("slack", frozenset({"town"}), frozenset({Scope.ASK}), caller_id(TEAM, ASKER))
STRANGER = Caller("slack", frozenset({"elsewhere"}), frozenset({Scope.ASK}), caller_id(TEAM, ASKER))


def recall(office: Office, answer: Answer, caller: Caller = READER) -> StoredReply:
    kept = KeptAnswer(answer.id, "slack", "", (), {}, answer_as_json(answer), None)
    return StoredReply(kept, office.inyong.catalog(), caller)


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
    assert (context.quoted.heading, context.state) == ("푸른숲 도서관", QuoteState.UNCHANGED)


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
    answer = office.answer("프랑스 대통령의 이름은 무엇인가요?")
    assert answer.abstained
    said = text_of(render_passages(recall(office, answer), LINKS))
    assert KO.nearest in said
    assert KO.view_others not in said


class Made(StoredReply):
    """What was made by hand."""

    def __init__(
        self, citations: list[QuoteInContext], passages: list[QuoteInContext], question: str
    ) -> None:
        self._body = {"question": question, "language": "ko", "abstained": False}
        self.citations, self.passages = tuple(citations), tuple(passages)


CONTEXTS = st.builds(QuoteInContext, QUOTED, LONG, LONG, st.sampled_from(list(QuoteState)))


@settings(max_examples=40, deadline=None)
@given(st.lists(CONTEXTS, max_size=30), st.lists(CONTEXTS, max_size=30), LONG)
def test_whatever_was_found_slack_takes_the_window(
    citations: list[QuoteInContext], passages: list[QuoteInContext], question: str
) -> None:
    view = render_passages(Made(citations, passages, question), LINKS)
    assert view_problems({**view, "blocks": sent(view["blocks"])}) == []
    assert len(str(view).encode("utf-8", "surrogatepass")) < 250_000
    assert {node["type"] for node in nodes(view)} <= KNOWN | {"modal"}
    assert all(node["url"].startswith("https://inyong.example/?") for node in nodes(view) if "url" in node)


def test_what_does_not_fit_is_counted() -> None:
    one = QuoteInContext(make_quoted(1, "가" * 2000), "", "", QuoteState.UNCHANGED)
    said = text_of(render_passages(Made([one] * 40, [], "?"), LINKS))
    found = re.search(r"그 밖의 대목 (\d+)개", said)
    assert found
    assert int(found[1]) + said.count("[1] ") == 40


@pytest.mark.parametrize(
    ("before", "start", "shown"), [("가나 다라 ", 6, "가나 다라 인용"), ("나 다라 ", 60, "…나 다라 인용")]
)
def test_text_around_a_quote_says_where_it_is_cut(before: str, start: int, shown: str) -> None:
    end = QuoteInContext(make_quoted(1, "인용", start=start), before, " 끝이다.", QuoteState.UNCHANGED)
    assert text_of(render_passages(Made([end], [], "?"), LINKS)).endswith(f"{shown} 끝이다.")
    long = QuoteInContext(make_quoted(1, "인용", start=start), before, "가" * 300, QuoteState.UNCHANGED)
    assert text_of(render_passages(Made([long], [], "?"), LINKS)).endswith(f"{shown}{'가' * 300}…")
