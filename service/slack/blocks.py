"""Everything the bot posts in a conversation, as messages within Slack's limits. Pure."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from index.types import Hit
from service.slack.drafting import CONTROLS_UNITS, Draft, joined, parts_of, put
from service.slack.elements import (
    MOST_BLOCK_UNITS,
    Block,
    Message,
    button,
    buttons,
    line,
    link,
    quote,
    rich,
    size,
    words,
)
from service.slack.mrkdwn import as_plain, cut, one_line
from service.slack.phrases import Phrases, phrases_in
from service.slack.places import place_line, plain_place
from service.slack.replies import MOST_NEAREST, Links, Quoted, Reply, passage_of, quoted_of
from service.types import Citation

# Buttons by action id; the value is the answer's id and its asker's, see `Controls`.
RATE_UP, RATE_DOWN = "inyong_up", "inyong_down"
SHOW_PASSAGES, ASK_AGAIN, SHARE = "inyong_passages", "inyong_again", "inyong_share"

_MOST_QUOTE_UNITS = 2_400
_MOST_QUESTION_UNITS = 150  # escaped, with the answer's part still less than a message's `text` takes
_MOST_NEAREST_UNITS = 400
_MOST_QUOTES = 40
_MOST_REFERENCE_UNITS = 40
_MOST_SOURCES = 5  # titles in a status
_MARKER = re.compile(r"\[(\d{1,3})\]")


@dataclass(frozen=True, slots=True)
class Controls:
    """What the buttons below an answer need. asker: Slack's id of who asked.

    can_share: whether only the asker sees the answer, and may show it to the others.
    """

    answer_id: str
    asker: str
    can_share: bool = False


def render_status(text: str) -> Message:
    """One sentence of the bot's own, such as those of `phrases`; what it says is not read as markup."""
    text = parts_of(text)[0]
    return Message(as_plain(text), (rich(line(words(text, italic=True))),))


def render_queued(position: int, language: str) -> Message:
    """The place in the queue, from 1."""
    phrases = phrases_in(language)
    ahead = phrases.queued.format(count=position - 1) if position > 1 else phrases.queued_next
    return render_status(ahead)


def render_found(passages: Sequence[Hit], language: str, links: Links, status: str | None = None) -> Message:
    """The documents that were found, while the answer is written. status: instead of saying that it is."""
    phrases = phrases_in(language)
    status = status or phrases.writing
    return _with_status([], _first_of_each_document(passages), phrases, links, status)


def render_progress(text: str, citations: Sequence[Citation], language: str, links: Links) -> Message:
    """The checked beginning of an answer that is still being written, with its citations so far."""
    phrases = phrases_in(language)
    known = {citation.marker: quoted_of(citation, ()) for citation in citations}
    return _with_status([(parts_of(text)[-1], known)], [], phrases, links, phrases.writing)


def render_reply(
    reply: Reply, links: Links, controls: Controls | None = None, *, question: str | None = None
) -> list[Message]:
    """The answer, at least one message, to be posted in this order; the buttons are on the last one.

    controls: None where nothing can be done with the answer, as when answers are not kept. question: shown
    before the answer, where readers have not seen it asked.
    """
    phrases = phrases_in(reply.language)
    drafts = [Draft()]
    if question is not None:
        asked = f"{phrases.shared}: {one_line(question, _MOST_QUESTION_UNITS)}"
        drafts[0].add(rich(line(words(asked, italic=True))), as_plain(asked))
    if reply.abstain_reason:
        for block, plain in _refusal(reply, phrases, links):
            put(drafts, block, plain)
    else:
        known = {quoted.marker: quoted for quoted in reply.quotes}
        for n, part in enumerate(parts_of(reply.text)):
            if n:
                drafts.append(Draft())
            drafts[-1].add(_answer_block(part, known, links), as_plain(part.strip()))
        for block, plain in _quotes(reply, phrases, links):
            put(drafts, block, plain)
    if controls:
        drafts[-1].blocks.append(_buttons(controls, phrases))
    return [draft.message() for draft in drafts]


def render_failure(sentence: str, reference: str, language: str) -> Message:
    """Why there is no answer. sentence: one of `phrases`; reference: the id that the log knows it by."""
    shown = phrases_in(language).reference.format(id=one_line(reference, _MOST_REFERENCE_UNITS))
    sentence = parts_of(sentence)[0]
    blocks = (rich(line(words(f"⚠️ {sentence}"))), rich(line(words(shown, italic=True))))
    return Message(joined([as_plain(sentence), as_plain(shown)]), blocks)


def _with_status(
    parts: Sequence[tuple[str, dict[int, Quoted]]],
    found: Sequence[Quoted],
    phrases: Phrases,
    links: Links,
    status: str,
) -> Message:
    draft = Draft()
    for part, known in parts:
        draft.add(_answer_block(part, known, links), as_plain(part.strip()))
    for quoted in found:
        draft.add(rich(line(words("• "), *place_line(quoted, phrases, links))), plain_place(quoted, phrases))
    draft.add(rich(line(words(status, italic=True))), as_plain(status))
    return draft.message()


def _answer_block(part: str, known: dict[int, Quoted], links: Links) -> Block:
    """The text with its [n], each leading to its quote."""
    elements: list[Block] = []
    for at, piece in enumerate(_MARKER.split(part.strip())):
        if at % 2:
            quoted = known.get(int(piece))
            elements.append(link(f"[{piece}]", links.to(quoted.place) if quoted else None, bold=True))
        elif piece:
            elements.append(words(piece))
    block = rich(line(*elements or [words("…")]))
    # A text of nothing but markers: what leads nowhere takes less.
    return block if size([block]) <= MOST_BLOCK_UNITS - CONTROLS_UNITS else rich(line(words(part.strip())))


def _quotes(reply: Reply, phrases: Phrases, links: Links) -> Iterator[tuple[Block, str]]:
    """What the answer stands on, a block each."""
    for note in (reply.uncertain and phrases.uncertain, reply.repaired and phrases.repaired):
        if note:
            yield rich(line(words(note, italic=True))), as_plain(note)
    for quoted in reply.quotes[:_MOST_QUOTES]:
        yield _quote_block(quoted, phrases, links, _MOST_QUOTE_UNITS), _plain_quote(quoted, phrases)
    left = len(reply.quotes) - _MOST_QUOTES
    if left > 0:
        said = phrases.quotes_left_out.format(count=left)
        yield rich(line(words(said, italic=True))), as_plain(said)


def _refusal(reply: Reply, phrases: Phrases, links: Links) -> Iterator[tuple[Block, str]]:
    """That there is no answer, why, and what comes nearest to one."""
    reason = phrases.unsupported if reply.abstain_reason == "unsupported" else phrases.no_evidence
    text = parts_of(reply.text)[0]
    yield (
        rich(line(words(text, bold=True), words(f"\n{reason}"))),
        f"{as_plain(text)}\n{as_plain(reason)}",
    )
    if reply.nearest:
        yield rich(line(words(phrases.nearest, bold=True))), as_plain(f"{phrases.nearest}:")
    for quoted in reply.nearest[:MOST_NEAREST]:
        yield _quote_block(quoted, phrases, links, _MOST_NEAREST_UNITS), plain_place(quoted, phrases)


def _quote_block(quoted: Quoted, phrases: Phrases, links: Links, most: int) -> Block:
    """The place, and the words as they stand there; what is left out of them is said outside of them."""
    shown = cut(quoted.text, most)
    parts = [line(*place_line(quoted, phrases, links)), quote(words(shown or "…"))]
    if shown != quoted.text:
        said = phrases.quote_cut.format(total=f"{len(quoted.text):,}", shown=f"{len(shown):,}")
        parts.append(line(words(said, italic=True)))
    return rich(*parts)


def _buttons(controls: Controls, phrases: Phrases) -> Block:
    value = f"{controls.answer_id}:{controls.asker}"
    share = [button(phrases.share, SHARE, value, is_main=True)] if controls.can_share else []
    return buttons(
        *share,
        button(phrases.helpful, RATE_UP, value),
        button(phrases.not_helpful, RATE_DOWN, value),
        button(phrases.show_passages, SHOW_PASSAGES, value),
        button(phrases.ask_again, ASK_AGAIN, value),
    )


def _plain_quote(quoted: Quoted, phrases: Phrases) -> str:
    return f"{plain_place(quoted, phrases)}\n“{as_plain(cut(quoted.text, _MOST_QUOTE_UNITS))}”"


def _first_of_each_document(passages: Sequence[Hit]) -> list[Quoted]:
    first: dict[str, Quoted] = {}
    for hit in passages:
        first.setdefault(hit.document_id, passage_of(hit))
    return list(first.values())[:_MOST_SOURCES]
