"""Every sample with every octet changed, cut anywhere, with more behind it: a message or a PduError, nothing else."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from modem_drivers import pdu
from modem_drivers.pdu import EVERY, Ports
from modem_drivers.pdu.explain import explain
from tests.modem_drivers.pdu.golden import DELIVERS, NOON, STATUS_REPORT, SUBMITS

SAMPLES = (
    *[row[2] for row in DELIVERS],
    *[row.pdus[0] for row in SUBMITS],
    STATUS_REPORT.format(status=0),
    pdu.with_smsc(pdu.encode_deliver("Vending", "€ {~} fault", NOON, message_class=0)[0], "+15550100"),
    pdu.encode_deliver("41414", "ışğ" * 60, NOON, shifts=EVERY, wide_reference=True, concat_reference=700)[0],
    pdu.encode_deliver("+15550101", "Ж🥶" * 40, NOON)[1],
    pdu.encode_submit("+15550101", "41A", first_reference=7, validity=timedelta(days=2), silent=True)[0].hex,
    pdu.encode_data("+15550101", bytes(range(200)), first_reference=7, ports=Ports(2948, 9200))[0].hex,
)


def changes(octets: bytes) -> Iterator[bytes]:
    """Each octet with each of its bits turned over, and with the values that lengths and kinds are made of."""
    for at, octet in enumerate(octets):
        for other in {octet ^ 1 << bit for bit in range(8)} | {0x00, 0x05, 0x0F, 0x14, 0x7F, 0x8C, 0xA0, 0xF0, 0xFF}:
            yield octets[:at] + bytes([other]) + octets[at + 1 :]


def cuts(octets: bytes) -> Iterator[bytes]:
    """Each beginning and each end; an octet lost; an octet doubled."""
    for at in range(len(octets)):
        yield octets[:at]
        yield octets[at:]
        yield octets[:at] + octets[at + 1 :]
        yield octets[: at + 1] + octets[at:]


def readable(hexed: str) -> bool:
    """Whether it is still a PDU; fails with any other error than PduError."""
    try:
        read = pdu.decode(hexed)
    except pdu.PduError as error:
        assert "expected" in str(error)  # noqa: PT017 - which of them are PDUs by chance is no rule
        return False
    if not isinstance(read, pdu.StatusReport):
        (read.text or "").encode()
        assert (read.ports, read.waiting, read.message_class) is not None
    return True


@pytest.mark.parametrize("sample", SAMPLES)
def test_a_changed_octet(sample: str) -> None:
    found = [readable(octets.hex()) for octets in changes(bytes.fromhex(sample))]
    assert True in found


@pytest.mark.parametrize("sample", SAMPLES)
def test_lost_and_doubled_octets(sample: str) -> None:
    for octets in cuts(bytes.fromhex(sample)):
        readable(octets.hex())
    for at in range(1, len(sample), 2):
        assert not readable(sample[:at])  # half an octet


@pytest.mark.parametrize("sample", SAMPLES)
def test_what_stands_behind_the_pdu_changes_nothing(sample: str) -> None:
    for more in ("00", "FF", "0004" * 20):
        assert pdu.decode(sample + more) == pdu.decode(sample)
        assert explain(sample + more)[-1].octets == more


@pytest.mark.parametrize("sample", SAMPLES)
def test_what_is_no_hexadecimal(sample: str) -> None:
    for at in (0, 2, len(sample) // 2, len(sample) - 2):
        for char in ("g", " ", "\0", "é", "٣", "\n"):
            assert not readable(sample[:at] + char + sample[at + 1 :])
            assert not readable(sample[:at] + char + char + sample[at:]) or at == 0
    assert readable(f" {sample.lower()}\r\n")
