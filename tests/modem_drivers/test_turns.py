"""The urgent first, the others in order; nobody is forgotten when somebody gives up."""

import asyncio

from modem_drivers.turns import Turns


async def work(turns: Turns, name: str, done: list[str], *, urgent: bool = False) -> None:
    await turns.take(urgent=urgent)
    try:
        done.append(name)
        await asyncio.sleep(0)
    finally:
        turns.give()


async def settle() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def test_the_urgent_go_first_and_the_others_in_order() -> None:
    turns, done = Turns(), list[str]()
    await turns.take()
    waiting = [asyncio.create_task(work(turns, name, done, urgent=name.isupper())) for name in "abAcB"]
    await settle()
    assert done == []
    turns.give()
    await asyncio.gather(*waiting)
    assert "".join(done) == "ABabc"


async def test_whoever_gives_up_waiting_is_passed_over() -> None:
    turns, done = Turns(), list[str]()
    await turns.take()
    waiting = {name: asyncio.create_task(work(turns, name, done)) for name in "abc"}
    await settle()
    waiting["a"].cancel()
    await settle()
    turns.give()
    await asyncio.gather(*waiting.values(), return_exceptions=True)
    assert "".join(done) == "bc"


async def test_whoever_gives_up_when_his_turn_has_come_hands_it_on() -> None:
    turns, done = Turns(), list[str]()
    await turns.take()
    waiting = {name: asyncio.create_task(work(turns, name, done)) for name in "ab"}
    await settle()
    turns.give()
    waiting["a"].cancel()
    await asyncio.gather(*waiting.values(), return_exceptions=True)
    assert done == ["b"]
    await asyncio.wait_for(turns.take(), 30)


async def test_a_free_line_is_taken_at_once() -> None:
    turns = Turns()
    await asyncio.wait_for(turns.take(), 30)
    turns.give()
    await asyncio.wait_for(turns.take(urgent=True), 30)
