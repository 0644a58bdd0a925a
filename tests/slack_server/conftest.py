"""The local Slack server, and a client of Slack's own that talks with it."""

from collections.abc import Iterator

import pytest
from slack_sdk import WebClient

from tests.slack_server import SlackServer


@pytest.fixture
def slack() -> Iterator[SlackServer]:
    with SlackServer() as slack:
        yield slack


@pytest.fixture
def client(slack: SlackServer) -> WebClient:
    return WebClient(token=slack.workspace.bot_token, base_url=slack.api_url)
