"""The same bot behind `inyong serve`, asked over HTTP with Slack's signatures."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from service import Inyong
from tests.e2e.serving import serving
from tests.e2e.slack.conftest import QUESTION, wait_for_answer
from tests.slack_server import SlackServer
from tests.slack_server.http_events import signed_request
from tests.slack_server.payloads import event_callback, mention_event

pytestmark = pytest.mark.models


@pytest.fixture(scope="module")
def served(slack: SlackServer, sample: Inyong, office: Path) -> Iterator[SlackServer]:
    """A Slack whose events go to a service."""
    with serving(sample.settings.home, slack.environment(), office) as address:
        slack.send_to(f"{address}/slack/events")
        yield slack


def test_a_mention_over_http_is_answered(served: SlackServer) -> None:
    spoken = served.say(f"{served.mention} {QUESTION}").wait()
    assert {delivery.status for delivery in spoken.deliveries} == {200}
    assert "대구" in wait_for_answer(served, spoken.thread).text
    assert len(served.messages(thread=spoken.thread)) == 1


def test_what_is_not_signed_by_slack_is_refused(served: SlackServer) -> None:
    channel = next(iter(served.workspace.channels.values()))
    message = served.workspace.add_message(channel, "U1ANNA0001", f"{served.mention} {QUESTION}", [])
    body = event_callback(served.workspace, mention_event(served.workspace, channel, message))
    now = int(served.state.now())
    assert served.post(signed_request("events_api", body, "another-secret", now)).status in (401, 403)
    assert served.messages(thread=message.ts) == []
