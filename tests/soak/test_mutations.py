"""Every octet of every sample with all its 256 values: `make soak`."""

import pytest

from tests.modem_drivers.pdu.test_mutations import SAMPLES, readable


@pytest.mark.soak
@pytest.mark.parametrize("sample", SAMPLES)
def test_all_values_of_every_octet(sample: str) -> None:
    octets = bytes.fromhex(sample)
    found = [
        readable((octets[:at] + bytes([value]) + octets[at + 1 :]).hex())
        for at in range(len(octets))
        for value in range(256)
    ]
    assert found.count(True) >= len(octets)  # each sample itself, once an octet
