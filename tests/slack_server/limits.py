"""What Slack's Block Kit accepts: the problems of blocks and views, in the words that Slack uses. Pure.

Sizes and allowed fields are those of the reference at https://docs.slack.dev/reference/block-kit. The size of
all blocks of a message together is documented nowhere: markdown alone was accepted up to 13,297 characters,
with a divider beside it up to 13,172 (slackapi/bolt-js#2509), and rich text was refused at 11,341 (#2867);
the sum below gives about these.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Literal

Surface = Literal["message", "modal"]
_Problems = Iterator[str]

MOST_BLOCKS: Mapping[Surface, int] = {"message": 50, "modal": 100}
MOST_POSTED_CHARS = 40_000  # longer texts are cut
MOST_UPDATED_CHARS = 4_000  # longer ones are refused by chat.update (seratch/ChatGPT-in-Slack#102)
_MOST_TOGETHER = 13_420
_BLOCK_COSTS = 90
_MOST_RICH = 12_000
_URL = re.compile(r"^[a-z][a-z0-9+.-]*:\S+$", re.IGNORECASE)

_FIELDS: Mapping[str, str] = {  # what a block may have beside its type and block_id
    "section": "text fields accessory expand",
    "header": "text level",
    "divider": "",
    "context": "elements",
    "actions": "elements",
    "context_actions": "elements",
    "rich_text": "elements",
    "markdown": "text",
    "image": "image_url alt_text title slack_file",
    "input": "label element dispatch_action hint optional",
}
_MOST_ELEMENTS: Mapping[str, int] = {"context": 10, "actions": 25, "context_actions": 5}
_IN_RICH_TEXT = ("rich_text_section", "rich_text_list", "rich_text_preformatted", "rich_text_quote")
_RICH_PIECES: Mapping[str, str] = {
    "text": "text style",
    "link": "url text style unsafe",
    "emoji": "name unicode style",
    "user": "user_id style",
    "channel": "channel_id style",
    "usergroup": "usergroup_id style",
    "broadcast": "range style",
    "date": "timestamp format url fallback style",
    "color": "value",
}


def block_problems(blocks: object, surface: Surface = "message") -> list[str]:
    """Why Slack would refuse these blocks, each with a pointer into them; empty when it would take them."""
    if not isinstance(blocks, list):
        return ["[ERROR] must be an array [json-pointer:/blocks]"]
    return list(_blocks(blocks, surface, "/blocks"))


def are_too_long(blocks: Sequence[Mapping[str, Any]]) -> bool:
    """Whether the blocks of one message are too long together."""
    chars = len(json.dumps(blocks, ensure_ascii=False, separators=(",", ":")))
    return chars + _BLOCK_COSTS * len(blocks) > _MOST_TOGETHER


def view_problems(view: object) -> list[str]:
    """Why Slack would refuse this modal."""
    if not isinstance(view, dict) or view.get("type") != "modal":
        return ["[ERROR] unsupported type [json-pointer:/view/type]"]
    found = list(_text(view.get("title"), "/view/title", 24, plain=True))
    for name in ("submit", "close"):
        if name in view:
            found += _text(view[name], f"/view/{name}", 24, plain=True)
    found += _size(view.get("private_metadata", ""), "/view/private_metadata", 3000, least=0)
    found += _size(view.get("callback_id", ""), "/view/callback_id", 255, least=0)
    return found + list(_blocks(view.get("blocks", []), "modal", "/view/blocks"))


def _blocks(blocks: Sequence[Any], surface: Surface, at: str) -> _Problems:
    if len(blocks) > MOST_BLOCKS[surface]:
        yield f"[ERROR] no more than {MOST_BLOCKS[surface]} items allowed [json-pointer:{at}]"
    names = [block.get("block_id") for block in blocks if isinstance(block, dict) and block.get("block_id")]
    for name in {name for name in names if names.count(name) > 1}:
        yield f"[ERROR] `block_id` {name!r} already exists [json-pointer:{at}]"
    for number, block in enumerate(blocks):
        here = f"{at}/{number}"
        kind = block.get("type") if isinstance(block, dict) else None
        if (
            not isinstance(kind, str)
            or kind not in _FIELDS
            or (surface == "modal" and kind in ("context_actions", "markdown"))
        ):
            yield f"[ERROR] unsupported type: {kind} [json-pointer:{here}/type]"
            continue
        yield from _size(block.get("block_id", ""), f"{here}/block_id", 255, least=0)
        yield from _fields(block, f"type block_id {_FIELDS[kind]}", here)
        yield from _CHECKS[kind](block, here)
    if sum(len(str(b.get("text", ""))) for b in blocks if b.get("type") == "markdown") > _MOST_RICH:
        yield f"[ERROR] markdown text must be less than {_MOST_RICH + 1} characters [json-pointer:{at}]"


def _section(block: Mapping[str, Any], at: str) -> _Problems:
    if "text" not in block and not block.get("fields"):
        yield f"[ERROR] missing required field: text [json-pointer:{at}]"
    if "text" in block:
        yield from _text(block["text"], f"{at}/text", 3000)
    fields = block.get("fields", [])
    if len(fields) > 10:
        yield f"[ERROR] no more than 10 items allowed [json-pointer:{at}/fields]"
    for number, item in enumerate(fields):
        yield from _text(item, f"{at}/fields/{number}", 2000)
    if "accessory" in block:
        yield from _element(block["accessory"], f"{at}/accessory")


def _elements(block: Mapping[str, Any], at: str) -> _Problems:
    elements, most = block.get("elements", []), _MOST_ELEMENTS[block["type"]]
    if not elements:
        yield f"[ERROR] must provide at least one element [json-pointer:{at}/elements]"
    if len(elements) > most:
        yield f"[ERROR] no more than {most} items allowed [json-pointer:{at}/elements]"
    names = [element.get("action_id") for element in elements if element.get("action_id")]
    for name in {name for name in names if names.count(name) > 1}:
        yield f"[ERROR] `action_id` {name!r} already exists [json-pointer:{at}/elements]"
    for number, element in enumerate(elements):
        yield from _element(element, f"{at}/elements/{number}", within=block["type"])


def _element(element: Mapping[str, Any], at: str, within: str = "section") -> _Problems:
    kind = element.get("type")
    yield from _size(element.get("action_id", "a"), f"{at}/action_id", 255)
    if within == "context" and kind in ("mrkdwn", "plain_text"):
        yield from _text(element, at, 3000)
    elif kind == "image" and within in ("context", "section"):
        yield from _size(element.get("alt_text"), f"{at}/alt_text", 2000)
        yield from _url(element.get("image_url"), f"{at}/image_url")
    elif kind == "button" and within in ("actions", "section"):
        yield from _fields(element, "type text action_id url value style confirm accessibility_label", at)
        yield from _button(element, at)
        if element.get("style", "primary") not in ("primary", "danger"):
            yield f"[ERROR] must be a valid enum value [json-pointer:{at}/style]"
    elif kind == "overflow" and within in ("actions", "section"):
        yield from _options(element.get("options", []), at)
    elif kind == "feedback_buttons" and within == "context_actions":
        yield from _fields(element, "type action_id positive_button negative_button", at)
        for name in ("positive_button", "negative_button"):
            if not isinstance(element.get(name), dict) or "value" not in element[name]:
                yield f"[ERROR] missing required field: {name} [json-pointer:{at}]"
            else:
                yield from _fields(element[name], "text value accessibility_label", f"{at}/{name}")
                yield from _button(element[name], f"{at}/{name}")
    elif kind == "icon_button" and within == "context_actions":
        yield from _button(element, at)
    else:
        yield f"[ERROR] unsupported type: {kind} [json-pointer:{at}/type]"


def _button(button: Mapping[str, Any], at: str) -> _Problems:
    yield from _text(button.get("text"), f"{at}/text", 75, plain=True)
    yield from _size(button.get("value", ""), f"{at}/value", 2000, least=0)
    yield from _size(button.get("accessibility_label", ""), f"{at}/accessibility_label", 75, least=0)
    if "url" in button:
        yield from _url(button["url"], f"{at}/url")


def _options(options: Sequence[Mapping[str, Any]], at: str) -> _Problems:
    if not 1 <= len(options) <= 5:
        yield f"[ERROR] must have between 1 and 5 items [json-pointer:{at}/options]"
    for number, option in enumerate(options):
        yield from _text(option.get("text"), f"{at}/options/{number}/text", 75)
        yield from _size(option.get("value"), f"{at}/options/{number}/value", 150)


def _rich_text(block: Mapping[str, Any], at: str) -> _Problems:
    for number, part in enumerate(block.get("elements", [])):
        yield from _rich_part(part, f"{at}/elements/{number}")
    if sum(len(text) for text in _rich_texts(block)) > _MOST_RICH:
        yield f"[ERROR] must be less than {_MOST_RICH + 1} characters [json-pointer:{at}]"


def _rich_part(part: Mapping[str, Any], at: str) -> _Problems:
    kind = part.get("type")
    if kind not in _IN_RICH_TEXT:
        yield f"[ERROR] unsupported type: {kind} [json-pointer:{at}/type]"
        return
    yield from _fields(part, "type elements border style indent offset language", at)
    for number, piece in enumerate(part.get("elements", [])):
        here = f"{at}/elements/{number}"
        if kind == "rich_text_list":
            yield from _rich_part(piece, here)
        elif piece.get("type") not in _RICH_PIECES:
            yield f"[ERROR] unsupported type: {piece.get('type')} [json-pointer:{here}/type]"
        else:
            yield from _fields(piece, f"type {_RICH_PIECES[piece['type']]}", here)
            if piece["type"] == "text":
                yield from _size(piece.get("text"), f"{here}/text", _MOST_RICH)
            elif piece["type"] == "link":
                yield from _url(piece.get("url"), f"{here}/url")


def _rich_texts(value: Mapping[str, Any]) -> Iterator[str]:
    for item in value.get("elements", []):
        if isinstance(item.get("text"), str):
            yield item["text"]
        yield from _rich_texts(item)


def _image(block: Mapping[str, Any], at: str) -> _Problems:
    yield from _size(block.get("alt_text"), f"{at}/alt_text", 2000)
    yield from _url(block.get("image_url"), f"{at}/image_url")


def _input(block: Mapping[str, Any], at: str) -> _Problems:
    yield from _text(block.get("label"), f"{at}/label", 2000, plain=True)
    if not isinstance(block.get("element"), dict):
        yield f"[ERROR] missing required field: element [json-pointer:{at}]"


def _text(value: object, at: str, most: int, *, plain: bool = False) -> _Problems:
    """A text object."""
    if not isinstance(value, dict) or value.get("type") not in ("plain_text", "mrkdwn"):
        yield f"[ERROR] must be a text object [json-pointer:{at}]"
        return
    if plain and value["type"] != "plain_text":
        yield f"[ERROR] must be plain_text [json-pointer:{at}/type]"
    only = "emoji" if value["type"] == "plain_text" else "verbatim"
    yield from _fields(value, f"type text {only}", at)
    yield from _size(value.get("text"), f"{at}/text", most)


def _size(value: object, at: str, most: int, *, least: int = 1) -> _Problems:
    if not isinstance(value, str):
        yield f"[ERROR] missing required field [json-pointer:{at}]"
    elif len(value) > most:
        yield f"[ERROR] must be less than {most + 1} characters [json-pointer:{at}]"
    elif len(value) < least:
        yield f"[ERROR] must be more than {least - 1} characters [json-pointer:{at}]"


def _url(value: object, at: str) -> _Problems:
    yield from _size(value, at, 3000)
    if isinstance(value, str) and not _URL.match(value):
        yield f"[ERROR] invalid url [json-pointer:{at}]"


def _fields(value: Mapping[str, Any], allowed: str, at: str) -> _Problems:
    for name in sorted(set(value) - set(allowed.split())):
        yield f"[ERROR] invalid additional property: {name} [json-pointer:{at}]"


_CHECKS: Mapping[str, Callable[[Mapping[str, Any], str], _Problems]] = {
    "section": _section,
    "header": lambda block, at: _text(block.get("text"), f"{at}/text", 150, plain=True),
    "divider": lambda block, at: iter(()),
    "context": _elements,
    "actions": _elements,
    "context_actions": _elements,
    "rich_text": _rich_text,
    "markdown": lambda block, at: _size(block.get("text"), f"{at}/text", _MOST_RICH),
    "image": _image,
    "input": _input,
}
