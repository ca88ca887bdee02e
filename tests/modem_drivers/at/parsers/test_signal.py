"""Levels as modems tell them; what a modem does not know is None."""

import pytest

from modem_drivers.at.parsers.signal import Signal, cesq, csq, kcellmeas, qcsq, qcsq_bg


@pytest.mark.parametrize(
    ("text", "signal"),
    [
        ("20,99", Signal(-73)),
        ("0,0", Signal(-113)),
        ("31,99", Signal(-51)),
        ("99,99", Signal()),
        ("116,99", Signal(-100)),
        ("199,99", Signal()),
        ("32,99", Signal()),
        ("", None),
        ("x,99", None),
    ],
)
def test_csq(text: str, signal: Signal | None) -> None:
    assert csq(text) == signal


@pytest.mark.parametrize(
    ("text", "signal"),
    [
        ("99,99,255,255,20,50", Signal(rsrp_dbm=-91, rsrq_db=-10)),
        (" 99, 99, 255, 255, 34, 97", Signal(rsrp_dbm=-44, rsrq_db=-3)),
        ("99,99,255,255,255,255", Signal()),
        ("99,99,255,255,0,98", Signal(rsrq_db=-20)),
        ("99,99", None),
        ("99,99,255,255,,", Signal()),
        ("10,0,255,255,255,255", Signal(-101)),
        ("0,99,255,255,255,255", Signal(-111)),
        ("64,99,97,50,35,98", Signal()),
        ("99,99,40,20,255,255", Signal(rscp_dbm=-81, ecno_db=-14.5)),
        ("99,99,96,49,255,255", Signal(rscp_dbm=-25, ecno_db=0)),
        ("99,99,255,255,20,50,255,255,255", Signal(rsrp_dbm=-91, rsrq_db=-10)),
        ("99,99,255,255,255,255,60,70,80", Signal()),
        (",,,,,", None),
    ],
)
def test_cesq(text: str, signal: Signal | None) -> None:
    assert cesq(text) == signal


@pytest.mark.parametrize(
    ("text", "signal"),
    [
        ('"LTE",-67,-95,14,-9', Signal(-67, -95, -9)),
        ('"NOSERVICE"', Signal()),
        ('"GSM",-60', Signal(-60)),
        ('"WCDMA",-71,-75,-5', Signal(-71, rscp_dbm=-75, ecno_db=-5)),
        ('"WCDMA",-71,0,5', Signal(-71)),
        ('"LTE",-67,0,14,-9', Signal(-67, None, -9)),
        ('"LTE",0,0,0,0', Signal()),
        ("67", None),
        ('"LTE"', None),
        ("", None),
    ],
)
def test_qcsq(text: str, signal: Signal | None) -> None:
    assert qcsq(text) == signal


def test_fifths_of_a_decibel_on_bg_modems() -> None:
    assert qcsq_bg('"CAT-M1",-67,-95,170,-9') == Signal(-67, -95, -9, 14.0)
    assert qcsq_bg('"eMTC",-67,-95,251,-9') == Signal(-67, -95, -9)


def test_one_measurement_fills_the_gaps_of_another() -> None:
    assert Signal(-67).filled(Signal(-1, -95)) == Signal(-67, -95)


def test_kcellmeas() -> None:
    assert kcellmeas("-95,-120,6") == Signal(rsrp_dbm=-95)
    assert kcellmeas("99") == Signal()
    assert kcellmeas("") is None
