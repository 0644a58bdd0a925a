"""One question on its way: what is told, and what ends it early."""

import asyncio
import json
import socket
import threading
from collections.abc import AsyncGenerator, Callable

import httpx
import pytest

from service.answering.types import Request
from service.api.backend import Backend, open_backend
from service.errors import AnswerTimeout, BadQuestion
from service.question_queue.dispatcher import StillLoading
from service.question_queue.events import (
    Done,
    Event,
    Failed,
    Heartbeat,
    PassagesFound,
    Queued,
    QuoteFound,
)
from service.question_queue.fair_queue import Stopping, TooBusy
from service.question_queue.running import RunningQuestion, start_question
from service.storage.permissions import EVERYONE, Caller, Scope
from tests.service.api.conftest import QUESTION, SOON_S, PacedGenerator, backend_over, listening, until
from tests.service.conftest import World

WORDS = 5  # of the model's reply


def hear(backend: Backend, question: str = QUESTION) -> list[Event]:
    """Everything that is told of a question."""

    async def ask() -> list[Event]:
        return [
            event async for event in start_question(backend.dispatcher, Request(question), EVERYONE).events()
        ]

    return asyncio.run(ask())


async def hear_until(events: AsyncGenerator[Event], kind: type) -> Event:
    """The next event of this kind."""
    async for event in events:
        if isinstance(event, kind):
            return event
    raise AssertionError(f"no {kind.__name__}")


def test_passages_come_first_then_the_quotes_then_the_answer(world: World) -> None:
    world.script("예산은 350억 원이 들었다.")
    with backend_over(world) as backend:
        events = hear(backend)
    assert [type(event) for event in events] == [PassagesFound, QuoteFound, Done]
    done = events[-1]
    assert isinstance(done, Done)
    assert tuple(e.citation for e in events if isinstance(e, QuoteFound)) == done.answer.citations


def test_the_answers_id_is_known_before_it_is(world: World) -> None:
    with backend_over(world) as backend:

        async def ask() -> tuple[str, list[Event]]:
            asking = start_question(backend.dispatcher, Request(QUESTION), EVERYONE)
            return asking.id, [event async for event in asking.events()]

        known, events = asyncio.run(ask())
    assert isinstance(events[-1], Done)
    assert events[-1].answer.id == known


def test_a_failure_is_the_last_event(world: World) -> None:
    world.script(RuntimeError("no room"))
    with backend_over(world) as backend:
        events = hear(backend)
    assert isinstance(events[-1], Failed)
    assert str(events[-1].error) == "no room"
    assert backend.queue.n_held == 0


def test_passages_and_quotes_are_found_and_the_place_in_the_queue_is_known_while_somebody_else_has_the_model(
    world: World, paced: PacedGenerator
) -> None:
    async def ask(backend: Backend) -> None:
        first = start_question(backend.dispatcher, Request(QUESTION), EVERYONE).events()
        await asyncio.to_thread(paced.began.wait, SOON_S)
        second = start_question(backend.dispatcher, Request(QUESTION), EVERYONE).events()
        assert [type(await anext(second)) for _ in range(2)] == [PassagesFound, QuoteFound]
        assert await anext(second) == Queued(1)
        paced.allow(2 * WORDS)
        assert isinstance(await hear_until(first, Done), Done)
        assert isinstance(await hear_until(second, Done), Done)

    with backend_over(world) as backend:
        asyncio.run(ask(backend))


def test_questions_beyond_the_bound_are_turned_away_with_a_time_to_come_back(
    world: World, paced: PacedGenerator
) -> None:
    other = Caller("other", None, frozenset(Scope), id="other")

    async def ask(backend: Backend) -> None:
        running = [
            start_question(backend.dispatcher, Request(QUESTION), caller) for caller in (EVERYONE, other)
        ]
        with pytest.raises(TooBusy) as caught:
            start_question(backend.dispatcher, Request(QUESTION), EVERYONE)
        assert caught.value.retry_after_s >= 1
        paced.allow(2 * WORDS)
        for asking in running:
            await hear_until(asking.events(), Done)

    with backend_over(world, queue_length=1) as backend:
        asyncio.run(ask(backend))


def test_who_stops_listening_stops_the_model(world: World, paced: PacedGenerator) -> None:
    async def ask(backend: Backend) -> None:
        events = start_question(backend.dispatcher, Request(QUESTION), EVERYONE).events()
        assert isinstance(await anext(events), PassagesFound)
        paced.allow(2)
        await asyncio.to_thread(until, lambda: paced.n_written == 2)
        await events.aclose()

    with backend_over(world) as backend:
        asyncio.run(ask(backend))
        paced.allow(WORDS)
        until(lambda: backend.queue.n_held == 0)
        assert paced.n_written == 3  # the word after the listener had gone was the last
        assert not backend.dispatcher.running


def test_who_stops_listening_in_the_queue_leaves_it(world: World, paced: PacedGenerator) -> None:
    async def ask(backend: Backend) -> None:
        first = start_question(backend.dispatcher, Request(QUESTION), EVERYONE).events()
        await asyncio.to_thread(paced.began.wait, SOON_S)
        second = start_question(backend.dispatcher, Request(QUESTION), EVERYONE).events()
        await hear_until(second, Queued)
        await second.aclose()
        await asyncio.to_thread(until, lambda: backend.queue.n_held == 1)
        paced.allow(WORDS)
        await hear_until(first, Done)

    with backend_over(world) as backend:
        asyncio.run(ask(backend))
    assert len(paced.prompts) == 1


async def hear_after(backend: Backend, paced: PacedGenerator, now: list[float], *, n_words: int) -> Event:
    """Return the last event of an answer whose model writes so many words after `now` has moved on."""
    events = start_question(backend.dispatcher, Request(QUESTION), EVERYONE).events()
    await hear_until(events, QuoteFound)
    await asyncio.to_thread(paced.began.wait, SOON_S)
    now[0] = 301.0 if n_words else 310.0
    for _ in range(n_words):
        paced.allow(1)
    return [event async for event in events][-1]


def test_where_the_model_takes_too_long_the_quotes_are_the_answer(
    world: World, paced: PacedGenerator, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [0.0]
    monkeypatch.setattr("service.question_queue.running.monotonic", lambda: now[0])
    with backend_over(world) as backend:
        last = asyncio.run(hear_after(backend, paced, now, n_words=1))
        paced.allow(WORDS - 1)
    assert isinstance(last, Done)
    assert last.answer.quoted
    assert "350억" in last.answer.answer


def test_a_model_that_never_comes_back_ends_the_answer(
    world: World, paced: PacedGenerator, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [0.0]
    monkeypatch.setattr("service.question_queue.running.monotonic", lambda: now[0])
    with backend_over(world) as backend:
        last = asyncio.run(hear_after(backend, paced, now, n_words=0))
        paced.allow(WORDS)
    assert isinstance(last, Failed)
    assert isinstance(last.error, AnswerTimeout)
    assert "300 seconds" in str(last.error)


def test_there_is_a_sign_of_life_while_nothing_happens(world: World, paced: PacedGenerator) -> None:
    async def ask(backend: Backend) -> None:
        events = start_question(backend.dispatcher, Request(QUESTION), EVERYONE).events(beat_s=0.02)
        await hear_until(events, QuoteFound)
        assert await anext(events) == Heartbeat()
        paced.allow(WORDS)
        await hear_until(events, Done)

    with backend_over(world) as backend:
        asyncio.run(ask(backend))


def test_an_interruption_is_told_to_whoever_waits(world: World, paced: PacedGenerator) -> None:
    async def ask(backend: Backend) -> None:
        events = start_question(backend.dispatcher, Request(QUESTION), EVERYONE).events()
        await hear_until(events, PassagesFound)
        backend.dispatcher.interrupt()
        failed = await hear_until(events, Failed)
        assert isinstance(failed, Failed)
        assert isinstance(failed.error, Stopping)
        paced.allow(1)

    with backend_over(world) as backend:
        asyncio.run(ask(backend))


def test_nothing_is_begun_for_a_bad_question_or_before_the_models_are_there(world: World) -> None:
    async def ask(backend: Backend, question: str) -> RunningQuestion:
        return start_question(backend.dispatcher, Request(question), EVERYONE)

    with backend_over(world) as backend:
        with pytest.raises(BadQuestion):
            asyncio.run(ask(backend, "?"))
        assert backend.queue.n_held == 0
    unloaded = open_backend(world.settings, notify=lambda message: None)
    with pytest.raises(StillLoading):
        asyncio.run(ask(unloaded, QUESTION))
    unloaded.close()
    with pytest.raises(Stopping):
        asyncio.run(ask(unloaded, QUESTION))


# Through a real server


def _streams(address: str, leave: threading.Event) -> None:
    with httpx.stream(
        "POST", f"{address}/v1/answers", json={"question": QUESTION, "stream": True}, timeout=SOON_S
    ) as response:
        pieces = response.iter_bytes()  # held on to, for a forgotten one closes the connection
        next(pieces)
        leave.wait(SOON_S)


def _streams_a_chat(address: str, leave: threading.Event) -> None:
    body = {"model": "inyong", "stream": True, "messages": [{"role": "user", "content": QUESTION}]}
    with httpx.stream("POST", f"{address}/v1/chat/completions", json=body, timeout=SOON_S) as response:
        pieces = response.iter_bytes()  # held on to, for a forgotten one closes the connection
        next(pieces)
        leave.wait(SOON_S)


def _waits_for_the_whole(address: str, leave: threading.Event) -> None:
    place, body = httpx.URL(address), json.dumps({"question": QUESTION}).encode()
    head = f"POST /v1/answers HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(body)}\r\n"
    with socket.create_connection((place.host, place.port or 0)) as connection:
        connection.sendall(f"{head}Content-Type: application/json\r\n\r\n".encode() + body)
        leave.wait(SOON_S)


@pytest.mark.parametrize("ask", [_streams, _streams_a_chat, _waits_for_the_whole])
def test_a_client_that_goes_away_stops_the_model(
    world: World, paced: PacedGenerator, ask: Callable[[str, threading.Event], None]
) -> None:
    leave = threading.Event()
    with backend_over(world) as backend, listening(backend) as address:
        asking = threading.Thread(target=ask, args=(address, leave))
        asking.start()
        assert paced.began.wait(SOON_S)
        paced.allow(1)
        until(lambda: paced.n_written == 1)
        leave.set()
        asking.join(SOON_S)
        until(lambda: not backend.dispatcher.running)
        paced.allow(WORDS)
        until(lambda: backend.queue.n_held == 0)
        assert paced.n_written == 2  # the word after the client had gone was the last


def test_a_search_does_not_wait_for_the_model(world: World, paced: PacedGenerator) -> None:
    leave = threading.Event()
    with backend_over(world) as backend, listening(backend) as address:
        asking = threading.Thread(target=_streams, args=(address, leave))
        asking.start()
        assert paced.began.wait(SOON_S)
        found = httpx.post(f"{address}/v1/search", json={"query": QUESTION}, timeout=SOON_S)
        assert found.json()["hits"]
        assert paced.n_written == 0
        leave.set()
        asking.join(SOON_S)
        paced.allow(WORDS)
