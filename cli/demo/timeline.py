"""The timeline: committed audit entries, read over the API as they appear, each as one line for a person."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncGenerator
from datetime import datetime, timedelta
from typing import Any

from cli.client import AsyncClient

SAID_AT = 32
"""The column at which a line says what happened."""
LOOK_S = 0.1
"""Real seconds between looks at the audit log."""

SENTENCES = {
    "sim.identified": "in the modem {imei} of {device}",
    "sim.unlocked": "PIN accepted",
    "sim.imsi_read": "IMSI read ({network}…)",
    "sim.imported": "in the inventory",
    "sim.claimed": "registered at the provider",
    "sim.pending": "activation under way",
    "sim.activation_requested": "activation asked for",
    "sim.activated": "active, as the provider says ({way})",
    "sim.apn_set": "access point {apn} set",
    "sim.registered": "registered on {operator} ({registration})",
    "sim.bound": "bound to {device}",
    "sim.first_point": "first point of {device} seen",
    "provision.started": "provisioning begins at {provider}",
    "provision.done": "in service",
    "provision.failed": "not in service: {why}",
    "alert.raised": "{summary}",
    "alert.cleared": "over: {reading}",
    "ticket.opened": "opened for {device}: {summary}",
    "ticket.grew": "now also: {summary}",
    "ticket.offered": "offered to {technician} (…{phone}) as {code}",
    "ticket.accepted": "accepted by {technician}",
    "ticket.resolved": "resolved",
    "ticket.exhausted": "nobody took it",
    "offer.timed_out": "{technician} did not answer in time",
    "offer.refused": "{technician} passed it on",
    "offer.rescinded": "taken back from {technician}",
    "reply.late": "{technician} answered late and is told: {told}",
    "text.sent": "{text}",
    "text.received": "{text}",
}
"""What a verb says; other verbs are shown with their facts as they are."""

HIDDEN = {"token.issued", "device.added", "technician.added", "policy.added", "rule.added"}
"""Preparations that would only fill the screen."""


async def follow(api: AsyncClient) -> AsyncGenerator[dict[str, Any]]:
    """Every audit entry from the beginning, then each new one, for ever."""
    cursor = ""
    while True:
        page = await api.get("/v1/audit", cursor=cursor, limit=500)
        for entry in page["items"]:
            yield entry
            cursor = entry["position"]
        if not page["items"]:
            await asyncio.sleep(LOOK_S)


def line(entry: dict[str, Any], start: datetime) -> str:
    """`entry` as a line: time of the story since `start`, what it is about, what happened."""
    facts = defaultdict(lambda: "?", entry["facts"], way=entry["way"])
    template = SENTENCES.get(entry["verb"])
    said = template.format_map(facts) if template else f"{entry['verb']} {_plain(entry['facts'])}".strip()
    return f"{elapsed(at(entry) - start):>6}  {_subject(entry['subject']):<{SAID_AT - 10}}  {said}"


def at(entry: dict[str, Any]) -> datetime:
    """When it was."""
    return datetime.fromisoformat(entry["at"])


def closing(summary: dict[str, Any]) -> str:
    """The last line: the figures of the story."""
    return (
        f"Complete: {summary['sims_in_service']} SIMs in service, {summary['tickets']} tickets resolved. Of the warm "
        f"machine: texted {summary['alert_to_text']} after the alert, taken at {summary['alert_to_accepted']}, "
        f"done at {summary['alert_to_resolved']}."
    )


def elapsed(since: timedelta) -> str:
    """Minutes and seconds, as `4:05`."""
    seconds = max(0, int(since.total_seconds()))
    return f"{seconds // 60}:{seconds % 60:02}"


def _subject(subject: str) -> str:
    """An ICCID by its last digits: people tell SIMs apart by those."""
    noun, _, name = subject.partition(" ")
    return f"SIM …{name[-6:]}" if noun == "sim" else subject


def _plain(facts: dict[str, Any]) -> str:
    return ", ".join(f"{name} {value}" for name, value in facts.items() if value not in ("", None))
