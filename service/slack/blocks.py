"""Messages and the modal of passages as Block Kit, within Slack's limits. Pure."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from service.answering.amounts import converted_amounts
from service.slack.phrases import Phrases, phrases_in
from service.slack.replies import (
    CONTEXT_CHARS,
    MAX_NEAREST,
    Links,
    QuoteInContext,
    QuoteState,
    Reply,
    ShownQuote,
    StoredReply,
)

_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}  # the three that Slack's formatting reference names
_JOINER = "\u2060"  # word joiner: zero width, and breaks up names and addresses
# @here, @channel and names; #channels; URLs with and without a scheme; e-mail.
_TAKES_A_JOINER = re.compile(r"(?<=[@#\uff20\uff03])(?=\S|\Z)|(?<=:)(?=/)|(?<=\w\.)(?=[^\W\d_])")
_BIDIRECTIONAL = re.compile("[\u202a-\u202e\u2066-\u2069]")  # controls, valid up to the line's end
_UNSENDABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")
_MARKER = re.compile(r"\[(\d{1,3})\]")

# Lengths are in UTF-16 units, as Slack may count them.
MAX_TEXT_UNITS = 3_900  # of a message's `text`: chat.update refuses 4,000
# Slack refuses about 13,200 characters of blocks as JSON, fewer when they are many (bolt-js#2509, #2867).
_MAX_BLOCK_UNITS = 11_000
_UNITS_PER_BLOCK = 100
_MAX_ANSWER_UNITS = 2_800  # five times the longest answer with default settings
_MAX_LINKED_ANSWER_UNITS = 6_000  # as JSON, with a link at each marker
_MAX_QUOTE_UNITS = 1_500  # three times the longest passage with default settings
_MAX_NEAREST_UNITS = 400
_MAX_QUESTION_UNITS = 150
_MAX_REFERENCE_UNITS = 40
_MAX_TITLE_UNITS, _MAX_HEADING_UNITS, _MAX_DATE_UNITS = 150, 100, 40
_MAX_LABEL_UNITS = 75
_MAX_URL_CHARS = 3_000


def units(text: str) -> int:
    """Return the length in UTF-16 units."""
    return len(text) + sum(1 for character in text if character > "\uffff")


def sendable(text: str) -> str:
    """Replace control characters and lone surrogates with the replacement character."""
    return _UNSENDABLE.sub("\ufffd", text)


def as_plain(text: str) -> str:
    """Escape text for a message's `text`: it reads the same, without mentions, links or markup."""
    joined = _TAKES_A_JOINER.sub(_JOINER, sendable(text))
    return "".join(_ENTITIES.get(character, character) for character in joined)


def cut(text: str, max_units: int) -> str:
    """Return the longest prefix of at most `max_units` UTF-16 units."""
    if len(text) <= max_units // 2:
        return text
    taken = 0
    for position, character in enumerate(text):
        taken += 2 if character > "\uffff" else 1
        if taken > max_units:
            return text[:position]
    return text


def shorten(text: str, max_units: int) -> str:
    """Return the text, cut with an ellipsis if it has more than `max_units` UTF-16 units."""
    return text if units(text) <= max_units else cut(text, max_units - 1).rstrip() + "…"


def one_line(text: str, max_units: int) -> str:
    """Return the text without line breaks and bidirectional controls, cut with an ellipsis."""
    return shorten(" ".join(_BIDIRECTIONAL.sub("", sendable(text)).split()), max_units)


Block = Mapping[str, Any]  # one block, or one element of a block, as JSON


@dataclass(frozen=True, slots=True)
class Message:
    """A message: text for notifications and screen readers, blocks for everyone else."""

    text: str
    blocks: tuple[Block, ...]


def _text(text: str, *, bold: bool = False, italic: bool = False) -> Block:
    """Return a text element that Slack shows verbatim; text: not empty."""
    style = {name: True for name, wanted in (("bold", bold), ("italic", italic)) if wanted}
    return {"type": "text", "text": sendable(text), **({"style": style} if style else {})}


def _link(text: str, url: str | None) -> Block:
    """Return bold text linked to a URL of ours; without the link if it is missing or too long."""
    if url is None or len(url) > _MAX_URL_CHARS:
        return _text(text, bold=True)
    return {**_text(text, bold=True), "type": "link", "url": url}


def _line(*elements: Block) -> Block:
    return {"type": "rich_text_section", "elements": list(elements)}


def _quotation(*elements: Block) -> Block:
    return {"type": "rich_text_quote", "elements": list(elements)}


def _rich_text(*parts: Block) -> Block:
    """Return a block of lines and quotations."""
    return {"type": "rich_text", "elements": list(parts)}


def _size(*blocks: Block) -> int:
    """Return the total size of the blocks, as Slack seems to count it: UTF-16 units, as JSON."""
    return units(json.dumps(blocks, ensure_ascii=False)) + _UNITS_PER_BLOCK * len(blocks)


# Action ids of the buttons; the value holds the answer's and the requester's id, see `Controls`.
RATE_UP, RATE_DOWN = "inyong_up", "inyong_down"
SHOW_PASSAGES, ASK_AGAIN, SHARE = "inyong_passages", "inyong_again", "inyong_share"


@dataclass(frozen=True, slots=True)
class Controls:
    """Parameters of the buttons below an answer. requester: Slack id of the requester.

    can_share: whether the answer is visible only to the requester, who may share it.
    """

    answer_id: str
    requester: str
    can_share: bool = False


@dataclass(frozen=True, slots=True)
class _Part:
    """A block and its equivalent in the message's `text`, from `as_plain`."""

    block: Block
    plain: str = ""


def render_status(text: str) -> Message:
    """Render one sentence of the bot, such as those of `phrases`; markup in it is not parsed."""
    return _message(_note(shorten(text, _MAX_ANSWER_UNITS)))


def render_progress(quotes: Sequence[ShownQuote], status: str, language: str, links: Links) -> Message:
    """Render the quotes found so far, above the status."""
    phrases = phrases_in(language)
    last = _note(status)
    parts = [_quote_part(quoted, phrases, links) for quoted in quotes]
    return _message(*_fitting(parts, _size(last.block), phrases), last)


def render_reply(
    reply: Reply, links: Links, controls: Controls | None = None, *, question: str | None = None
) -> Message:
    """Render the answer or refusal with its quotes and buttons.

    controls: None if no actions are available, as when answers are not stored. question: shown before the
    answer, for readers who have not seen it.
    """
    phrases = phrases_in(reply.language)
    parts = []
    if question is not None:
        parts.append(_note(f"{phrases.shared}: {one_line(question, _MAX_QUESTION_UNITS)}"))
    if reply.abstain_reason:
        parts += _refusal(reply, phrases)
        nearest = reply.nearest[:MAX_NEAREST]
        quotes = [_quote_part(quoted, phrases, links, _MAX_NEAREST_UNITS) for quoted in nearest]
    else:
        parts += _answer(reply, phrases, links)
        quotes = [
            _quote_part(quoted, phrases, links, amounts=_amounts(quoted, reply)) for quoted in reply.quotes
        ]
    buttons = [_Part(_buttons(controls, phrases))] if controls else []
    used = _size(*(part.block for part in (*parts, *buttons)))
    return _message(*parts, *_fitting(quotes, used, phrases), *buttons)


def render_failure(sentence: str, reference: str, language: str) -> Message:
    """Render why there is no answer. sentence: one of `phrases`; reference: its id in the log."""
    shown = phrases_in(language).reference.format(id=one_line(reference, _MAX_REFERENCE_UNITS))
    sentence = shorten(sentence, _MAX_ANSWER_UNITS)
    warning = _Part(_rich_text(_line(_text(f"⚠️ {sentence}"))), as_plain(sentence))
    return _message(warning, _note(shown))


def _message(*parts: _Part) -> Message:
    text = cut("\n".join(part.plain for part in parts if part.plain), MAX_TEXT_UNITS)
    return Message(text or "…", tuple(part.block for part in parts))


def _fitting(quotes: Sequence[_Part], used: int, phrases: Phrases) -> Iterator[_Part]:
    """Yield the quotes that fit a message, and a note on the others. used: size of its other blocks."""
    for n, quote in enumerate(quotes):
        used += _size(quote.block)
        if used > _MAX_BLOCK_UNITS:
            yield _note(phrases.quotes_left_out.format(count=len(quotes) - n))
            return
        yield quote


def _note(text: str) -> _Part:
    """Return a line in the bot's own words."""
    return _Part(_rich_text(_line(_text(text or "…", italic=True))), as_plain(text))


def _answer(reply: Reply, phrases: Phrases, links: Links) -> Iterator[_Part]:
    """Yield the text, with each [n] linked to its quote, and notes; no text if the quotes are the answer."""
    if not reply.is_quotes:
        text = sendable(reply.text).strip() or "…"
        shown = cut(text, _MAX_ANSWER_UNITS)
        known = {quoted.marker: quoted for quoted in reply.quotes}
        elements: list[Block] = []
        for n, piece in enumerate(_MARKER.split(shown)):
            if n % 2:
                quoted = known.get(int(piece))
                elements.append(_link(f"[{piece}]", links.to(quoted) if quoted else None))
            elif piece:
                elements.append(_text(piece))
        linked = _rich_text(_line(*elements))
        is_small = _size(linked) <= _MAX_LINKED_ANSWER_UNITS
        yield _Part(linked if is_small else _rich_text(_line(_text(shown))), as_plain(shown))
        if shown != text:
            yield _note(phrases.cut.format(total=f"{len(text):,}", shown=f"{len(shown):,}"))
    if reply.uncertain:
        yield _note(phrases.uncertain)
    if reply.repaired:
        yield _note(phrases.repaired)


def _refusal(reply: Reply, phrases: Phrases) -> Iterator[_Part]:
    """Yield the refusal with its reason, and the heading of the nearest passages."""
    text = shorten(sendable(reply.text).strip(), _MAX_ANSWER_UNITS) or "…"
    reason = phrases.unsupported if reply.abstain_reason == "unsupported" else phrases.no_evidence
    block = _rich_text(_line(_text(text, bold=True), _text(f"\n{reason}")))
    yield _Part(block, f"{as_plain(text)}\n{as_plain(reason)}")
    if reply.nearest:
        yield _Part(_rich_text(_line(_text(phrases.nearest, bold=True))), as_plain(f"{phrases.nearest}:"))


def _amounts(quoted: ShownQuote, reply: Reply) -> str:
    """Return the amounts of a quote that is part of the answer, in the other language too."""
    found = converted_amounts(quoted.text, reply.language) if reply.is_quotes else []
    return "; ".join(f"{written} = {other}" for written, other in found)


def _quote_part(
    quoted: ShownQuote, phrases: Phrases, links: Links, max_units: int = _MAX_QUOTE_UNITS, amounts: str = ""
) -> _Part:
    """Render the location and the verbatim quote; what is cut or computed is noted outside the quote."""
    shown = cut(quoted.text, max_units)
    notes = [shorten(amounts, max_units)] if amounts else []
    if shown != quoted.text:
        notes.append(phrases.cut.format(total=f"{len(quoted.text):,}", shown=f"{len(shown):,}"))
    block = _rich_text(
        _location_line(quoted, phrases, links),
        _quotation(_text(shown or "…")),
        *(_line(_text(note, italic=True)) for note in notes),
    )
    marker = f"[{quoted.marker}]" if quoted.marker else "-"
    location = " · ".join([_title(quoted), *_details(quoted, phrases)])
    return _Part(block, as_plain(f"{marker} {location}\n" + "\n".join([f"“{shown}”", *notes])))


def _location_line(quoted: ShownQuote, phrases: Phrases, links: Links) -> Block:
    """Render marker, title, section, page and date; the title is a link."""
    marker = [_text(f"[{quoted.marker}] ", bold=True)] if quoted.marker else []
    title = _link(_title(quoted), links.to(quoted))
    details = _details(quoted, phrases)
    return _line(*marker, title, *([_text(" · " + " · ".join(details))] if details else []))


def _title(quoted: ShownQuote) -> str:
    return one_line(quoted.title, _MAX_TITLE_UNITS) or one_line(quoted.source, _MAX_TITLE_UNITS) or "…"


def _details(quoted: ShownQuote, phrases: Phrases) -> list[str]:
    heading = one_line(quoted.heading, _MAX_HEADING_UNITS)
    page = phrases.page.format(page=quoted.page) if quoted.page else ""
    details = ["" if heading == _title(quoted) else heading, page, one_line(quoted.date, _MAX_DATE_UNITS)]
    return [detail for detail in details if detail]


def _buttons(controls: Controls, phrases: Phrases) -> Block:
    labels = {
        **({SHARE: phrases.share} if controls.can_share else {}),
        RATE_UP: phrases.helpful,
        RATE_DOWN: phrases.not_helpful,
        SHOW_PASSAGES: phrases.show_passages,
        ASK_AGAIN: phrases.ask_again,
    }
    elements = [
        {
            "type": "button",
            "action_id": action,
            "text": {"type": "plain_text", "text": cut(label, _MAX_LABEL_UNITS), "emoji": True},
            "value": f"{controls.answer_id}:{controls.requester}",
            **({"style": "primary"} if action == SHARE else {}),
        }
        for action, label in labels.items()
    ]
    return {"type": "actions", "elements": elements}


_MAX_VIEW_TITLE_UNITS = 24
_MAX_VIEW_BLOCKS = 90  # a view takes 100
_MAX_VIEW_UNITS = 30_000  # as JSON; a view takes 250 kB, and nobody reads more
_MAX_VIEW_QUOTE_UNITS = 3_000
_MAX_VIEW_QUESTION_UNITS = 500


def render_passages(stored: StoredReply, links: Links) -> dict[str, Any]:
    """Return the modal that shows an answer's quotes in context, as Slack's views.open takes it."""
    phrases = phrases_in(stored.language)
    question = one_line(stored.question, _MAX_VIEW_QUESTION_UNITS) or "…"
    blocks = [_rich_text(_line(_text(f"{phrases.view_question}: ", bold=True), _text(question)))]
    used = _size(*blocks)
    n_left_out = 0
    for block in _all_passages(stored, phrases, links):
        used += _size(block)
        if n_left_out or len(blocks) >= _MAX_VIEW_BLOCKS or used > _MAX_VIEW_UNITS:
            n_left_out += 1
        else:
            blocks.append(block)
    if n_left_out:
        blocks.append(_note(phrases.view_left_out.format(count=n_left_out)).block)
    return {
        "type": "modal",
        "callback_id": "inyong_passages",
        "title": {"type": "plain_text", "text": cut(phrases.view_title, _MAX_VIEW_TITLE_UNITS)},
        "close": {"type": "plain_text", "text": cut(phrases.view_close, _MAX_VIEW_TITLE_UNITS)},
        "blocks": blocks,
    }


def _all_passages(stored: StoredReply, phrases: Phrases, links: Links) -> Iterator[Block]:
    """Yield each quote in context, then the passages that no quote was taken from."""
    cited = [context.quoted for context in stored.citations]
    for context in stored.citations:
        yield _in_context(context, phrases, links)
    others = [one for one in stored.passages if not any(_contains(one.quoted, quoted) for quoted in cited)]
    if others:
        heading = phrases.nearest if stored.is_refusal else phrases.view_others
        yield _rich_text(_line(_text(heading, bold=True)))
    for context in others:
        yield _in_context(context, phrases, links)


def _in_context(context: QuoteInContext, phrases: Phrases, links: Links) -> Block:
    quoted = context.quoted
    if context.state is QuoteState.GONE:
        head = _location_line(quoted, phrases, Links())
        return _rich_text(head, _line(_text(phrases.view_gone, italic=True)))
    head = _location_line(quoted, phrases, links)
    shown = cut(quoted.text, _MAX_VIEW_QUOTE_UNITS) or "…"
    if context.state is QuoteState.CHANGED:
        return _rich_text(head, _line(_text(phrases.view_changed, italic=True)), _quotation(_text(shown)))
    before, after = context.before[-CONTEXT_CHARS:], context.after[:CONTEXT_CHARS]
    if len(before) < quoted.start:
        before = f"…{before}"
    if shown != quoted.text:
        after = "…"
    elif len(after) == CONTEXT_CHARS:
        after = f"{after}…"
    pieces = ((before, False), (shown, quoted.marker > 0), (after, False))
    return _rich_text(head, _quotation(*(_text(text, bold=bold) for text, bold in pieces if text)))


def _contains(passage: ShownQuote, quoted: ShownQuote) -> bool:
    return (
        passage.document_id == quoted.document_id
        and passage.start <= quoted.start
        and quoted.end <= passage.end
    )
