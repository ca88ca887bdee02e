"""`fleet audit`, whole screens."""

import json
import subprocess
import sys
from datetime import timedelta
from select import select
from textwrap import dedent

import pytest

from tests.cli.conftest import Service, Shell
from tests.service import environment


@pytest.fixture
def eva(shell: Shell, service: Service) -> None:
    """From here on the shell is that of eva, an admin."""
    shell.pipe("auth users add eva --role admin")
    token = json.loads(shell.pipe("auth tokens issue eva --json").out)["token"]
    shell.patch.setenv("FLEET_URL", service.endpoints.http)
    shell.patch.setenv("FLEET_TOKEN", token)


@pytest.mark.usefixtures("eva")
def test_list_shows_the_newest_first_with_who_and_what(shell: Shell, service: Service) -> None:
    shell.pipe("auth users add ana --role operator")
    service.clock.advance(timedelta(minutes=1))
    shell.pipe("auth users disable ana")
    assert shell.terminal("audit list --by eva").out == dedent("""\
        AT                    BY         WHAT           OF        FACTS
        2026-03-01 12:01:00Z  eva (api)  user.disabled  user ana
        2026-03-01 12:00:00Z  eva (api)  user.added     user ana  role operator
        """)


@pytest.mark.usefixtures("eva")
def test_list_is_filtered(shell: Shell, service: Service) -> None:
    shell.pipe("auth users add ana")
    shell.pipe("auth users add ben")
    shell.pipe("auth tokens issue ben")

    def subjects(line: str) -> list[str]:
        return [f"{row['verb']} {row['subject']}" for row in json.loads(shell.pipe(f"audit list {line} --json").out)]

    assert subjects("--verb user. --by eva") == ["user.added user ben", "user.added user ana"]
    assert subjects("--verb token.issued --subject 'user ben'") == ["token.issued user ben"]
    assert subjects("--since 2026-03-01T12:00:01") == []
    assert subjects("--limit 1") == ["token.issued user ben"]
    shell.patch.setattr("cli.client.PAGE", 2)
    assert len(subjects("")) == 6, "three of eva, two to make her, one of the installation's token"


@pytest.mark.parametrize("since", ["yesterday", "7", "12 h"])
def test_a_time_that_is_none_is_refused(shell: Shell, service: Service, since: str) -> None:
    assert shell.pipe(f"audit list --since '{since}'") == (
        2,
        "",
        f"fleet: expected how far back such as 12h or 7d, or an ISO time, got '{since}': correct --since\n",
    )


def test_follow_prints_what_is_committed_from_now_on(shell: Shell, service: Service) -> None:
    shell.pipe("auth users add before")
    command = [sys.executable, "-m", "cli", "audit", "follow", "--verb", "user.", "--json"]
    variables = {**environment(), "FLEET_URL": service.endpoints.http, "FLEET_TOKEN": service.endpoints.token}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=variables) as follower:
        assert follower.stdout is not None
        try:
            # it begins at the end of the log as it finds it: go on adding until it speaks
            for number in range(100):
                shell.pipe(f"auth users add user-{number}")
                if select([follower.stdout], [], [], 0.2)[0]:
                    break
            act = json.loads(follower.stdout.readline())
        finally:
            follower.kill()
    assert (act["verb"], act["way"]) == ("user.added", "api")
    assert act["subject"].startswith("user user-")
