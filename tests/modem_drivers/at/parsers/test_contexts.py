"""Packet data contexts, addresses in every form."""

from ipaddress import IPv4Address, IPv6Address

import pytest

from modem_drivers.at.parsers.contexts import (
    Address,
    Context,
    InUse,
    address,
    addresses,
    app_pdp,
    cnact,
    defined,
    in_use,
    netopen,
    qiact,
    uupsda,
)


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
    assert told == InUse(1, "iot.example", IPv4Address("10.64.0.2"))
    assert in_use("1,5") == InUse(1, None, None)
    assert in_use("") is None


def test_addresses() -> None:
    assert addresses('1,"10.64.0.2","0.0.0.0"') == (1, (IPv4Address("10.64.0.2"),))
    assert addresses("x") is None


def test_contexts_that_are_up_as_each_maker_tells_it() -> None:
    up = IPv4Address("10.64.0.2")
    assert qiact('1,1,1,"10.64.0.2"') == InUse(1, None, up)
    assert qiact('1,0,1,"10.64.0.2"') is None
    assert qiact("1,1") is None
    assert cnact('0,1,"10.64.0.2"') == InUse(0, None, up)
    assert cnact('0,0,"0.0.0.0"') is None
    assert uupsda('0,"10.64.0.2"') == up
    assert uupsda('1,"10.64.0.2"') is None
    assert uupsda("") is None
    assert (app_pdp("0,ACTIVE"), app_pdp("0,DEACTIVE"), app_pdp("0,?"), app_pdp("")) == (
        (0, True),
        (0, False),
        None,
        None,
    )
    assert (netopen("0"), netopen("1"), netopen("x")) == (True, False, None)
