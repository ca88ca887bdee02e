"""Which topics a device may use: pure rules over its name."""

from collections.abc import Iterable

from fleet.ingest.mqtt.codec.packets import Subscribe
from fleet.ingest.mqtt.codec.reasons import Reason
from fleet.ingest.mqtt.effects import Denied
from fleet.telemetry.models import Kind

LEAVES = {"telemetry": Kind.TELEMETRY, "events": Kind.EVENT}
"""The last level of a topic, or of an HTTP path, and what a payload sent there carries."""
MAX_QOS = 1
"""Granted to subscriptions."""
SHARED = "$share/"
SHOWN = 120
"""Characters of a foreign topic that are told of it."""


def publish_topics(device: str) -> dict[str, Kind]:
    """The only topics `device` may publish on, and what each one carries."""
    return {f"devices/{device}/{leaf}": kind for leaf, kind in LEAVES.items()}


def subscribe(device: str, packet: Subscribe, kept: dict[str, int], most: int) -> list[int]:
    """Add the filters that `device` may have to `kept`, up to `most`; one code for each, in order."""
    codes = []
    for pattern, wanted in packet.filters:
        refusal = refused(device, packet, pattern)
        if refusal is None and pattern not in kept and len(kept) >= most:
            refusal = Reason.QUOTA_EXCEEDED
        if refusal is None:
            kept[pattern] = min(wanted, MAX_QOS)
        codes.append(kept[pattern] if refusal is None else refusal)
    return codes


def foreign(device: str, packet: Subscribe, codes: Iterable[int]) -> list[Denied]:
    """What of these filters is another's, by their codes; what is wrong in itself is no denied act."""
    found = [pattern for (pattern, _), code in zip(packet.filters, codes, strict=True) if code == Reason.NOT_AUTHORIZED]
    why = f"expected a subscription to devices/{device}/commands or below"
    return [Denied(f"SUBSCRIBE {found[0][:SHOWN]}", why, len(found))] if found else []


def refused(device: str, packet: Subscribe, pattern: str) -> Reason | None:
    """Why `device` may not subscribe to `pattern`; None if it may: to nothing but its own commands."""
    shared = pattern.startswith(SHARED)
    if not valid_filter(pattern) or (shared and not valid_share(pattern)):
        return Reason.TOPIC_FILTER_INVALID
    if shared:
        return Reason.SHARED_SUBSCRIPTIONS_NOT_SUPPORTED
    root = f"devices/{device}/commands"
    if pattern != root and not pattern.startswith(root + "/"):
        return Reason.NOT_AUTHORIZED
    return Reason.SUBSCRIPTION_IDS_NOT_SUPPORTED if packet.identified else None


def valid_filter(pattern: str) -> bool:
    """True if wildcards fill whole levels and `#` is the last one (MQTT 3.1.1 §4.7.1)."""
    levels = pattern.split("/")
    return all(
        level == "+" or (level == "#" and at == len(levels) - 1) or not ("+" in level or "#" in level)
        for at, level in enumerate(levels)
    )


def valid_share(pattern: str) -> bool:
    """True if a shared subscription names its group and a filter (MQTT 5 §4.8.2)."""
    _, _, rest = pattern.partition("/")
    group, slash, shared = rest.partition("/")
    return bool(group and slash and shared) and "+" not in group and "#" not in group
