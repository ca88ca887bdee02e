"""The story: who does what when. It hears only what was committed, entry by entry, and acts on the fixtures."""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from cli.bench import provision
from cli.demo.stage import APN, MACHINES, NEW, PHONES, PIN, Stage
from cli.demo.timeline import at, elapsed

WARM, EMPTY = "vm-02", "vm-07"
"""The machine whose compressor fails, and the one that sells out."""
ANSWER_S: Final = 1.0
"""Real seconds a technician needs to type."""

Entry = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Milestone:
    """Something that must have happened: which entries show it, how many, and what its absence means."""

    verb: str
    missing: str
    facts: dict[str, Any] = field(default_factory=dict)
    count: int = 1

    def shown_by(self, entry: Entry) -> bool:
        """Whether `entry` is one of the entries."""
        known = {**entry["facts"], "subject": entry["subject"]}
        return entry["verb"] == self.verb and all(known.get(name) == value for name, value in self.facts.items())


MILESTONES: Final = (
    Milestone("provision.done", "three SIMs in service: look at the timeline for the step that failed", count=3),
    Milestone("sim.first_point", "a first point of each new machine: look whether it reaches the MQTT port", count=3),
    Milestone("alert.raised", "an alert for the warm machine: there is no rule that watches it", {"device": WARM}),
    Milestone("alert.raised", "an alert for the empty machine: there is no rule that watches it", {"device": EMPTY}),
    Milestone("ticket.offered", "the ticket offered to ana", {"technician": "ana"}),
    Milestone("text.sent", "a text to leave: the gateway has no modem that answers", {"to": PHONES["ana"][-3:]}),
    Milestone("offer.timed_out", "ana's offer to time out", {"technician": "ana"}),
    Milestone("ticket.offered", "the ticket offered to ben", {"technician": "ben"}),
    Milestone("ticket.accepted", "ben to accept: he did not reply", {"technician": "ben"}),
    Milestone("reply.late", "ana's late reply to be answered", {"technician": "ana"}),
    Milestone("ticket.accepted", "carla to accept: she did not reply", {"technician": "carla"}),
    Milestone("alert.cleared", "the warm machine's alert to clear with evidence", {"device": WARM}),
    Milestone("alert.cleared", "the empty machine's alert to clear with evidence", {"device": EMPTY}),
    Milestone("ticket.resolved", "both tickets resolved", count=2),
)


class Story:
    """Tells the story on a stage. `without`: "rule" or "reply" leaves that out."""

    def __init__(self, stage: Stage, without: str = "") -> None:
        self._stage, self._without = stage, without
        self._shown = [0] * len(MILESTONES)
        self._tokens: dict[str, str] = {}
        self._entries: list[Entry] = []

    @property
    def complete(self) -> bool:
        """Whether everything that must happen has happened."""
        return self.missing is None

    @property
    def lost(self) -> bool:
        """Whether it cannot be completed any more: a ticket went through its policy and nobody took it."""
        return any(entry["verb"] == "ticket.exhausted" for entry in self._entries)

    @property
    def missing(self) -> str | None:
        """The first thing that has not happened, and what that means."""
        for milestone, shown in zip(MILESTONES, self._shown, strict=True):
            if shown < milestone.count:
                return milestone.missing
        return None

    async def begin(self) -> None:
        """The operator's preparations, over the API; then the new machines go to the bench."""
        api = self._stage.api
        for name, phone in PHONES.items():
            await api.post("/v1/technicians", {"name": name, "phone": phone})
        night = [{"technician": name, "timeout_s": 300} for name in ("ana", "ben")]
        await api.post("/v1/policies", {"name": "cooling", "steps": night})
        await api.post("/v1/policies", {"name": "refill", "steps": [{"technician": "carla", "timeout_s": 600}]})
        if self._without != "rule":
            warm = {"kind": "threshold", "point": "temperature", "raise_when": "above", "level": 5, "clear_level": 4.5}
            await api.post("/v1/rules", {"name": "warm", "policy": "cooling", "spec": {**warm, "for_s": 60}})
        await api.post(
            "/v1/rules", {"name": "empty", "policy": "refill", "spec": {"kind": "event", "code": "sold_out"}}
        )
        rows = [{"iccid": bench.iccid, "provider": "sandbox"} for bench in self._stage.benches]
        await api.post("/v1/sims:import", {"sims": rows})
        for name in MACHINES:
            added = await api.post("/v1/devices", {"name": name, "site": f"site {name[-2:]}"})
            self._tokens[name] = added["token"]
            if name not in NEW:
                self._stage.start_machine(name, added["token"])
        if self._without != "reply":
            self._stage.on_offer("ben", lambda: self._soon(lambda: self._reply("ben")))
        self._stage.on_offer("carla", lambda: self._soon(lambda: self._reply("carla")))
        for bench in self._stage.benches:
            self._stage.spawn(self._provision(bench.port, bench.device))

    def hear(self, entry: Entry) -> None:
        """Take note of a committed entry, and act if it is somebody's turn."""
        self._entries.append(entry)
        for place, milestone in enumerate(MILESTONES):
            self._shown[place] += milestone.shown_by(entry)
        facts = entry["facts"]
        match entry["verb"], facts.get("technician", facts.get("device")):
            case "sim.bound", device:
                self._stage.start_machine(device, self._tokens[device])
            case "provision.done", _ if self._shown[0] == len(NEW):
                self._stage.machines[WARM].fail_compressor()
                self._stage.machines[EMPTY].sell_out("A1")
            case "ticket.accepted", "ben":
                self._soon(lambda: self._reply("ana"))
                self._soon(self._stage.machines[WARM].repair_compressor)
            case "ticket.accepted", "carla":
                self._soon(self._stage.machines[EMPTY].refill)

    def summary(self) -> dict[str, Any]:
        """The figures of a complete story; times of the story's clock."""
        warm = self._at("alert.raised", device=WARM)
        accepted = self._find("ticket.accepted", technician="ben")
        verbs = [entry["verb"] for entry in self._entries]
        return {
            "sims_in_service": verbs.count("provision.done"),
            "machines": len(MACHINES),
            "alerts": verbs.count("alert.raised"),
            "tickets": verbs.count("ticket.opened"),
            "texts": verbs.count("text.sent"),
            "alert_to_text": elapsed(self._at("text.sent", to=PHONES["ana"][-3:]) - warm),
            "alert_to_accepted": elapsed(at(accepted) - warm),
            "alert_to_resolved": elapsed(self._at("ticket.resolved", subject=accepted["subject"]) - warm),
        }

    async def _provision(self, port: str, device: str) -> None:
        await provision(self._stage.api, port, device, "sandbox", APN, PIN)

    def _reply(self, person: str) -> None:
        self._stage.phone(person).reply(f"{self._stage.code(person)}A")

    def _soon(self, act: Callable[[], None]) -> None:
        async def later() -> None:
            await asyncio.sleep(ANSWER_S)
            act()

        work: Coroutine[Any, Any, None] = later()
        self._stage.spawn(work)

    def _find(self, verb: str, **facts: Any) -> Entry:
        wanted = Milestone(verb, "", facts)
        return next(entry for entry in self._entries if wanted.shown_by(entry))

    def _at(self, verb: str, **facts: Any) -> datetime:
        return at(self._find(verb, **facts))
