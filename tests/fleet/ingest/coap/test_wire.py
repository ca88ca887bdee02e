"""What aiocoap answers about addresses, answered quicker."""

import socket
from ipaddress import IPv6Address
from unittest.mock import Mock

import pytest
from aiocoap.transports.udp6 import UDP6EndpointAddress

from fleet.ingest.coap.wire import Address

LOCAL = [
    "::1",
    "fe80::1",
    "ff02::1",
    "fd00::1",
    "::",
    "::e000:1",
    "1::ffff:224.0.0.1",
    "::ffff:127.0.0.1",
    "::ffff:223.255.255.255",
    "::ffff:224.0.1.187",
    "::ffff:239.1.2.3",
    "::ffff:240.0.0.1",
]


@pytest.mark.parametrize("local", LOCAL)
def test_whether_a_datagram_went_to_a_group_is_what_aiocoap_says(local: str) -> None:
    packed = IPv6Address(local).packed + socket.if_nametoindex("lo").to_bytes(4, "little")
    sender = ("::ffff:127.0.0.1", 5683, 0, 0)
    ours, theirs = (kind(sender, Mock(), pktinfo=packed) for kind in (Address, UDP6EndpointAddress))
    assert ours.is_multicast_locally is theirs.is_multicast_locally
    assert Address(sender, Mock()).is_multicast_locally is False
