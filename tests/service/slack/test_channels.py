"""Who may see what where: closed by default, in public channels public collections only."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.slack.posting import Posting
from service.slack.rules import (
    AnswerSettings,
    ChannelKind,
    ChannelKinds,
    Origin,
    PlaceRule,
    Rules,
    RuleStore,
    SlackFile,
    kind_of,
)
from service.slack.web_api import Data, SlackRefused, TokenGone
from service.storage.permissions import Scope

TEAM, CHANNEL, USER = "T0TEAM", "C0ROOM", "U0ANN"
KINDS = st.sampled_from(list(ChannelKind))
NAMES = st.frozensets(st.sampled_from(["handbook", "prices", "payroll"]))


def decided(public: set[str], places: dict[str, PlaceRule] | None = None) -> Rules:
    return Rules(frozenset(public), places or {})


def opened(*names: str) -> PlaceRule:
    return PlaceRule(collections=frozenset(names))


def seen(rules: Rules, kind: ChannelKind, *, alone: bool = False) -> set[str]:
    collections = rules.caller(Origin(TEAM, CHANNEL, kind, USER), is_private=alone).collections
    assert collections is not None  # None would be everything
    return set(collections)


@settings(deadline=None)
@given(KINDS, st.booleans())
def test_nothing_is_seen_while_nothing_is_opened(kind: ChannelKind, alone: bool) -> None:
    rules = decided(set())
    assert seen(rules, kind, alone=alone) == set()
    assert rules.nothing_is_open


@settings(deadline=None)
@given(NAMES, NAMES, NAMES)
def test_a_public_channel_never_sees_what_is_not_public(
    public: frozenset[str], here: frozenset[str], person: frozenset[str]
) -> None:
    rules = Rules(public, {CHANNEL: PlaceRule(here), USER: PlaceRule(person)})
    assert seen(rules, ChannelKind.PUBLIC) == public & here


@settings(deadline=None)
@given(NAMES, NAMES, NAMES, KINDS)
def test_what_a_person_may_see_is_shown_to_that_person_alone(
    public: frozenset[str], here: frozenset[str], person: frozenset[str], kind: ChannelKind
) -> None:
    rules = Rules(public, {CHANNEL: PlaceRule(here), USER: PlaceRule(person)})
    without = Rules(public, {CHANNEL: PlaceRule(here)})
    if kind is not ChannelKind.DIRECT:
        assert seen(rules, kind) == seen(without, kind)
    assert seen(rules, kind, alone=True) == seen(without, kind, alone=True) | person


def test_a_private_channel_sees_what_was_opened_to_it_else_what_is_public() -> None:
    assert seen(decided({"handbook"}), ChannelKind.PRIVATE) == {"handbook"}
    rules = decided({"handbook"}, {CHANNEL: opened("payroll")})
    assert seen(rules, ChannelKind.PRIVATE) == {"payroll"}


def test_a_direct_message_sees_the_persons_collections_and_public_ones() -> None:
    rules = decided({"handbook"}, {USER: opened("payroll")})
    assert seen(rules, ChannelKind.DIRECT) == {"handbook", "payroll"}


@settings(deadline=None)
@given(st.booleans())
def test_strangers_see_only_what_is_public_and_opened_to_their_channel(alone: bool) -> None:
    assert seen(decided({"handbook"}), ChannelKind.EXTERNAL, alone=alone) == set()
    rules = decided({"handbook", "prices"}, {CHANNEL: opened("prices", "payroll")})
    assert seen(rules, ChannelKind.EXTERNAL, alone=alone) == {"prices"}


def test_a_channel_opened_to_nothing_sees_nothing() -> None:
    assert seen(decided({"handbook"}, {CHANNEL: opened()}), ChannelKind.PRIVATE) == set()


def test_a_caller_may_ask_and_nothing_else_and_is_known_by_workspace_and_person() -> None:
    caller = decided(set()).caller(Origin(TEAM, CHANNEL, ChannelKind.PUBLIC, USER))
    assert (caller.name, caller.id) == ("slack", f"slack:{TEAM}:{USER}")
    assert caller.scopes == frozenset({Scope.ASK})


def manner(rules: Rules, kind: ChannelKind) -> AnswerSettings:
    return rules.answer_settings(Origin(TEAM, CHANNEL, kind, USER))


def test_without_a_rule_follow_ups_are_on_answers_are_shown_and_the_question_decides_the_language() -> None:
    assert manner(decided(set()), ChannelKind.PUBLIC) == AnswerSettings(True, False, None)


def test_a_channels_rule_says_how_answers_are_given() -> None:
    here = PlaceRule(followups=False, ephemeral=True, language="en")
    rules = decided(set(), {CHANNEL: here, USER: PlaceRule(language="ko")})
    assert manner(rules, ChannelKind.PRIVATE) == AnswerSettings(False, True, "en")
    assert manner(rules, ChannelKind.DIRECT) == AnswerSettings(False, False, "ko")


def test_auto_is_the_questions_own_language() -> None:
    rules = decided(set(), {CHANNEL: PlaceRule(language="auto"), USER: PlaceRule(language="ko")})
    assert manner(rules, ChannelKind.PUBLIC).language is None


@pytest.mark.parametrize(
    ("kind", "command"),
    [
        (ChannelKind.PUBLIC, "inyong slack collection public NAME on"),
        (ChannelKind.PRIVATE, f"inyong slack channel set {CHANNEL} --collections NAME"),
        (ChannelKind.DIRECT, f"inyong slack channel set {USER} --collections NAME"),
        (
            ChannelKind.EXTERNAL,
            "inyong slack collection public NAME on && "
            f"inyong slack channel set {CHANNEL} --collections NAME",
        ),
    ],
)
def test_the_command_that_would_open_something_there_is_known(kind: ChannelKind, command: str) -> None:
    origin = Origin(TEAM, CHANNEL, kind, USER)
    elsewhere = decided(set(), {"C9": opened("a")})
    assert elsewhere.opening_command(origin) == command
    assert decided(set()).opening_command(origin) == "inyong slack collection public NAME on"


@pytest.mark.parametrize(
    ("channel", "kind"),
    [
        ({}, ChannelKind.PUBLIC),
        ({"is_channel": True}, ChannelKind.PUBLIC),
        ({"is_channel": True, "is_private": True}, ChannelKind.PRIVATE),
        ({"is_group": True}, ChannelKind.PRIVATE),
        ({"is_mpim": True}, ChannelKind.PRIVATE),
        ({"is_im": True}, ChannelKind.DIRECT),
        ({"is_private": True, "is_ext_shared": True}, ChannelKind.EXTERNAL),
        ({"is_im": True, "is_ext_shared": True}, ChannelKind.EXTERNAL),
        ({"is_channel": True, "is_pending_ext_shared": True}, ChannelKind.EXTERNAL),
    ],
)
def test_who_reads_along_is_read_from_slacks_words(channel: dict[str, bool], kind: ChannelKind) -> None:
    assert kind_of(channel) is kind


class Refusing(Posting):
    """Slack that refuses to describe channels."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    async def channel(self, team: str, channel: str) -> Data:
        raise self.error


def test_a_channel_that_slack_does_not_describe_counts_as_the_event_says_or_as_shared_with_others() -> None:
    kinds = ChannelKinds(Refusing(SlackRefused("conversations.info", "missing_scope")))
    assert asyncio.run(kinds.of(TEAM, CHANNEL, ChannelKind.PRIVATE)) is ChannelKind.PRIVATE
    assert asyncio.run(kinds.of(TEAM, CHANNEL)) is ChannelKind.EXTERNAL


def test_a_revoked_token_says_nothing_about_a_channel() -> None:
    kinds = ChannelKinds(Refusing(TokenGone("conversations.info", "token_revoked")))
    with pytest.raises(TokenGone):
        asyncio.run(kinds.of(TEAM, CHANNEL, ChannelKind.DIRECT))


@pytest.fixture
def store(tmp_path: Path) -> Iterator[RuleStore]:
    file = SlackFile(
        public=frozenset({"handbook"}), places={CHANNEL: PlaceRule(frozenset({"a"}), ephemeral=True)}
    )
    store = RuleStore(tmp_path, file)
    yield store
    store.close()


def test_reading_makes_no_file(store: RuleStore, tmp_path: Path) -> None:
    assert store.read().public == {"handbook"}
    assert list(tmp_path.iterdir()) == []


def test_a_command_goes_over_the_file_and_leaves_the_rest_of_it(store: RuleStore) -> None:
    store.set_place(CHANNEL, PlaceRule(collections=frozenset({"b"})))
    assert store.read().places[CHANNEL] == PlaceRule(frozenset({"b"}), None, True, None)


def test_what_was_set_before_stays(store: RuleStore) -> None:
    store.set_place("C0NEW", PlaceRule(language="en"))
    store.set_place("C0NEW", PlaceRule(followups=False, collections=frozenset()))
    assert store.read().places["C0NEW"] == PlaceRule(frozenset(), False, None, "en")


def test_a_rule_taken_back_leaves_what_the_file_says(store: RuleStore) -> None:
    store.set_place(CHANNEL, PlaceRule(ephemeral=False))
    assert store.forget_place(CHANNEL)
    assert not store.forget_place(CHANNEL)
    assert store.read().places[CHANNEL].ephemeral is True


def test_a_collection_is_opened_and_closed(store: RuleStore) -> None:
    store.set_public("prices", public=True)
    store.set_public("handbook", public=False)
    assert store.read().public == {"prices"}


def test_a_running_bot_sees_what_another_process_sets(store: RuleStore, tmp_path: Path) -> None:
    assert store.read().public == {"handbook"}
    other = RuleStore(tmp_path)
    other.set_public("handbook", public=False)
    other.close()
    assert store.read().public == set()
