"""HTML nested absurdly deep, made shallow before it is parsed.

The standard's algorithm looks through all open elements at nearly every tag, so time grows with the square of
the depth (100,000 open divs took the parser 15 s); a page of that depth is an accident or an attack anyway.
"""

import re
from collections import Counter

_TAG = re.compile(r"<(/?)([A-Za-z][A-Za-z0-9-]*)[^<>]*>?")
_VOID = frozenset("area base br col embed hr img input link meta param source track wbr".split())
# A page may leave these open by the hundred without nesting them.
_CLOSED_BY_THEMSELVES = frozenset(
    "html head body p li dt dd tr td th thead tbody tfoot caption colgroup option optgroup rt rp".split()
)
# Left open, each of these is opened again in every paragraph that follows.
_FORMATTING = frozenset("a b big code em font i nobr s small strike strong tt u".split())
_INLINE = _FORMATTING | frozenset(
    "span label abbr cite q sub sup mark del ins kbd samp var time bdi bdo".split()
)
_UNCOUNTED = _VOID | _CLOSED_BY_THEMSELVES
DEEPEST = 400
DEEPEST_FORMATTING = 32


def flatten_deep_nesting(html: str) -> str:
    """`html` without the tags that nest deeper than a browser would go; a line break stands for each block.

    Ordinary pages come back as they are. Tags are recognised roughly: what looks like one inside a comment
    counts too, which matters only beyond the limit.
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
