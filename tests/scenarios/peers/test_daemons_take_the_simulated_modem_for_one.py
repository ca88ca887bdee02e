"""Gateways we did not write set the simulated modem up, send a text, take the answer in and get a delivery report."""

import asyncio
from pathlib import Path

import pytest

from tests.needs import needs
from tests.peers.gammu_smsd import GammuSmsd
from tests.peers.kannel import Kannel
from tests.peers.peer import Peer
from tests.peers.smstools import Smstools
from tests.peers.stand import ALICE, OWN, stand

SOON = 60.0  # their polls take up to 20 s


@pytest.mark.parametrize("program", [GammuSmsd, Kannel, Smstools])
async def test_there_and_back(program: type[Peer], tmp_path: Path) -> None:
    needs(*program.programs)
    (folder := tmp_path / "peer").mkdir()
    peer = program(tmp_path / "modem", folder)
    # reports kept where texts are: the only place where smstools and gammu-smsd look for them
    async with stand(peer.port, model="generic-3gpp") as bench:
        await peer.start()
        try:
            await peer.send(ALICE, ["Cooling fault at site 4"])
            sent = await bench.phone.expect("site 4", SOON)
            assert (sent.sender, sent.text) == (OWN, "Cooling fault at site 4")
            bench.phone.reply("41A — on my way")
            received = await asyncio.wait_for(peer.received.get(), SOON)
            assert received.text.strip() == "41A — on my way"
            assert received.sender.lstrip("+") == ALICE.lstrip("+")
            await asyncio.wait_for(peer.reports.get(), SOON)
            assert [text.text for text in bench.phone.inbox] == ["Cooling fault at site 4"]
        finally:
            await peer.stop()
