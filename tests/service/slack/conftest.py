"""Answers that were given in Slack, over a small store made with the fakes."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from service.answering.types import Answer, Request
from service.inyong import Inyong
from service.slack.replies import Links
from service.slack.rules import RuleStore, caller_id
from service.storage.answers import Archive
from service.storage.permissions import Caller, Scope, scope_for
from tests.service import conftest as service_fixtures
from tests.service.conftest import World

world = service_fixtures.world

TEAM, CHANNEL, ASKER, OTHER = "T0TEAM", "C0ROOM", "U0ANN", "U0BOB"
QUESTION = "푸른숲 도서관 분관의 예산은 얼마인가요?"
LINKS = Links("https://inyong.example")


@dataclass(slots=True)
class Office:
    """A store, its kept answers and its rules."""

    world: World
    inyong: Inyong
    archive: Archive
    rules: RuleStore

    def answer(self, question: str = QUESTION, collections: frozenset[str] = frozenset({"town"})) -> Answer:
        """Answers a question of the asker and keeps the answer."""
        caller = Caller("slack", collections, frozenset({Scope.ASK}), caller_id(TEAM, ASKER))
        answer = self.inyong.answer(Request(question, scope_for(caller)))
        self.archive.keep(answer, caller)
        return answer


@pytest.fixture
def office(world: World) -> Iterator[Office]:
    """The documents are in the collection `town`, which is open to nobody; the model knows of the budget."""
    world.script("예산은 350억 원이 들었다 [1].")
    with world.open() as inyong:
        archive, rules = Archive(world.settings.home, 90), RuleStore(world.settings.home)
        yield Office(world, inyong, archive, rules)
        archive.close()
        rules.close()
