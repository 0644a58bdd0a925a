"""Citation markers [n] in a generated text, which refer to the sentences of its prompt. Pure."""

import re

from index.chunking.sentences import split_sentences

_ONE = r"\[\d{1,3}(?:\s*[,;]\s*\d{1,3})*\]"
_MARKERS = re.compile(r"\s*\[(\d{1,3}(?:\s*[,;]\s*\d{1,3})*)\]")
# Markers after a full stop, with a remark in parentheses before them: “…지원한다.” (7천만 원 = …) [1]
_LATE_MARKERS = re.compile(rf"([.!?。]+[\"'”’」』)]*)((?:\s*\([^()]*\))?(?:\s*{_ONE})+)")
_BEGINS_WITH_MARKER = re.compile(r"\s*\[\d")
_FIRST_MARKERS = re.compile(r"(?:\[\d{1,3}(?:\s*[,;]\s*\d{1,3})*\]\s*)+")
_NO_SPACE_BEFORE_MARKER = re.compile(r"([.!?。][\"'”’」』)]*)(?=\[\d)")


def split_statements(text: str) -> list[str]:
    """Split a generated text into sentences, each with the markers that belong to it.

    Markers stand before the first of the sentences they apply to, as the prompts require, or after a
    sentence, even after its full stop.
    """
    if not _BEGINS_WITH_MARKER.match(text):
        joined = _LATE_MARKERS.sub(lambda match: f"{match.group(2)}{match.group(1)}", text)
        return [span.of(joined) for span in split_sentences(joined)]
    joined = _NO_SPACE_BEFORE_MARKER.sub(r"\1 ", text)
    statements: list[str] = []
    markers = ""
    for statement in (span.of(joined) for span in split_sentences(joined)):
        own = _FIRST_MARKERS.match(statement)
        markers = own.group() if own else markers
        statements.append(statement if own or _MARKERS.search(statement) else f"{markers}{statement}")
    return statements


def without_markers(text: str) -> str:
    """Return the text without markers and without the space they leave before a full stop."""
    return re.sub(r"\s+([.!?。])", r"\1", _MARKERS.sub("", text))
