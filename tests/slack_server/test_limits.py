"""What Slack's Block Kit refuses, by the numbers in its reference."""

from typing import Any

import pytest

from tests.slack_server.limits import are_too_long, block_problems, view_problems

Block = dict[str, Any]


def mrkdwn(n_chars: int) -> Block:
    return {"type": "mrkdwn", "text": "가" * n_chars}


def plain(n_chars: int) -> Block:
    return {"type": "plain_text", "text": "가" * n_chars}


def section(n_chars: int) -> Block:
    return {"type": "section", "text": mrkdwn(n_chars)}


def quote(n_chars: int) -> Block:
    text = {"type": "text", "text": "가" * n_chars}
    return {"type": "rich_text", "elements": [{"type": "rich_text_quote", "elements": [text]}]}


def buttons(*, n: int = 1, text: int = 10, value: int = 10, action: int = 10) -> Block:
    def button(number: int) -> Block:
        name = f"{number:a>{action}}"
        return {"type": "button", "text": plain(text), "value": "v" * value, "action_id": name}

    return {"type": "actions", "elements": [button(number) for number in range(n)]}


def feedback(value: int) -> Block:
    button = {"text": plain(2), "value": "v" * value}
    element = {
        "type": "feedback_buttons",
        "action_id": "a",
        "positive_button": button,
        "negative_button": button,
    }
    return {"type": "context_actions", "elements": [element]}


@pytest.mark.parametrize(
    ("allowed", "refused"),
    [
        ([section(3000)], [section(3001)]),
        ([section(1)], [section(0)]),
        ([{"type": "header", "text": plain(150)}], [{"type": "header", "text": plain(151)}]),
        ([{"type": "header", "text": plain(1)}], [{"type": "header", "text": mrkdwn(1)}]),
        ([{"type": "divider"}] * 50, [{"type": "divider"}] * 51),
        ([quote(12_000)], [quote(12_001)]),
        ([quote(1)], [quote(0)]),
        ([{"type": "markdown", "text": "a" * 12_000}], [{"type": "markdown", "text": "a" * 12_001}]),
        (
            [{"type": "context", "elements": [mrkdwn(5)] * 10}],
            [{"type": "context", "elements": [mrkdwn(5)] * 11}],
        ),
        ([buttons(n=25)], [buttons(n=26)]),
        ([buttons(text=75)], [buttons(text=76)]),
        ([buttons(value=2000)], [buttons(value=2001)]),
        ([buttons(action=255)], [buttons(action=256)]),
        ([feedback(2000)], [feedback(2001)]),
        ([section(9) | {"block_id": "b" * 255}], [section(9) | {"block_id": "b" * 256}]),
        ([section(9) | {"block_id": "b"}], [section(9) | {"block_id": "b"}] * 2),
        ([section(9)], [section(9) | {"imageUrl": "x"}]),
        ([section(9)], [{"type": "secton"}]),
    ],
)
def test_the_limit_itself_is_allowed_and_one_more_is_not(allowed: list[Block], refused: list[Block]) -> None:
    assert block_problems(allowed) == []
    assert block_problems(refused) != []


def test_a_problem_says_where_it_is() -> None:
    assert block_problems([section(5), section(3001)]) == [
        "[ERROR] must be less than 3001 characters [json-pointer:/blocks/1/text/text]"
    ]


def test_one_block_holds_an_action_once() -> None:
    twice = {"type": "actions", "elements": [*buttons()["elements"], *buttons()["elements"]]}
    assert "already exists" in block_problems([twice])[0]
    assert block_problems([buttons(), buttons()]) == []


def test_blocks_are_too_long_together_about_where_others_found_it() -> None:
    markdown = {"type": "markdown", "text": "a" * 13_297}
    assert not are_too_long([markdown])
    assert are_too_long([markdown, {"type": "divider"}])
    assert are_too_long([section(2835) for _ in range(5)])


def test_a_modal_is_measured_by_its_own_limits() -> None:
    view = {"type": "modal", "title": plain(24), "close": plain(24), "blocks": [{"type": "divider"}] * 100}
    assert view_problems(view) == []
    assert view_problems(view | {"title": plain(25)})
    assert view_problems(view | {"blocks": [{"type": "divider"}] * 101})
    assert view_problems(view | {"private_metadata": "x" * 3001})
    assert view_problems(view | {"blocks": [feedback(1)]})
