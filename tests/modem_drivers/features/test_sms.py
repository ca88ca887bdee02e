"""Sending, to its three outcomes, and the set-up before it."""

from datetime import timedelta

import pytest

from modem_drivers.at.codes import Cms
from modem_drivers.errors import CommandRefused, PduError, UnexpectedReply
from modem_drivers.features.sms import Refused, Sent, Sms, Storage, Unknown
from modem_drivers.pdu import decode_submit
from tests.modem_drivers.peer import Answer, joined

STORES = '+CPMS: ("SM","ME"),("SM","ME"),("SM")\nOK'


def ready(**more: Answer) -> dict[str, Answer]:
    return {"+CMGF": "OK", "+CPMS=?": STORES, "+CPMS": "OK", "+CNMI": "OK", "+CMGL": "OK", "+CMGS": ">", **more}


async def test_it_is_set_up_for_pdu_mode_stored_texts_and_direct_reports() -> None:
    session, peer = await joined(ready())
    sms = Sms(session)
    await sms.start()
    assert peer.heard[1:] == [
        "AT+CSMS=0",
        "AT+CMGF=0",
        "AT+CPMS=?",
        'AT+CPMS="ME","ME","ME"',
        "AT+CNMI=2,1,0,1,0",
        "AT+CMGL=4",
        'AT+CPMS="SM"',
        "AT+CMGL=4",
        'AT+CPMS="ME"',
    ]
    await sms.stop()
    await session.close()


async def test_the_first_notification_form_a_modem_accepts_is_taken() -> None:
    session, peer = await joined(ready(**{"+CNMI": "+CME ERROR: 50", "AT+CNMI=1,1,0,1,0": "OK"}))
    sms = Sms(session)
    await sms.start()
    assert "AT+CNMI=1,1,0,1,0" in peer.heard
    peer.answers["AT+CNMI=1,1,0,1,0"] = "ERROR"
    with pytest.raises(CommandRefused, match="CNMI"):
        await sms.start()
    await sms.stop()
    await session.close()


@pytest.mark.parametrize("stores", ['+CPMS: ("XX"),("XX"),("XX")\nOK', "+CPMS: (),(),()\nOK", "OK"])
async def test_a_modem_without_known_stores_is_an_error(stores: str) -> None:
    session, _ = await joined(ready(**{"+CPMS=?": stores}))
    with pytest.raises(UnexpectedReply, match="CPMS"):
        await Sms(session).start()
    await session.close()


async def test_compose_writes_nothing() -> None:
    session, peer = await joined()
    before = len(peer.heard)
    [part] = Sms(session).compose("+15550101", "Cooling fault", first_reference=7)
    [again] = Sms(session).compose("+15550101", "Cooling fault", first_reference=7, resend=True)
    assert (decode_submit(part.hex).reject_duplicates, decode_submit(again.hex).reject_duplicates) == (False, True)
    assert (part.reference, again.reference, decode_submit(part.hex).report) == (7, 7, True)
    with pytest.raises(PduError):
        Sms(session).compose("no number", "x", first_reference=0)
    assert len(peer.heard) == before
    await session.close()


@pytest.mark.parametrize(
    ("at_command", "after_payload", "outcome"),
    [
        (">", "+CMGS: 5\nOK", Sent(5)),
        (">", '+CMGS: 255,"07"\nOK', Sent(255)),
        (">", "+CMGS: 300\nOK", Sent(7)),  # no TP-MR: the one that was chosen
        (">", "+CMGS: -1\nOK", Sent(7)),
        (">", '+CMTI: "ME",1\n+CMGS: 5\n+CMTI: "ME",2\nOK', Sent(5)),
        (">", "+CMS ERROR: 38", Refused(Cms.NETWORK_OUT_OF_ORDER, "+CMS ERROR: 38", True)),
        (">", "+CMS ERROR: 1", Refused(Cms.UNASSIGNED_NUMBER, "+CMS ERROR: 1", False)),
        (">", "+CMS ERROR: 197", Refused(Cms.DUPLICATE_REJECTED, "+CMS ERROR: 197", False)),
        (">", "ERROR", Refused(None, "ERROR", True)),
        ("+CMS ERROR: 331", None, Refused(Cms.NO_NETWORK_SERVICE, "+CMS ERROR: 331", True)),
        ("OK", None, Refused(None, "OK without a prompt", True)),
    ],
)
async def test_outcomes(at_command: str, after_payload: str | None, outcome: object) -> None:
    session, peer = await joined({"+CMGS": at_command})
    peer.after_payload = after_payload
    sms = Sms(session)
    [part] = sms.compose("+15550101", "x", first_reference=7)
    assert await sms.submit(part) == outcome
    assert peer.payloads == ([part.hex] if at_command == ">" else [])
    await session.close()


@pytest.mark.parametrize("after_payload", ["+CMS ERROR: 332", "OK", "+CMGS: x\nOK"])
async def test_what_became_of_it_is_unknown(after_payload: str) -> None:
    session, peer = await joined({"+CMGS": ">"})
    peer.after_payload = after_payload
    [part] = Sms(session).compose("+15550101", "x", first_reference=5)
    assert isinstance(await Sms(session).submit(part), Unknown)
    await session.close()


@pytest.mark.parametrize(("cut_at", "kind"), [("+CMGS", Refused), ("payload", Unknown)])
async def test_a_cut_line_is_unknown_after_the_payload_and_a_refusal_before(cut_at: str, kind: type[object]) -> None:
    session, peer = await joined({"+CMGS": ">"})

    def cut(_: str) -> None:
        peer.end.cable.cut()

    if cut_at == "payload":
        peer.after_payload = cut
    else:
        peer.answers["+CMGS"] = cut
    [part] = Sms(session).compose("+15550101", "x", first_reference=5)
    outcome = await Sms(session).submit(part)
    assert isinstance(outcome, kind)
    assert not isinstance(outcome, Refused) or outcome.may_retry


async def test_a_text_is_sent_in_one_call() -> None:
    session, peer = await joined(ready())
    peer.after_payload = "+CMGS: 5\nOK"
    assert await Sms(session).send("+15550101", "x" * 200) == (Sent(5), Sent(5))
    assert peer.heard[1] == "AT+CMGF=0"
    read = [decode_submit(payload) for payload in peer.payloads]
    assert "".join(part.text or "" for part in read) == "x" * 200
    peer.after_payload = "+CMS ERROR: 38"
    outcomes = await Sms(session).send("+15550101", "x" * 200)
    assert outcomes == (Refused(Cms.NETWORK_OUT_OF_ORDER, "+CMS ERROR: 38", True),)
    with pytest.raises(PduError):
        await Sms(session).send("nobody", "x")
    await session.close()


async def test_how_a_text_is_put_is_handed_on() -> None:
    session, _ = await joined()
    [part] = Sms(session).compose(
        "+15550101", "ş" * 75, first_reference=7, message_class=0, silent=True, validity=timedelta(hours=1)
    )
    read = decode_submit(part.hex)
    assert (read.flash, read.silent, read.validity, read.text) == (True, True, timedelta(hours=1), "ş" * 75)
    assert len(Sms(session).compose("+15550101", "ş" * 75, first_reference=7, shifts=())) == 2
    await session.close()


@pytest.mark.parametrize(
    ("answer", "storage"),
    [
        ('+CPMS: "ME",3,255,"ME",3,255,"ME",4,255\nOK', Storage(4, 255)),
        ('+CPMS: "SM",20,20\nOK', Storage(20, 20)),
    ],
)
async def test_how_full_the_memory_is(answer: str, storage: Storage) -> None:
    session, _ = await joined({"+CPMS?": answer})
    assert await Sms(session).storage() == storage
    assert storage.full is (storage.used == storage.total)
    await session.close()


@pytest.mark.parametrize("answer", ["OK", "+CPMS: 1\nOK", '+CPMS: "ME",x,255\nOK'])
async def test_a_memory_that_does_not_tell_is_an_error(answer: str) -> None:
    session, _ = await joined({"+CPMS?": answer})
    with pytest.raises(UnexpectedReply, match="CPMS"):
        await Sms(session).storage()
    await session.close()
