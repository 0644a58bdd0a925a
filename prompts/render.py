"""A template and its values to messages; version and digest of a template.

A template is a text file: lines "=== ROLE" open a turn, the last turn holds the placeholders. The turns
before it are the same for every question, so a model's state after them can be kept.
"""

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

LANGUAGES = ("ko", "en")
_PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")


@dataclass(frozen=True, slots=True)
class Message:
    """One turn of a conversation with a model. role: "system", "user" or "assistant"."""

    role: str
    content: str


@dataclass(frozen=True, slots=True)
class Template:
    """A prompt: fixed turns first, then the one with placeholders.

    label: name, language, version and the beginning of the text's digest, to tell two prompts apart.
    """

    label: str
    fixed: tuple[Message, ...]
    last: Message

    def fill(self, values: Mapping[str, str]) -> list[Message]:
        """All turns, the placeholders of the last replaced, once: values are never read as templates."""
        content = _PLACEHOLDER.sub(lambda match: values[match.group(1)], self.last.content)
        return [*self.fixed, Message(self.last.role, content)]


@cache
def load_template(name: str, language: str) -> Template:
    """The template `prompts/<language>/<name>.txt`. Raises ValueError for an unknown language."""
    if language not in LANGUAGES:
        raise ValueError(f"no prompts for language {language!r}; there are: {', '.join(LANGUAGES)}")
    text = files("prompts").joinpath(language, f"{name}.txt").read_text(encoding="utf-8")
    head, *parts = re.split(r"^=== (system|user|assistant)\n", text, flags=re.MULTILINE)
    version = re.search(r"^# version: (\S+)$", head, flags=re.MULTILINE)
    turns = [Message(role, content.strip()) for role, content in zip(parts[::2], parts[1::2], strict=True)]
    digest = hashlib.sha256(text.encode()).hexdigest()[:8]
    label = f"{name}/{language}/{version.group(1) if version else '0'}+{digest}"
    return Template(label, tuple(turns[:-1]), turns[-1])


def render_phrasing(question: str, quotes: Sequence[str], language: str) -> list[Message]:
    """The prompt for answering `question` from `quotes` alone."""
    values = {
        "question": _one_line(question),
        "quotes": "\n".join(f"“{_one_line(quote)}”" for quote in quotes),
    }
    return load_template("phrase", language).fill(values)


_SPEAKERS = {"ko": ("질문", "답"), "en": ("Question", "Answer")}


def render_rewriting(question: str, before: Sequence[tuple[str, str]], language: str) -> list[Message]:
    """The prompt for making `question` stand alone. before: earlier questions and their answers, in order."""
    asked, answered = _SPEAKERS[language]
    lines = [
        line
        for earlier, answer in before
        for line in (f"{asked}: {_one_line(earlier)}", f"{answered}: {_one_line(answer)}")
    ]
    values = {"conversation": "\n".join(lines), "question": _one_line(question)}
    return load_template("stand_alone", language).fill(values)


def _one_line(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()
