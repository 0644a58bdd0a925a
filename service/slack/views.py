"""The window that shows an answer's quotes within the text around them. Pure."""

import re
from collections.abc import Iterator
from typing import Any

from service.slack.elements import Block, line, quote, rich, size, words
from service.slack.kept import AROUND, Context, Recall, Still
from service.slack.mrkdwn import cut, one_line
from service.slack.phrases import Phrases, phrases_in
from service.slack.places import place_line
from service.slack.replies import Links, Quoted

_MOST_TITLE_UNITS = 24
_MOST_BLOCKS = 90  # a view takes 100
_MOST_UNITS = 30_000  # as JSON; a view takes 250 kB, and nobody reads more
_MOST_WORDS = 3_000  # of one quote or passage
_MOST_QUESTION = 500


def render_passages(recall: Recall, links: Links) -> dict[str, Any]:
    """The window, as Slack's views.open takes it."""
    phrases = phrases_in(recall.language)
    asked = one_line(recall.question, _MOST_QUESTION)
    blocks = [rich(line(words(f"{phrases.view_question}: ", bold=True), words(asked or "…")))]
    used = size(blocks)
    left_out = 0
    for block in _all(recall, phrases, links):
        used += size([block])
        if left_out or len(blocks) >= _MOST_BLOCKS or used > _MOST_UNITS:
            left_out += 1
        else:
            blocks.append(block)
    if left_out:
        blocks.append(rich(line(words(phrases.view_left_out.format(count=left_out), italic=True))))
    return {
        "type": "modal",
        "callback_id": "inyong_passages",
        "title": {"type": "plain_text", "text": cut(phrases.view_title, _MOST_TITLE_UNITS)},
        "close": {"type": "plain_text", "text": cut(phrases.view_close, _MOST_TITLE_UNITS)},
        "blocks": blocks,
    }


def _all(recall: Recall, phrases: Phrases, links: Links) -> Iterator[Block]:
    """Each quote in its context; then the passages that no quote was taken from."""
    cited = [context.quoted for context in recall.citations]
    for context in recall.citations:
        yield _in_context(context, phrases, links)
    others = [one for one in recall.passages if not any(_holds(one.quoted, quoted) for quoted in cited)]
    if others:
        said = phrases.nearest if recall.is_refusal else phrases.view_others
        yield rich(line(words(said, bold=True)))
    for context in others:
        yield _in_context(context, phrases, links)


def _in_context(context: Context, phrases: Phrases, links: Links) -> Block:
    quoted = context.quoted
    head = line(*place_line(quoted, phrases, links if context.still is not Still.GONE else Links()))
    if context.still is Still.GONE:
        return rich(head, line(words(phrases.view_gone, italic=True)))
    shown = cut(quoted.text, _MOST_WORDS) or "…"
    if context.still is Still.CHANGED:
        return rich(head, line(words(phrases.view_changed, italic=True)), quote(words(shown)))
    before, after = _before(context), _after(context) if shown == quoted.text else " …"
    pieces = ((before, False), (shown, quoted.marker > 0), (after, False))
    return rich(head, quote(*(words(text, bold=bold) for text, bold in pieces if text)))


def _before(context: Context) -> str:
    """The text before the quote, from the beginning of a word on where it is cut."""
    text = context.before[-AROUND:]
    return f"… {text[_first_space(text) :].lstrip()}" if len(text) < context.quoted.place.start else text


def _after(context: Context) -> str:
    """The text behind the quote, up to the end of a word where it may be cut."""
    text = context.after[:AROUND]
    if len(text) < AROUND:
        return text
    return f"{text[: len(text) - _first_space(text[::-1])].rstrip()} …"


def _first_space(text: str) -> int:
    """Where the first word ends, 0 when there is none to spare."""
    found = re.search(r"\s", text[: AROUND // 4])
    return found.start() if found else 0


def _holds(passage: Quoted, quoted: Quoted) -> bool:
    return (
        passage.place.document_id == quoted.place.document_id
        and passage.place.start <= quoted.place.start
        and quoted.place.end <= passage.place.end
    )
