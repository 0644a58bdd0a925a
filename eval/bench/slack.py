"""Measure the Slack bot against a local Slack: acknowledgements, repeats, kills, times and memory.

python -m eval.bench.slack --events 2000 --kills 12 --memory-events 5000

Times are those of the real language model. Everything else uses one that takes no time (`instant` in the
figures), to ask more questions in less time; the rest of the process is real throughout.
"""

import argparse
import statistics
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from eval.bench.bot import Bot
from eval.bench.figures import percentile, print_table, write_json
from eval.bench.instant_llm import instant_llm
from eval.bench.served import MemoryWatch
from eval.bench.slack_load import (
    Outcome,
    Waits,
    ask_in_turn,
    ask_under_kills,
    burst,
    crowded_workspace,
    storm,
    wait_for_ends,
    waits_of,
)
from eval.datasets.questions import load_questions
from service import Inyong
from tests.slack_server import SlackServer, Spoken
from tests.slack_server.workspace import make_workspace

_PARTS = ("burst", "repeats", "kills", "memory", "times")
_SLACK_TOML = """public = ["default"]
[limits]
user_per_hour = 0
user_per_day = 0
workspace_per_hour = 0
workspace_per_day = 0
"""
_ANSWER_S = 300.0
_WAVE = 50  # questions at once while memory is watched


@dataclass(frozen=True, slots=True)
class Office:
    """A store, a working directory with slack.toml, questions to ask, and titles of the documents."""

    home: Path
    folder: Path
    questions: Sequence[str]
    titles: Sequence[str]


def ack_figures(said: Sequence[Spoken]) -> dict[str, object]:
    """Return how soon events are acknowledged at the first try."""
    tries = [delivery.attempts[0] for spoken in said for delivery in spoken.deliveries]
    seconds = [attempt.took_s for attempt in tries if attempt.reply.status == 200]
    return {
        "events at once": len(tries),
        "acknowledged at the first try": len(seconds),
        "acknowledgement, s, median": percentile(seconds, 0.5),
        "acknowledgement, s, 99th percentile": percentile(seconds, 0.99),
        "acknowledgement, s, most": max(seconds, default=0.0),
    }


def outcome_figures(found: Sequence[Outcome]) -> dict[str, object]:
    """Return how often the bot did not answer, or answered twice."""
    return {
        "questions": len(found),
        "questions accepted": sum(one.is_accepted for one in found),
        "accepted without a visible end": sum(one.is_accepted and not one.n_ends for one in found),
        "answered more than once": sum(one.n_ends > 1 for one in found),
        "reactions left": sum(one.has_reaction for one in found),
    }


def wait_figures(waits: Sequence[Waits]) -> dict[str, object]:
    """Return how long users wait for each response."""
    figures: dict[str, object] = {"questions": len(waits)}
    for name, values in {
        "reaction": [one.reaction_s for one in waits],
        "status": [one.status_s for one in waits],
        "sources": [one.sources_s for one in waits],
        "answer": [one.answer_s for one in waits],
    }.items():
        seconds = [value for value in values if value is not None]
        figures |= {
            f"mention to {name}, s, median": percentile(seconds, 0.5),
            f"mention to {name}, s, 95th percentile": percentile(seconds, 0.95),
            f"without {name}": len(values) - len(seconds),
        }
    return figures


def memory_figures(samples: Sequence[float]) -> dict[str, object]:
    """Return memory figures; the mean in each fifth of the time shows growth."""
    fifth = max(1, len(samples) // 5)
    means = [statistics.mean(samples[at : at + fifth]) for at in range(0, 5 * fifth, fifth) if samples[at:]]
    return {
        "memory, at first, MB": samples[0],
        "memory, each fifth, MB": " ".join(f"{mean:,.0f}" for mean in means),
        "memory, most, MB": max(samples),
    }


@contextmanager
def running(office: Office, environment: Mapping[str, str]) -> Iterator[tuple[SlackServer, Bot]]:
    """Run a local Slack with many users and a fresh bot."""
    crowd = crowded_workspace(make_workspace())
    with SlackServer([crowd]) as slack, Bot(slack, office.home, office.folder, environment) as bot:
        first = ask_in_turn(slack, office.questions)(0).wait(60)
        wait_for_ends(slack, [first])  # warm-up: loading is not measured
        yield slack, bot


def measure_burst(office: Office, llm: str, n_events: int) -> dict[str, object]:
    """Measure acknowledgements of questions that arrive all at once."""
    with running(office, {"INYONG_LLM": llm}) as (slack, _):
        said = burst(ask_in_turn(slack, office.questions, twin=False), range(n_events))
        return ack_figures(said) | outcome_figures(wait_for_ends(slack, said))


def measure_repeats(office: Office, llm: str, n_events: int) -> dict[str, object]:
    """Measure duplicate answers when Slack repeats events."""
    with running(office, {"INYONG_LLM": llm}) as (slack, _):
        said = storm(slack, office.questions, n_events)
        events = {"events": sum(len(spoken.deliveries) for spoken in said)}
        return events | outcome_figures(wait_for_ends(slack, said))


def measure_kills(office: Office, llm: str, n_kills: int) -> dict[str, object]:
    """Measure lost and duplicate answers when the process is killed at random."""
    with running(office, {"INYONG_LLM": llm}) as (slack, bot):
        said = ask_under_kills(slack, bot, ask_in_turn(slack, office.questions), n_kills)
        return {"kills": n_kills} | outcome_figures(wait_for_ends(slack, said))


def measure_memory(office: Office, llm: str, n_events: int) -> dict[str, object]:
    """Measure memory over many events, a mention and its twin each."""
    with running(office, {"INYONG_LLM": llm}) as (slack, bot):
        ask, said = ask_in_turn(slack, office.questions), list[Spoken]()
        with MemoryWatch(bot.process) as memory:
            began = time.perf_counter()
            while 2 * len(said) < n_events:
                said += burst(ask, range(len(said), len(said) + _WAVE))
                found = wait_for_ends(slack, said)
            seconds = time.perf_counter() - began
        events = {
            "events": sum(len(spoken.deliveries) for spoken in said),
            "questions a second": len(said) / seconds,
        }
        return events | outcome_figures(found) | memory_figures(memory.samples)


def measure_times(office: Office, llm: str | None, n_questions: int) -> dict[str, object]:
    """Measure what one user observes, asking one question at a time."""
    environment = {"INYONG_LLM": llm} if llm else {}
    with running(office, environment) as (slack, _):
        ask, waits = ask_in_turn(slack, office.questions), list[Waits]()
        for number in range(n_questions):
            spoken = ask(number + 1).wait()
            wait_for_ends(slack, [spoken], _ANSWER_S)
            waits.append(waits_of(spoken, slack.messages(thread=spoken.thread), office.titles))
        return wait_figures(waits)


def main() -> None:
    """Index the documents into a fresh store, run the bot on it, print and write the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--docs", type=Path, default=Path("eval/data/sample/docs"))
    parser.add_argument("--questions", type=Path, default=Path("eval/data/sample/qa.jsonl"))
    parser.add_argument("--burst", type=int, default=500, help="events at once")
    parser.add_argument("--events", type=int, default=2000, help="with random repeats")
    parser.add_argument("--kills", type=int, default=12)
    parser.add_argument("--memory-events", type=int, default=5000)
    parser.add_argument("--limit", type=int, default=20, help="questions to the real language model")
    parser.add_argument("--llm", help="the real language model; without: the default one")
    parser.add_argument("--only", choices=_PARTS, action="append", help="only this part; can be repeated")
    parser.add_argument("--out", type=Path, default=Path("bench-results"))
    options = parser.parse_args()
    questions = [question.question for question in load_questions(options.questions)]
    parts, figures = options.only or _PARTS, dict[str, object]()
    with tempfile.TemporaryDirectory() as name, instant_llm() as instant:
        folder = Path(name)
        (folder / "slack.toml").write_text(_SLACK_TOML, encoding="utf-8")
        with Inyong(folder / "home") as inyong:
            inyong.index([options.docs])
            titles = [document.title for document in inyong.documents()]
        office = Office(folder / "home", folder, questions, titles)
        for part in parts:
            match part:
                case "burst":
                    found = measure_burst(office, instant, options.burst)
                case "repeats":
                    found = measure_repeats(office, instant, options.events)
                case "kills":
                    found = measure_kills(office, instant, options.kills)
                case "memory":
                    found = measure_memory(office, instant, options.memory_events)
                case _:
                    found = measure_times(office, options.llm, options.limit)
            model = (options.llm or "the default") if part == "times" else "instant"
            found = {"language model": model, **found}
            print_table(f"Slack, {part}", found)
            figures[part] = found
    print(f"\nwritten to {write_json(options.out, 'slack', {'figures': figures})}")


if __name__ == "__main__":
    main()
