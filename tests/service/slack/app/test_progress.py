"""What people see while they wait, the model being slow."""

from collections.abc import Iterator

import pytest

from tests.service.api.conftest import PacedGenerator
from tests.service.conftest import World
from tests.service.slack.app.conftest import BORA, QUESTION, REPLY, answers, open_town, running, settle
from tests.slack_server import SlackServer


@pytest.fixture
def paced(world: World, slack: SlackServer) -> Iterator[PacedGenerator]:
    """A bot whose model waits for the test at every word."""
    open_town(world)
    generator = world.generator = PacedGenerator([REPLY])
    with running(world, slack):
        yield generator
        generator.allow(10_000)


def test_the_sources_are_there_before_the_first_word(slack: SlackServer, paced: PacedGenerator) -> None:
    spoken = slack.say(f"{slack.mention} {QUESTION}").wait()
    (message,) = slack.wait_for(lambda: slack.messages(thread=spoken.thread))
    slack.wait_for(lambda: "푸른숲 도서관" in message.shown, what="sources")
    slack.wait_for(lambda: REPLY in message.shown, what="quotes")
    assert paced.n_written == 0
    assert spoken.message.reactions
    paced.allow(10_000)
    settle(slack, spoken)
    assert answers(slack, spoken) == [message]
    assert "푸른숲 도서관" not in message.versions[0].text


def test_whoever_waits_knows_the_place_in_the_queue(slack: SlackServer, paced: PacedGenerator) -> None:
    first = slack.say(f"{slack.mention} {QUESTION}").wait()
    assert paced.began.wait(10)
    second = slack.say(f"{slack.mention} {QUESTION}", user=BORA).wait()
    slack.wait_for(
        lambda: any("차례" in m.shown for m in slack.messages(thread=second.thread)),
        what="a place in the queue",
    )
    paced.allow(10_000)
    for spoken in (first, second):
        settle(slack, spoken)
        assert len(answers(slack, spoken)) == 1


def test_whoever_asks_much_keeps_nobody_else_waiting(slack: SlackServer, paced: PacedGenerator) -> None:
    much = [slack.say(f"{slack.mention} {QUESTION}").wait() for _ in range(12)]
    assert paced.began.wait(10)
    other = slack.say(f"{slack.mention} {QUESTION}", user=BORA).wait()
    said = [*much, other]
    slack.wait_for(lambda: all(slack.messages(thread=spoken.thread) for spoken in said), what="statuses")
    slack.wait_for(lambda: "차례" in str(slack.messages(thread=other.thread)), what="a place in the queue")
    paced.allow(10_000)
    ends = [answers(slack, settle(slack, spoken))[0].versions[-1].at for spoken in said]
    assert ends[-1] < sorted(ends)[4]


def test_updates_keep_to_slacks_pace(slack: SlackServer, paced: PacedGenerator) -> None:
    said = [slack.say(f"{slack.mention} {QUESTION}", user=user).wait() for user in slack.workspace.users]
    paced.allow(10_000)
    for spoken in said:
        settle(slack, spoken)
    updates = [call.at for call in slack.calls("chat.update")]
    assert len(updates) <= 3 * len(said)
