"""Measure the overhead of an evaluation run beyond the answers themselves.

python -m eval.bench.overhead --docs eval/data/sample/docs --questions eval/data/sample/qa.jsonl
"""

import argparse
import tempfile
import time
from pathlib import Path
from typing import Any

from eval.bench.figures import print_table, write_json
from eval.runs.request import RunRequest
from eval.runs.run import run_set
from eval.runs.score import score_folder
from service import Inyong
from service.answering.types import Answer


class TimedInyong(Inyong):
    """An Inyong that adds up the seconds spent in answering."""

    answering_s = 0.0

    def ask(self, question: str, **options: Any) -> Answer:
        """Call Inyong.ask and add its time."""
        began = time.perf_counter()
        try:
            return super().ask(question, **options)
        finally:
            self.answering_s += time.perf_counter() - began


def main() -> None:
    """Run the set once and compare the run's time with the time spent in answering."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--docs", type=Path, default=Path("eval/data/sample/docs"))
    parser.add_argument("--questions", type=Path, default=Path("eval/data/sample/qa.jsonl"))
    parser.add_argument("--limit", type=int)
    parser.add_argument("--out", type=Path, default=Path("bench-results"))
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, TimedInyong(Path(folder, "home")) as inyong:
        inyong.index([options.docs])
        inyong.prepare()
        run = Path(folder, "run")
        began = time.perf_counter()
        run_set(inyong, RunRequest(options.questions, run, limit=options.limit))
        running_s = time.perf_counter() - began
        began = time.perf_counter()
        score_folder(run)
        scoring_s = time.perf_counter() - began
        answering_s = inyong.answering_s
    figures = {
        "seconds in answering": answering_s,
        "seconds of the run": running_s,
        "overhead of the run, %": 100 * (running_s - answering_s) / answering_s,
        "seconds of scoring and report": scoring_s,
    }
    print_table(f"Overhead: {options.questions.name}", figures)
    print(f"\nwritten to {write_json(options.out, 'overhead', {'figures': figures})}")


if __name__ == "__main__":
    main()
