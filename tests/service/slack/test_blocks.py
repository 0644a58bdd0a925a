"""What the bot posts: within Slack's limits whatever the answer, and nothing in it is a mention or a link."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.slack import blocks
from service.slack.blocks import (
    Controls,
    render_failure,
    render_found,
    render_progress,
    render_queued,
    render_reply,
    render_status,
)
from service.slack.mrkdwn import sendable
from service.slack.phrases import PHRASES
from service.slack.replies import Links, Place, Quoted, Reply
from tests.service.made import make_hit
from tests.service.slack.made import (
    QUOTE,
    active_in,
    links_of,
    make_place,
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
PLACES = st.builds(
    Place,
    document_id=st.text(max_size=80),
    title=LONG,
    source=HOSTILE,
    heading=LONG,
    date=HOSTILE,
    page=st.none() | st.integers(1, 10_000),
    start=st.integers(0, 1 << 40),
    end=st.integers(0, 1 << 40),
)
QUOTED = st.builds(Quoted, st.integers(0, 999), PLACES, LONG)
REPLIES = st.builds(
    Reply,
    answer_id=st.just("a" * 32),
    text=LONG,
    language=st.sampled_from(["ko", "en"]),
    abstain_reason=st.sampled_from([None, "no_evidence", "unsupported"]),
    repaired=st.booleans(),
    uncertain=st.booleans(),
    quotes=st.lists(QUOTED, max_size=60).map(tuple),
    nearest=st.lists(QUOTED, max_size=5).map(tuple),
)
CONTROLS = st.none() | st.builds(Controls, st.just("a" * 32), st.just("U012AB3CD"), st.booleans())


@settings(max_examples=60, deadline=None)
@given(REPLIES, CONTROLS, st.none() | LONG)
def test_whatever_the_answer_slack_takes_every_message_of_it(
    reply: Reply, controls: Controls | None, question: str | None
) -> None:
    messages = render_reply(reply, LINKS, controls, question=question)
    assert messages
    for message in messages:
        require_postable(message)


@settings(max_examples=60, deadline=None)
@given(REPLIES, CONTROLS, st.none() | LONG)
def test_no_words_of_a_document_or_question_become_a_mention_or_a_link(
    reply: Reply, controls: Controls | None, question: str | None
) -> None:
    for message in render_reply(reply, LINKS, controls, question=question):
        assert active_in(message.text) == []
        assert all(
            address.startswith("https://inyong.example/team/?document=") for address in links_of(message)
        )
        assert all(node["type"] != "mrkdwn" for node in nodes(message.blocks))


def letters(text: str) -> str:
    """All but white space, what joins, and what stands where there is nothing."""
    return "".join(text.replace("\u2060", "").replace("…", "").split())


@settings(max_examples=40, deadline=None)
@given(LONG)
def test_the_answer_is_all_there_in_the_blocks_and_in_the_text(text: str) -> None:
    reply = replace(make_reply(), text=text, quotes=())
    messages = render_reply(reply, Links())
    in_blocks = "".join(map(shown, messages))
    in_text = read_plain("".join(message.text for message in messages))
    assert letters(in_blocks) == letters(in_text) == letters(sendable(text))


@settings(max_examples=40, deadline=None)
@given(HOSTILE.filter(bool))
def test_a_quote_is_shown_letter_for_letter(text: str) -> None:
    reply = make_reply("예산 [1].", Quoted(1, make_place(), text))
    assert quotes_of(render_reply(reply, LINKS)[0]) == [sendable(text)]


def test_a_citation_shows_title_section_page_and_date_and_leads_to_the_quote() -> None:
    (message,) = render_reply(make_reply(), LINKS)
    assert shown(message) == (
        "예산은 350억 원입니다 [1].[1] 푸른숲 도서관 · 개관 · 3쪽 · 2026-05-03예산은 350억 원이 들었다."
    )
    address = "https://inyong.example/team/?document=d1&start=10&end=26"
    assert links_of(message) == [address, address]  # of [1] in the answer, and of the title


def test_what_is_not_known_of_a_place_is_left_out() -> None:
    bare = make_place(heading="", date="", page=None, title="")
    (message,) = render_reply(make_reply("예산 [1].", Quoted(1, bare, QUOTE)), Links())
    assert shown(message) == f"예산 [1].[1] library.md{QUOTE}"
    assert links_of(message) == []


def test_a_section_called_as_its_document_is_not_told_twice() -> None:
    place = make_place(heading="푸른숲 도서관", page=None, date="")
    (message,) = render_reply(make_reply("예산 [1].", Quoted(1, place, QUOTE)), Links())
    assert shown(message).count("푸른숲 도서관") == 1


def test_the_text_is_the_answer_with_its_quotes() -> None:
    (message,) = render_reply(make_reply(), LINKS)
    assert message.text == (
        "예산은 350억 원입니다 [1].\n[1] 푸른숲 도서관 · 개관 · 3쪽 · 2026-05-03\n“예산은 350억 원이 들었다.”"
    )


def test_a_refusal_shows_the_nearest_passages_as_no_answer() -> None:
    nearest = tuple(Quoted(0, make_place(title=f"문서 {n}"), f"대목 {n}") for n in range(5))
    reply = make_reply("문서에서 확인되지 않습니다.", abstain_reason="no_evidence", nearest=nearest)
    (message,) = render_reply(reply, LINKS)
    assert message.text.startswith("문서에서 확인되지 않습니다.\n")
    assert "가장 가까운 대목 (답이 아닙니다)" in shown(message)
    assert "가장 가까운 대목 (답이 아닙니다):" in message.text
    assert quotes_of(message) == ["대목 0", "대목 1", "대목 2"]


@pytest.mark.parametrize("reason", ["no_evidence", "unsupported"])
def test_a_refusal_says_why(reason: str) -> None:
    reply = make_reply("Not found in the documents.", abstain_reason=reason, language="en")
    (message,) = render_reply(reply, LINKS)
    assert getattr(PHRASES["en"], reason) in shown(message)


def test_an_answer_of_nothing_but_markers_is_still_taken() -> None:
    for message in render_reply(make_reply("[1]" * 3000), LINKS, Controls("a" * 32, "U1")):
        require_postable(message)


def test_an_answer_of_ten_thousand_characters_comes_in_parts_with_quotes_and_buttons_behind_the_last() -> (
    None
):
    sentence = "푸른숲 도서관은 가람동에 분관을 열었습니다 [1]. "
    messages = render_reply(make_reply(sentence * 400), LINKS, Controls("a" * 32, "U1"))
    assert len(messages) > 3
    assert [bool(quotes_of(message)) for message in messages] == [False] * (len(messages) - 1) + [True]
    assert [node["type"] == "actions" for m in messages for node in m.blocks].count(True) == 1
    assert messages[-1].blocks[-1]["type"] == "actions"
    assert all(message.text.startswith("푸른숲") for message in messages)  # cut at sentence ends


def test_a_quote_that_is_too_long_says_how_much_is_shown() -> None:
    (message,) = render_reply(make_reply("예산 [1].", Quoted(1, make_place(), "가" * 9000)), LINKS)
    (quote,) = quotes_of(message)
    assert set(quote) == {"가"}
    assert f"인용문 9,000자 가운데 앞 {len(quote):,}자" in shown(message)


def test_quotes_beyond_the_most_are_counted() -> None:
    many = [Quoted(n, make_place(), f"인용 {n}") for n in range(1, 46)]
    messages = render_reply(make_reply("예산 [1].", *many), LINKS)
    assert sum(len(quotes_of(message)) for message in messages) == 40
    assert "그 밖의 인용 5개" in shown(messages[-1])


def test_the_buttons_carry_ids_only() -> None:
    (message,) = render_reply(make_reply(), LINKS, Controls("a" * 32, "U012AB3CD"))
    made = [node for node in nodes(message.blocks) if node["type"] == "button"]
    assert [node["action_id"] for node in made] == [
        blocks.RATE_UP,
        blocks.RATE_DOWN,
        blocks.SHOW_PASSAGES,
        blocks.ASK_AGAIN,
    ]
    assert {node["value"] for node in made} == {f"{'a' * 32}:U012AB3CD"}


def test_only_an_answer_that_its_asker_alone_sees_can_be_shared() -> None:
    (message,) = render_reply(make_reply(), LINKS, Controls("a" * 32, "U1", can_share=True))
    made = [node["action_id"] for node in nodes(message.blocks) if node["type"] == "button"]
    assert made[0] == blocks.SHARE


def test_without_anything_to_do_there_are_no_buttons() -> None:
    (message,) = render_reply(make_reply(), LINKS)
    assert not [node for node in nodes(message.blocks) if node["type"] in ("actions", "button")]


def test_an_answer_that_was_put_right_says_so() -> None:
    (message,) = render_reply(make_reply(repaired=True), LINKS)
    assert PHRASES["ko"].repaired in shown(message)


def test_an_uncertain_answer_says_so() -> None:
    (message,) = render_reply(make_reply(uncertain=True), LINKS)
    assert PHRASES["ko"].uncertain in shown(message)
    assert PHRASES["ko"].uncertain not in shown(render_reply(make_reply(), LINKS)[0])


def test_the_sources_are_shown_once_a_document_while_the_answer_is_written() -> None:
    hits = [make_hit("가.", document_id=f"d{n // 2}", passage_id=n) for n in range(20)]
    message = render_found(hits, "ko", LINKS)
    assert shown(message) == "".join(f"• d{n}" for n in range(5)) + PHRASES["ko"].writing
    assert message.text.endswith(PHRASES["ko"].writing)


@pytest.mark.parametrize(("position", "words"), [(1, "Yours is the next"), (4, "3 questions are ahead")])
def test_the_place_in_the_queue_is_told(position: int, words: str) -> None:
    assert render_queued(position, "en").text.startswith(words)


@settings(max_examples=30, deadline=None)
@given(LONG, st.sampled_from(["ko", "en"]))
def test_what_stands_there_meanwhile_fits_too(text: str, language: str) -> None:
    hit: Any = replace(make_hit("가."), title=text, heading=text, source=text)
    for message in (
        render_found([hit] * 3, language, LINKS),
        render_progress(text, (), language, LINKS),
        render_status(text or "…"),
        render_failure(text or "…", text, language),
    ):
        require_postable(message)
        assert active_in(message.text) == []


def test_a_failure_names_its_request() -> None:
    message = render_failure(PHRASES["en"].failed, "9f1c2a7b", "en")
    assert message.text == f"{PHRASES['en'].failed}\nRequest 9f1c2a7b"


def test_progress_shows_the_end_of_what_is_checked_so_far() -> None:
    message = render_progress("예산은 350억 원입니다.", (), "ko", LINKS)
    assert shown(message) == "예산은 350억 원입니다." + PHRASES["ko"].writing
