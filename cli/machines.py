"""The work of `fleet simulate machines`: whom to simulate, and what is said meanwhile."""

import asyncio
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

from cli.client import Client, Endpoints
from cli.credentials import KEPT, Credential, read, register
from cli.errors import Failed, Usage
from cli.output import Output
from hw_fixtures.vending import Park
from hw_fixtures.vending.console import serve
from hw_fixtures.vending.park import Figures
from hw_fixtures.vending.uplink import address

ALONE = 5
"""Looks, one a second, after which it is told that nobody answers."""


def find(
    count: int, prefix: str, credentials: Path | None, mqtt: str, data_dir: Path | None
) -> tuple[Sequence[Credential], str]:
    """Whom to simulate and the MQTT address; raises Stop."""
    if mqtt:
        _check(mqtt)
    if credentials is not None:
        return read(credentials), mqtt or Endpoints.find(data_dir).mqtt
    with Client.find(data_dir) as client:
        names = [f"{prefix}{number:02}" for number in range(1, count + 1)]
        whom = register(client, names, Endpoints.folder(data_dir) / KEPT)
        return whom, mqtt or client.endpoints.mqtt


def run(out: Output, whom: Sequence[Credential], url: str, interval: float) -> None:
    """Simulate them until they are stopped; raises Stop if the service accepts none of them."""
    _check(url)
    park = Park(url, whom, now=lambda: datetime.now(UTC), interval=interval)
    refused: set[str] = set()
    looks = 0

    def stands(figures: Figures, rate: float) -> None:
        nonlocal looks
        looks += 1
        if looks == ALONE and not (figures.connected or figures.acknowledged or figures.refused):
            out.status("")
            out.note(f"expected {url} to answer, got nothing yet: start the service, or correct --mqtt; trying on")
        if out.json:
            out.line({**asdict(figures), "rate": round(rate, 1)}, "")
        for name in figures.refused.keys() - refused:
            refused.add(name)
            out.status("")
            out.note(f"{name} is refused: {figures.refused[name]}; its token may have been replaced")
        out.status(figures.said(rate))

    out.note(f"Reporting to {url} every {interval:g} s, machines: {len(whom)}; Ctrl-C ends it.")
    last = asyncio.run(serve(park, stands=stands, told=out.note))
    out.status("")
    said = f"Machines: {last.machines}; messages: {last.published}, of which {last.acknowledged} were acknowledged."
    out.line({**asdict(last), "rate": 0.0}, said)
    if last.machines and not last.acknowledged:
        raise Failed(f"expected {url} to take their messages, got none acknowledged: check the address and the tokens")


def _check(url: str) -> None:
    try:
        address(url)
    except ValueError as error:
        raise Usage(f"{error} with --mqtt") from None
