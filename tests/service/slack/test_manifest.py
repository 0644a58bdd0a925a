"""The app's manifest: what Slack needs, and no right beyond it."""

import json
from urllib.parse import parse_qs, urlsplit

import pytest

from service.slack.manifest import COMMAND, SCOPES, build_manifest, creation_link


def test_the_rights_are_those_that_something_needs() -> None:
    scopes = build_manifest()["oauth_config"]["scopes"]
    assert scopes == {"bot": sorted(SCOPES)}
    too_much = ("chat:write.public", "users:read", "files:read", "im:write", "channels:join")
    assert not set(scopes["bot"]) & set(too_much)


@pytest.mark.parametrize("event", ["channels", "groups", "im", "mpim"])
def test_every_kind_of_message_is_heard_with_the_right_to_hear_it(event: str) -> None:
    manifest = build_manifest()
    assert f"message.{event}" in manifest["settings"]["event_subscriptions"]["bot_events"]
    assert f"{event}:history" in manifest["oauth_config"]["scopes"]["bot"]


def test_socket_mode_needs_no_address() -> None:
    manifest = build_manifest()
    assert manifest["settings"]["socket_mode_enabled"] is True
    assert "http" not in json.dumps(manifest)


def test_over_http_everything_goes_to_one_address() -> None:
    manifest = build_manifest(address="https://inyong.example.com")
    address = "https://inyong.example.com/slack/events"
    assert manifest["settings"]["socket_mode_enabled"] is False
    assert manifest["settings"]["event_subscriptions"]["request_url"] == address
    assert manifest["settings"]["interactivity"]["request_url"] == address
    assert manifest["features"]["slash_commands"][0]["url"] == address


@pytest.mark.parametrize(("language", "name"), [("ko", "이 메시지로 질문하기"), ("en", "Ask about this")])
def test_menus_are_in_the_language_and_short_enough(language: str, name: str) -> None:
    features = build_manifest(language=language)["features"]
    (shortcut,), (command,) = features["shortcuts"], features["slash_commands"]
    assert shortcut["name"] == name
    assert len(shortcut["name"]) <= 24  # limits of Slack's manifest reference
    assert len(shortcut["description"]) <= 150
    assert command["command"] == COMMAND
    assert len(command["description"]) <= 2000


def test_direct_messages_can_be_written() -> None:
    home = build_manifest()["features"]["app_home"]
    assert home["messages_tab_enabled"] is True
    assert home["messages_tab_read_only_enabled"] is False


def test_the_link_holds_the_manifest() -> None:
    manifest = build_manifest("인용")
    link = urlsplit(creation_link(manifest))
    assert (link.scheme, link.netloc, link.path) == ("https", "api.slack.com", "/apps")
    assert json.loads(parse_qs(link.query)["manifest_json"][0]) == manifest
