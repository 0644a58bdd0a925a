"""Measure the service over HTTP: search, streamed answers, many concurrent clients, and its start.

python -m eval.bench.service --clients 64 --seconds 120
"""

import argparse
import statistics
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from eval.bench.figures import percentile, print_table, write_json
from eval.bench.served import (
    MemoryWatch,
    Served,
    Streamed,
    ask_streamed,
    connect,
    in_threads,
    make_keys,
    run_inyong,
    serving,
)
from eval.datasets.questions import load_questions
from service import Inyong

_SEARCHERS = (1, 8, 32)
_LONGEST_PAUSE_S = 5.0  # after a 429, whatever Retry-After says


def measure_search(served: Served, queries: Sequence[str], n_clients: int, n_searches: int) -> list[float]:
    """Return milliseconds of each search by `n_clients` concurrent clients, on open connections."""
    milliseconds: list[float] = []

    def search(first: int) -> None:
        with connect(served) as client:
            client.get("/healthz")
            for number in range(first, n_searches, n_clients):
                began = time.perf_counter()
                client.post("/v1/search", json={"query": queries[number % len(queries)]}).raise_for_status()
                milliseconds.append((time.perf_counter() - began) * 1000)

    in_threads([threading.Thread(target=search, args=(number,)) for number in range(n_clients)])
    return milliseconds


def search_figures(served: Served, queries: Sequence[str], n_searches: int) -> dict[str, object]:
    """Return median and 95th percentile at each number of clients."""
    measure_search(served, queries, 1, 3)
    figures: dict[str, object] = {}
    for n_clients in _SEARCHERS:
        milliseconds = measure_search(served, queries, n_clients, max(n_searches, n_clients))
        plural = "client" if n_clients == 1 else "clients"
        figures[f"search, {n_clients} {plural}, ms, median"] = percentile(milliseconds, 0.5)
        figures[f"search, {n_clients} {plural}, ms, 95th percentile"] = percentile(milliseconds, 0.95)
    return figures


def answer_figures(answers: Sequence[Streamed]) -> dict[str, object]:
    """Return what a single client observes, and the overhead that the service adds to answering."""
    spoken = [a for a in answers if a.first_text_ms]
    added = [a.whole_ms - a.answer["timings_ms"]["total"] for a in answers]
    totals = [a.answer["timings_ms"]["total"] for a in answers]
    held = [a.first_text_ms - a.answer["timings_ms"]["first_token"] for a in spoken]
    return {
        "questions": len(answers),
        "with a text": len(spoken),
        "time to sources, ms, median": percentile([a.sources_ms for a in answers], 0.5),
        "time to sources, ms, 95th percentile": percentile([a.sources_ms for a in answers], 0.95),
        "time to first text, s, median": percentile([a.first_text_ms / 1000 for a in spoken], 0.5),
        "of that, for checking before showing, s, median": percentile([ms / 1000 for ms in held], 0.5),
        "whole answer, s, median": percentile([a.whole_ms / 1000 for a in answers], 0.5),
        "added by the service, ms, median": percentile(added, 0.5),
        "added by the service, % of answering": 100 * sum(added) / sum(totals),
    }


def ask_both(
    client: httpx.Client, bare: Inyong, questions: Sequence[str]
) -> tuple[list[Streamed], list[float]]:
    """Return each answer over HTTP, and the seconds of the same question without a service.

    The two are interleaved, since the machine's speed varies over minutes.
    """
    answers, seconds = [], []
    for question in questions:
        began = time.perf_counter()
        bare.ask(question)
        seconds.append(time.perf_counter() - began)
        answers.append(ask_streamed(client, question))
    return answers, seconds


@dataclass(slots=True)
class Load:
    """The results of many clients: statuses, answers by key, seconds of each answer."""

    statuses: Counter[str] = field(default_factory=Counter)
    by_key: Counter[int] = field(default_factory=Counter)
    seconds: list[float] = field(default_factory=list)


def put_load(served: Served, questions: Sequence[str], keys: Sequence[str], n_clients: int, s: float) -> Load:
    """Let `n_clients` clients, spread over the keys, ask repeatedly for `s` seconds."""
    load, until = Load(), time.monotonic() + s

    def ask(number: int) -> None:
        key = number % len(keys)
        with connect(served, keys[key]) as client:
            n_asked = number
            while time.monotonic() < until:
                began, pause_s = time.perf_counter(), 1.0
                try:
                    streamed = ask_streamed(client, questions[n_asked % len(questions)])
                    status = "error event" if streamed.failure else str(streamed.status)
                    pause_s = streamed.retry_after_s or pause_s
                    if streamed.status == 200 and not streamed.answer and not streamed.failure:
                        status = "ended early"
                except Exception as error:  # any error is counted
                    status = type(error).__name__
                load.statuses[status] += 1
                n_asked += 1
                if status == "200":
                    load.by_key[key] += 1
                    load.seconds.append(time.perf_counter() - began)
                else:
                    time.sleep(max(0.0, min(pause_s, _LONGEST_PAUSE_S, until - time.monotonic())))

    in_threads([threading.Thread(target=ask, args=(number,)) for number in range(n_clients)])
    return load


def load_figures(load: Load, n_keys: int, memory_mb: Sequence[float]) -> dict[str, object]:
    """Return errors, starvation and memory; its mean in each quarter of the time shows growth."""
    quarter = max(1, len(memory_mb) // 4)
    by_quarter = [round(statistics.mean(memory_mb[i * quarter : (i + 1) * quarter])) for i in range(4)]
    by_key = [load.by_key[key] for key in range(n_keys)]
    refused = load.statuses["429"]
    return {
        "answers": load.statuses["200"],
        "refused with 429": refused,
        "errors other than 429": sum(load.statuses.values()) - load.statuses["200"] - refused,
        "which": {name: n for name, n in load.statuses.items() if name not in ("200", "429")},
        "answers by key, fewest": min(by_key),
        "answers by key, most": max(by_key),
        "answer under load, s, median": percentile(load.seconds, 0.5),
        "answer under load, s, 95th percentile": percentile(load.seconds, 0.95),
        "memory by quarters of that time, MB": ", ".join(f"{mb:,}" for mb in by_quarter),
        "memory, most, MB": max(memory_mb),
    }


def main() -> None:
    """Index the documents into a fresh store, serve it, print and write the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--docs", type=Path, default=Path("eval/data/sample/docs"))
    parser.add_argument("--questions", type=Path, default=Path("eval/data/sample/qa.jsonl"))
    parser.add_argument("--limit", type=int, default=20, help="questions asked one after the other")
    parser.add_argument("--searches", type=int, default=320, help="at each number of clients")
    parser.add_argument("--clients", type=int, default=64, help="that ask at once")
    parser.add_argument("--seconds", type=float, default=120, help="for so long; 0: not at all")
    parser.add_argument("--keys", type=int, default=8, help="that these clients share")
    parser.add_argument("--llm")
    parser.add_argument("--out", type=Path, default=Path("bench-results"))
    options = parser.parse_args()
    questions = [question.question for question in load_questions(options.questions)]
    some = questions[: options.limit]
    llm = ["--llm", options.llm] if options.llm else []
    figures: dict[str, object] = {}
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder, "home")
        run_inyong("index", "--home", str(home), str(options.docs))
        with serving(home, *llm) as served:
            figures |= {"start to alive, s": served.alive_s, "start to ready, s": served.ready_s}
            figures |= search_figures(served, questions, options.searches)
            with connect(served) as client, Inyong(home, llm=options.llm) as bare:
                ask_both(client, bare, some[:1])
                answers, bare_seconds = ask_both(client, bare, some)
        bad = [answer for answer in answers if not answer.answer]
        if bad:
            raise SystemExit(f"{len(bad)} questions got no answer; the first: {bad[0]}")
        figures |= answer_figures(answers)
        over_http = sum(answer.whole_ms / 1000 for answer in answers)
        figures |= {
            "mean answer over HTTP, s": over_http / len(answers),
            "mean answer without the service, s": statistics.mean(bare_seconds),
            "service against none, %": 100 * (over_http / sum(bare_seconds) - 1),
        }
        if options.seconds:
            keys = make_keys(home, options.keys)
            with serving(home, *llm) as served, MemoryWatch(served.process) as memory:
                load = put_load(served, questions, keys, options.clients, options.seconds)
            figures |= {"clients at once": options.clients, "seconds of load": options.seconds}
            figures |= load_figures(load, options.keys, memory.samples)
    print_table(f"Service: {options.questions.name}", figures)
    print(f"\nwritten to {write_json(options.out, 'service', {'figures': figures})}")


if __name__ == "__main__":
    main()
