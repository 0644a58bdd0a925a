"""Replies made by hand, and what Slack would do with a message: its limits, and how it reads a `text`."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from service.slack.blocks import Message
from service.slack.replies import Reply, ShownQuote
from tests.slack_server.limits import MOST_UPDATED_CHARS, are_too_long, block_problems

KNOWN = {  # nothing else, and so no element that Slack would parse
    *("rich_text", "rich_text_section", "rich_text_quote", "text", "link"),
    *("actions", "button", "plain_text"),
}
QUOTE = "예산은 350억 원이 들었다."


def make_quoted(marker: int = 1, text: str = QUOTE, **fields: Any) -> ShownQuote:
    known: dict[str, Any] = {
        "document_id": "d1",
        "title": "푸른숲 도서관",
        "source": "library.md",
        "heading": "개관",
        "date": "2026-05-03",
        "page": 3,
        "start": 10,
        "end": 26,
    }
    return ShownQuote(marker=marker, text=text, **{**known, **fields})


def make_reply(
    text: str = "예산은 350억 원입니다 [1].",
    *quotes: ShownQuote,
    abstain_reason: str | None = None,
    nearest: tuple[ShownQuote, ...] = (),
    language: str = "ko",
    is_quotes: bool = False,
    repaired: bool = False,
    uncertain: bool = False,
) -> Reply:
    cited = quotes or (() if abstain_reason else (make_quoted(1, QUOTE),))
    return Reply(text, language, abstain_reason, is_quotes, repaired, uncertain, cited, nearest)


def require_postable(message: Message) -> None:
    """Raises AssertionError where Slack would refuse the message."""
    blocks = sent(message.blocks)
    assert 1 <= len(message.text.encode("utf-16-le")) // 2 <= MOST_UPDATED_CHARS
    assert blocks
    assert block_problems(blocks) == []
    assert not are_too_long(blocks)
    assert {node["type"] for node in nodes(blocks)} <= KNOWN


def sent(blocks: object) -> list[dict[str, Any]]:
    """The blocks as Slack reads them; every character of theirs can be sent."""
    found: list[dict[str, Any]] = json.loads(json.dumps(blocks, ensure_ascii=False).encode())
    return found


def nodes(value: object) -> Iterator[Mapping[str, Any]]:
    """Every object in it that has a type, the outer before the inner."""
    if isinstance(value, Mapping):
        if "type" in value:
            yield value
        for inner in value.values():
            yield from nodes(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from nodes(inner)


def shown(message: Message) -> str:
    """What a reader of the blocks sees, without the buttons."""
    return "".join(n["text"] for n in nodes(message.blocks) if n["type"] in ("text", "link"))


def quotes_of(message: Message) -> list[str]:
    """The text of each quotation."""
    found = [node for node in nodes(message.blocks) if node["type"] == "rich_text_quote"]
    return ["".join(element["text"] for element in node["elements"]) for node in found]


def links_of(message: Message) -> list[str]:
    """Every address that a reader of the blocks could follow."""
    return [node["url"] for node in nodes(message.blocks) if "url" in node]


# What Slack makes of a `text`: mentions and links in angle brackets; with parse=full or link_names also
# names behind @ and #; and addresses as they stand, with or without a scheme.
_ACTIVE = (
    re.compile(r"<[^>]*>"),
    re.compile(r"[@#＠＃][^\s\u2060]"),
    re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://"),
    re.compile(r"\w\.[^\W\d_]"),
)


def active_in(text: str) -> list[str]:
    """The mentions and links that Slack would find in a message's `text`."""
    return [found[0] for pattern in _ACTIVE if (found := pattern.search(text))]


def read_plain(text: str) -> str:
    """A message's `text` as people read it."""
    for entity, character in (("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&")):
        text = text.replace(entity, character)
    return text.replace("\u2060", "")
