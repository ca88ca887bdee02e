"""Radio cells: what a modem hears and can camp on."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Cell:
    """One LTE cell; codes as they are broadcast, levels in dBm and dB as a modem in front of it measures them."""

    plmn: str = "00101"  # the test network of ITU-T E.212
    operator: str = "Test Network"
    tac: int = 0x1A2B
    cell_id: int = 0x0123ABC
    pci: int = 187
    band: int = 3
    earfcn: int = 1650
    rssi_dbm: int = -67
    rsrp_dbm: int = -95
    rsrq_db: int = -9
    sinr_db: int = 14
