"""No text makes a reader raise, and no reader invents a level outside its range."""

import pkgutil
from collections.abc import Callable
from importlib import import_module
from inspect import isfunction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modem_drivers.at import parsers
from modem_drivers.at.parsers import (
    calls,
    card,
    cells,
    clock,
    contexts,
    health,
    keys,
    memories,
    operators,
    sierra_cells,
    signal,
    sleep,
    telit_cells,
    ublox_cells,
    ussd,
)
from modem_drivers.features.registration import parse_registration

READERS: tuple[Callable[[str], object], ...] = (
    calls.clcc, calls.dsci, calls.ccinfo, calls.ucallstat, calls.voice_call, calls.ciev,
    card.cpin, card.qinistat, card.qss, card.qsimstat,
    cells.qeng, cells.qnwinfo, cells.cpsi, telit_cells.rfsts, telit_cells.servinfo, telit_cells.moni,
    lambda text: sierra_cells.gstatus(text.split("\n")), lambda text: sierra_cells.lteinfo(text.split("\n")),
    lambda text: ublox_cells.ucged(text.split("\n")),
    clock.cclk, contexts.defined, contexts.addresses, contexts.in_use, contexts.address,
    health.cbc, health.telit_cbc, health.temperatures, keys.code, keys.letter,
    memories.offered, memories.fill, memories.place, operators.selection, operators.scan,
    signal.csq, signal.cesq, signal.qcsq, signal.qcsq_bg, signal.kcellmeas, sleep.update_period, sleep.active_time,
    contexts.active, contexts.qiact, contexts.cnact, contexts.ipaddr, contexts.upsnd, contexts.kcnxcfg,
    contexts.kcnx_ind,
    operators.qspn, operators.readable, card.tries_left, clock.qlts,
    sleep.cpsms, sleep.qpsmtimer, sleep.cedrx,
    ussd.cusd, lambda text: ussd.cusd(text, packed=True), parse_registration,
)  # fmt: skip
SAMPLES = (
    '1,0,0,0,0,"+4915112345678",145',
    '"servingcell","NOCONN","LTE","FDD",460,01,5F1EA15,12,1650,3,5,5,DE10,-100,-12,-68,11,27',
    "LTE,Online,460-00,0x333C,39589,187,EUTRAN-BAND3,1650,5,5,-94,-850,-545,15",
    '(2,"Telekom","TDG","26201",7),,(0-4),(0-2)',
    '0,"00420061007300740061FFFF",72',
    '"26/11/20,12:00:05+04"',
    '2,1,"D509","80D413D",7',
    '"ME",3,255,"SM",50,50',
    "+UCGED: 2\n6,4,001,01\n1650,3,50,50,1e2d,1b4d511,180,d60814d1,8001,01,54,20,13.75,3,1,10,28,-50,-6,0,255,255,0",
    '+RSRP: 180,1650,"-087.00",\n+RSRQ: 180,1650,"-10.00",',
    '1650,-58,"Test Network","00101",01B4D511,1E2D,64,3,-87',
    "Test 1-1 RSRP:-87 RSRQ:-10 TAC:1E2D Id:1B4D511 EARFCN:1650 PWR:-58dbm DRX:64 pci:180 QRxLevMin:-130",
    "Serving: EARFCN MCC MNC TAC CID Bd PCI RSRQ RSRP RSSI\n1650 001 01 7725 01B4D511 3 180 -10.0 -87.0 -58.0",
    "1,32.1.13.184.0.0.0.0.0.0.0.0.0.0.0.1",
)
TEXT = st.text(st.characters(codec="latin-1"), max_size=60)
PIECES = st.lists(st.sampled_from(["0", "-", "1", "99", '"', ",", "(", ")", " ", "LTE", "²", "٣", "9" * 30, "0x", "."]))


@given(TEXT)
def test_noise(text: str) -> None:
    for read in READERS:
        read(text)


@given(PIECES)
def test_pieces(pieces: list[str]) -> None:
    for read in READERS:
        read("".join(pieces))


@pytest.mark.parametrize("sample", SAMPLES)
def test_every_cut_and_every_lost_character_of_a_sample(sample: str) -> None:
    for at in range(len(sample) + 1):
        for text in (sample[:at], sample[at:], sample[:at] + sample[at + 1 :], sample[:at] + '"' + sample[at:]):
            for read in READERS:
                read(text)


@given(st.lists(st.integers(-2000, 2000), min_size=4, max_size=4))
def test_levels_are_levels_or_none(told: list[int]) -> None:
    found = signal.qcsq_bg('"LTE",' + ",".join(map(str, told)))
    assert found is not None
    for level, (low, high) in zip(
        (found.rssi_dbm, found.rsrp_dbm, found.rsrq_db, found.sinr_db),
        (signal.RSSI, signal.RSRP, signal.RSRQ, (-20, 30)),
        strict=True,
    ):
        assert level is None or low <= level <= high


HELPERS = frozenset(
    {"cells.first", "cells.behind_prefix", "cells.plmn_of", "cells.natural", "cells.hexadecimal", "cells.known_cell"}
    | {"cells.known_area", "cells.physical", "cells.level", "cells.padded", "signal.within", "sleep.cycle"}
    | {"cells.known_band", "cells.known_channel", "signal.of_lte", "ussd.coding_of"}
)
"""Public functions of the parsers that read a value, not an answer."""


def test_every_reader_there_is_is_among_them() -> None:
    named = {f"{read.__module__.rpartition('.')[2]}.{read.__name__}" for read in READERS}
    wrapped = {"sierra_cells.gstatus", "sierra_cells.lteinfo", "ublox_cells.ucged"}
    there = {
        f"{found.name}.{name}"
        for found in pkgutil.iter_modules(parsers.__path__)
        for name, value in vars(import_module(f"{parsers.__name__}.{found.name}")).items()
        if isfunction(value) and not name.startswith("_") and value.__module__ == f"{parsers.__name__}.{found.name}"
    }
    assert there - HELPERS <= named | wrapped
    assert there >= HELPERS
