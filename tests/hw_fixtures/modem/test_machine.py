"""Power, timers and effects of the simulated modem."""

from hw_fixtures.modem import SimCard, SimulatedModem, Timer, Write
from modem_drivers import pdu
from tests.hw_fixtures.modem.bench import OWN, Bench


def test_boots_with_the_words_of_the_model() -> None:
    assert Bench().booted.split("\n") == [
        "RDY", "+CFUN: 1", "+CPIN: READY", "+QUSIM: 1", "+QIND: SMS DONE", "+QIND: PB DONE",
    ]  # fmt: skip


def test_what_happens_outside_of_a_call_is_announced_once_per_effect() -> None:
    bench = Bench()
    announced: list[bytes] = []

    def serve() -> None:
        announced.extend(effect.data for effect in bench.modem.take() if isinstance(effect, Write))

    bench.modem.on_effects = serve
    bench.alice.send(OWN, "hello")
    assert announced == [b'\r\n+CMTI: "ME",0\r\n']
    assert bench.modem.feed(b"AT\r") == [Write(b"\r\nOK\r\n")]
    assert len(announced) == 1


def test_a_timer_that_a_reset_overtook_does_nothing() -> None:
    bench = Bench(cmgs_latency=1)
    bench.text("hello")
    (timer,) = [effect for effect in bench.effects if isinstance(effect, Timer)]
    bench.modem.unplugged()
    bench.modem.power_on()
    bench.drain()
    assert bench.modem.fire(timer.token) == []
    assert bench.alice.inbox == []


def test_two_modems_text_each_other() -> None:
    one, number = Bench(), "+15550198"
    card = SimCard("8988300000000000021", "001010123456788", number)
    other = SimulatedModem(one.modem.model, network=one.network, sim=card, imei="867698040000013")
    other.take()
    (submit,) = pdu.encode_submit(number, "hello", first_reference=1)
    one.say(f"AT+CMGS={submit.length}")
    assert one.raw(f"{submit.hex}\x1a".encode()) == "+CMGS: 1\nOK"
    assert other.take() == [Write(b'\r\n+CMTI: "ME",0\r\n')]


def test_off_is_deaf_and_mute() -> None:
    bench = Bench()
    bench.modem.unplugged()
    assert bench.say("AT") == ""
    bench.alice.send(OWN, "hello")
    assert bench.drain() == ""
    assert bench.network.centre.waiting(OWN) == 1
