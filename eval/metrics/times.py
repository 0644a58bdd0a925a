"""Latency percentiles and token throughput. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True)
class Percentiles:
    """The 50th, 95th and 99th percentile of some values, in their unit."""

    p50: float
    p95: float
    p99: float


def percentiles(values: Sequence[float]) -> Percentiles:
    """Return the 50th, 95th and 99th percentile, linearly interpolated (Hyndman and Fan 1996, type 7).

    Raises ValueError without values.
    """
    if not values:
        raise ValueError("no value has no percentile")
    p50, p95, p99 = np.percentile(np.asarray(values, dtype=float), [50, 95, 99], method="linear")
    return Percentiles(float(p50), float(p95), float(p99))


_BEFORE_GENERATION = ("search", "select", "wait")


def prompt_tokens_per_s(timings_ms: Iterable[Mapping[str, float]], n_tokens: Iterable[int]) -> float | None:
    """Return prompt tokens per second over all answers, from the start of generation to the first token.

    timings_ms: per answer, by stage, and "first_token", measured from the question. n_tokens: per answer,
    prompt tokens that were not cached. Answers to rewritten follow-ups are left out, for their tokens are
    those of two calls. None if no time was spent.
    """
    spent = [
        (n, t["first_token"] - sum(t.get(stage, 0.0) for stage in _BEFORE_GENERATION))
        for t, n in zip(timings_ms, n_tokens, strict=True)
        if t.get("first_token") and not t.get("rewrite")
    ]
    return _per_second(spent)


def output_tokens_per_s(timings_ms: Iterable[Mapping[str, float]], n_tokens: Iterable[int]) -> float | None:
    """Return output tokens per second over all answers, from the first token to the end of generation.

    The first token of each answer is not counted. timings_ms: per answer, as above and "generate".
    n_tokens: generated, per answer. None if no time was spent.
    """
    spent = [
        (
            max(0, n - 1),
            sum(t.get(stage, 0.0) for stage in (*_BEFORE_GENERATION, "generate")) - t["first_token"],
        )
        for t, n in zip(timings_ms, n_tokens, strict=True)
        if t.get("first_token") and not t.get("rewrite")
    ]
    return _per_second(spent)


def _per_second(spent: Sequence[tuple[int, float]]) -> float | None:
    """Return tokens per second of pairs of tokens and milliseconds, None if no time was spent."""
    seconds = sum(max(0.0, ms) for _, ms in spent) / 1000
    return sum(n for n, _ in spent) / seconds if seconds else None
