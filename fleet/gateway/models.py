"""What the gateway remembers of SIMs in its own modems."""

from fleet.db.types import Dated


class RefusedPin(Dated, table=True):
    """A PIN that a SIM has refused: never tried again by itself."""

    __tablename__ = "refused_pin"

    iccid: str
    pin_sealed: bytes
