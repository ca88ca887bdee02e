"""The commands with which other programs begin: none of those they need is refused."""

import pytest

from tests.hw_fixtures.modem.bench import Bench, every_model

pytestmark = every_model

# What each program sends, and what it takes an ERROR for; measured on the wire.
PEERS = {
    "gammu": (
        """AT ATE1 AT+CMEE=1 AT+CSCS? AT+CSCS=? AT+CGMM AT+CGMI AT+CHUP=? AT+CGMR AT+CFUN=1 AT+CSCA? AT+CMGF=0
        AT+CPMS=? AT+CPMS="ME" AT+CPMS="SM","SM" AT+CPMS="ME","ME" AT+CPMS="SM" AT+CMGL=4""",
        "AT+MODE=2 AT+CPROT=? AT+SYNCML=? AT$TSSPCSW=? AT^CURC=0 AT^PORTSEL=1",
    ),
    "gammu-smsd": (
        """AT+CNMI=? AT+CNMI=2,1,0,2,0 AT+CUSD=1 AT+CGSN AT+CIMI AT+CMMS=2 AT+CBC AT+CSQ AT+CREG=2 AT+CGREG=2
        AT+CGATT? AT+CMGR=0 AT+CMGD=0""",
        "AT^SRESET",
    ),
    "smstools3": (
        """AT ATE0 AT+CMEE=1;+CREG=2 AT+CNMI=2,1,0,2,0 AT+CSQ AT+CREG? AT+CMGF=0 AT+CGSN AT+CIMI AT+CPMS?
        AT+CMGR=0 AT+CMGD=0""",
        "",
    ),
    "kannel": ("ATZ AT AT&F ATE0 AT+IFC=2,2 AT+CPIN? AT+CMGF=0 AT+CSMS=? AT+CNMI=1,2,0,1,0 AT+CPMS?", ""),
    "python-gsmmodem": (
        """ATZ ATE0 AT+CFUN? AT+CMEE=1 AT+CPIN? AT AT+CSCS=? AT+CNUM=? AT+CGMI AT+COPS=3,0 AT+CMGF=0 AT+CSCA?
        AT+CSMP=49,167,0,0 AT+CPMS=? AT+CPMS="ME","ME","ME" AT+CNMI=2,1,0,1,0 AT+CLIP=1 AT+CRC=1 AT+CVHU=0
        AT+CSCS="GSM" AT+CPMS="ME" AT+CMGR=0 AT+CMGD=0,0 AT+CLAC""",
        "AT^CVOICE=? AT+VTS=? AT^DTMF=? AT^USSDMODE=? AT+WIND=? AT+ZPAS=?",
    ),
}


@pytest.mark.parametrize("peer", PEERS)
def test_beginning(model: str, peer: str) -> None:
    bench = Bench(model)
    needed, tolerated = PEERS[peer]
    for command in needed.split():
        if command.startswith("AT+CNMI=2,") and bench.modem.model.settings["+CNMI"].refuses:
            continue  # these models refuse the mode to everybody
        assert bench.say(command).endswith("OK"), command
    for command in tolerated.split():
        assert bench.say(command).split("\n")[-1] in ("OK", "ERROR"), command
