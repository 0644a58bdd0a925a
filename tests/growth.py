"""How running time grows with the size of the input, whatever the machine's speed."""

import time
from collections.abc import Callable


def measure_growth(run: Callable[[int], object], size: int, *, factor: int = 8) -> float:
    """Return how many times as long `run` takes for `factor` times the size, divided by the factor.

    About 1 for linear time, about the factor for quadratic time. Counts the thread's own processor time, the
    best of three runs, so that other work on the machine does not matter.
    """

    def seconds(n: int) -> float:
        times = []
        for _ in range(3):
            began = time.thread_time()
            run(n)
            times.append(time.thread_time() - began)
        return min(times)

    run(size // 10)  # what is loaded or compiled once
    return seconds(size * factor) / max(seconds(size), 1e-3) / factor
