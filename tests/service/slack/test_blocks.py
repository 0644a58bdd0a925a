"""What the bot posts: within Slack's limits whatever the answer, and nothing in it is a mention or a link."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.slack import blocks
from service.slack.blocks import (
    Controls,
    render_failure,
    render_progress,
    render_reply,
    render_status,
    sendable,
)
from service.slack.phrases import PHRASES
from service.slack.replies import Links, Reply, ShownQuote
from tests.service.slack.made import (
    QUOTE,
    active_in,
    links_of,
    make_quoted,
    make_reply,
    nodes,
    quotes_of,
    read_plain,
    require_postable,
    shown,
)
from tests.service.slack.test_mrkdwn import HOSTILE

LINKS = Links("https://inyong.example/team")
LONG = st.builds(lambda text, times: text * times, HOSTILE, st.integers(1, 60))
QUOTED = st.builds(
    ShownQuote,
    marker=st.integers(0, 999),
    text=LONG,
    document_id=st.text(max_size=80),
    title=LONG,
    source=HOSTILE,
    heading=LONG,
    date=HOSTILE,
    page=st.none() | st.integers(1, 10_000),
    start=st.integers(0, 1 << 40),
    end=st.integers(0, 1 << 40),
)
REPLIES = st.builds(
    Reply,
    text=LONG,
    language=st.sampled_from(["ko", "en"]),
    abstain_reason=st.sampled_from([None, "no_evidence", "unsupported"]),
    is_quotes=st.booleans(),
    repaired=st.booleans(),
    uncertain=st.booleans(),
    quotes=st.lists(QUOTED, max_size=60).map(tuple),
    nearest=st.lists(QUOTED, max_size=5).map(tuple),
)
CONTROLS = st.none() | st.builds(Controls, st.just("a" * 32), st.just("U012AB3CD"), st.booleans())


@settings(max_examples=60, deadline=None)
@given(REPLIES, CONTROLS, st.none() | LONG)
def test_whatever_the_answer_slack_takes_it_in_one_message(
    reply: Reply, controls: Controls | None, question: str | None
) -> None:
    require_postable(render_reply(reply, LINKS, controls, question=question))


@settings(max_examples=60, deadline=None)
@given(REPLIES, CONTROLS, st.none() | LONG)
def test_no_words_of_a_document_or_question_become_a_mention_or_a_link(
    reply: Reply, controls: Controls | None, question: str | None
) -> None:
    message = render_reply(reply, LINKS, controls, question=question)
    assert active_in(message.text) == []
    assert all(address.startswith("https://inyong.example/team/?document=") for address in links_of(message))
    assert all(node["type"] != "mrkdwn" for node in nodes(message.blocks))


def letters(text: str) -> str:
    """All but white space, what joins, and what stands where there is nothing."""
    return "".join(text.replace("\u2060", "").replace("…", "").split())


@settings(max_examples=40, deadline=None)
@given(LONG.filter(lambda text: len(text) < 600))
def test_the_answer_is_all_there_in_the_blocks_and_in_the_text(text: str) -> None:
    reply = replace(make_reply(), text=text, quotes=())
    message = render_reply(reply, Links())
    assert letters(shown(message)) == letters(read_plain(message.text)) == letters(sendable(text))


@settings(max_examples=40, deadline=None)
@given(HOSTILE.filter(bool))
def test_a_quote_is_shown_letter_for_letter(text: str) -> None:
    reply = make_reply("예산 [1].", make_quoted(1, text))
    assert quotes_of(render_reply(reply, LINKS)) == [sendable(text)]


def test_a_citation_shows_title_section_page_and_date_and_leads_to_the_quote() -> None:
    message = render_reply(make_reply(), LINKS)
    assert shown(message) == (
        "예산은 350억 원입니다 [1].[1] 푸른숲 도서관 · 개관 · 3쪽 · 2026-05-03예산은 350억 원이 들었다."
    )
    address = "https://inyong.example/team/?document=d1&start=10&end=26"
    assert links_of(message) == [address, address]  # of [1] in the answer, and of the title


def test_what_is_not_known_of_a_place_is_left_out() -> None:
    bare = make_quoted(heading="", date="", page=None, title="")
    message = render_reply(make_reply("예산 [1].", bare), Links())
    assert shown(message) == f"예산 [1].[1] library.md{QUOTE}"
    assert links_of(message) == []


def test_a_section_called_as_its_document_is_not_told_twice() -> None:
    quoted = make_quoted(heading="푸른숲 도서관", page=None, date="")
    message = render_reply(make_reply("예산 [1].", quoted), Links())
    assert shown(message).count("푸른숲 도서관") == 1


def test_the_text_is_the_answer_with_its_quotes() -> None:
    message = render_reply(make_reply(), LINKS)
    assert message.text == (
        "예산은 350억 원입니다 [1].\n[1] 푸른숲 도서관 · 개관 · 3쪽 · 2026-05-03\n“예산은 350억 원이 들었다.”"
    )


def test_a_refusal_shows_the_nearest_passages_as_no_answer() -> None:
    nearest = tuple(make_quoted(0, f"대목 {n}", title=f"문서 {n}") for n in range(5))
    reply = make_reply("문서에서 확인되지 않습니다.", abstain_reason="no_evidence", nearest=nearest)
    message = render_reply(reply, LINKS)
    assert message.text.startswith("문서에서 확인되지 않습니다.\n")
    assert "가장 가까운 대목 (답이 아닙니다)" in shown(message)
    assert "가장 가까운 대목 (답이 아닙니다):" in message.text
    assert quotes_of(message) == ["대목 0", "대목 1", "대목 2"]


@pytest.mark.parametrize("reason", ["no_evidence", "unsupported"])
def test_a_refusal_says_why(reason: str) -> None:
    reply = make_reply("Not found in the documents.", abstain_reason=reason, language="en")
    message = render_reply(reply, LINKS)
    assert getattr(PHRASES["en"], reason) in shown(message)


def test_an_answer_of_nothing_but_markers_is_still_taken() -> None:
    require_postable(render_reply(make_reply("[1]" * 3000), LINKS, Controls("a" * 32, "U1")))


def test_an_answer_that_is_too_long_says_how_much_is_shown() -> None:
    message = render_reply(make_reply("가" * 9000 + " [1]."), LINKS, Controls("a" * 32, "U1"))
    require_postable(message)
    assert "전체 9,005자 가운데 앞 2,800자" in shown(message)
    assert quotes_of(message) == [QUOTE]


def test_an_answer_that_is_its_quotes_shows_them_once_with_amounts_in_the_other_language() -> None:
    quotes = (make_quoted(1, QUOTE), make_quoted(2, "축제는 5월에 열린다.", title="축제"))
    text = f"“{QUOTE}” (350억 원 = 35 billion won) [1] “축제는 5월에 열린다.” [2]"
    message = render_reply(make_reply(text, *quotes, is_quotes=True, language="en"), LINKS)
    assert quotes_of(message) == [QUOTE, "축제는 5월에 열린다."]
    assert shown(message) == (
        "[1] 푸른숲 도서관 · 개관 · p. 3 · 2026-05-03예산은 350억 원이 들었다.350억 원 = 35 billion won"
        "[2] 축제 · 개관 · p. 3 · 2026-05-03축제는 5월에 열린다."
    )
    for quote in quotes_of(message):
        assert message.text.count(quote) == 1


def test_a_quote_that_is_too_long_says_how_much_is_shown() -> None:
    message = render_reply(make_reply("예산 [1].", make_quoted(1, "가" * 9000)), LINKS)
    (quote,) = quotes_of(message)
    assert set(quote) == {"가"}
    assert f"전체 9,000자 가운데 앞 {len(quote):,}자" in shown(message)


def test_quotes_that_do_not_fit_are_counted() -> None:
    many = [make_quoted(n, "가" * 1500) for n in range(1, 11)]
    message = render_reply(make_reply("예산 [1].", *many), LINKS, Controls("a" * 32, "U1"))
    require_postable(message)
    n_shown = len(quotes_of(message))
    assert 4 <= n_shown < 10
    assert f"그 밖의 인용 {10 - n_shown}개" in shown(message)


def test_the_buttons_carry_ids_only() -> None:
    message = render_reply(make_reply(), LINKS, Controls("a" * 32, "U012AB3CD"))
    made = [node for node in nodes(message.blocks) if node["type"] == "button"]
    assert [node["action_id"] for node in made] == [
        blocks.RATE_UP,
        blocks.RATE_DOWN,
        blocks.SHOW_PASSAGES,
        blocks.ASK_AGAIN,
    ]
    assert {node["value"] for node in made} == {f"{'a' * 32}:U012AB3CD"}


def test_only_an_answer_that_its_asker_alone_sees_can_be_shared() -> None:
    message = render_reply(make_reply(), LINKS, Controls("a" * 32, "U1", can_share=True))
    made = [node["action_id"] for node in nodes(message.blocks) if node["type"] == "button"]
    assert made[0] == blocks.SHARE


def test_without_anything_to_do_there_are_no_buttons() -> None:
    message = render_reply(make_reply(), LINKS)
    assert not [node for node in nodes(message.blocks) if node["type"] in ("actions", "button")]


def test_an_answer_that_was_put_right_says_so() -> None:
    message = render_reply(make_reply(repaired=True), LINKS)
    assert PHRASES["ko"].repaired in shown(message)


def test_an_uncertain_answer_says_so() -> None:
    message = render_reply(make_reply(uncertain=True), LINKS)
    assert PHRASES["ko"].uncertain in shown(message)
    assert PHRASES["ko"].uncertain not in shown(render_reply(make_reply(), LINKS))


def test_the_quotes_are_shown_above_the_status_while_the_answer_is_written() -> None:
    quoted = make_quoted(1, QUOTE)
    message = render_progress([quoted], PHRASES["ko"].writing, "ko", LINKS)
    assert quotes_of(message) == [QUOTE]
    assert shown(message).startswith("[1] 푸른숲 도서관")
    assert shown(message).endswith(PHRASES["ko"].writing)
    assert message.text.endswith(PHRASES["ko"].writing)


@settings(max_examples=30, deadline=None)
@given(LONG, st.lists(QUOTED, max_size=6), st.sampled_from(["ko", "en"]))
def test_what_stands_there_meanwhile_fits_too(text: str, quotes: list[ShownQuote], language: str) -> None:
    for message in (
        render_progress(quotes, text[:1000], language, LINKS),
        render_status(text or "…"),
        render_failure(text or "…", text, language),
    ):
        require_postable(message)
        assert active_in(message.text) == []


def test_a_failure_names_its_request() -> None:
    message = render_failure(PHRASES["en"].failed, "9f1c2a7b", "en")
    assert message.text == f"{PHRASES['en'].failed}\nRequest 9f1c2a7b"
