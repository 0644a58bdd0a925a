"""Flattening of excessively nested HTML before it is parsed.

The standard's algorithm searches all open elements at nearly every tag, so its time is quadratic in the depth
(100,000 open divs took the parser 15 s); a page of that depth is an accident or an attack.
"""

import re
from collections import Counter

_TAG = re.compile(r"<(/?)([A-Za-z][A-Za-z0-9-]*)[^<>]*>?")
_VOID = frozenset("area base br col embed hr img input link meta param source track wbr".split())
# End tags are optional: hundreds of these may be left open without nesting.
_CLOSED_BY_THEMSELVES = frozenset(
    "html head body p li dt dd tr td th thead tbody tfoot caption colgroup option optgroup rt rp".split()
)
# An unclosed formatting element is reopened in every paragraph that follows.
_FORMATTING = frozenset("a b big code em font i nobr s small strike strong tt u".split())
_INLINE = _FORMATTING | frozenset(
    "span label abbr cite q sub sup mark del ins kbd samp var time bdi bdo".split()
)
_UNCOUNTED = _VOID | _CLOSED_BY_THEMSELVES
DEEPEST = 400
DEEPEST_FORMATTING = 32


def flatten_deep_nesting(html: str) -> str:
    """Return `html` without tags nested deeper than the limits; a removed block tag becomes a line break.

    Ordinary pages are unchanged. Tags are matched approximately: text in a comment that looks like a tag
    counts too, which matters only beyond the limits.
    """
    if html.count("<") <= DEEPEST_FORMATTING:
        return html
    depth: Counter[bool] = Counter()  # by whether the element is a formatting one
    opened: Counter[str] = Counter()
    pieces: list[str] = []
    copied = 0
    for match in _TAG.finditer(html):
        name = match[2].lower()
        if name in _UNCOUNTED:
            continue
        formats = name in _FORMATTING
        limit = DEEPEST_FORMATTING if formats else DEEPEST
        if match[1]:
            if not opened[name]:
                continue
            opened[name] -= 1
            too_deep = depth[formats] > limit
            depth[formats] -= 1
        else:
            opened[name] += 1
            depth[formats] += 1
            too_deep = depth[formats] > limit
        if too_deep:
            pieces.append(html[copied : match.start()])
            pieces.append("" if name in _INLINE else "<br>")
            copied = match.end()
    return "".join([*pieces, html[copied:]]) if pieces else html
