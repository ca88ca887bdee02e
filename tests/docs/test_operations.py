"""docs/operations.md names the metrics, log fields and health paths that exist, and no others."""

import io
import json
import logging
import re

from prometheus_client.metrics import MetricWrapperBase

from fleet.api.app import health
from fleet.observability import Metrics, set_up_logs
from tests.docs.test_configuration import PAGE as CONFIGURATION

PAGE = CONFIGURATION.with_name("operations.md")


def section(name: str) -> str:
    return PAGE.read_text().split(f"\n## {name}\n")[1].split("\n## ")[0]


def first_cells(name: str) -> list[str]:
    return re.findall(r"^\| `([^`]+)` \|", section(name), re.MULTILINE)


def test_each_metric_has_its_row() -> None:
    found = [line for line in section("Metrics").splitlines() if line.startswith("| `")]
    expected = []
    for metric in vars(Metrics()).values():
        if isinstance(metric, MetricWrapperBase):
            name = metric._name + ("_total" if metric._type == "counter" else "")
            labels = ", ".join(f"`{label}`" for label in metric._labelnames)
            expected.append(f"| `{name}` | {metric._type} | {labels} | {metric._documentation} |")
    assert found == expected, f"expected in {PAGE.name}:\n" + "\n".join(expected)


def test_each_metric_to_watch_exists() -> None:
    exist = first_cells("Metrics")
    watched = re.findall(r"`(fleet_\w+)", section("What to watch"))
    assert watched
    assert set(watched) <= set(exist)


def test_each_field_of_a_log_line_has_its_row() -> None:
    written = io.StringIO()
    root = logging.getLogger()
    kept, level = root.handlers[:], root.level
    try:
        set_up_logs("info", "json", written)
        try:
            raise LookupError("none")
        except LookupError:
            logging.getLogger("fleet.test").exception("failed")
    finally:
        root.handlers[:] = kept
        root.setLevel(level)
    assert list(json.loads(written.getvalue())) == first_cells("Logs")


def test_each_health_path_has_its_row() -> None:
    assert [getattr(route, "path", "") for route in health.routes] == first_cells("Health")
