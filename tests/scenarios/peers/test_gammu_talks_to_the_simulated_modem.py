"""gammu takes the simulated modem for one: it identifies it, sends a text, reads one, and gets a delivery report."""

import re
from pathlib import Path

import pytest
from smspdudecoder.easy import read_incoming_sms, read_outgoing_sms

from hw_fixtures.modem.host import Speaker
from tests.needs import needs
from tests.peers.gammu import Gammu
from tests.peers.stand import ALICE, OWN, stand

SENT = "Cooling fault at site 4: 8 °C"  # the degree sign takes it out of GSM-7
PDU = re.compile(rb"\b(?:[0-9A-F]{2}){15,180}\b")


@pytest.mark.parametrize(
    ("model", "manufacturer", "name"),
    [("quectel-ec25", "Quectel", "EC25"), ("simcom-sim7600", "SIMCOM INCORPORATED", "SIMCOM_SIM7600E")],
)
async def test_it_sends_and_reads_texts_that_another_decoder_reads_alike(
    model: str, manufacturer: str, name: str, tmp_path: Path
) -> None:
    needs(*Gammu.programs)
    gammu = Gammu(tmp_path / "modem", tmp_path)
    wire: dict[Speaker, bytearray] = {"host": bytearray(), "modem": bytearray()}

    async with stand(gammu.port, model=model) as bench:
        await gammu.start()
        bench.phone.on_text.append(lambda text: bench.phone.reply("41A — on my way"))
        bench.served.tap = lambda speaker, data: wire[speaker].extend(data)

        identity = await gammu.run("identify")
        assert re.search(rf"Manufacturer +: {manufacturer}", identity)
        assert re.search(rf"Model +: .*{name}", identity)
        assert re.search(r"IMEI +: 867698040000005", identity)
        assert re.search(r"SIM IMSI +: 001010123456789", identity)

        await gammu.send(ALICE, [SENT])
        assert [(text.sender, text.text) for text in bench.phone.inbox] == [(OWN, SENT)]

        read = await gammu.run("getallsms")
        assert "1 SMS parts in 1 SMS sequences" in read
        assert "41A — on my way" in read
        assert f'Remote number        : "{ALICE}"' in read

    (written,) = set(PDU.findall(bytes(wire["host"])))
    theirs = read_outgoing_sms(written.decode())
    assert (theirs["recipient"], theirs["content"]) == (ALICE, SENT)
    came = set(PDU.findall(bytes(wire["modem"]))) - {written}  # the modem echoes what it is sent
    ours = [read_incoming_sms(hexed.decode()) for hexed in came]
    assert [(text["sender"], text["content"]) for text in ours] == [(ALICE, "41A — on my way")]


async def test_it_gets_a_delivery_report(tmp_path: Path) -> None:
    needs(*Gammu.programs)
    gammu = Gammu(tmp_path / "modem", tmp_path)
    async with stand(gammu.port, model="generic-3gpp"):
        await gammu.start()
        await gammu.run("monitor", "1")  # asks the modem to keep reports
        await gammu.send(ALICE, [SENT])
        read = await gammu.run("getallsms")
        assert "SMS status report" in read
        assert re.search(r"Delivery status +: Delivered", read)
        assert re.search(rf'Remote number +: "\{ALICE}"', read)
