"""Signal strength: AT+CSQ, AT+CESQ and the makers' own."""

from dataclasses import astuple, dataclass
from typing import Final

from modem_drivers.at.params import number, split, unquote


@dataclass(frozen=True, slots=True)
class Signal:
    """Signal strength as the modem measures it, in dBm and dB; None where it does not.

    RSRP, RSRQ and SINR are LTE's, RSCP and Ec/No UMTS's.
    """

    rssi_dbm: float | None = None
    rsrp_dbm: float | None = None
    rsrq_db: float | None = None
    sinr_db: float | None = None
    rscp_dbm: float | None = None
    ecno_db: float | None = None

    def filled(self, other: "Signal") -> "Signal":
        """This signal, with what it lacks taken from the other."""
        return Signal(
            *(theirs if mine is None else mine for mine, theirs in zip(astuple(self), astuple(other), strict=True))
        )


RSRP: Final = (-156.0, -31.0)
RSRQ: Final = (-43.0, 20.0)
RSSI: Final = (-140.0, -10.0)
RSCP: Final = (-125.0, -20.0)
ECNO: Final = (-32.0, 0.0)
"""What a modem can measure at all, wider than 3GPP TS 36.133 clause 9.1 by some dB; anything else is no level."""


def csq(text: str) -> Signal | None:
    """`20,99` of AT+CSQ and its unsolicited line (3GPP TS 27.007 clause 8.5); 100 to 191 is TD-SCDMA's scale."""
    fields = split(text)
    rssi = number(fields[0]) if fields else None
    if rssi is None:
        return None
    if 0 <= rssi <= 31:
        return Signal(-113.0 + 2 * rssi)
    return Signal(float(rssi - 216) if 100 <= rssi <= 191 else None)


def cesq(text: str) -> Signal | None:
    """`99,99,255,255,22,46` of AT+CESQ, in steps from the lowest level of each (3GPP TS 27.007 clause 8.69).

    What later releases add for NR is left out.
    """
    steps = [number(field) for field in split(text)[:6]]
    if len(steps) < 6 or steps.count(None) == len(steps):
        return None
    rxlev, _, rscp, ecno, rsrq, rsrp = steps
    return Signal(
        rssi_dbm=float(rxlev - 111) if rxlev is not None and 0 <= rxlev <= 63 else None,
        rsrp_dbm=float(rsrp - 141) if rsrp is not None and 0 <= rsrp <= 97 else None,
        rsrq_db=rsrq / 2 - 20 if rsrq is not None and 0 <= rsrq <= 34 else None,
        rscp_dbm=float(rscp - 121) if rscp is not None and 0 <= rscp <= 96 else None,
        ecno_db=ecno / 2 - 24.5 if ecno is not None and 0 <= ecno <= 49 else None,
    )


def qcsq(text: str) -> Signal | None:
    """`"LTE",-67,-95,14,-9` of Quectel's AT+QCSQ. SINR is left out: EC and EG modems scale it differently."""
    return _qcsq(text, fifths=False)


def qcsq_bg(text: str) -> Signal | None:
    """The same of BG95 and BG96, whose SINR is told in fifths of a dB from -20 dB."""
    return _qcsq(text, fifths=True)


def kcellmeas(text: str) -> Signal | None:
    """`-95,…` of AT+KCELLMEAS=0 on HL78: RSRP comes first; what follows differs by firmware and is left out."""
    fields = split(text)
    rsrp = number(fields[0]) if fields else None
    return Signal(rsrp_dbm=within(rsrp, RSRP)) if rsrp is not None else None


def _qcsq(text: str, *, fifths: bool) -> Signal | None:
    fields = split(text)
    if not fields or not fields[0].startswith('"'):
        return None
    mode = unquote(fields[0]).upper()
    if mode == "NOSERVICE":
        return Signal()
    levels = [number(field) for field in fields[1:]]
    if not levels or levels[0] is None:
        return None
    rssi = within(levels[0], RSSI)
    if mode == "WCDMA" and len(levels) > 2:
        return Signal(rssi, rscp_dbm=within(levels[1], RSCP), ecno_db=within(levels[2], ECNO))
    if mode not in ("LTE", "CAT-M1", "EMTC", "CAT-NB1", "NBIOT") or len(levels) < 4:
        return Signal(rssi)
    raw = levels[2]
    sinr = raw / 5 - 20 if fifths and raw is not None and 0 <= raw <= 250 else None
    return of_lte(rssi, within(levels[1], RSRP), within(levels[3], RSRQ), sinr)


def of_lte(rssi: float | None, rsrp: float | None, rsrq: float | None, sinr: float | None = None) -> Signal:
    """LTE's levels. An RSRQ of 0 dB without an RSRP is none: so modems say that they know nothing."""
    return Signal(rssi, rsrp, rsrq if rsrp is not None or rsrq else None, sinr)


def within(value: float | None, limits: tuple[float, float]) -> float | None:
    """The value as a float where it is a level at all."""
    return float(value) if value is not None and limits[0] <= value <= limits[1] else None
