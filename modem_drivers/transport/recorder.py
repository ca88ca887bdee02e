"""A transport that keeps what passes, for transcripts."""

from modem_drivers.at.transcript import Exchange
from modem_drivers.transport.base import OnData, OnLost, Transport


class Recorder:
    """The line to a modem, recorded. Nothing is masked yet: write it down by `transcript.dumps`."""

    def __init__(self, line: Transport) -> None:
        self._line = line
        self._rows: list[tuple[bytearray, bytearray]] = []

    @property
    def name(self) -> str:
        """See Transport."""
        return self._line.name

    @property
    def exchanges(self) -> list[Exchange]:
        """What has passed so far; a first row with nothing sent is what the modem said by itself."""
        return [Exchange(bytes(sent), bytes(received)) for sent, received in self._rows]

    async def open(self, on_data: OnData, on_lost: OnLost) -> None:
        """See Transport."""

        def keep(data: bytes) -> None:
            if not self._rows:
                self._rows.append((bytearray(), bytearray()))
            self._rows[-1][1].extend(data)
            on_data(data)

        await self._line.open(keep, on_lost)

    def write(self, data: bytes) -> None:
        """See Transport."""
        self._rows.append((bytearray(data), bytearray()))
        self._line.write(data)

    async def close(self) -> None:
        """See Transport."""
        await self._line.close()
