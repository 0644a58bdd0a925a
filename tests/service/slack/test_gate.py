"""Who is let in when, and what those who wait are told."""

import asyncio

from service.slack.gate import Gate


def test_askers_are_let_in_one_after_the_other_whatever_one_of_them_asks() -> None:
    order: list[str] = []

    async def ask(gate: Gate, name: str) -> None:
        async with gate.entered(name[0], lambda place: None):
            order.append(name)
            await asyncio.sleep(0)

    async def all_ask() -> None:
        gate = Gate(1)
        await asyncio.gather(*(ask(gate, name) for name in ["a1", "a2", "a3", "b1", "c1"]))

    asyncio.run(all_ask())
    assert order == ["a1", "a2", "b1", "c1", "a3"]


def test_places_are_told_in_the_order_of_turns() -> None:
    told: dict[str, list[int]] = {"a2": [], "a3": [], "b1": []}

    async def ask(gate: Gate, name: str) -> None:
        async with gate.entered(name[0], told[name].append):
            await asyncio.sleep(0)

    async def all_ask() -> None:
        gate = Gate(1)
        async with gate.entered("a", lambda place: None):
            asking = [asyncio.create_task(ask(gate, name)) for name in told]
            await asyncio.sleep(0)
        await asyncio.gather(*asking)

    asyncio.run(all_ask())
    assert told == {"a2": [2, 2, 2], "a3": [3, 4, 3, 2], "b1": [3, 2]}


def test_who_gives_up_takes_no_place() -> None:
    async def give_up() -> None:
        gate = Gate(1)

        async def ask() -> None:
            async with gate.entered("b", lambda place: None):
                pass

        async with gate.entered("a", lambda place: None):
            waiting = [asyncio.create_task(ask()) for _ in range(2)]
            await asyncio.sleep(0)
            waiting[0].cancel()
            await asyncio.gather(waiting[0], return_exceptions=True)
        await asyncio.wait_for(waiting[1], 5)
        async with gate.entered("c", lambda place: None):
            pass

    asyncio.run(give_up())


def test_who_gives_up_in_the_moment_of_being_let_in_makes_room_for_the_next() -> None:
    async def give_up() -> None:
        gate = Gate(1)

        async def ask() -> None:
            async with gate.entered("b", lambda place: None):
                await asyncio.sleep(0)

        async with gate.entered("a", lambda place: None):
            waiting = [asyncio.create_task(ask()) for _ in range(2)]
            await asyncio.sleep(0)
        waiting[0].cancel()
        await asyncio.wait_for(waiting[1], 5)

    asyncio.run(give_up())
