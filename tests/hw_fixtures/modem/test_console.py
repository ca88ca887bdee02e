"""Lines a person types at a simulated modem."""

import re

import pytest

from hw_fixtures.modem import MemoryModem
from hw_fixtures.modem.console import LineError, act, usage
from hw_fixtures.modem.faults import Faults
from hw_fixtures.modem.orders import ORDERS
from hw_fixtures.network.people import DEEDS
from hw_fixtures.network.sharing import Hub
from tests.hw_fixtures.modem.bench import ALICE, OWN, Bench


class Desk(Bench):
    """A bench with a keyboard."""

    def __init__(self, model: str = "quectel-ec25") -> None:
        super().__init__(model)
        self.hub = Hub(self.network)
        self.host = MemoryModem(self.modem)
        self.told: list[tuple[str, str]] = []
        self.hub.on_call.append(lambda number, what: self.told.append((number, what)))

    def type(self, line: str) -> str:
        """What is told about the line."""
        return act(line, self.hub, OWN, self.host)


@pytest.fixture
async def desk() -> Desk:
    return Desk()


async def test_reply_answers_the_last_text(desk: Desk) -> None:
    assert desk.text("Fault 41") != ""
    desk.type(f"reply {ALICE} 41A")
    assert desk.drain() == '+CMTI: "ME",0'


async def test_send_texts_the_modem(desk: Desk) -> None:
    desk.type("send +15550102 good morning")
    assert desk.drain() == '+CMTI: "ME",0'


async def test_a_phone_is_called_presses_keys_speaks_calls_and_hangs_up(desk: Desk) -> None:
    desk.say("AT+QTONEDET=1")
    desk.say(f"ATD{ALICE};")
    desk.say('AT+QWTTS=1,0,2,"press 1"')
    desk.type(f"press {ALICE} 1")
    assert desk.drain() == "+QTONEDET: 49"
    desk.type(f"say {ALICE} who is there?")
    assert desk.modem.calls.heard == ["who is there?"]
    desk.say("AT+VTS=5")
    desk.type(f"hang-up {ALICE}")
    assert desk.drain() == "NO CARRIER"
    assert desk.told == [
        (ALICE, f"rings, {OWN} calls"),
        (ALICE, "talks"),
        (ALICE, "hears: press 1"),
        (ALICE, "hears the key 5"),
        (ALICE, "is free again (Normal call clearing)"),
    ]
    desk.type(f"call {ALICE}")
    assert desk.drain() == "RING"


@pytest.mark.parametrize(
    ("way", "ends"), [("busy", "BUSY"), ("away", ""), ("off", "NO CARRIER"), ("ready", "")], ids=lambda value: value
)
async def test_a_phone_takes_a_call_or_does_not(desk: Desk, way: str, ends: str) -> None:
    desk.type(f"phone {ALICE} {way}")
    assert desk.say(f"ATD{ALICE};").split("\n")[1:] == ([ends] if ends else [])
    if way == "away":
        assert desk.told[-1] == (ALICE, f"rings, {OWN} calls")
        desk.type(f"answer {ALICE}")
    if not ends:
        assert desk.told[-1] == (ALICE, "talks")


async def test_the_network_learns_a_code(desk: Desk) -> None:
    desk.type("ussd *100# Balance 4.20 EUR")
    assert desk.say('AT+CUSD=1,"*100#",15').split("\n") == ["OK", '+CUSD: 0,"Balance 4.20 EUR",15']


async def test_faults_are_ordered(desk: Desk) -> None:
    desk.type("fault cms 38 2")
    assert [desk.text() for _ in range(3)] == ["+CMS ERROR: 38", "+CMS ERROR: 38", "+CMGS: 5\nOK"]
    desk.type("fault cme 14")
    assert desk.say("AT") == "OK"
    assert [desk.say("AT+CPIN?") for _ in range(2)] == ["+CME ERROR: 14", "+CPIN: READY\nOK"]
    desk.type('fault urc +CMTI: "ME",3')
    assert desk.say("AT+CMGF?") == '+CMGF: 0\n+CMTI: "ME",3\nOK'
    desk.type("fault say RING")
    assert desk.drain() == "RING"
    desk.type("fault late 90")
    assert desk.say("AT") == ""
    assert desk.timers() == [90]
    assert desk.elapse() == "OK"
    desk.type("fault echo")
    assert desk.say("AT") == "AT\nOK"
    desk.type("fault silence")
    assert desk.say("AT") == ""
    desk.type("fault clear")
    assert desk.say("ATE0") == "ATE0\nOK"
    desk.type("fault full")
    desk.type(f"send {ALICE} hello")
    assert desk.drain() == ""
    desk.type("fault clear")
    assert desk.drain() == '+CMTI: "ME",0'


async def test_the_sim_is_locked_and_opened_again(desk: Desk) -> None:
    desk.type("fault lock 2468")
    assert desk.drain().split("\n")[-1] == "+CPIN: SIM PIN"
    assert desk.say("AT+CPIN?") == "+CPIN: SIM PIN\nOK"
    assert desk.text() == "+CMS ERROR: 311"
    assert desk.say('AT+CPIN="1111"') == "+CME ERROR: 16"
    assert desk.unlock("2468")[0] == "OK"
    assert desk.text().startswith("+CMGS: 5")


async def test_it_restarts_when_told_to(desk: Desk) -> None:
    desk.type("fault reset")
    while desk.timers() and not desk.hung_up():
        desk.elapse()
    assert desk.hung_up() == [1]


async def test_help_lists_every_line_and_every_fault_has_one(desk: Desk) -> None:
    lines = desk.type("help").split("\n")
    assert "\n".join(lines) == usage()
    said = [re.split(r"\s{2,}", line.strip())[0] for line in lines]
    assert [line.split()[0] for line in said if not line.startswith("fault")] == [*DEEDS, "ussd"]
    assert [line.split()[1] for line in said if line.startswith("fault")] == list(ORDERS)
    assert max(map(len, lines)) <= 96
    faults = {name for name in vars(Faults) if not name.startswith("_")}
    asked = {"at_prompt", "after_pdu", "refuse", "refuse_command", "refuse_context", "keeps_calls", "delay", "alter"}
    given: set[str] = set()

    class Watched:
        def __getattr__(self, name: str) -> object:
            given.add(name)
            return lambda *_, **__: None

    desk.modem.faults = Watched()  # type: ignore[assignment]
    words = {"SECONDS": "1", "CODE [TIMES]": "1", "LINE": "x", "PIN": "1234"}
    for name, order in ORDERS.items():
        if name not in ("plug", "unplug"):
            desk.type(f"fault {name} {words.get(order.words, '')}")
    assert faults - asked - given == {"hang_up"}, "which is what unplug does"


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("bogus", "expected one of the lines that `help` lists, got 'bogus'"),
        ("help me", "expected one of the lines"),
        ("reply +15550101", "expected one of the lines"),
        ("reply +15550101 41A", "got none yet"),
        ("send technician hello", "expected a phone number"),
        ("press +15550101", "expected one of the lines"),
        ("call +15550101 now", "expected one of the lines"),
        ("press +15550101 1", "let it ring first"),
        ("hang-up technician", "expected a phone number"),
        ("phone +15550101 broken", "expected a phone to be ready, busy, away, off, got 'broken'"),
        ("ussd *100#", "expected one of the lines"),
        ("fault", "expected one of the lines"),
        ("fault fire", "expected a fault, one of silence, late"),
        ("fault late", "expected `fault late SECONDS`, got nothing behind it"),
        ("fault garbage now", "expected `fault garbage`, got 'now'"),
        ("fault silence soon", "expected seconds such as 30, got 'soon'"),
        ("fault silence nan", "expected seconds such as 30, got 'nan'"),
        ("fault cms 38 x", "expected a code of at most 512 and perhaps how often"),
        ("fault cms 9999", "expected a code of at most 512"),
        ("fault lock 12", "expected 4 to 8 digits as the PIN, got 2 characters"),
        ("fault hang-up-after-pdu x", "expected nothing, or `lost`"),
    ],
)
async def test_what_cannot_be_done_is_one_sentence(desk: Desk, line: str, said: str) -> None:
    with pytest.raises(LineError, match=re.escape(said)) as caught:
        desk.type(line)
    assert "\n" not in str(caught.value)
