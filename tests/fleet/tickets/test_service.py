"""The acts on a ticket: refused ones change nothing, done ones are audited and told."""

import asyncio
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import pytest
from sqlmodel import Session

from fleet.errors import Conflict, NotFound
from fleet.ids import uuid7
from fleet.tickets import service, store
from fleet.tickets.models import Ticket, TicketState
from tests.fleet.yard import SOLD_OUT, WARM, Yard


@dataclass
class Person:
    name: str
    id: UUID = field(default_factory=uuid7)


ANA, BEN = Person("ana"), Person("ben")


@pytest.fixture
async def number(yard: Yard) -> int:
    """The number of an open ticket."""
    yard.rule("warm", WARM)
    yard.says("vm-04", 0, temperature=6)
    await yard.settle()
    return yard.tickets[0].number


def act(yard: Yard, number: int, name: str, *args: object, **facts: object) -> None:
    def work(tx: Session) -> None:
        ticket = service.get(tx, yard.account_id, number)
        getattr(service, name)(tx, yard.operator, yard.clock.now(), ticket, *args, **facts)

    yard.write(work)


def timeline(yard: Yard, number: int) -> list[tuple[str, dict[str, Any]]]:
    entries = yard.read(lambda tx: store.timeline(tx, store.get(tx, yard.account_id, number)))
    return [(entry.verb, entry.facts) for entry in entries][1:]


def test_offered_accepted_resolved(yard: Yard, number: int) -> None:
    act(yard, number, "mark_offered", technician="ben", code=41)
    act(yard, number, "mark_offered", technician="ana", code=17)
    yard.clock.advance(5)
    act(yard, number, "accept", ANA, reply="17A")
    act(yard, number, "resolve", {"note": "door closed"})
    (ticket,) = yard.tickets
    assert (ticket.state, ticket.technician_id) == (TicketState.RESOLVED, ANA.id)
    assert ticket.accepted_at == ticket.resolved_at == yard.second(5)
    assert timeline(yard, number) == [
        ("ticket.offered", {"technician": "ben", "code": 41}),
        ("ticket.offered", {"technician": "ana", "code": 17}),
        ("ticket.accepted", {"technician": "ana", "reply": "17A"}),
        ("ticket.resolved", {"evidence": {"note": "door closed"}}),
    ]
    assert yard.events("ticket.") == ["ticket.opened", "ticket.resolved"]


def test_a_late_yes_takes_an_exhausted_ticket(yard: Yard, number: int) -> None:
    act(yard, number, "mark_exhausted", rounds=1)
    act(yard, number, "accept", BEN)
    assert yard.tickets[0].technician_id == BEN.id


def test_a_refused_act_changes_nothing_even_if_its_transaction_commits(yard: Yard, number: int) -> None:
    act(yard, number, "accept", ANA)

    def work(tx: Session) -> None:
        ticket = service.get(tx, yard.account_id, number)
        with pytest.raises(Conflict):
            service.accept(tx, yard.operator, yard.clock.now(), ticket, BEN)

    yard.write(work)
    assert yard.tickets[0].technician_id == ANA.id
    assert [verb for verb, _ in timeline(yard, number)] == ["ticket.accepted"]


async def test_two_who_accept_at_once_are_one_winner_and_one_refusal(yard: Yard, number: int) -> None:
    def take(person: Person) -> str:
        try:
            act(yard, number, "accept", person)
        except Conflict:
            return "refused"
        return person.name

    outcomes = await asyncio.gather(*(asyncio.to_thread(take, person) for person in (ANA, BEN)))
    assert sorted(outcomes)[1] == "refused"
    assert yard.tickets[0].technician_id == next(p.id for p in (ANA, BEN) if p.name in outcomes)


def test_an_unknown_number_is_not_found(yard: Yard) -> None:
    with pytest.raises(NotFound, match="expected the number of a ticket, got 9: see `fleet tickets list`"):
        yard.read(lambda tx: service.get(tx, yard.account_id, 9))


async def test_tickets_are_listed_newest_first_in_pages(yard: Yard) -> None:
    yard.rule("empty", SOLD_OUT)
    for name in ("a", "b", "c"):
        yard.device(name)
        yard.event(name, 0, "sold_out", "on")
    await yard.settle()
    act(yard, 2, "mark_offered")

    def listed(below: int | None, state: TicketState | None = None) -> list[Ticket]:
        return yard.read(lambda tx: store.latest(tx, yard.account_id, below, 2, state))

    assert [ticket.number for ticket in listed(None)] == [3, 2]
    assert [ticket.number for ticket in listed(2)] == [1]
    assert [ticket.number for ticket in listed(None, TicketState.OFFERED)] == [2]
