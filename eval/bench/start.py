"""Measure cold start: times of `inyong --help` and a first answer, by stage, and the memory needed.

python -m eval.bench.start
"""

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from eval.bench.figures import peak_memory_mb, percentile, print_table, write_json

_HELP_RUNS = 7


def help_seconds() -> float:
    """Return the median seconds of a bare `inyong --help` in a process of its own."""
    command = [
        sys.executable,
        "-c",
        "import sys; sys.argv = ['inyong', '--help']\nfrom service.cli import main; main()",
    ]
    seconds = []
    for _ in range(_HELP_RUNS):
        began = time.perf_counter()
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)  # noqa: S603
        seconds.append(time.perf_counter() - began)
    return percentile(seconds, 0.5)


def answer_stages(home: Path, question: str) -> dict[str, object]:
    """Return seconds of each stage from imports to the first answer; to be run in a fresh process."""
    stages: dict[str, object] = {}
    last = time.perf_counter()

    def lap(name: str) -> None:
        nonlocal last
        now = time.perf_counter()
        stages[f"{name}, s"] = now - last
        last = now

    from service import wiring
    from service.settings import load_settings

    settings = load_settings({"home": home}).settings
    lap("import the service")
    import sentence_transformers

    lap("import sentence-transformers")
    embedder = wiring.load_embedder(settings)
    lap("load the embedding model")
    generator = wiring.load_generator(settings)
    lap("load the language model and its kept prompts")
    from index.store import Access
    from service.answering.pipeline import answer_question
    from service.answering.types import Request

    catalog = wiring.open_catalog(settings, Access.READ)
    searcher = wiring.build_searcher(settings, catalog, lambda: embedder, lambda message: None)
    lap("open the store and the morpheme analyser")
    reader = wiring.load_reader(settings, embedder)
    lap("lay the reader over the embedding model")
    parts = wiring.build_parts(settings, lambda: searcher, lambda: reader, lambda: generator)
    answer_question(Request(question), parts)
    lap("answer")
    stages["peak memory, MB"] = peak_memory_mb()
    assert sentence_transformers is not None
    return stages


def main() -> None:
    """Measure cold starts, print and write the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--docs", type=Path, default=Path("eval/data/sample/docs"))
    parser.add_argument("--question", default="which regions were selected and for how much?")
    parser.add_argument("--out", type=Path, default=Path("bench-results"))
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as home:
        ask = [sys.executable, "-c", "from service.cli import main; main()"]
        subprocess.run([*ask, "index", "--home", home, str(options.docs)], check=True)  # noqa: S603
        began = time.perf_counter()
        subprocess.run([*ask, "ask", "--home", home, options.question], check=False)  # noqa: S603
        whole = time.perf_counter() - began
        stages = answer_stages(Path(home), options.question)
    figures = {"inyong --help, s": help_seconds(), "inyong ask in a new process, s": whole, **stages}
    print_table("Cold start", figures)
    print(f"\nwritten to {write_json(options.out, 'start', {'figures': figures})}")


if __name__ == "__main__":
    main()
