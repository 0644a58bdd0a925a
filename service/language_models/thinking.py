"""Hidden reasoning of models that think before they answer: never shown, never verified. Pure."""

import re

_THINKING = re.compile(r"<(think|thinking|thought|reasoning)>.*?(?:</\1>|\Z)", re.DOTALL | re.IGNORECASE)
_END_ALONE = re.compile(r"\A.*</(?:think|thinking|thought|reasoning)>", re.DOTALL | re.IGNORECASE)


def remove_thinking(text: str) -> str:
    """Return the text without its reasoning, also where a template has opened it or a limit has cut it."""
    return _END_ALONE.sub("", _THINKING.sub("", text)).strip()
