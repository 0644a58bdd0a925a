"""Messages that are being filled, each as far as Slack takes it. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from service.slack.elements import MOST_BLOCK_UNITS, MOST_BLOCKS, MOST_TEXT_UNITS, Block, Message, size
from service.slack.mrkdwn import sendable, split_answer, units

MOST_PART_UNITS = 2_800  # of an answer in one message, so that its `text` holds all of it
CONTROLS_UNITS = 1_500  # kept free for the buttons


@dataclass(slots=True)
class Draft:
    """A message that is being filled."""

    blocks: list[Block] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)  # of its text, already plain
    n_units: int = 0

    def holds(self, block: Block) -> bool:
        """Whether there is room for the block; the first one is always taken."""
        room = MOST_BLOCK_UNITS - self.n_units - size([block])
        return not self.blocks or (len(self.blocks) < MOST_BLOCKS - 1 and room > CONTROLS_UNITS)

    def add(self, block: Block, plain: str) -> None:
        """Puts the block below the others. plain: what it says in the message's text, already plain."""
        self.blocks.append(block)
        self.lines.append(plain)
        self.n_units += size([block])

    def message(self) -> Message:
        """The message."""
        return Message(joined(self.lines), tuple(self.blocks))


def put(drafts: list[Draft], block: Block, plain: str) -> None:
    """Adds the block to the last message, or to a new one when that is full."""
    if not drafts[-1].holds(block):
        drafts.append(Draft())
    drafts[-1].add(block, plain)


def parts_of(text: str) -> list[str]:
    """The text in parts that each fit a message, at least one."""
    return split_answer(sendable(text).strip(), MOST_PART_UNITS) or ["…"]


def joined(lines: Iterable[str]) -> str:
    """The lines that fit, one below the other; at least the beginning of the first."""
    kept: list[str] = []
    left = MOST_TEXT_UNITS
    for text in lines:
        left -= units(text) + 1
        if left < 0:
            break
        kept.append(text)
    return "\n".join(kept) or "…"
