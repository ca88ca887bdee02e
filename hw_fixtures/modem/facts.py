"""What a modem can show of itself, its card and the air, by the names that models use."""

from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hw_fixtures.modem.machine import SimulatedModem

_INTERNATIONAL, _UNKNOWN = 145, 129  # type of number, TS 24.008 clause 10.5.4.7


def facts(modem: "SimulatedModem") -> dict[str, object]:
    """The facts of this moment; those of the card are empty while there is none."""
    model, sim, cell = modem.model, modem.sim, modem.network.cell
    return {
        "manufacturer": model.manufacturer,
        "model": model.model,
        "revision": model.revision,
        "subrevision": model.subrevision,
        "imei": modem.imei,
        "clock": _clock(modem.network.now()),
        "iccid": sim.iccid if sim else "",
        "imsi": sim.imsi if sim else "",
        "number": sim.msisdn if sim else "",
        "number_type": _INTERNATIONAL if sim and sim.msisdn.startswith("+") else _UNKNOWN,
        "pin_tries": sim.pin_tries if sim else 0,
        "puk_tries": sim.puk_tries if sim else 0,
        "tries_now": (sim.puk_tries if sim.state == "SIM PUK" else sim.pin_tries) if sim else 0,
        "initialised": 7 if modem.card_open else 0,
        "stat": modem.radio.status,
        "access": model.access,
        "operator": cell.operator,
        "plmn": cell.plmn,
        "mcc": cell.plmn[:3],
        "mnc": cell.plmn[3:],
        "tac": cell.tac,
        "cell_id": cell.cell_id,
        "pci": cell.pci,
        "band": cell.band,
        "earfcn": cell.earfcn,
        "rssi": cell.rssi_dbm,
        "rsrp": cell.rsrp_dbm,
        "rsrq": cell.rsrq_db,
        "sinr": cell.sinr_db,
        "sinr_fifths": (cell.sinr_db + 20) * 5,
        "rssi_tenths": cell.rssi_dbm * 10,
        "rsrp_tenths": cell.rsrp_dbm * 10,
        "rsrq_tenths": cell.rsrq_db * 10,
        "csq": _clamped((cell.rssi_dbm + 113) // 2, 31),  # TS 27.007 clause 8.5
        "cesq_rsrq": _clamped((cell.rsrq_db + 20) * 2, 34),  # TS 27.007 clause 8.69
        "cesq_rsrp": _clamped(cell.rsrp_dbm + 141, 97),
    }


def _clock(now: datetime) -> str:
    """As AT+CCLK shows it: the zone in quarters of an hour."""
    offset = now.utcoffset()
    quarters = int(offset.total_seconds()) // 900 if offset else 0
    return f"{now:%y/%m/%d,%H:%M:%S}{quarters:+03d}"


def _clamped(value: int, most: int) -> int:
    return max(0, min(value, most))
