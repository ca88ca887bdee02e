"""A full memory holds texts up at the network; it is emptied, and they come."""

from hw_fixtures.modem import SimulatedModem
from hw_fixtures.modem.storage import UNREAD
from hw_fixtures.network import Network
from modem_drivers import Storage, Stored, pdu
from tests.scenarios.faults.line import ALICE, NOON, OWN, at_work
from tests.scenarios.faults.wound import wound

ROOM = 5


def small(simulated: SimulatedModem, _: Network) -> None:
    """Memories of few places."""
    for name in ("SM", "ME"):
        simulated.messaging.store(name).capacity = ROOM


def full(simulated: SimulatedModem, network: Network) -> None:
    """Filled up before we came, and five more wait at the network."""
    small(simulated, network)
    for number in range(ROOM):
        [found] = pdu.encode_deliver(ALICE, f"{number}", NOON)
        simulated.messaging.store("ME").add(found, UNREAD)
    for number in range(ROOM, 2 * ROOM):
        network.phone(ALICE).send(OWN, f"{number}")


@wound
async def test_found_full() -> None:
    async with at_work(before=full) as line:
        await line.quiet()
        assert sorted(line.texts) == [(ALICE, f"{number}") for number in range(2 * ROOM)]
        assert await line.modem.sms.storage() == Storage(0, ROOM)
        assert line.network.centre.waiting(OWN) == 0


@wound
async def test_it_fills_up_while_nobody_takes_texts_and_empties_when_somebody_does() -> None:
    async with at_work(before=small) as line:

        async def refuse(stored: Stored) -> None:
            raise OSError("disk full")

        line.modem.sms.on_message = refuse
        for number in range(2 * ROOM):
            line.alice.send(OWN, f"{number}")
        await line.quiet()
        storage = await line.modem.sms.storage()
        assert (storage, storage.full) == (Storage(ROOM, ROOM), True)
        assert line.network.centre.waiting(OWN) == ROOM
        line.modem.sms.on_message = line.take
        await line.quiet()
        await line.quiet()
        assert sorted(line.texts) == [(ALICE, f"{number}") for number in range(2 * ROOM)]
        assert await line.modem.sms.storage() == Storage(0, ROOM)


@wound
async def test_the_gauge_tells_how_full_it_is() -> None:
    async with at_work(before=small) as line:
        line.modem.sms.on_message = None
        line.alice.send(OWN, "one")
        line.alice.send(OWN, "two")
        await line.quiet()
        assert await line.modem.sms.storage() == Storage(2, ROOM)
