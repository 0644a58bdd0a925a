"""Where a quote stands, told in one line. Pure."""

from service.slack.elements import Block, link, words
from service.slack.mrkdwn import as_plain, one_line
from service.slack.phrases import Phrases
from service.slack.replies import Links, Place, Quoted

_MOST_TITLE, _MOST_HEADING, _MOST_SMALL = 150, 100, 40  # UTF-16 units


def place_line(quoted: Quoted, phrases: Phrases, links: Links) -> list[Block]:
    """Marker, title, section, page and date, as the elements of a line; the title leads to the place."""
    place = quoted.place
    marker = [words(f"[{quoted.marker}] ", bold=True)] if quoted.marker else []
    title = link(_title(place), links.to(place), bold=True)
    details = _details(place, phrases)
    return [*marker, title, *([words(" · " + " · ".join(details))] if details else [])]


def plain_place(quoted: Quoted, phrases: Phrases) -> str:
    """The same, for a message's `text`."""
    marker = f"[{quoted.marker}] " if quoted.marker else "- "
    return marker + as_plain(" · ".join([_title(quoted.place), *_details(quoted.place, phrases)]))


def _title(place: Place) -> str:
    return one_line(place.title, _MOST_TITLE) or one_line(place.source, _MOST_TITLE) or "…"


def _details(place: Place, phrases: Phrases) -> list[str]:
    page = phrases.page.format(page=place.page) if place.page else ""
    heading = one_line(place.heading, _MOST_HEADING)
    told = ["" if heading == _title(place) else heading, page, one_line(place.date, _MOST_SMALL)]
    return [detail for detail in told if detail]
