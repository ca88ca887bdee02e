"""The simulated modem at the end of a memory cable."""

import asyncio

import pytest

from hw_fixtures.modem import MemoryModem, serve_memory
from modem_drivers.errors import PortMissing
from modem_drivers.transport import Transport
from tests.hw_fixtures.modem.bench import Bench, Host


async def test_answers_over_the_cable() -> None:
    host = Host()
    async with serve_memory(Bench().modem) as line:
        transport: Transport = line
        await transport.open(host.on_data, lambda error: host.lost.set())
        transport.write(b"ATI\r")
        await host.hears(b"\r\nQuectel\r\nEC25\r\nRevision: EC25EFAR06A06M4G\r\n\r\nOK\r\n")
        await transport.close()


async def test_a_text_arrives_and_a_reply_comes_back() -> None:
    bench = Bench(cmgs_latency=0.01)
    host = Host()
    async with serve_memory(bench.modem) as line:
        await line.open(host.on_data, lambda error: host.lost.set())
        bench.alice.on_text.append(lambda text: bench.alice.reply("41A"))
        line.write(b"AT+CMGS=16\r")
        await host.hears(b"\r\n> ")
        line.write(b"002105089151551010000005E8329BFD06\x1a")
        assert (await bench.alice.expect("hello", timeout=10)).sender == "+15550199"
        await host.hears(b'\r\n+CMTI: "ME",0\r\n')


async def test_unplugged_and_back() -> None:
    host = Host()
    async with serve_memory(Bench().modem) as line:
        await line.open(host.on_data, lambda error: host.lost.set())
        line.unplug()
        await asyncio.wait_for(host.lost.wait(), 10)
        with pytest.raises(PortMissing):
            await line.open(host.on_data, lambda error: None)
        line.plug()
        await line.open(host.on_data, lambda error: None)
        line.write(b"AT\r")
        await host.hears(b"OK")


async def test_a_reset_brings_the_line_back_by_itself() -> None:
    host = Host()
    async with serve_memory(Bench(reboot_after=0.01).modem) as line:
        await line.open(host.on_data, lambda error: host.lost.set())
        line.write(b"AT+CFUN=1,1\r")
        await asyncio.wait_for(host.lost.wait(), 10)
        assert b"OK" in host.heard
        await _opened(line, host)
        line.write(b"AT\r")
        await host.hears(b"OK")


async def _opened(line: MemoryModem, host: Host) -> None:
    async with asyncio.timeout(30):
        while True:
            try:
                await line.open(host.on_data, lambda error: None)
            except PortMissing:
                await asyncio.sleep(0.005)
            else:
                return
