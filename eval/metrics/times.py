"""How long answers take and how fast tokens are read and written. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True)
class Percentiles:
    """Half, 95 % and 99 % of the values lie at or below these; same unit as the values."""

    p50: float
    p95: float
    p99: float


def percentiles(values: Sequence[float]) -> Percentiles:
    """The 50th, 95th and 99th percentile, linear between neighbouring values (Hyndman and Fan 1996, type 7).

    Raises ValueError without values.
    """
    if not values:
        raise ValueError("no value has no percentile")
    p50, p95, p99 = np.percentile(np.asarray(values, dtype=float), [50, 95, 99], method="linear")
    return Percentiles(float(p50), float(p95), float(p99))


def prompt_tokens_per_s(timings_ms: Iterable[Mapping[str, float]], n_tokens: Iterable[int]) -> float | None:
    """Prompt tokens read a second over all answers: from the end of selection to the first token.

    timings_ms: of each answer, "search", "select" and "first_token", the last counted from the question.
    n_tokens: of each answer, those of the prompt that were not known already. None without any time.
    """
    seconds = sum(
        max(0.0, t.get("first_token", 0.0) - t.get("search", 0.0) - t.get("select", 0.0)) / 1000
        for t in timings_ms
    )
    return sum(n_tokens) / seconds if seconds else None


def output_tokens_per_s(timings_ms: Iterable[Mapping[str, float]], n_tokens: Iterable[int]) -> float | None:
    """Tokens written a second over all answers, after the first of each: from it to the end of generation.

    timings_ms: of each answer, as above and "generate". n_tokens: written, of each answer. None without
    any time.
    """
    seconds = sum(
        max(0.0, t.get("search", 0.0) + t.get("select", 0.0) + t.get("generate", 0.0) - t["first_token"])
        / 1000
        for t in timings_ms
        if t.get("first_token")
    )
    return sum(max(0, n - 1) for n in n_tokens) / seconds if seconds else None
