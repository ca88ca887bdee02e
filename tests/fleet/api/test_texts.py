"""/v1/texts: did it leave, did it arrive, what was the answer."""

from datetime import timedelta
from typing import Any

import httpx2
import pytest

from fleet.messages import inbound
from fleet.messages.parts import Outcome
from modem_drivers import pdu
from tests.fleet.escalation.desk import MODEM, PEOPLE, Desk

ANA, STRANGER = PEOPLE["ana"], "+12025550177"


@pytest.fixture
def client(desk_client: httpx2.AsyncClient) -> httpx2.AsyncClient:
    """An operator's client at the desk."""
    return desk_client


async def listed(client: httpx2.AsyncClient, **query: Any) -> list[dict[str, Any]]:
    answer = await client.get("/v1/texts", params=query)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["items"]
    return found


async def shown(client: httpx2.AsyncClient, text_id: str) -> dict[str, Any]:
    answer = await client.get(f"/v1/texts/{text_id}")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def says(desk: Desk, sender: str, *texts: str) -> None:
    """The texts come in, each a second after the one before."""
    for text in texts:
        desk.text_from(sender, text)


async def test_what_a_technician_was_asked_and_answered_is_one_list(desk: Desk, client: httpx2.AsyncClient) -> None:
    await desk.open(desk.policy("ana", "ben"))
    await desk.carry()
    await desk.reply("ana", "41A")
    says(desk, STRANGER, "who is this?")
    texts = await listed(client, technician="ana")
    assert [text["id"] for text in texts] == sorted((text["id"] for text in texts), reverse=True)
    assert {(text["number"], text["technician"]) for text in texts} == {(ANA, "ana")}
    assert sorted((text["direction"], text["state"], text["body"].split(":")[0][:22]) for text in texts) == [
        ("in", "received", "41A"),
        ("out", "sent", "Ticket 1 is yours"),
        ("out", "sent", "vm-01"),
    ]
    (stranger,) = await listed(client, number=STRANGER)
    assert (stranger["direction"], stranger["technician"], stranger["body"]) == ("in", None, "who is this?")
    assert (stranger["created_at"], stranger["sent_at"]) == ("2026-01-01T00:00:02Z", "2026-01-01T00:00:02Z")


async def test_texts_are_chosen_by_direction_state_number_and_time(desk: Desk, client: httpx2.AsyncClient) -> None:
    await desk.open(desk.policy("ana", "ben"))
    await desk.carry()
    desk.accept("eve")
    says(desk, STRANGER, "one", "two")
    says(desk, STRANGER.removeprefix("+"), "three")
    says(desk, "Provider", "four")

    async def bodies(**query: str) -> set[str]:
        return {text["body"].split()[0] for text in await listed(client, **query)}

    assert await bodies(direction="in") == {"one", "two", "three", "four"}
    assert await bodies(direction="out", state="sent") == {"vm-01:"}
    assert {text["number"] for text in await listed(client, state="queued")} == {ANA, PEOPLE["eve"]}
    assert await bodies(direction="in", state="queued") == set()
    assert await bodies(number="+1 202-555-0177") == {"one", "two", "three"}
    assert await bodies(number="12025550177", since="2026-01-01T00:00:02Z") == {"two", "three"}
    assert await bodies(number="Provider") == {"four"}


async def test_both_ways_go_over_pages(desk: Desk, client: httpx2.AsyncClient) -> None:
    await desk.open(desk.policy("ana", "ben"))
    says(desk, STRANGER, "one", "two")
    desk.accept("eve")
    seen: list[str] = []
    cursor = None
    while True:
        page = (await client.get("/v1/texts", params={"limit": 2, **({"cursor": cursor} if cursor else {})})).json()
        seen += [text["id"] for text in page["items"]]
        cursor = page["next"]
        if cursor is None:
            break
    assert seen == [text["id"] for text in await listed(client)]
    assert len(seen) == 4


async def test_why_a_text_did_not_leave_is_told_by_attempt(desk: Desk, client: httpx2.AsyncClient) -> None:
    await desk.open(desk.policy("ana"))
    await desk.carry(Outcome.REFUSED, "+CMS ERROR: 8")
    (text,) = await listed(client)
    found = await shown(client, text["id"])
    assert (found["state"], found["cause"], found["sent_at"]) == ("refused", "+CMS ERROR: 8", None)
    assert found["reference"].startswith("offer:")
    assert found["attempts"] == [
        {
            "number": 1,
            "modem": MODEM,
            "started_at": "2026-01-01T00:00:00Z",
            "ended_at": "2026-01-01T00:00:00Z",
            "outcome": "refused",
            "cause": "+CMS ERROR: 8",
            "resend": False,
            "parts": 1,
            "sent": 0,
            "delivered": 0,
        }
    ]


async def test_a_delivery_report_is_shown(desk: Desk, client: httpx2.AsyncClient) -> None:
    await desk.open(desk.policy("ana"))
    await desk.carry()
    desk.clock.advance(4)
    now = desk.clock.now()
    report = pdu.decode_status_report(pdu.encode_status_report(ANA, 0, now, now, 0))
    desk.write(lambda tx: inbound.report(tx, desk.gateway, now, MODEM, report))
    found = await shown(client, (await listed(client))[0]["id"])
    assert (found["sent_at"], found["delivered_at"]) == ("2026-01-01T00:00:00Z", "2026-01-01T00:00:04Z")
    assert [(one["parts"], one["sent"], one["delivered"]) for one in found["attempts"]] == [(1, 1, 1)]


async def test_a_text_whose_parts_never_came_says_so(desk: Desk, client: httpx2.AsyncClient) -> None:
    first, *_ = pdu.encode_deliver(STRANGER, "a" * 160 + "b" * 160, desk.clock.now(), concat_reference=7)
    desk.write(lambda tx: inbound.receive(tx, desk.gateway, desk.clock.now(), MODEM, first))
    await desk.pass_time(timedelta(days=3, seconds=1).total_seconds())
    assert await listed(client, state="received") == []
    (text,) = await listed(client, state="incomplete")
    found = await shown(client, text["id"])
    assert (found["missing"], found["body"], found["modem"]) == (2, "a" * 153 + "[…]", MODEM)
    assert (found["direction"], found["attempts"]) == ("in", [])


async def test_the_beginning_of_an_id_will_do_where_one_text_has_it(desk: Desk, client: httpx2.AsyncClient) -> None:
    says(desk, STRANGER, "one", "two")
    ids = [text["id"] for text in await listed(client)]
    common = next(length for length in range(1, 36) if ids[0][:length] != ids[1][:length])
    assert (await shown(client, ids[0][:common].upper()))["id"] == ids[0]
    refused = await client.get(f"/v1/texts/{ids[0][: common - 1]}")
    assert (refused.status_code, "with which several begin: give more of it" in refused.json()["detail"]) == (400, True)


@pytest.mark.parametrize(
    ("path", "status", "detail"),
    [
        ("?cursor=bm9uZQ==", 400, "expected a cursor from an earlier page"),
        ("?direction=up", 400, "expected 'out' or 'in' as direction, got 'up': correct it"),
        ("?state=lost", 400, "expected 'queued', 'claimed',"),
        ("?number=%2B12", 400, "expected a phone number in E.164"),
        ("?technician=nil", 404, "expected the name of a technician, got 'nil'"),
        ("?technician=ana&number=1", 400, "expected a number or a technician, got both: give one"),
        ("?since=2026-01-01T00:00:00", 400, "expected"),
        ("/ffffffff", 404, "expected the id of a text, got 'ffffffff': see `fleet texts list`"),
        ("/none", 404, "expected the id of a text, got 'none'"),
    ],
)
async def test_what_cannot_be_shown_is_refused_in_one_sentence(
    client: httpx2.AsyncClient, path: str, status: int, detail: str
) -> None:
    refused = await client.get(f"/v1/texts{path}")
    assert refused.status_code == status
    assert refused.json()["detail"].startswith(detail)
