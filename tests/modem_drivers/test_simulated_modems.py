"""The library against the simulated modems: what a gateway lives through with real ones, the same with each."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from hw_fixtures.modem import MemoryModem, PtyModem, SimCard, SimulatedModem, load_model, serve_memory, serve_pty
from hw_fixtures.network import Network
from modem_drivers import (
    Cms,
    IdentityError,
    Modem,
    ModemState,
    PinGuarded,
    PinRefused,
    Port,
    PortMissing,
    PukRequired,
    Refused,
    Sent,
    Signal,
    SimState,
    Stored,
    Supervisor,
    Unknown,
)
from modem_drivers.identity import luhn_digit
from modem_drivers.pdu import StatusReport

ICCID = "894450100121314156" + luhn_digit("894450100121314156")
IMEI = "86010703000001" + luhn_digit("86010703000001")
OURS = "+15550199"
PHONE = "+15550101"


class Guard:
    """Remembers in memory."""

    def __init__(self) -> None:
        self.refused: set[tuple[str, str]] = set()

    def refused_before(self, iccid: str, pin: str) -> bool:
        return (iccid, pin) in self.refused

    def remember_refused(self, iccid: str, pin: str) -> None:
        self.refused.add((iccid, pin))


MODELS = ("quectel-ec25", "simcom-sim7600")


@pytest.fixture(params=MODELS)
def model(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def network() -> Network:
    return Network(lambda: datetime(2026, 11, 20, 12, tzinfo=UTC))


def simulated(
    model: str, network: Network, *, pin: str | None = None, latency: float = 0, registered_after: float = 0
) -> SimulatedModem:
    return SimulatedModem(
        load_model(model),
        network=network,
        sim=SimCard(ICCID, "001010123456789", OURS, pin=pin),
        imei=IMEI,
        cmgs_latency=latency,
        registered_after=registered_after,
        reboot_after=0.1,
    )


@pytest.fixture
async def served(model: str, network: Network) -> AsyncIterator[MemoryModem]:
    async with serve_memory(simulated(model, network)) as served:
        yield served


async def text(modem: Modem, words: str, reference: int = 1) -> list[object]:
    parts = modem.sms.compose(PHONE, words, first_reference=reference, concat_reference=reference)
    return [await modem.sms.submit(part) for part in parts]


async def test_it_is_identified(model: str, served: MemoryModem) -> None:
    modem = await Modem.open(served)
    assert modem.profile.name == model
    assert modem.info.imei == IMEI
    assert await modem.sim.state() is SimState.READY
    assert await modem.sim.iccid() == ICCID
    assert await modem.sim.imsi() == "001010123456789"
    retries = await modem.sim.retries()
    assert retries is not None
    assert (retries.pin, retries.puk) == (3, 10)
    await modem.close()


async def test_it_registers_and_tells_about_its_network(model: str, network: Network) -> None:
    async with serve_memory(simulated(model, network, registered_after=0.3)) as served:
        modem = await Modem.open(served)
        registration = await modem.network.wait_registered(timeout=60)
        assert registration.registered
        assert registration.sms_possible
        assert registration.act == 7
        operator = await modem.network.operator()
        assert operator is not None
        assert operator.numeric.isdigit()
        assert operator.name != operator.numeric
        signal = await modem.network.signal()
        assert signal.rssi_dbm is not None
        assert -113 <= signal.rssi_dbm <= -51
        await modem.close()


async def test_its_cell_and_levels_are_those_of_the_air(served: MemoryModem, network: Network) -> None:
    modem = await Modem.open(served)
    cell, air = await modem.network.serving_cell(), network.cell
    assert cell is not None
    assert (cell.plmn, cell.area, cell.cell, cell.pci) == (air.plmn, air.tac, air.cell_id, air.pci)
    assert (cell.band, cell.channel) == (air.band, air.earfcn)
    assert cell.signal == Signal(air.rssi_dbm, air.rsrp_dbm, air.rsrq_db)
    assert (await modem.network.signal()).rsrp_dbm == air.rsrp_dbm
    await modem.close()


async def test_user_and_password_reach_the_context_as_such(served: MemoryModem) -> None:
    modem = await Modem.open(served)
    await modem.network.set_credentials(1, "fleet", "s3cret")
    assert served.modem.radio.credentials == {"1": ("2", "fleet", "s3cret")}
    await modem.close()


async def test_the_apn_is_set_once_and_the_modem_registers_again(served: MemoryModem) -> None:
    modem = await Modem.open(served)
    heard: list[bytes] = []
    served.tap = lambda who, data: heard.append(data) if who == "host" else None
    await modem.network.set_apn(1, "iot.example")
    assert await modem.network.apn(1) == "iot.example"
    assert b"AT+CFUN=4\r" in heard
    assert (await modem.network.wait_registered(timeout=60)).registered
    heard.clear()
    await modem.network.set_apn(1, "iot.example")
    assert heard == [b"AT+CGDCONT?\r"]
    await modem.close()


async def test_the_right_pin_unlocks(model: str, network: Network) -> None:
    async with serve_memory(simulated(model, network, pin="4321")) as served:
        modem = await Modem.open(served)
        assert await modem.sim.state() is SimState.PIN
        assert await modem.sim.iccid() == ICCID
        await modem.sim.unlock("4321", guard=Guard())
        assert await modem.sim.state() is SimState.READY
        assert (await modem.network.wait_registered(timeout=60)).registered
        await modem.close()


async def test_a_wrong_pin_costs_one_try_and_is_never_tried_again(model: str, network: Network) -> None:
    simulation = simulated(model, network, pin="4321")
    guard = Guard()
    async with serve_memory(simulation) as served:
        modem = await Modem.open(served)
        with pytest.raises(PinRefused, match="2 tries left"):
            await modem.sim.unlock("1111", guard=guard)
        with pytest.raises(PinGuarded, match="before"):
            await modem.sim.unlock("1111", guard=guard)
        await modem.close()
        modem = await Modem.open(served)
        with pytest.raises(PinGuarded, match="before"):
            await modem.sim.unlock("1111", guard=guard)
        assert simulation.sim is not None
        assert simulation.sim.pin_tries == 2
        with pytest.raises(PinRefused, match="1 tries left"):
            await modem.sim.unlock("2222", guard=guard)
        with pytest.raises(PinGuarded, match="expected 2 tries left"):
            await modem.sim.unlock("4321", guard=guard)
        assert simulation.sim.pin_tries == 1
        await modem.close()


async def test_a_blocked_sim_asks_for_its_puk(model: str, network: Network) -> None:
    simulation = simulated(model, network, pin="4321")
    assert simulation.sim is not None
    simulation.sim.pin_tries = 0
    async with serve_memory(simulation) as served:
        modem = await Modem.open(served)
        with pytest.raises(PukRequired):
            await modem.sim.unlock("4321", guard=Guard())
        await modem.close()


@pytest.mark.parametrize("words", ["Cooling fault at site 4", "Kühlung 🥶 defekt " * 12, "[~]" * 80, "@"])
async def test_a_text_arrives_whole_and_is_reported(served: MemoryModem, network: Network, words: str) -> None:
    modem = await Modem.open(served)
    reports: asyncio.Queue[StatusReport] = asyncio.Queue()
    modem.sms.on_report = reports.put
    await modem.sms.start()
    outcomes = await text(modem, words, reference=9)
    assert all(isinstance(outcome, Sent) for outcome in outcomes)
    assert (await network.phone(PHONE).expect(words, timeout=30)).text == words
    for outcome in outcomes:
        report = await asyncio.wait_for(reports.get(), 30)
        assert isinstance(outcome, Sent)
        assert (report.reference, report.delivered) == (outcome.reference, True)
    await modem.close()


async def test_twenty_texts_at_once_come_in_once_each_and_leave_the_modem(
    served: MemoryModem, network: Network
) -> None:
    modem = await Modem.open(served)
    came: Counter[str] = Counter()
    everything = asyncio.Event()

    async def take(stored: Stored) -> None:
        came[stored.deliver.text or ""] += 1
        if len(came) == 20:
            everything.set()

    modem.sms.on_message = take
    await modem.sms.start()
    sending = asyncio.create_task(text(modem, "out in between"))
    for number in range(20):
        network.phone(PHONE).send(OURS, f"4{number}A")
    await asyncio.wait_for(everything.wait(), 30)
    assert all(isinstance(outcome, Sent) for outcome in await sending)
    await modem.sms.sweep()
    assert came == Counter(f"4{number}A" for number in range(20))
    listed = await modem.session.command("+CMGL=4")
    assert listed.pdus == ()
    await modem.close()


async def test_texts_that_came_before_the_start_are_swept_in(served: MemoryModem, network: Network) -> None:
    network.phone(PHONE).send(OURS, "early")
    modem = await Modem.open(served)
    came: list[str | None] = []

    async def take(stored: Stored) -> None:
        came.append(stored.deliver.text)

    modem.sms.on_message = take
    await modem.sms.start()
    assert came == ["early"]
    await modem.close()


async def test_a_text_whose_consumer_fails_stays_and_comes_again(served: MemoryModem, network: Network) -> None:
    modem = await Modem.open(served)
    tries = asyncio.Queue[str | None]()

    async def take(stored: Stored) -> None:
        tries.put_nowait(stored.deliver.text)
        if tries.qsize() == 1:
            raise OSError("disk full")

    modem.sms.on_message = take
    await modem.sms.start()
    network.phone(PHONE).send(OURS, "41A")
    while tries.empty():
        await asyncio.sleep(0.01)
    await modem.sms.sweep()
    await modem.sms.sweep()
    assert [tries.get_nowait() for _ in range(tries.qsize())] == ["41A", "41A"]
    await modem.close()


async def test_a_refused_text_says_why(served: MemoryModem) -> None:
    modem = await Modem.open(served)
    await modem.sms.start()
    served.modem.faults.refuse_next(cms=38)
    [outcome] = await text(modem, "x")
    assert isinstance(outcome, Refused)
    assert (outcome.code, outcome.may_retry) == (Cms.NETWORK_OUT_OF_ORDER, True)
    served.modem.faults.refuse_next(cms=332)
    [outcome] = await text(modem, "x")
    assert isinstance(outcome, Unknown)
    assert isinstance((await text(modem, "x"))[0], Sent)
    await modem.close()


async def test_a_repeat_the_network_already_has_is_rejected_as_a_duplicate(
    served: MemoryModem, network: Network
) -> None:
    modem = await Modem.open(served)
    await modem.sms.start()
    [part] = modem.sms.compose(PHONE, "once", first_reference=77)
    assert await modem.sms.submit(part) == Sent(77)
    [again] = modem.sms.compose(PHONE, "once", first_reference=77, resend=True)
    outcome = await modem.sms.submit(again)
    assert isinstance(outcome, Refused)
    assert outcome.code is Cms.DUPLICATE_REJECTED
    assert [text.text for text in network.phone(PHONE).inbox] == ["once"]
    await modem.close()


@pytest.mark.parametrize("fault", ["garbage", "urc inside reply"])
async def test_a_noisy_line_harms_nothing(served: MemoryModem, network: Network, fault: str) -> None:
    if fault == "garbage":
        served.modem.faults.garbage()
    modem = await Modem.open(served)
    assert await modem.sim.iccid() == ICCID
    came: asyncio.Queue[str | None] = asyncio.Queue()

    async def take(stored: Stored) -> None:
        came.put_nowait(stored.deliver.text)

    modem.sms.on_message = take
    await modem.sms.start()
    if fault == "urc inside reply":
        served.modem.faults.urc_inside_reply("RING")
    assert isinstance((await text(modem, "through the noise"))[0], Sent)
    network.phone(PHONE).send(OURS, "back")
    assert await asyncio.wait_for(came.get(), 30) == "back"
    await modem.close()


async def test_a_silent_modem_is_brought_back_into_step(served: MemoryModem) -> None:
    modem = await Modem.open(served)
    await modem.sms.start()
    served.modem.faults.silence(0.2)
    with pytest.raises(Exception, match="no final result"):
        await modem.session.command("+CSQ", timeout=0.05)
    assert not modem.session.in_step
    assert isinstance((await text(modem, "after silence"))[0], Sent)
    assert modem.session.in_step
    await modem.close()


async def test_a_lost_prompt_leaves_no_stray_message(served: MemoryModem, network: Network) -> None:
    modem = await Modem.open(served)
    await modem.sms.start()
    served.modem.faults.lose_prompt()
    [part] = modem.sms.compose(PHONE, "whole", first_reference=1)
    with pytest.raises(Exception, match="no final result"):
        await modem.session.command(f"+CMGS={part.length}", payload=part.hex.encode() + b"\x1a", timeout=0.1)
    assert await modem.sms.submit(part) == Sent(1)
    assert [text.text for text in network.phone(PHONE).inbox] == ["whole"]
    await modem.close()


@pytest.mark.parametrize(
    ("order", "kind"),
    [
        (lambda modem: modem.faults.hang_up_at_prompt(), Refused),
        (lambda modem: modem.faults.hang_up_after_pdu(), Unknown),
    ],
    ids=["at the prompt", "after the PDU"],
)
async def test_unplugged_in_mid_send(
    model: str, tmp_path: Path, network: Network, order: Callable[[SimulatedModem], None], kind: type[object]
) -> None:
    async with serve_pty(simulated(model, network), tmp_path / "modem") as served:
        modem = await Modem.open(served.path)
        await modem.sms.start()
        order(served.modem)
        [outcome] = await text(modem, "unplugged")
        assert isinstance(outcome, kind)
        await asyncio.wait_for(modem.closed.wait(), 30)
        await modem.close()


async def test_the_supervisor_brings_it_back_behind_the_same_link(model: str, tmp_path: Path, network: Network) -> None:
    async with serve_pty(simulated(model, network), tmp_path / "modem") as served:
        set_up: list[str] = []

        async def on_modem(modem: Modem) -> None:
            await modem.sms.start()
            set_up.append(modem.info.imei)

        supervisor = Supervisor(served.path, on_modem=on_modem, expect_imei=IMEI, retry_after=0.05)
        running = asyncio.create_task(supervisor.run())
        modem = await asyncio.wait_for(supervisor.wait_ready(), 30)
        assert isinstance((await text(modem, "before"))[0], Sent)
        served.unplug()
        await _until(lambda: supervisor.state is ModemState.GONE)
        served.plug()
        again = await asyncio.wait_for(supervisor.wait_ready(), 30)
        assert again is not modem
        assert isinstance((await text(again, "after"))[0], Sent)
        assert set_up == [IMEI, IMEI]
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        assert again.closed.is_set()


async def test_a_modem_that_restarts_itself_is_set_up_again(model: str, tmp_path: Path, network: Network) -> None:
    async with serve_pty(simulated(model, network), tmp_path / "modem") as served:
        supervisor = Supervisor(served.path, retry_after=0.05)
        running = asyncio.create_task(supervisor.run())
        await asyncio.wait_for(supervisor.wait_ready(), 30)
        served.modem.say("RDY")
        await _until(lambda: supervisor.counters.restarts == 1)
        await asyncio.wait_for(supervisor.wait_ready(), 30)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


async def _until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(30):
        while not true():
            await asyncio.sleep(0.01)


async def test_over_a_pseudo_terminal_all_of_it(model: str, tmp_path: Path, network: Network) -> None:
    async with serve_pty(simulated(model, network)) as served:
        assert isinstance(served, PtyModem)
        modem = await Modem.open(served.path)
        await modem.sms.start()
        outcomes = await asyncio.gather(*(text(modem, f"number {n}", reference=n) for n in range(20)))
        assert [outcome for [outcome] in outcomes] == [Sent(n) for n in range(20)]
        assert [text.text for text in network.phone(PHONE).inbox] == [f"number {n}" for n in range(20)]
        await modem.close()


async def test_over_a_serial_server_on_the_network(served: MemoryModem, network: Network) -> None:
    async def bridge(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await served.open(writer.write, lambda _: writer.close())
        while data := await reader.read(4096):
            served.write(data)
        writer.close()

    server = await asyncio.start_server(bridge, "127.0.0.1", 0)
    modem = await Modem.open(f"socket://127.0.0.1:{server.sockets[0].getsockname()[1]}")
    await modem.sms.start()
    assert isinstance((await text(modem, "over the network"))[0], Sent)
    assert [text.text for text in network.phone(PHONE).inbox] == ["over the network"]
    served.unplug()
    await asyncio.wait_for(modem.closed.wait(), 30)
    await modem.close()
    server.close()


async def test_a_modem_is_found_by_its_imei_behind_whatever_port_is_free(
    network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The system's list of ports is told; everything behind it is as it is."""
    others, own = simulated("simcom-sim7600", network), simulated("quectel-ec25", network)
    others.imei = "867698040000005"
    async with serve_pty(others) as other, serve_pty(own) as ours:
        devices = ["/dev/no-such-port", other.path, ours.path]
        ports = [Port(device, 0x2C7C, 0x0125, 2, f"1-{at}", None, None) for at, device in enumerate(devices)]
        monkeypatch.setattr("modem_drivers.modem.at_ports", lambda: ports)
        modem = await Modem.open(f"imei:{IMEI}")
        assert modem.session.transport.name == ours.path
        with pytest.raises(PortMissing, match=f"imei:{IMEI}.*at a free port"):
            await Modem.open(f"imei:{IMEI}")
        await modem.close()
        with pytest.raises(IdentityError):
            await Modem.open("imei:12345")
