"""Text on its way into a field that Slack parses: escaped, without mentions and links, cut where it may be.

Most of what the bot says stands in rich text, whose text elements Slack shows as they are. A message's `text`
(notifications, screen readers) is parsed, and goes through `as_plain`. Pure.
"""

import re

from index.sentences import split_sentences
from index.types import Span

_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}  # the three that Slack's formatting reference names
_JOINER = "\u2060"  # word joiner: of no width, and what stands around it is no name and no address any more
# @here, @channel and names; #channels; addresses with and without a scheme; e-mail.
_TAKES_A_JOINER = re.compile(r"(?<=[@#\uff20\uff03])(?=\S|\Z)|(?<=:)(?=/)|(?<=\w\.)(?=[^\W\d_])")
_TURNS = re.compile("[\u202a-\u202e\u2066-\u2069]")  # the direction of writing, up to the end of the line
_UNSENDABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")
_MARKERS = re.compile(r"(?:\[\d{1,3}\]\s*)+")


def units(text: str) -> int:
    """Length as Slack may count it: UTF-16 units, never less than code points."""
    return len(text) + sum(1 for character in text if character > "\uffff")


def sendable(text: str) -> str:
    """The text with a replacement character for control characters and halves of characters."""
    return _UNSENDABLE.sub("\ufffd", text)


def as_plain(text: str) -> str:
    """The text as a message's `text`: it reads the same, and nothing in it is a mention, a link or markup."""
    joined = _TAKES_A_JOINER.sub(_JOINER, sendable(text))
    return "".join(_ENTITIES.get(character, character) for character in joined)


def plain_units(text: str) -> int:
    """Length of the text once it is a message's `text`."""
    return units(as_plain(text))


def one_line(text: str, most: int) -> str:
    """The text without line breaks and without what turns the letters behind it, cut with an ellipsis.

    most: its length in UTF-16 units.
    """
    flat = " ".join(_TURNS.sub("", sendable(text)).split())
    return flat if units(flat) <= most else cut(flat, most - 1).rstrip() + "…"


def cut(text: str, most: int) -> str:
    """The longest beginning of at most `most` UTF-16 units."""
    if len(text) <= most // 2:
        return text
    taken = 0
    for position, character in enumerate(text):
        taken += 2 if character > "\uffff" else 1
        if taken > most:
            return text[:position]
    return text


def split_answer(text: str, most: int) -> list[str]:
    """Parts that joined are the text, each at most `most` long as plain text, cut at sentence ends.

    A marker stays with the statement before it. Only a sentence that is itself too long is cut at a space,
    or where there is none, anywhere.
    """
    parts: list[list[str]] = [[]]
    taken = 0
    for piece in _pieces(text, most):
        n = plain_units(piece)
        if parts[-1] and taken + 1 + n > most:  # 1: where two pieces meet a joiner may come between
            parts.append([])
            taken = 0
        parts[-1].append(piece)
        taken += 1 + n
    return [part for pieces in parts if (part := "".join(pieces))]


def _pieces(text: str, most: int) -> list[str]:
    """Sentences with the markers and the white space behind them; too long ones in pieces."""
    starts = [0]
    for sentence in split_sentences(text, Span(0, len(text))):
        marked = _MARKERS.match(text, sentence.start)
        start = marked.end() if marked else sentence.start
        if start > starts[-1]:
            starts.append(start)
    sentences = [text[a:b] for a, b in zip(starts, [*starts[1:], len(text)], strict=True)]
    return [piece for sentence in sentences for piece in _in_pieces(sentence, most)]


def _in_pieces(sentence: str, most: int) -> list[str]:
    pieces = []
    while len(sentence) > most or plain_units(sentence) > most:
        end = _fitting(sentence, most)
        space = sentence.rfind(" ", end // 2, end)
        end = space + 1 if space > 0 else end
        pieces.append(sentence[:end])
        sentence = sentence[end:]
    return [*pieces, sentence]


def _fitting(sentence: str, most: int) -> int:
    """How many characters from the beginning fit, at least one."""
    low, high = 1, min(len(sentence), most)
    while low < high:
        middle = (low + high + 1) // 2
        if plain_units(sentence[:middle]) <= most:
            low = middle
        else:
            high = middle - 1
    return low
