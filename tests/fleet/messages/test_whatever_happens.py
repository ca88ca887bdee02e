"""Whatever modem, network and crashes do, in whatever order: a text is told once and never repeated after."""

import asyncio
import shutil
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlmodel import col, select

from fleet.clock import ManualClock
from fleet.db import Database
from fleet.messages import parts
from fleet.messages.models import Attempt
from fleet.messages.parts import Outcome
from modem_drivers import pdu
from tests.fleet.messages.post import BUSY, MODEM, OTHER_MODEM, REFUSED, SENT, UNKNOWN, Post
from tests.postgres import create_database, drop_database

OUTCOMES = {"sent": SENT, "unknown": UNKNOWN, "refused": REFUSED, "busy": BUSY}
happenings = st.lists(
    st.one_of(
        st.tuples(st.just("carry"), st.sampled_from([MODEM, OTHER_MODEM]), st.sampled_from(sorted(OUTCOMES))),
        st.tuples(st.just("crash"), st.sampled_from([MODEM, OTHER_MODEM]), st.just("")),
        st.tuples(st.just("report"), st.sampled_from([MODEM, OTHER_MODEM]), st.sampled_from(["0", "48", "70"])),
        st.tuples(st.just("time"), st.just(""), st.sampled_from(["5", "30", "60", "600"])),
    ),
    max_size=12,
)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the examples have their databases."""
    return tmp_path_factory.mktemp("whatever")


@settings(max_examples=40, deadline=None)
@given(happenings)
def test_a_text_is_told_once_and_left_alone_after(
    sqlite_template: Path, place: Path, story: list[tuple[str, str, str]]
) -> None:
    path = place / "fleet.db"
    for old in place.glob("fleet.db*"):
        old.unlink()
    shutil.copy(sqlite_template, path)
    happens(f"sqlite:///{path}", story)


@settings(max_examples=10, deadline=None)
@given(happenings)
def test_so_it_is_on_postgresql(postgres_server: str, story: list[tuple[str, str, str]]) -> None:
    url = create_database(postgres_server, "whatever", "template")
    try:
        happens(url, story)
    finally:
        drop_database(postgres_server, "whatever")


def happens(url: str, story: list[tuple[str, str, str]]) -> None:
    database = Database(url)
    try:
        asyncio.run(live(Post(database, ManualClock()), story))
    finally:
        database.close()


async def live(post: Post, story: list[tuple[str, str, str]]) -> None:
    post.put("x" * 200)
    for act, modem, how in story:
        decided = told(post)
        before = attempts(post)
        if act == "time":
            await post.pass_time(float(how))
        elif act == "report":
            for reference in (0, 1):
                post.report(reference, int(how), modem=modem)
        elif (attempt := post.try_begin(modem)) is not None and act == "carry":
            post.end(attempt, *[OUTCOMES[how]] * len(attempt.parts))
        check(post, decided, before)


def check(post: Post, decided: bool, before: list[Attempt]) -> None:
    now = attempts(post)
    assert not decided or len(now) == len(before), "once told, it is never written again"
    topics = post.events()
    assert all(topics.count(topic) <= 1 for topic in ("text.sent", "text.failed", "text.delivered"))
    assert sum(attempt.outcome == Outcome.UNKNOWN for attempt in now) <= 2, "in doubt at most twice"
    bodies = {modem: "".join(text_of(now, modem)) for modem in {attempt.modem for attempt in now}}
    assert set(bodies.values()) <= {"x" * 200}, "no modem ever carries other words"


def text_of(tried: list[Attempt], modem: str) -> list[str]:
    """What a phone joins of the parts that this modem carried, whichever of the attempts arrived."""
    joined: dict[int, str] = {}
    for attempt in tried:
        for part in parts.load(attempt.parts) if attempt.modem == modem else ():
            joined[part.part] = pdu.decode_submit(part.hex).text or ""
    return [joined[number] for number in sorted(joined)]


def told(post: Post) -> bool:
    return any(topic in ("text.sent", "text.failed") for topic in post.events())


def attempts(post: Post) -> list[Attempt]:
    return post.write(lambda tx: list(tx.exec(select(Attempt).order_by(col(Attempt.number)))))
