"""Whether a quote answers the question, as the model judges when it reads nothing else: yes or no.

Of many sentences a small model picks the wrong one, or gives up; of one it can tell whether it is the answer,
whatever words it uses (a pointwise reranker: Nogueira, Jiang, Pradeep and Lin 2020). Measured on the sample
and held-out questions: `eval/LOG.md`.
"""

from dataclasses import dataclass, field

from prompts.render import render_verification
from service.generate import GenerationRequest, Generator, OnText

_YES = {"ko": "예", "en": "yes"}


@dataclass(slots=True)
class Verifier:
    """One question, to be held against quotes, each of which is read once. on_text: see Generator."""

    question: str
    language: str
    generator: Generator
    on_text: OnText | None = None
    _known: dict[str, float] = field(default_factory=dict)

    def probability(self, quote: str) -> float:
        """How likely the quote answers the question, in [0, 1]. Raises GenerationFailed."""
        if quote not in self._known:
            self._known[quote] = self._read(quote)
        return self._known[quote]

    def _read(self, quote: str) -> float:
        messages = render_verification(self.question, quote, self.language)
        verdict = self.generator.generate(GenerationRequest(messages, max_tokens=1), self.on_text)
        says_yes = verdict.text.strip().lower().startswith(_YES[self.language])
        return verdict.confidence if says_yes else 1 - verdict.confidence
