"""Signal strength: AT+CSQ, AT+CESQ and the makers' own."""

from dataclasses import dataclass
from typing import Final

from modem_drivers.at.params import number, split, unquote


@dataclass(frozen=True, slots=True)
class Signal:
    """Signal strength as the modem measures it, in dBm and dB; None where it does not."""

    rssi_dbm: float | None = None
    rsrp_dbm: float | None = None
    rsrq_db: float | None = None
    sinr_db: float | None = None

    def filled(self, other: "Signal") -> "Signal":
        """This signal, with what it lacks taken from the other."""
        return Signal(
            other.rssi_dbm if self.rssi_dbm is None else self.rssi_dbm,
            other.rsrp_dbm if self.rsrp_dbm is None else self.rsrp_dbm,
            other.rsrq_db if self.rsrq_db is None else self.rsrq_db,
            other.sinr_db if self.sinr_db is None else self.sinr_db,
        )


RSRP: Final = (-156.0, -31.0)
RSRQ: Final = (-43.0, 20.0)
RSSI: Final = (-140.0, -10.0)
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
    """`99,99,255,255,22,46` of AT+CESQ (3GPP TS 27.007 clause 8.69)."""
    fields = split(text)
    if len(fields) < 6:
        return None
    rsrq, rsrp = number(fields[4]), number(fields[5])
    if rsrq is None or rsrp is None:
        return None
    return Signal(
        rsrp_dbm=float(rsrp - 141) if 0 <= rsrp <= 97 else None,
        rsrq_db=rsrq / 2 - 20 if 0 <= rsrq <= 34 else None,
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
    if mode not in ("LTE", "CAT-M1", "EMTC", "CAT-NB1", "NBIOT") or len(levels) < 4:
        return Signal(rssi)
    raw = levels[2]
    sinr = raw / 5 - 20 if fifths and raw is not None and 0 <= raw <= 250 else None
    return Signal(rssi, within(levels[1], RSRP), within(levels[3], RSRQ), sinr)


def within(value: float | None, limits: tuple[float, float]) -> float | None:
    """The value as a float where it is a level at all."""
    return float(value) if value is not None and limits[0] <= value <= limits[1] else None
