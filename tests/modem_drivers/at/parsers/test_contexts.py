"""Packet data contexts, addresses in every form."""

from collections.abc import Callable
from ipaddress import IPv4Address, IPv6Address

import pytest

from modem_drivers.at.parsers.contexts import (
    Address,
    Context,
    InUse,
    active,
    address,
    addresses,
    cnact,
    defined,
    in_use,
    ipaddr,
    kcnx_ind,
    kcnxcfg,
    qiact,
    upsnd,
)

UP = IPv4Address("10.64.0.2")


def test_defined() -> None:
    assert defined('1,"IPV4V6","iot.example","0.0.0.0",0,0,0,0') == Context(1, "IPV4V6", "iot.example")
    assert defined('1,"IP",""') == Context(1, "IP", "")
    assert defined('1,"IP"') is None
    assert defined("") is None


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("10.64.0.2", IPv4Address("10.64.0.2")),
        ("10.64.0.2.255.255.255.0", IPv4Address("10.64.0.2")),
        ("32.1.13.184.0.0.0.0.0.0.0.0.0.0.0.1", IPv6Address("2001:db8::1")),
        ("2001:db8::1/64", IPv6Address("2001:db8::1")),
        ("2001:db8::1 ffff:ffff:ffff:ffff::", IPv6Address("2001:db8::1")),
        ("32.1.13.184.0.0.0.0.0.0.0.0.0.0.0.1" + 16 * ".255", IPv6Address("2001:db8::1")),
        ("010.064.000.002", IPv4Address("10.64.0.2")),
        ("10.64.0", None),
        ("10.64.0.2.255", None),
        ("0.0.0.0", None),
        ("", None),
        ("10.64.0.256", None),
        ("300.1.13.184.0.0.0.0.0.0.0.0.0.0.0.1", None),
    ],
)
def test_address(text: str, found: Address | None) -> None:
    assert address(text) == found


def test_in_use() -> None:
    told = in_use('1,5,"iot.example","10.64.0.2",,"192.0.2.53"')
    assert told == InUse(1, "iot.example", (UP,))
    assert in_use("1,5") == InUse(1)
    assert in_use("") is None


def test_addresses() -> None:
    assert addresses('1,"10.64.0.2","0.0.0.0"') == (1, (UP,))
    assert addresses("x") is None


@pytest.mark.parametrize(
    ("read", "text", "found"),
    [
        (active, "1,1", InUse(1)),
        (active, "2,0", None),
        (active, "2", None),
        (active, "", None),
        (qiact, '1,1,1,"10.64.0.2"', InUse(1, None, (UP,))),
        (qiact, '1,1,3,"10.64.0.2","2001:db8::1"', InUse(1, None, (UP, IPv6Address("2001:db8::1")))),
        (qiact, '1,0,1,"10.64.0.2"', None),
        (qiact, "1,1", InUse(1)),
        (cnact, '0,1,"10.64.0.2"', InUse(1, None, (UP,))),
        (cnact, '0,0,"0.0.0.0"', None),
        (ipaddr, " 10.64.0.2", InUse(1, None, (UP,))),
        (ipaddr, "none", None),
        (upsnd, '0,0,"10.64.0.2"', InUse(1, None, (UP,))),
        (upsnd, '0,0,""', None),
        (upsnd, "0,8,1", None),
        (kcnxcfg, '1,"GPRS","iot","","","IPV4","10.64.0.2","192.0.2.53","",2', InUse(1, "iot", (UP,))),
        (kcnxcfg, '1,"GPRS","iot","","","IPV4","0.0.0.0","","",0', None),
        (kcnxcfg, '1,"GPRS",2', None),
    ],
)
def test_contexts_that_are_up_as_each_maker_tells_it(
    read: Callable[[str], InUse | None], text: str, found: InUse | None
) -> None:
    assert read(text) == found


def test_connecting_and_counting_idle_time_settle_nothing() -> None:
    assert [status for status in range(7) if kcnx_ind(f"1,{status},0")] == [0, 1, 2, 3]
