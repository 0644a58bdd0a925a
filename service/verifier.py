"""What the model says, yes or no, when it reads one quote and nothing else.

Of many sentences a small model picks the wrong one, or gives up; of one it can tell whether it is the answer,
whatever words it uses (a pointwise reranker: Nogueira, Jiang, Pradeep and Lin 2020), and of an answer put
beside it whether that is what was asked for. Measured on questions of four kinds: `eval/LOG.md`.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

from prompts.render import Message, render_judgement, render_verification
from service.generate import GenerationRequest, Generator, OnText

_YES = {"ko": "예", "en": "yes"}
_SURENESS_UNKNOWN = 0.99  # of a word whose probability a server does not tell
_SUREST = 0.9999  # beyond, a probability says nothing more


@dataclass(slots=True)
class Verifier:
    """One question, to be held against quotes, each of which is read once. on_text: see Generator."""

    question: str
    language: str
    generator: Generator
    on_text: OnText | None = None
    _known: dict[tuple[str, ...], float] = field(default_factory=dict)

    def probability(self, quote: str) -> float:
        """How likely the quote answers the question, in [0, 1]. Raises GenerationFailed."""
        if (quote,) not in self._known:
            self._known[quote,] = self._says_yes(render_verification(self.question, quote, self.language))
        return self._known[quote,]

    def answers(self, quotes: str) -> float:
        """How surely the quotes answer the question, in log odds, in [-9.2, 9.2]. Raises GenerationFailed."""
        return _log_odds(self.probability(quotes))

    def backs(self, answer: str, quotes: str) -> float:
        """How surely the quotes give this answer to the question, in log odds, in [-9.2, 9.2].

        Raises GenerationFailed.
        """
        if (answer, quotes) not in self._known:
            messages = render_judgement(self.question, quotes, answer, self.language)
            self._known[answer, quotes] = self._says_yes(messages)
        return _log_odds(self._known[answer, quotes])

    def _says_yes(self, messages: Sequence[Message]) -> float:
        request = GenerationRequest(messages, max_tokens=1, session=self)
        word = self.generator.generate(request, self.on_text)
        sureness = _SURENESS_UNKNOWN if word.confidence is None else word.confidence
        return sureness if word.text.strip().lower().startswith(_YES[self.language]) else 1 - sureness


def _log_odds(likely: float) -> float:
    likely = min(max(likely, 1 - _SUREST), _SUREST)
    return math.log(likely / (1 - likely))
