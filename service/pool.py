"""Several Generators of the same model behind one, so that several answers are written at a time."""

import queue
import time
from collections.abc import Sequence
from dataclasses import replace

from prompts.render import Message
from service.generate import Generation, GenerationRequest, Generator, OnText


class GeneratorPool:
    """A Generator that gives each call one of its members for itself; calls beyond their number wait."""

    def __init__(self, members: Sequence[Generator]) -> None:
        """members: at least one, all of the same model."""
        self._members = tuple(members)
        # The one used last first: its memory is warm, and it may know the beginning of the prompt.
        self._free: queue.LifoQueue[Generator] = queue.LifoQueue()
        for member in self._members:
            self._free.put(member)

    @property
    def name(self) -> str:
        """The model as it was asked for."""
        return self._members[0].name

    def count_tokens(self, text: str) -> int:
        """How many tokens the text is to the model."""
        return self._members[0].count_tokens(text)

    def prepare(self, fixed: Sequence[Message]) -> None:
        """Lets every member read the fixed messages; from the second on what the first has kept serves."""
        for member in self._members:
            member.prepare(fixed)

    def generate(self, request: GenerationRequest, on_text: OnText | None = None) -> Generation:
        """The model's next turn; see Generator."""
        began = time.perf_counter()
        member = self._free.get()
        waited_ms = (time.perf_counter() - began) * 1000
        try:
            generation = member.generate(request, on_text)
        finally:
            self._free.put(member)
        return replace(generation, first_token_ms=generation.first_token_ms + waited_ms)
