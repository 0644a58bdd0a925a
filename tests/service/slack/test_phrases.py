"""What the bot says: the same in both languages, all of it said somewhere."""

import re
from pathlib import Path

import service.slack
from service.slack.phrases import PHRASES, phrases_in

NAMES = PHRASES["ko"].__slots__
FOLDER = Path(service.slack.__file__).parent


def test_every_language_fills_in_the_same_values() -> None:
    for name in NAMES:
        found = [re.findall(r"{(\w+)}", getattr(said, name)) for said in PHRASES.values()]
        assert [sorted(values) for values in found] == [sorted(found[0])] * len(found), name


def test_every_sentence_is_said_somewhere() -> None:
    modules = "".join(
        path.read_text(encoding="utf-8") for path in FOLDER.glob("*.py") if path.name != "phrases.py"
    )
    assert [name for name in NAMES if not re.search(rf"phrases\.{name}\b|\)\.{name}\b", modules)] == []


def test_nothing_is_said_twice_or_not_at_all() -> None:
    for said in PHRASES.values():
        sentences = [getattr(said, name) for name in NAMES]
        assert all(sentences)
        assert len(set(sentences)) == len(sentences)


def test_another_language_is_answered_in_english() -> None:
    assert phrases_in("fr") is PHRASES["en"]
