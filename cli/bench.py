"""The bench: performs the steps of a provisioning run on the modem at hand, as the service asks for them.

The service holds the run. Whatever stops this side, doing the same again goes on where it was.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from cli.client import AsyncClient
from cli.errors import Refused, Stop, TimedOut, Usage
from modem_drivers import Modem
from modem_drivers.at.parsers.card import SimState
from modem_drivers.errors import ModemError, PinRefused, PukRequired

if TYPE_CHECKING:
    from modem_drivers.transport import Transport

Run = dict[str, Any]
OnStep = Callable[[str, str], None]
"""(step, what was done, in words)."""

ACTIVATED_WITHIN = 900.0
REGISTERED_WITHIN = 180.0
FIRST_POINT_WITHIN = 120.0
SIM_READY_WITHIN = 20.0
"""Seconds; real ones."""
ASK_EVERY = 0.5
"""Seconds between two looks at a run that waits for the service."""

SERVICE_STEPS = {
    "activate": ("active at the provider", ("set_apn", "await_registration", "bind", "first_point")),
    "bind": ("bound to its machine", ("first_point",)),
    "first_point": ("first point seen", ()),
}
"""What the service does by itself: in words, and which next steps show that it is done."""


async def provision(
    client: AsyncClient,
    modem_address: "str | Transport",
    device: str,
    provider: str,
    apn: str,
    pin: str | None = None,
    on_step: OnStep | None = None,
    *,
    first_point_within: float = FIRST_POINT_WITHIN,
) -> Run:
    """Provision `device` with the modem at `modem_address` and its SIM; the finished run.

    Raises Refused, in one sentence, when the run cannot go on (PIN refused, SIM of another machine, provider's no);
    TimedOut when a step takes too long, after which the service goes on by itself and the same call sees how far it
    came; ModemError for what the modem cannot do, Usage for an APN that is none.
    """
    run = await client.post(
        "/v1/provision-runs", {"device": device, "provider": provider, "apn": apn, "pin": pin or ""}
    )
    modem = await Modem.open(modem_address)
    try:
        bench = _Bench(client, modem, run["id"], apn, on_step or (lambda _step, _said: None))
        run = await bench.do("identify", bench.identify)
        while run["state"] == "running":
            step = run["next"]
            if run["by"] == "bench":
                run = await bench.do(step, bench.steps[step], run["pin"])
            else:
                run = await bench.wait(run, first_point_within if step == "first_point" else ACTIVATED_WITHIN)
    finally:
        await modem.close()
    if run["state"] == "failed":
        raise Refused(run["error"], 409)
    return run


class StillOpen(TimedOut):
    """The service has not done its step in time; it goes on by itself with `run`."""

    def __init__(self, run: Run, seconds: float) -> None:
        super().__init__(
            f"expected the step {run['next']} of device {run['device']} within {seconds:g} s, it is still open: "
            "the service goes on by itself, the same command shows how far it came"
        )
        self.run = run


class _Bench:
    """One modem, one run."""

    def __init__(self, client: AsyncClient, modem: Modem, run_id: str, apn: str, on_step: OnStep) -> None:
        self._client, self._modem, self._apn, self._on_step = client, modem, apn, on_step
        self._path = f"/v1/provision-runs/{run_id}"
        self._told: set[str] = set()
        self.steps: dict[str, Callable[[str], Awaitable[tuple[dict[str, Any], str]]]] = {
            "identify": self.identify,
            "unlock": self._unlock,
            "read_imsi": self._read_imsi,
            "set_apn": self._set_apn,
            "await_registration": self._await_registration,
        }

    async def do(self, step: str, act: Callable[[str], Awaitable[tuple[dict[str, Any], str]]], pin: str = "") -> Run:
        """Perform a step and report it; what kept the modem from it is reported too, and raised."""
        try:
            result, said = await act(pin)
        except (ModemError, ValueError) as error:
            with suppress(Stop):  # the modem's trouble is the news, not that it could not be told
                await self._client.post(f"{self._path}/steps", {"step": step, "error": str(error)})
            if isinstance(error, ModemError):
                raise
            raise Usage(str(error)) from error
        run = await self._report(step, result)
        self._on_step(step, said)
        return self._tell(run)

    async def wait(self, run: Run, seconds: float) -> Run:
        """The run once the service has done its step; raises TimedOut."""
        step = run["next"]
        loop = asyncio.get_running_loop()
        deadline = loop.time() + seconds
        while run["state"] == "running" and run["next"] == step:
            if loop.time() >= deadline:
                raise StillOpen(run, seconds)
            await asyncio.sleep(ASK_EVERY)
            run = await self._client.get(self._path)
        return self._tell(run)

    async def identify(self, _pin: str) -> tuple[dict[str, Any], str]:
        """ICCID and IMEI, and whether the SIM wants its PIN."""
        iccid, imei, state = await self._modem.sim.iccid(), self._modem.info.imei, await self._settled()
        if state is SimState.PUK:
            raise PukRequired
        result = {"iccid": iccid, "imei": imei, "pin_wanted": state is SimState.PIN, "retries_left": await self._left()}
        return result, f"SIM {iccid} in modem {imei}"

    async def _unlock(self, pin: str) -> tuple[dict[str, Any], str]:
        """The PIN, tried once: that it is about to be tried is reported first, so that no crash tries it twice."""
        await self._report("unlock", {"outcome": "trying", "retries_left": await self._left()})
        guard = _Guard()
        try:
            await self._modem.sim.unlock(pin, guard=guard)
        except (PinRefused, PukRequired):
            if not guard.refused:
                raise
            return {"outcome": "refused", "retries_left": await self._left()}, "the SIM refused its PIN"
        return {"outcome": "accepted", "retries_left": await self._left()}, "PIN accepted"

    async def _read_imsi(self, _pin: str) -> tuple[dict[str, Any], str]:
        imsi = await self._modem.sim.imsi()
        return {"imsi": imsi}, f"IMSI {imsi}"

    async def _set_apn(self, _pin: str) -> tuple[dict[str, Any], str]:
        await self._modem.network.set_apn(1, self._apn)
        return {"apn": self._apn}, f"APN {self._apn}"

    async def _await_registration(self, _pin: str) -> tuple[dict[str, Any], str]:
        registration = await self._modem.network.wait_registered(REGISTERED_WITHIN)
        operator = await self._modem.network.operator()
        how, whose = "roaming" if registration.roaming else "home", operator.name if operator else ""
        return {"registration": how, "operator": whose}, f"registered ({how}) {whose}".rstrip()

    async def _settled(self) -> SimState:
        """The SIM's state once it is not busy any more."""
        deadline = asyncio.get_running_loop().time() + SIM_READY_WITHIN
        while (state := await self._modem.sim.state()) is SimState.BUSY:
            if asyncio.get_running_loop().time() > deadline:
                break
            await asyncio.sleep(ASK_EVERY)
        return state

    async def _left(self) -> int | None:
        left = await self._modem.sim.retries()
        return left.pin if left else None

    async def _report(self, step: str, result: dict[str, Any]) -> Run:
        run: Run = await self._client.post(f"{self._path}/steps", {"step": step, "result": result})
        return run

    def _tell(self, run: Run) -> Run:
        """Tell, once, of each step of the service that the run is past."""
        for step, (said, past) in SERVICE_STEPS.items():
            if step not in self._told and (run["state"] == "done" or run["next"] in past):
                self._told.add(step)
                self._on_step(step, said)
        return run


class _Guard:
    """The service remembers refused PINs and hands out no such PIN; this one only notes what happened now."""

    def __init__(self) -> None:
        self.refused = False

    def refused_before(self, iccid: str, pin: str) -> bool:
        return False

    def remember_refused(self, iccid: str, pin: str) -> None:
        self.refused = True
