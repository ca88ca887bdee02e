"""`fleet devices`, whole screens."""

import json
from datetime import timedelta
from textwrap import dedent

from sqlmodel import Session, select

from fleet.audit import Way, system
from fleet.auth.models import Holder
from fleet.auth.service import find_token
from fleet.db.log import Position
from fleet.devices import service as devices
from fleet.devices.models import Device
from fleet.telemetry import latest
from fleet.telemetry.log import read_log
from fleet.telemetry.store import append
from tests.cli.conftest import Service, Shell
from tests.fleet.telemetry.build import message

IMEI = "490154203237518"
TAKEN = "expected a new device name, got 'vm-01', which exists: choose another, or rotate the token of that one"


def test_add_prints_the_token_once_and_the_line_that_sends_a_first_point(shell: Shell, service: Service) -> None:
    screen = shell.terminal("devices add vm-01 --model Gem --site 'Station north'")
    happened, token_line, end = screen.out.split("\n")
    token = token_line.removeprefix("token  ")
    assert (screen.code, happened, end) == (0, "Added device vm-01.", "")
    assert holder(service, token) == "vm-01"
    assert screen.err == dedent(f"""\
        Next: put the token into the machine (it is not shown again), or send a first point by hand:
          mosquitto_pub -V mqttv311 -q 1 -h 127.0.0.1 -p 1883 -i vm-01 -u vm-01 -P {token} \
        -t devices/vm-01/telemetry -m '{{"values": {{"temperature": 4.5}}}}'
        """).replace("        -t", "-t")


def test_list_is_a_table_on_a_terminal_and_tabs_in_a_pipe(shell: Shell, service: Service) -> None:
    shell.pipe("devices add vm-02 --model Gem")
    shell.pipe("devices add vm-01 --site 'Station north'")
    heard(service)
    assert shell.terminal("devices list").out == dedent("""\
        NAME   MODEL  SITE           SIM                  LAST SEEN
        vm-01         Station north  8988303000000000003  2026-03-01 12:00:00Z
        vm-02  Gem
        """)
    assert shell.pipe("devices list").out == (
        "vm-01\t\tStation north\t8988303000000000003\t2026-03-01 12:00:00Z\nvm-02\tGem\t\t\t\n"
    )


def test_list_of_nothing_says_how_to_add_the_first(shell: Shell, service: Service) -> None:
    assert shell.terminal("devices list") == (0, "", "No devices yet: add one with `fleet devices add NAME`.\n")
    assert shell.pipe("devices list") == (0, "", "")
    assert shell.pipe("devices list --json") == (0, "[]\n", "")


def test_list_goes_on_over_pages(shell: Shell, service: Service) -> None:
    for number in range(5):
        shell.pipe(f"devices add vm-{number}")
    shell.patch.setattr("cli.client.PAGE", 2)
    assert [row["name"] for row in json.loads(shell.pipe("devices list --json").out)] == [
        "vm-0", "vm-1", "vm-2", "vm-3", "vm-4",
    ]  # fmt: skip


def test_show_prints_points_with_their_age(shell: Shell, service: Service) -> None:
    shell.pipe("devices add vm-01 --model Gem --site north")
    heard(service)
    service.clock.advance(timedelta(minutes=3))
    assert shell.terminal("devices show vm-01").out == dedent("""\
        name       vm-01
        model      Gem
        site       north
        sim        8988303000000000003
        imei       490154203237518
        last seen  2026-03-01 12:00:00Z

        Points
        POINT        VALUE  AT                    AGE
        door         no     2026-03-01 12:00:00Z  3 min
        temperature  4.5    2026-03-01 12:00:00Z  3 min

        Open alerts
        """)
    assert shell.pipe("devices show vm-01").out.split("\n")[-3:] == [
        "door\tno\t2026-03-01 12:00:00Z\t3 min",
        "temperature\t4.5\t2026-03-01 12:00:00Z\t3 min",
        "",
    ]


def test_show_as_json_is_one_document(shell: Shell, service: Service) -> None:
    shell.pipe("devices add vm-01")
    heard(service)
    shown = json.loads(shell.pipe("devices show vm-01 --json").out)
    assert shown["sim"] == {"iccid": "8988303000000000003", "imei": IMEI, "bound_at": "2026-03-01T12:00:00Z"}
    assert shown["points"] == [
        {"name": "door", "value": False, "at": "2026-03-01T12:00:00Z", "age_s": 0.0},
        {"name": "temperature", "value": 4.5, "at": "2026-03-01T12:00:00Z", "age_s": 0.0},
    ]
    assert shown["alerts"] == []


def test_a_new_token_leaves_the_old_one_working(shell: Shell, service: Service) -> None:
    first = json.loads(shell.pipe("devices add vm-01 --json").out)["token"]
    service.clock.advance(1)
    screen = shell.pipe("devices token vm-01")
    second = screen.out.split()[-1]
    assert screen.out == f"New token for device vm-01; the one before still works.\ntoken  {second}\n"
    assert [holder(service, token) for token in (first, second)] == ["vm-01", "vm-01"]


def test_refusals_are_the_services_sentence_and_exit_code_4(shell: Shell, service: Service) -> None:
    shell.pipe("devices add vm-01")
    assert shell.pipe("devices add vm-01") == (
        4,
        "",
        f"fleet: {TAKEN}\n",
    )
    unknown = "fleet: expected the name of a device, got 'vm-9': see `fleet devices list`, or add it first\n"
    assert shell.pipe("devices show vm-9") == (4, "", unknown)
    assert shell.pipe("devices token vm-9") == (4, "", unknown)


def holder(service: Service, token: str) -> str:
    """The device whose valid token this is."""
    return service.database.read_now(lambda tx: find_token(tx, token, Holder.DEVICE)).name


def heard(service: Service) -> None:
    """vm-01 has a SIM and has sent two points."""

    def write(tx: Session) -> None:
        device = tx.exec(select(Device).where(Device.name == "vm-01")).one()
        now = service.clock.now()
        device.last_seen_at = now
        tx.add(device)
        devices.bind(tx, system(device.account_id, Way.API), now, device, "8988303000000000003", IMEI)
        now_ms = int(now.timestamp() * 1000)
        sent = message(
            device.account_id, {"temperature": 4.5, "door": False}, device_key=device.key,
            device_ms=now_ms, received_ms=now_ms,
        )  # fmt: skip
        append(tx, [sent], [], {})

    service.database.write_now(write)
    service.database.write_now(lambda tx: latest.update(tx, read_log(tx, Position(), 10)))
