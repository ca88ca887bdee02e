"""Answers that leave apart from their acknowledgement: none is lost, and a retransmission gets its own."""

import asyncio

import pytest

from fleet.db import Database
from fleet.ingest.coap import wire
from fleet.telemetry.memory import MemoryHistory
from tests.fleet.ingest.coap.datagrams import (
    ACK,
    CON,
    POST,
    Answer,
    CoapWay,
    Socket,
    acknowledgement,
    coap,
    device,
    message,
    read,
    relay,
    target,
)
from tests.needs import needs

POINT = b'{"values":{"t":4.5}}'
"""With neither id nor time: only the message layer can tell a repeat from a new one."""
SOON = 0.05
"""Seconds after which an unanswered request gets its empty acknowledgement in these tests."""


def post(way: CoapWay, number: int, token: bytes | None = None) -> bytes:
    """The request with this message id."""
    return message(POST, target(way.token), POINT, mid=number, token=token or bytes((number,)))


async def given_out(way: CoapWay, history: MemoryHistory, one: Socket, count: int) -> None:
    """`count` requests are under way, all with their empty acknowledgement, and storage stands still."""
    history.gate.clear()
    for number in range(count):
        one.send(post(way, number))
    empty = [await one.next() for _ in range(count)]
    assert {(answer.kind, answer.code) for answer in empty} == {(ACK, "0.00")}
    assert {answer.mid for answer in empty} == set(range(count))


async def heard(one: Socket, kind: int, mid: int | None = None) -> Answer:
    """The next answer with something in it, of this kind (and message id); others may come before it."""
    while True:
        answer = await one.next()
        if answer.kind == kind and answer.code != "0.00" and mid in (None, answer.mid):
            return answer


def waiting(way: CoapWay) -> int:
    """How many answers wait for the one before to be acknowledged."""
    messages = way.door._library.request_interfaces[0].token_interface
    return sum(len(answers) for answers in messages._backlogs.values())


async def test_more_answers_than_may_wait_all_come_one_after_the_other(database: Database) -> None:
    history, count = MemoryHistory(), 3 * wire.BACKLOG
    async with coap(database, history, empty_ack_s=SOON) as way, device(way.url) as one:
        await given_out(way, history, one, count)
        history.gate.set()
        tokens = set[bytes]()
        while len(tokens) < count:
            answer = await heard(one, CON)
            assert answer.code == "2.04"
            tokens.add(answer.token)
            one.send(acknowledgement(answer.mid))
        assert tokens == {bytes((number,)) for number in range(count)}
        assert len(history.records) == count


async def test_while_answers_wait_new_requests_are_dropped_and_known_ones_get_theirs(database: Database) -> None:
    history, count = MemoryHistory(), wire.BACKLOG + 2
    async with coap(database, history, empty_ack_s=SOON) as way, device(way.url) as one:
        await given_out(way, history, one, count)
        history.gate.set()
        first = await heard(one, CON)  # and is not acknowledged: the others wait behind it
        async with asyncio.timeout(20):
            while waiting(way) < count - 1:
                await asyncio.sleep(0.01)
        one.send(post(way, 100))
        for number in range(count):
            one.send(post(way, number))
            answer = await heard(one, ACK, number)
            assert (answer.code, answer.token) == ("2.04", bytes((number,)))
        assert len(history.records) == count, "the new one was dropped, no known one stored again"

        one.send(acknowledgement(first.mid))
        for _ in range(count - 1):
            one.send(acknowledgement((await heard(one, CON)).mid))
        one.send(post(way, 100))
        while (answer := await one.next()).token != bytes((100,)):
            one.send(acknowledgement(answer.mid))
        assert answer.code == "2.04"
        assert len(history.records) == count + 1


async def test_two_requests_with_one_token_are_both_stored_and_a_retransmission_of_either_is_answered(
    database: Database,
) -> None:
    history = MemoryHistory()
    async with coap(database, history, empty_ack_s=30.0) as way, device(way.url) as one:
        history.gate.clear()
        one.send(post(way, 1, b"same"))
        one.send(post(way, 2, b"same"))
        async with asyncio.timeout(20):
            while way.door._requests.under_way() < 2:
                await asyncio.sleep(0.01)
        history.gate.set()
        assert (await heard(one, ACK, 2)).code == "2.04"
        one.send(post(way, 1, b"same"))
        assert (await heard(one, ACK, 1)).code == "2.04"
        assert len(history.records) == 2


@pytest.mark.parametrize("separate", [False, True])
async def test_libcoap_s_client_gets_its_answer_over_a_network_that_loses_every_answer_once(
    database: Database, separate: bool
) -> None:
    needs("coap-client-notls")
    history = MemoryHistory()
    async with coap(database, history, empty_ack_s=SOON if separate else 30.0) as way, relay(way.url) as lossy:
        if separate:
            history.gate.clear()
        process = await asyncio.create_subprocess_exec(
            *("coap-client-notls", "-v", "6", "-B", "60", "-m", "post", "-t", "50", "-e", POINT.decode()),
            f"{lossy.url}/devices/m1/telemetry?t={way.token}",
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        if separate:
            await lossy.passed(lambda packet: read(packet).code == "0.00")
            history.gate.set()
        said, _ = await process.communicate()
        assert "c:2.04" in said.decode()
        assert lossy.lost > separate
        assert len(history.records) == 1
