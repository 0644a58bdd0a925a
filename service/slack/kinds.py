"""Who reads along in a channel, asked of Slack and remembered for a moment."""

import logging
from time import monotonic

from service.slack.calling import SlackRefused
from service.slack.channels import ChannelKind, kind_of
from service.slack.posting import Posting

_KNOWN_FOR_S = 60.0  # a channel can be opened to everybody, or to strangers, at any time
_MOST_KNOWN = 1000

_log = logging.getLogger(__name__)


class Kinds:
    """The kinds of channels. Of one event loop."""

    def __init__(self, posting: Posting) -> None:
        self._posting = posting
        self._known: dict[tuple[str, str], tuple[float, ChannelKind]] = {}

    async def of(self, team: str, channel: str, told: ChannelKind | None = None) -> ChannelKind:
        """The kind; where Slack does not tell, everybody of the workspace reads along.

        told: by the event. Raises TokenGone, SlackUnreachable.
        """
        if told is ChannelKind.EXTERNAL:
            return told
        known = self._known.get((team, channel))
        if known and monotonic() - known[0] < _KNOWN_FOR_S:
            return known[1]
        try:
            kind = kind_of(await self._posting.channel(team, channel))
        except SlackRefused as error:  # the bot is not in it, or may not look
            _log.info("channel %s cannot be looked up: %s", channel, error.code)
            return told or ChannelKind.PUBLIC
        if len(self._known) >= _MOST_KNOWN:
            self._known.clear()
        self._known[team, channel] = (monotonic(), kind)
        return kind
