"""The few pieces of Block Kit that the bot builds with, each within Slack's limits. Pure.

Words of documents, titles and questions stand only in text elements of rich text: Slack shows those as they
are, and makes no mention, link, emoji or emphasis of them.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from service.slack.mrkdwn import cut, sendable, units

Block = Mapping[str, Any]  # one block, or one element of a block, as Slack reads it

MOST_BLOCKS = 50  # of a message; a view takes 100
MOST_TEXT_UNITS = 3_900  # of a message's `text`: chat.update refuses 4,000
# Slack refuses about 13,200 characters of blocks as JSON, fewer when they are many (bolt-js#2509, #2867).
MOST_BLOCK_UNITS = 11_000
_BLOCK_COSTS = 100
_MOST_URL_CHARS = 3_000
_MOST_LABEL_UNITS = 75


@dataclass(frozen=True, slots=True)
class Message:
    """What is posted: text, for notifications and screen readers, and blocks, for everyone else."""

    text: str
    blocks: tuple[Block, ...]


def words(text: str, *, bold: bool = False, italic: bool = False) -> Block:
    """Text that Slack shows as it is; text: not empty."""
    style = {name: True for name, wanted in (("bold", bold), ("italic", italic)) if wanted}
    return {"type": "text", "text": sendable(text), **({"style": style} if style else {})}


def link(text: str, url: str | None, *, bold: bool = False) -> Block:
    """Text that leads to an address of ours; plain text without one."""
    if url is None or len(url) > _MOST_URL_CHARS:
        return words(text, bold=bold)
    return {**words(text, bold=bold), "type": "link", "url": url}


def line(*elements: Block) -> Block:
    """A run of text, for `rich`."""
    return {"type": "rich_text_section", "elements": list(elements)}


def quote(*elements: Block) -> Block:
    """A quotation, for `rich`."""
    return {"type": "rich_text_quote", "elements": list(elements)}


def rich(*parts: Block) -> Block:
    """A block of lines and quotations."""
    return {"type": "rich_text", "elements": list(parts)}


def button(label: str, action: str, value: str, *, is_main: bool = False) -> Block:
    """A button. value: what is sent back when it is pressed, ids only."""
    return {
        "type": "button",
        "action_id": action,
        "text": {"type": "plain_text", "text": cut(label, _MOST_LABEL_UNITS), "emoji": True},
        "value": value,
        **({"style": "primary"} if is_main else {}),
    }


def buttons(*elements: Block) -> Block:
    """A row of buttons."""
    return {"type": "actions", "elements": list(elements)}


def size(blocks: Sequence[Block]) -> int:
    """How long the blocks are together, as Slack seems to count it: UTF-16 units, as JSON."""
    return units(json.dumps(list(blocks), ensure_ascii=False)) + _BLOCK_COSTS * len(blocks)
