"""`fleet texts`, whole screens."""

import json
import re
from datetime import timedelta
from textwrap import dedent

import pytest

from modem_drivers import pdu
from tests.cli.conftest import Service, Shell
from tests.fleet.messages.post import REFUSED, SENT, UNKNOWN, Post

ANA, STRANGER = "+12025550123", "+12025550177"
ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}(-[0-9a-f]{4}-[0-9a-f]{12})?")


@pytest.fixture
def post(story: Shell, service: Service) -> Post:
    """The service's queue of texts and its modem, beside ana and ben."""
    return Post(service.database, service.clock)


def comes_in(post: Post, sender: str, body: str) -> None:
    for found in pdu.encode_deliver(sender, body, post.clock.now(), concat_reference=7):
        post.receive(found)


def screen(text: str) -> str:
    """A screen with ID for each id."""
    return ID.sub("ID", text)


def first_id(shell: Shell, line: str) -> str:
    return shell.pipe(f"texts list {line}").out.split("\t")[0]


def test_list_tells_what_left_and_what_was_answered(shell: Shell, post: Post) -> None:
    post.put("vm-01: warm. Reply 41A.", to=ANA)
    post.carry(SENT)
    post.report(0, to=ANA)
    post.clock.advance(timedelta(minutes=3))
    comes_in(post, ANA, "41A\non my way")
    comes_in(post, STRANGER, "Hello")
    row = "ID\t2026-03-01 12:0{}:00Z\t{}\t{}\t{}\n"
    asked = row.format(0, "to ana", "sent, delivered", "vm-01: warm. Reply 41A.")
    answered = row.format(3, "from ana", "received", "41A on my way")
    assert screen(shell.pipe("texts list --technician ana").out) == answered + asked
    assert screen(shell.pipe("texts list --out").out) == asked
    assert screen(shell.pipe(f"texts list --in --number {STRANGER}").out) == row.format(
        3, f"from {STRANGER}", "received", "Hello"
    )
    assert screen(shell.pipe("texts list --state sent --limit 1").out) == asked
    assert shell.pipe("texts list --since 2026-03-01T12:03:01").out == ""
    assert [text["direction"] for text in json.loads(shell.pipe("texts list --json").out)] == ["in", "in", "out"]


def test_list_is_a_table_that_fits(shell: Shell, post: Post) -> None:
    post.put("vm-01 Station north: temperature 6.2 > 5. Ticket 1. Reply 41A to accept, 41E to pass on.", to=ANA)
    heading, row, *more = shell.terminal("texts list").out.splitlines()
    assert heading.split() == ["ID", "AT", "WHO", "STATE", "TEXT"]
    assert screen(row).startswith("ID  2026-03-01 12:00:00Z  to ana  queued  vm-01 Station north:")
    assert max(map(len, (heading, row, *more))) <= 100


async def test_show_tells_why_a_text_did_not_leave(shell: Shell, post: Post) -> None:
    post.put("vm-01: warm.", to=ANA)
    post.carry(UNKNOWN)
    await post.pass_time(60)
    post.carry(REFUSED)
    assert screen(shell.terminal(f"texts show {first_id(shell, '--out')}").out) == dedent("""\
        text                 ID
        to                   ana, +12025550123
        state                refused
        why                  +CMS ERROR: 8
        queued               2026-03-01 12:00:00Z
        sent
        delivered
        worth sending until  2026-03-01 12:15:00Z
        about                offer:1
        says                 vm-01: warm.

        Attempts
        NUMBER  STARTED               MODEM            OUTCOME  PARTS  SENT  DELIVERED  WHY
        1       2026-03-01 12:00:00Z  867698040000013  unknown  1      0     0          the line is gone
        2       2026-03-01 12:01:00Z  867698040000013  refused  1      0     0          +CMS ERROR: 8
        """)


async def test_show_tells_what_never_came_of_a_long_text(shell: Shell, post: Post) -> None:
    first, *_ = pdu.encode_deliver(STRANGER, "a" * 160 + "b" * 160, post.clock.now(), concat_reference=7)
    post.receive(first)
    await post.pass_time(timedelta(days=3, seconds=1).total_seconds())
    assert screen(shell.terminal(f"texts show {first_id(shell, '--state incomplete')}").out) == dedent(f"""\
        text           ID
        from           +12025550177
        state          incomplete
        parts missing  2
        sent           2026-03-01 12:00:00Z
        received       2026-03-04 12:00:01Z
        modem          867698040000013
        says           {"a" * 153}[…]
        """)
    assert json.loads(shell.pipe(f"texts show {first_id(shell, '--in')} --json").out)["missing"] == 2


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("texts list --state lost", "state"),
        ("texts list --technician nobody", "nobody"),
        ("texts list --number +12", "expected a phone number in E.164"),
        ("texts show ffff", "expected the id of a text, got 'ffff': see `fleet texts list`"),
        ("texts show a/b", "expected"),
    ],
)
def test_refusals_come_in_the_services_words(story: Shell, line: str, words: str) -> None:
    story.refused(line, words)


def test_a_time_that_is_none_is_refused(shell: Shell, service: Service) -> None:
    assert shell.pipe("texts list --since yesterday") == (
        2,
        "",
        "fleet: expected how far back such as 12h or 7d, or an ISO time, got 'yesterday': correct --since\n",
    )
