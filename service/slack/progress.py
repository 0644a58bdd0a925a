"""How far an answer is, as it is told while it is made."""

from dataclasses import dataclass, field

from index.types import Hit
from service.slack.blocks import render_found, render_progress, render_queued
from service.slack.narration import Narration
from service.slack.replies import Links
from service.types import Citation


@dataclass(slots=True)
class Progress:
    """What is known of an answer that is being made."""

    narration: Narration
    language: str
    links: Links
    passages: tuple[Hit, ...] = ()
    citations: list[Citation] = field(default_factory=list)
    text: str = ""
    _told_position: int = 0

    def show_queued(self, position: int) -> None:
        """The place in the queue, at first and whenever it has halved: updates are few."""
        if self._told_position and position > self._told_position // 2:
            return
        self._told_position = position
        queued = render_queued(position, self.language)
        if self.passages:
            queued = render_found(self.passages, self.language, self.links, status=queued.text)
        self.narration.show(queued)

    def show_found(self) -> None:
        """The documents that were found."""
        if self.passages:
            self.narration.show(render_found(self.passages, self.language, self.links), is_news=True)

    def show_text(self) -> None:
        """What has been written and checked."""
        self.narration.show(render_progress(self.text, self.citations, self.language, self.links))
