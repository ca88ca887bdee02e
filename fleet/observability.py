"""What the service shows of itself: logs without secrets, metrics, health."""

import logging
import re
import sys
import time
from typing import TextIO

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from pythonjsonlogger.json import JsonFormatter

SECRETS = [
    (re.compile(r"\b[0-9a-f]{32}\b"), "[token]"),
    (re.compile(r"\+\d{4,}(\d{3})\b"), r"+…\1"),
    (re.compile(r"(AT\+C(?:PIN|LCK|PWD)=).*", re.IGNORECASE), r"\1[secret]"),
    (re.compile(r"(\w+://[^:/@\s]+:)[^@\s]+@"), r"\1[secret]@"),
]
"""Bearer tokens, phone numbers (the last three digits stay), PIN commands, passwords in URLs."""


TRACEBACKS = logging.Formatter()


class Mask(logging.Filter):
    """Replaces what looks like a secret or a phone number in every record, whoever wrote it."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = masked(record.getMessage()), None
        if record.exc_info:
            record.exc_text, record.exc_info = masked(TRACEBACKS.formatException(record.exc_info)), None
        return True


def masked(text: str) -> str:
    """`text` without what looks like a secret."""
    for pattern, replacement in SECRETS:
        text = pattern.sub(replacement, text)
    return text


def set_up_logs(level: str, form: str, stream: TextIO | None = None) -> None:
    """Log to `stream` (None: standard error), masked: a JSON object a line (`form` "json") or plain lines ("text")."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.addFilter(Mask())
    formatter = (
        JsonFormatter(
            "%(asctime)s %(levelname)s %(name)s %(message)s",
            rename_fields={"asctime": "at", "levelname": "level", "name": "logger"},
        )
        if form == "json"
        else logging.Formatter("%(asctime)s %(levelname)-7s %(name)s: %(message)s")
    )
    formatter.converter = time.gmtime
    formatter.default_time_format, formatter.default_msec_format = "%Y-%m-%dT%H:%M:%S", "%s.%03dZ"
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for chatty in ("alembic", "httpx2", "httpcore2", "asyncio", "uvicorn"):
        logging.getLogger(chatty).setLevel(max(root.level, logging.WARNING))


class Metrics:
    """The service's metrics, on a registry of their own."""

    def __init__(self) -> None:
        self.registry = registry = CollectorRegistry()
        self.messages = Counter("fleet_ingest_messages_total", "Messages stored", ["way"], registry=registry)
        self.duplicates = Counter("fleet_ingest_duplicates_total", "Messages already stored", registry=registry)
        self.conflicts = Counter("fleet_ingest_conflicts_total", "Same identity, other content", registry=registry)
        self.dead_letters = Counter(
            "fleet_ingest_dead_letters_total", "Payloads nobody can read", ["way"], registry=registry
        )
        self.commits = Histogram(
            "fleet_ingest_commit_seconds",
            "From the first message of a batch to its commit",
            buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5),
            registry=registry,
        )
        self.late_readings = Counter(
            "fleet_rule_late_readings_total", "Readings older than those evaluated", registry=registry
        )
        self.rule_faults = Counter("fleet_rule_faults_total", "Readings a rule failed on", ["rule"], registry=registry)
        self.connections = Gauge("fleet_mqtt_connections", "Open MQTT connections", registry=registry)
        self.refusals = Counter(
            "fleet_mqtt_refusals_total",
            "MQTT connections refused or ended, messages refused",
            ["reason"],
            registry=registry,
        )
        self.broker_connected = Gauge("fleet_broker_connected", "1 while the broker is there", registry=registry)
        self.coap_answers = Counter("fleet_coap_answers_total", "CoAP requests by answer", ["code"], registry=registry)
        self.texts = Counter("fleet_texts_total", "Texts by outcome", ["outcome"], registry=registry)
        self.inbound = Counter("fleet_inbound_texts_total", "Texts that came in", registry=registry)
        self.modems = Gauge("fleet_modem_ready", "1 while the modem is ready", ["port"], registry=registry)
        self.modem_states = Gauge(
            "fleet_modem_state",
            "1 for how a modem is: gone, sleeping, dirty or ready",
            ["port", "state"],
            registry=registry,
        )
        self.modem_storage = Gauge(
            "fleet_modem_storage_fill",
            "How full the modem's memory for texts is after each look into it, from 0 to 1",
            ["port"],
            registry=registry,
        )
        self.modem_events = Gauge(
            "fleet_modem_events", "What has happened to a modem since the start", ["port", "event"], registry=registry
        )
        self.modem_recoveries = Gauge(
            "fleet_modem_recoveries", "What was tried on a modem since the start", ["port", "step"], registry=registry
        )
        self.replies = Counter(
            "fleet_replies_total", "Texts that came in by what they were", ["kind"], registry=registry
        )
        self.offers = Counter("fleet_offers_total", "Offers by how they ended", ["state"], registry=registry)
        self.api_refusals = Counter(
            "fleet_api_refusals_total", "Calls refused: unknown, denied, too many", ["reason"], registry=registry
        )
