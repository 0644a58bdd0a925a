"""How much may be asked: questions an hour and a day, of one user and of a whole workspace."""

import math
from dataclasses import dataclass

from service.slack.ledger import Ledger
from service.slack.phrases import Phrases
from service.slack.slack_file import Limits
from service.slack.types import Task

_HOUR_S = 3600.0
_DAY_S = 86_400.0


@dataclass(frozen=True, slots=True)
class Budget:
    """What was asked before decides; questions that got no answer do not count."""

    ledger: Ledger
    limits: Limits

    async def refusal(self, task: Task, phrases: Phrases) -> str | None:
        """Why this question is one too many, in words; None when it is not. Raises StoreUnavailable."""
        user, limits = task.incoming.user, self.limits
        for most, seconds, whose, words in (
            (limits.user_per_hour, _HOUR_S, user, phrases.user_budget),
            (limits.user_per_day, _DAY_S, user, phrases.user_budget),
            (limits.workspace_per_hour, _HOUR_S, None, phrases.workspace_budget),
            (limits.workspace_per_day, _DAY_S, None, phrases.workspace_budget),
        ):
            if not most:
                continue
            n, oldest = await self.ledger.count_before(task, seconds, whose)
            if n >= most:
                left_s = oldest + seconds - task.accepted_at
                return words.format(count=most, minutes=max(1, math.ceil(left_s / 60)))
        return None
