"""Load for measuring the Slack bot: bursts, storms of repeats and kills; and the outcomes."""

import random
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from eval.bench.bot import Bot
from tests.slack_server import Message, SlackServer, Spoken, Workspace
from tests.slack_server.workspace import Version

N_USERS = 100
_MOST_REPEATS = 10  # beside a mention and its twin: a dozen events for one message have been seen
_LOOK_EVERY_S = 0.2
_QUESTIONS_A_LIFE = 6
_LONGEST_LIFE_S = 15.0  # loading the models included
_MOST_CALLS_A_LIFE = 40

Ask = Callable[[int], Spoken]


@dataclass(frozen=True, slots=True)
class Outcome:
    """The outcome of a question. n_ends: its final messages; 1 is right, 0 silence, 2 one too many."""

    is_accepted: bool
    n_ends: int
    has_reaction: bool


@dataclass(frozen=True, slots=True)
class Waits:
    """Seconds from a mention to each visible response; None if it never came."""

    reaction_s: float | None
    status_s: float | None
    sources_s: float | None
    answer_s: float | None


def crowded_workspace(workspace: Workspace) -> Workspace:
    """Add so many users to the workspace that none reaches a rate limit, and return it."""
    names = {f"U1CROWD{number:03d}": f"person-{number}" for number in range(N_USERS)}
    workspace.users |= names
    for channel in workspace.channels.values():
        channel.members |= set(names) if channel.user is None else set()
    return workspace


def ask_in_turn(slack: SlackServer, questions: Sequence[str], *, twin: bool = True) -> Ask:
    """Return a function that asks the n-th question, as each user in turn."""
    users = list(slack.workspace.users)

    def ask(number: int, n_repeats: int = 0) -> Spoken:
        text = f"{slack.mention} {questions[number % len(questions)]}"
        return slack.say(text, user=users[number % len(users)], n_repeats=n_repeats, twin=twin)

    return ask


def burst(ask: Ask, numbers: range) -> list[Spoken]:
    """Ask the questions of these numbers all at once."""
    return [spoken.wait(120) for spoken in [ask(number) for number in numbers]]


def storm(slack: SlackServer, questions: Sequence[str], n_events: int, seed: int = 0) -> list[Spoken]:
    """Send at least `n_events` events: mentions and twins, each repeated at random under further ids."""
    dice, said, n_sent = random.Random(seed), list[Spoken](), 0  # noqa: S311
    users = list(slack.workspace.users)
    while n_sent < n_events:
        text = f"{slack.mention} {questions[len(said) % len(questions)]}"
        n_repeats = dice.randint(0, _MOST_REPEATS)
        said.append(slack.say(text, user=users[len(said) % len(users)], n_repeats=n_repeats))
        n_sent += len(said[-1].deliveries)
        if dice.random() < 0.05:
            time.sleep(dice.random())
    return [spoken.wait(120) for spoken in said]


def ask_under_kills(slack: SlackServer, bot: Bot, ask: Ask, n_kills: int, seed: int = 0) -> list[Spoken]:
    """Ask questions of a process that is killed repeatedly.

    Half of the kills come at a random time, half of them right after a random call to Slack. Some questions
    are asked while the process is down.
    """
    dice, said = random.Random(seed), list[Spoken]()  # noqa: S311
    for life in range(n_kills):
        if life:
            bot.start()
        said += [ask(len(said) + number) for number in range(_QUESTIONS_A_LIFE)]
        until = time.monotonic() + dice.uniform(0.0, _LONGEST_LIFE_S)
        n_calls = len(slack.calls()) + dice.randint(1, _MOST_CALLS_A_LIFE)
        while time.monotonic() < until and (life % 2 or len(slack.calls()) < n_calls):
            time.sleep(0.001)
        bot.kill()
        if dice.random() < 0.5:
            said.append(ask(len(said)))
    bot.start()
    return [spoken.wait(120) for spoken in said]


def is_end(version: Version) -> bool:
    """Return whether this is a final message: an answer has buttons, an apology a warning sign."""
    has_buttons = any(block.get("type") in ("actions", "context_actions") for block in version.blocks)
    return has_buttons or "⚠️" in version.text or "⚠️" in str(version.blocks[:1])


def outcomes(slack: SlackServer, said: Iterable[Spoken]) -> list[Outcome]:
    """Return the outcomes of these questions so far."""
    ends = Counter(message.thread_ts for message in slack.messages() if is_end(message.versions[-1]))
    return [
        Outcome(spoken.is_acknowledged, ends[spoken.thread], bool(spoken.message.reactions))
        for spoken in said
    ]


def wait_for_ends(slack: SlackServer, said: Sequence[Spoken], silence_s: float = 60.0) -> list[Outcome]:
    """Return the outcomes once all accepted questions ended, or nothing happened for `silence_s`."""
    seen, changed_at = -1, time.monotonic()
    while True:
        found = outcomes(slack, said)
        missing = [one for one in found if one.is_accepted and (not one.n_ends or one.has_reaction)]
        n_calls = len(slack.calls())
        if n_calls != seen:
            seen, changed_at = n_calls, time.monotonic()
        if not missing or time.monotonic() - changed_at > silence_s:
            return found
        time.sleep(_LOOK_EVERY_S)


def waits_of(spoken: Spoken, replies: Sequence[Message], titles: Sequence[str]) -> Waits:
    """Return when users saw each response. titles: of documents, by which sources are recognised."""
    asked_at = spoken.message.versions[0].at
    versions = sorted((v for message in replies for v in message.versions), key=lambda version: version.at)

    def first(is_it: Callable[[Version], bool]) -> float | None:
        return next((version.at - asked_at for version in versions if is_it(version)), None)

    reactions = [at - asked_at for at, _ in spoken.message.reacted]
    return Waits(
        min(reactions, default=None),
        first(lambda version: True),
        first(lambda version: any(title in str(version.blocks) for title in titles)),
        first(is_end),
    )
