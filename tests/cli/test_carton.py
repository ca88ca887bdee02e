"""`fleet sims provision --loop`: machine after machine at one port; who fails keeps no other back."""

import json
from typing import Any

import pytest

from cli import carton
from cli.bench import StillOpen
from cli.errors import Partial, Refused
from cli.output import Output
from modem_drivers.errors import PortMissing


def bench(name: str) -> dict[str, Any]:
    """vm-01 goes into service, vm-02 is bound, vm-03 waits for its provider, vm-04 is not connected."""
    run = {"device": name, "iccid": f"8988{name}", "imei": "867698040000005", "next": None}
    if name == "vm-02":
        raise StillOpen({**run, "next": "first_point"}, 0)
    if name == "vm-03":
        raise StillOpen({**run, "next": "activate"}, 900)
    if name == "vm-04":
        raise PortMissing("/dev/ttyUSB2", "no such device")
    return run


def test_each_machine_is_told_and_the_failed_ones_are_named(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(Partial, match="vm-03, vm-04 failed: run the same command again and give these names"):
        carton.provision(Output(), ["vm-01\n", "vm-02\n", "vm-03\n", "vm-04\n", "\n", "vm-05\n"], bench)
    printed = capsys.readouterr()
    assert printed.out.splitlines() == [
        "vm-01 is in service: SIM 8988vm-01 in modem 867698040000005.",
        "vm-02 is bound, its first point is awaited: SIM 8988vm-02 in modem 867698040000005.",
        (
            "vm-03 failed: expected the step activate of device vm-03 within 900 s, it is still open: the "
            "service goes on by itself, the same command shows how far it came"
        ),
        "vm-04 failed: expected a modem port at /dev/ttyUSB2, got: no such device; check the cable and the port's name",
        "Done: 2; failed: 2.",
    ]
    assert printed.err == f"{carton.ASK}\n" * 5


def test_a_name_that_failed_may_come_again(capsys: pytest.CaptureFixture[str]) -> None:
    tries: list[str] = []

    def second_time(name: str) -> dict[str, Any]:
        tries.append(name)
        return bench("vm-04" if len(tries) == 1 else "vm-01")

    carton.provision(Output(json=True), ["vm-01", "vm-01"], second_time)
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert lines[-1] == {"done": ["vm-01"], "failed": []}


def test_none_that_went_well_is_a_refusal() -> None:
    with pytest.raises(Refused, match="expected machines to go into service, got none: vm-04 failed"):
        carton.provision(Output(), ["vm-04"], bench)
