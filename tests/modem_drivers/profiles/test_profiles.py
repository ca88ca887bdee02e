"""The profile is chosen by what the modem says it is, or by its USB identity."""

from dataclasses import fields
from typing import get_args

import pytest

from modem_drivers.at.commands import Catalogue
from modem_drivers.at.unsolicited import BARE, named
from modem_drivers.profiles import (
    A7670,
    EC25,
    GENERIC,
    PROFILES,
    SARA_R4,
    SIM7600,
    Basis,
    Profile,
    Row,
    profile_for,
    profile_for_usb,
)


@pytest.mark.parametrize(
    ("manufacturer", "model", "name"),
    [
        ("Quectel", "EC25", "quectel-ec25"),
        ("QUECTEL", "EC25", "quectel-ec25"),
        ("Quectel", "EG25", "quectel-ec25"),
        ("Quectel", "EG91", "quectel-ec25"),
        ("Quectel", "BG96", "quectel-bg96"),
        ("Quectel", "BG95-M3", "quectel-bg95"),
        ("Quectel", "RM500Q-GL", "generic"),
        ("SIMCOM INCORPORATED", "A7670E-FASE", "simcom-a7670"),
        ("SIMCOM INCORPORATED", "SIM7080G", "simcom-sim7080"),
        ("u-blox", "SARA-R410M-02B", "ublox-sara-r4"),
        ("u-blox", "SARA-R510S", "ublox-sara-r5"),
        ("u-blox", "LARA-R6001D", "ublox-lara-r6"),
        ("Telit", "LE910C1-EU", "telit-le910"),
        ("Sierra Wireless, Incorporated", "EM7455", "sierra-em"),
        ("Sierra Wireless", "HL7800", "sierra-hl78"),
        ("SIMCOM INCORPORATED", "SIMCOM_SIM7600E", "simcom-sim7600"),
        ("SIMCOM INCORPORATED", "EC25", "generic"),
        ("", "", "generic"),
    ],
)
def test_by_its_own_words(manufacturer: str, model: str, name: str) -> None:
    assert profile_for(manufacturer, model).name == name


def test_by_usb() -> None:
    assert profile_for_usb(0x2C7C, 0x0125) is EC25
    assert profile_for_usb(0x1E0E, 0x9001) is SIM7600
    assert profile_for_usb(0x1D6B, 0x0002) is None


def test_differences_are_added_to_the_base_never_taken_away() -> None:
    for profile in PROFILES:
        assert profile.setup[: len(GENERIC.setup)] == GENERIC.setup
        assert set(GENERIC.iccid) <= set(profile.iccid)
        assert set(GENERIC.routing) <= set(profile.routing)


def commands_of(profile: Profile) -> list[str]:
    """Every command that a profile's rows name, with something filled in."""
    rows = [*profile.setup, *profile.iccid, profile.power.radio_off, profile.power.restart]
    rows += [form.command for form in profile.signal] + [form.command for form in profile.cell]
    rows += [*profile.data.start, *profile.data.stop, profile.data.state]
    rows += [profile.retries.command] if profile.retries else []
    rows += [profile.credentials] if profile.credentials else []
    rows += [profile.credentials_read] if profile.credentials_read else []
    rows += [profile.power.off] if profile.power.off else []
    rows += [*profile.calls.setup, *profile.calls.hang_up] if profile.calls else []
    rows += [*profile.speech.before, profile.speech.say, profile.speech.stop] if profile.speech else []
    rows += [*profile.keys.setup] if profile.keys else []
    values = {"cid": 1, "apn": "iot", "method": 2, "user": "u", "password": "p", "text": "hello"}
    return [row.format(**values) for row in rows]


@pytest.mark.parametrize("profile", [GENERIC, *PROFILES], ids=lambda profile: profile.name)
def test_every_command_of_a_profile_is_one_the_catalogue_can_write(profile: Profile) -> None:
    catalogue = Catalogue(profile.commands)
    for text in commands_of(profile):
        assert catalogue.command(text).line == f"AT{text}\r".encode()


@pytest.mark.parametrize("profile", [GENERIC, *PROFILES], ids=lambda profile: profile.name)
def test_packet_data_has_the_time_it_needs(profile: Profile) -> None:
    """It takes a network up to 150 s to bring a context up, says Quectel; SIMCom's own commands give up after 75."""
    catalogue = Catalogue(profile.commands)
    assert catalogue.command(profile.data.start[-1]).timeout >= 75
    assert catalogue.command(profile.data.stop[-1]).timeout >= 40


@pytest.mark.parametrize("profile", PROFILES, ids=lambda profile: profile.name)
def test_every_row_that_differs_names_its_source(profile: Profile) -> None:
    rows: tuple[Row, ...] = get_args(Row)
    differing = {row for row in rows if getattr(profile, row) != getattr(GENERIC, row)}
    same = set(profile.sources) - differing
    assert differing <= set(profile.sources)
    assert not any(profile.sources[row].confirmed for row in same)  # the standard's, but nobody says so of this family
    for source in profile.sources.values():
        assert source.where
        assert source.confirmed is (source.basis is not Basis.NONE)


@pytest.mark.parametrize("profile", [GENERIC, *PROFILES], ids=lambda profile: profile.name)
def test_every_row_of_every_profile_has_a_source(profile: Profile) -> None:
    rows: tuple[Row, ...] = get_args(Row)
    about = {"name", "manufacturer", "model", "sources"}
    assert {field.name for field in fields(profile)} - about == set(rows)
    for row in rows:
        assert profile.source(row).where, row


def test_what_nobody_confirms_is_marked() -> None:
    assert not A7670.source("credentials").confirmed
    assert SIM7600.source("credentials").confirmed
    assert not SARA_R4.source("credentials_read").confirmed
    assert not GENERIC.source("settle").confirmed
    assert GENERIC.source("boot").basis is Basis.REPORT
    assert GENERIC.source("cell").basis is Basis.STANDARD


def test_a_boot_mark_is_never_taken_for_a_reply() -> None:
    for profile in (GENERIC, *PROFILES):
        for line in profile.boot:
            assert named(line)[0] != line or line.upper() in BARE


def test_names_are_unique() -> None:
    names = [profile.name for profile in (GENERIC, *PROFILES)]
    assert len(set(names)) == len(names)


def test_a_usb_identity_belongs_to_one_profile() -> None:
    every = [identity for profile in PROFILES for identity in profile.usb]
    assert len(set(every)) == len(every)


def test_interfaces_of_one_device_are_different_ones() -> None:
    for profile in PROFILES:
        for ports in profile.usb.values():
            serial = [ports.at, ports.at2, ports.diag, ports.nmea]
            known = [number for number in serial if number is not None]
            assert len(set(known)) == len(known)
