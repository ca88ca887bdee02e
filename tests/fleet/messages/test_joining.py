"""A long text whose parts do not all come is not lost: what came is kept, marked incomplete."""

from collections.abc import Sequence

import pytest
from sqlmodel import col, select

from fleet.due import Due
from fleet.messages.joining import GAP
from fleet.messages.models import InboundPart, InboundText
from modem_drivers import pdu
from tests.fleet.messages.post import Post

FROM = "+15550102"
DAY = 86_400.0
BODY = "a" * 153 + "b" * 153 + "c" * 153 + "d"
"""Four parts of one letter each."""


def parts_of(post: Post, body: str = BODY, reference: int = 7) -> Sequence[str]:
    return pdu.encode_deliver(FROM, body, post.clock.now(), concat_reference=reference)


def kept(post: Post) -> list[tuple[str, int]]:
    """Every text: what it says, and how many parts it lacks."""
    rows = post.write(lambda tx: list(tx.exec(select(InboundText).order_by(col(InboundText.id)))))
    return [(row.body, row.missing) for row in rows]


def waiting(post: Post) -> int:
    return len(post.write(lambda tx: list(tx.exec(select(InboundPart)))))


def due(post: Post) -> int:
    return len(post.write(lambda tx: list(tx.exec(select(Due)))))


@pytest.mark.parametrize(
    ("came", "body", "missing"),
    [
        ((0,), "a" * 153 + GAP, 3),
        ((1,), GAP + "b" * 153 + GAP, 3),
        ((3, 0), "a" * 153 + GAP + "d", 2),
        ((2, 1, 0), "a" * 153 + "b" * 153 + "c" * 153 + GAP, 1),
    ],
)
async def test_what_came_is_kept_with_its_gaps(post: Post, came: tuple[int, ...], body: str, missing: int) -> None:
    parts = parts_of(post)
    for number in came:
        assert post.receive(parts[number]) is None
        assert post.receive(parts[number]) is None
    await post.pass_time(3 * DAY - 1)
    assert kept(post) == []
    await post.pass_time(2)
    assert kept(post) == [(body, missing)]
    assert (waiting(post), due(post)) == (0, 0)
    assert post.verbs() == ["text.incomplete"]
    assert post.events() == [], "three days late it is no answer to anything"


async def test_the_rest_may_come_until_then(post: Post) -> None:
    parts = parts_of(post)
    post.receive(parts[0])
    await post.pass_time(2.9 * DAY)
    for part in parts[1:]:
        post.receive(part)
    assert kept(post) == [(BODY, 0)]
    await post.pass_time(4 * DAY)
    assert kept(post) == [(BODY, 0)]
    assert (waiting(post), due(post)) == (0, 0), "nor is it remembered for ever what was joined"
    assert post.events() == ["text.received"]


async def test_a_part_that_comes_too_late_is_kept_too(post: Post) -> None:
    parts = parts_of(post)
    for part in parts[:3]:
        post.receive(part)
    await post.pass_time(3 * DAY + 1)
    post.receive(parts[3])
    await post.pass_time(3 * DAY + 1)
    assert kept(post) == [("a" * 153 + "b" * 153 + "c" * 153 + GAP, 1), (GAP + "d", 3)]


async def test_a_modem_that_hands_a_part_over_again_afterwards_makes_no_second_text(post: Post) -> None:
    parts = parts_of(post)
    for _ in range(2):
        post.receive(parts[0])
        await post.pass_time(3 * DAY + 1)
    assert kept(post) == [("a" * 153 + GAP, 3)]


async def test_a_torn_text_survives_another_one_under_its_reference(post: Post) -> None:
    post.receive(parts_of(post)[0])
    await post.pass_time(DAY)
    other = "x" * 153 + "y" * 153 + "z" * 153 + "."
    for part in parts_of(post, other):
        post.receive(part)
    assert kept(post) == [(other, 0)]
    await post.pass_time(2 * DAY + 1)
    assert kept(post) == [(other, 0), ("a" * 153 + GAP, 3)]
    await post.pass_time(3 * DAY)
    assert (waiting(post), due(post)) == (0, 0)


async def test_texts_of_two_senders_do_not_mix(post: Post) -> None:
    post.receive(parts_of(post)[0])
    other = pdu.encode_deliver("+15550103", BODY, post.clock.now(), concat_reference=7)
    for part in other[1:]:
        post.receive(part)
    await post.pass_time(3 * DAY + 1)
    assert sorted(kept(post)) == sorted(
        [("a" * 153 + GAP, 3), (GAP + "b" * 153 + "c" * 153 + "d", 1)],
    )


async def test_a_binary_one_is_kept_as_hex(post: Post) -> None:
    sent = pdu.encode_data("+15550199", bytes(range(200)), first_reference=1, ports=pdu.Ports(2948, 9200))
    post.receive(pdu.relay(sent[0].hex, FROM, post.clock.now()))
    await post.pass_time(3 * DAY + 1)
    [(body, missing)] = kept(post)
    assert body.startswith("0x000102")
    assert body.endswith(GAP)
    assert missing == 1
