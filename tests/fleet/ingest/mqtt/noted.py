"""How long somebody would have been kept waiting, told without waiting."""

from fleet.ingest.mqtt.brake import Brake


class Noted(Brake):
    """A brake that notes how long it would have kept somebody waiting."""

    def __init__(self) -> None:
        super().__init__()
        self.waits: list[float] = []

    def failed(self, address: str, now: float) -> float:
        self.waits.append(super().failed(address, now))
        return 0.0
