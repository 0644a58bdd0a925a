"""Replies made by hand, and what Slack would do with a message: its limits, and how it reads a `text`."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from service.slack.elements import Message
from service.slack.replies import Place, Quoted, Reply

QUOTE = "예산은 350억 원이 들었다."


def make_place(document_id: str = "d1", title: str = "푸른숲 도서관", **fields: Any) -> Place:
    known = {
        "source": "library.md",
        "heading": "개관",
        "date": "2026-05-03",
        "page": 3,
        "start": 10,
        "end": 26,
    }
    return Place(document_id, title, **{**known, **fields})


def make_reply(
    text: str = "예산은 350억 원입니다 [1].",
    *quotes: Quoted,
    abstain_reason: str | None = None,
    nearest: tuple[Quoted, ...] = (),
    language: str = "ko",
    repaired: bool = False,
) -> Reply:
    cited = quotes or (() if abstain_reason else (Quoted(1, make_place(), QUOTE),))
    return Reply("a" * 32, text, language, abstain_reason, repaired, cited, nearest)


def require_postable(message: Message) -> None:
    """Raises AssertionError where Slack would refuse the message."""
    assert 1 <= len(message.text.encode("utf-16-le")) // 2 <= 4_000
    assert 1 <= len(message.blocks) <= 50
    require_blocks(message.blocks, most_json_units=13_000)


def require_blocks(blocks: tuple[Mapping[str, Any], ...] | list[Any], most_json_units: int) -> None:
    """Limits of the Block Kit reference, for the elements that the bot uses."""
    as_json = json.dumps(list(blocks), ensure_ascii=False)
    assert len(as_json.encode("utf-16-le")) // 2 <= most_json_units  # and every character can be sent
    actions: list[str] = []
    for node in nodes(blocks):
        match node.get("type"):
            case "rich_text" | "rich_text_section" | "rich_text_quote":
                assert node["elements"]
            case "text":
                assert node["text"]
            case "link":
                assert node["text"]
                assert 1 <= len(node["url"]) <= 3_000
            case "actions":
                assert 1 <= len(node["elements"]) <= 25
            case "button":
                actions.append(node["action_id"])
                assert len(node["value"]) <= 2_000
                assert 1 <= len(node["text"]["text"]) <= 75
            case "plain_text" | "divider":
                pass
            case other:
                raise AssertionError(f"the bot does not use {other}")
    assert len(set(actions)) == len(actions)


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
