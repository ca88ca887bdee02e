"""`fleet auth`, whole screens."""

import json
from textwrap import dedent

from tests.cli.conftest import Service, Shell


def test_a_user_comes_in_with_the_token_that_is_printed_once(shell: Shell, service: Service) -> None:
    assert shell.terminal("auth users add ana") == (
        0,
        "Added user ana, viewer.\n",
        "Next: fleet auth tokens issue ana\n",
    )
    screen = shell.terminal("auth tokens issue ana --label laptop --days 30")
    happened, token_line, end = screen.out.split("\n")
    token = token_line.removeprefix("token  ")
    assert (screen.code, happened, end) == (0, "Issued a token to ana, valid until 2026-03-31 12:00:00Z.", "")
    assert f"FLEET_URL={service.endpoints.http}" in screen.err
    shell.patch.setenv("FLEET_URL", service.endpoints.http)
    shell.patch.setenv("FLEET_TOKEN", token)
    shell.patch.delenv("FLEET_DATA_DIR")
    assert shell.pipe("devices list").code == 0
    assert shell.pipe("devices add vm-01") == (
        4,
        "",
        "fleet: expected the role operator or more for POST /v1/devices, got viewer of operator ana: ask an admin\n",
    )
    service.clock.advance(30 * 86400)
    assert shell.pipe("devices list").err == (
        "fleet: expected a valid token, got one that expired at 2026-03-31 12:00Z: "
        "have an admin issue another with `fleet auth tokens issue ana`\n"
    )


def test_users_are_listed_changed_and_kept_out(shell: Shell, service: Service) -> None:
    assert shell.terminal("auth users list").err == (
        "No users yet: add one with `fleet auth users add NAME --role ROLE`.\n"
    )
    shell.pipe("auth users add ben --role admin")
    shell.pipe("auth users add ana")
    assert shell.pipe("auth users role ana operator").out == "User ana is now operator.\n"
    assert shell.pipe("auth users disable ben").out == "User ben is disabled, and their tokens are revoked.\n"
    assert shell.terminal("auth users list").out == dedent("""\
        NAME  ROLE      ADDED                 DISABLED
        ana   operator  2026-03-01 12:00:00Z
        ben   admin     2026-03-01 12:00:00Z  2026-03-01 12:00:00Z
        """)
    assert shell.pipe("auth users enable ben").out == "User ben may come in with a new token.\n"
    assert [row["disabled_at"] for row in json.loads(shell.pipe("auth users list --json").out)] == [None, None]


def test_tokens_are_listed_and_revoked(shell: Shell, service: Service) -> None:
    shell.pipe("auth users add ana")
    shell.pipe("auth tokens issue ana --label laptop")
    assert shell.terminal("auth tokens list --user ana").out == dedent("""\
        USER  LABEL   ISSUED                EXPIRES
        ana   laptop  2026-03-01 12:00:00Z  2026-05-30 12:00:00Z
        """)
    assert len(json.loads(shell.pipe("auth tokens list --json").out)) == 2, "with the installation's own"
    assert shell.pipe("auth tokens revoke ana laptop").out == "Revoked the token laptop of ana.\n"
    assert shell.terminal("auth tokens list --user ana").err == (
        "No tokens: issue one with `fleet auth tokens issue NAME`.\n"
    )


def test_refusals_are_the_services_sentence(shell: Shell, service: Service) -> None:
    unknown = "fleet: expected the name of a user, got 'none': see `fleet auth users list`\n"
    assert shell.pipe("auth users disable none") == (4, "", unknown)
    assert shell.pipe("auth tokens issue none") == (4, "", unknown)
    assert shell.pipe("auth users add a/b").err.startswith("fleet: expected a user name of 1 to 64 letters")
