"""Combine several Generators of the same model, so that several answers are written at a time."""

import queue
import time
from collections.abc import Sequence
from dataclasses import replace

from prompts.render import Message
from service.language_models.types import Check, Generation, GenerationRequest, Generator


class GeneratorPool:
    """A Generator that assigns each call a member of its own; calls beyond their number wait."""

    def __init__(self, members: Sequence[Generator]) -> None:
        """members: at least one, all of the same model."""
        self._members = tuple(members)
        # Most recently used first: its memory is warm, and it may have the prompt's prefix loaded.
        self._free: queue.LifoQueue[Generator] = queue.LifoQueue()
        for member in self._members:
            self._free.put(member)

    @property
    def name(self) -> str:
        """Name of the model as configured."""
        return self._members[0].name

    def prepare(self, fixed: Sequence[Message]) -> None:
        """Prepare every member; from the second on, the state cached by the first is used."""
        for member in self._members:
            member.prepare(fixed)

    def generate(self, request: GenerationRequest, check: Check = lambda: None) -> Generation:
        """Generate the next turn; see Generator."""
        began = time.perf_counter()
        member = self._free.get()
        waited_ms = (time.perf_counter() - began) * 1000
        try:
            generation = member.generate(request, check)
        finally:
            self._free.put(member)
        return replace(generation, first_token_ms=generation.first_token_ms + waited_ms)
