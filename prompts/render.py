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


def render_answer(question: str, sentences: Sequence[str], language: str) -> list[Message]:
    """The prompt for answering `question` from `sentences`, numbered from 1 in the order given."""
    numbered = "\n".join(f"[{n}] {_one_line(text)}" for n, text in enumerate(sentences, 1))
    template = load_template("answer", language)
    return template.fill({"question": _one_line(question), "sentences": numbered})


def render_verification(question: str, quote: str, language: str) -> list[Message]:
    """The prompt for saying whether `quote` answers `question`, yes or no."""
    template = load_template("verify", language)
    return template.fill({"question": _one_line(question), "quote": _one_line(quote)})


def render_judgement(question: str, quotes: str, answer: str, language: str) -> list[Message]:
    """The prompt for saying whether `quotes` say `answer` of what `question` asks, yes or no."""
    template = load_template("judge", language)
    values = {"question": question, "quotes": quotes, "answer": answer}
    return template.fill({name: _one_line(value) for name, value in values.items()})


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
