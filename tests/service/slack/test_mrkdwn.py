"""Text for fields that Slack parses: nothing in it is active, nothing of it is lost."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.slack.blocks import as_plain, cut, one_line, sendable, units
from tests.service.slack.made import active_in, read_plain

ACTIVE = """<!channel> <!here|x> <@U012AB3CD> <#C012|general> <https://e.example|bank> @here @everyone #일반
https://e.example/?a=b www.e.example 한국.example mailto:a@e.example &lt;!here&gt; & < > ` * [1]""".split()
HOSTILE = st.lists(
    st.one_of(
        st.sampled_from(ACTIVE),
        st.text(max_size=12),
        st.sampled_from([" ", "\n", ". ", "다. ", "\u2060", "🎉"]),
    ),
    max_size=30,
).map("".join)


@settings(deadline=None)
@given(HOSTILE)
def test_nothing_in_plain_text_is_a_mention_or_a_link(text: str) -> None:
    assert active_in(as_plain(text)) == []


@settings(deadline=None)
@given(HOSTILE)
def test_plain_text_reads_as_the_text(text: str) -> None:
    assert read_plain(as_plain(text)) == sendable(text).replace("\u2060", "")


@pytest.mark.parametrize(
    "text", ["오전 10:30에 3.5%가 올랐다.", "예산은 350억 원입니다 [1].", "a/b와 c: d", "It costs 1,000 won."]
)
def test_ordinary_words_stay_as_they_are(text: str) -> None:
    assert as_plain(text) == text


def test_half_a_character_becomes_a_sign_that_can_be_sent() -> None:
    assert as_plain("가\ud83d나\x00").encode() == "가\ufffd나\ufffd".encode()


@settings(deadline=None)
@given(st.text(max_size=40), st.integers(0, 50))
def test_a_cut_is_the_longest_beginning_that_fits(text: str, most: int) -> None:
    found = cut(text, most)
    assert text.startswith(found)
    assert units(found) <= most
    assert found == text or units(text[: len(found) + 1]) > most


def test_one_line_is_short_and_says_so() -> None:
    assert one_line("가 나\n\n다  라", 10) == "가 나 다 라"
    assert one_line("가나다라마바사", 5) == "가나다라…"


def test_a_title_does_not_turn_what_stands_behind_it() -> None:
    assert one_line("보고서\u202efdp.exe\u2066", 40) == "보고서fdp.exe"
