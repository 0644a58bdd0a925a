import threading

import pytest

from prompts.render import Message
from service.errors import GenerationFailed
from service.language_models.pool import GeneratorPool
from service.language_models.types import Check, Generation, GenerationRequest
from tests.fakes import ScriptedGenerator

ASKED = [Message("user", "몇 시에 여나요?")]
REQUEST = GenerationRequest(ASKED, max_tokens=8)


class Gated(ScriptedGenerator):
    """Writes only when its gate is open."""

    def __init__(self, text: str) -> None:
        super().__init__([text])
        self.gate, self.entered = threading.Event(), threading.Event()

    def generate(self, request: GenerationRequest, check: Check = lambda: None) -> Generation:
        self.entered.set()
        assert self.gate.wait(5)
        return super().generate(request, check)


def test_two_members_write_at_the_same_time_and_a_third_call_waits_for_one() -> None:
    members = [Gated("하나"), Gated("둘")]
    pool = GeneratorPool(members)
    done: list[Generation] = []
    threads = [threading.Thread(target=lambda: done.append(pool.generate(REQUEST))) for _ in range(3)]
    for thread in threads:
        thread.start()
    assert all(member.entered.wait(5) for member in members)
    assert sum(len(member.prompts) for member in members) == 0
    members[0].gate.set()
    threads_left = [thread for thread in threads if thread.is_alive()]
    while len(done) < 2:
        threads_left[0].join(0.01)
    assert [generation.text for generation in done] == ["하나", "하나"]
    members[1].gate.set()
    for thread in threads:
        thread.join(5)
    assert sorted(generation.text for generation in done) == ["둘", "하나", "하나"]


def test_waiting_counts_in_the_time_to_the_first_token() -> None:
    member = Gated("하나")
    pool = GeneratorPool([member])
    done: list[Generation] = []
    threads = [threading.Thread(target=lambda: done.append(pool.generate(REQUEST))) for _ in range(2)]
    for thread in threads:
        thread.start()
    threads[0].join(0.05)
    member.gate.set()
    for thread in threads:
        thread.join(5)
    first, second = sorted(generation.first_token_ms for generation in done)
    assert first < 40 <= second


def test_a_member_that_failed_is_free_again() -> None:
    pool = GeneratorPool([ScriptedGenerator([GenerationFailed("out of memory"), "예"])])
    with pytest.raises(GenerationFailed, match="out of memory"):
        pool.generate(REQUEST)
    assert pool.generate(REQUEST).text == "예"


def test_every_member_reads_the_fixed_messages() -> None:
    members = [ScriptedGenerator(), ScriptedGenerator()]
    GeneratorPool(members).prepare(ASKED)
    assert [member.prepared for member in members] == [[ASKED], [ASKED]]


def test_name_is_that_of_the_model() -> None:
    pool = GeneratorPool([ScriptedGenerator(name="작은 모델"), ScriptedGenerator(name="작은 모델")])
    assert pool.name == "작은 모델"
