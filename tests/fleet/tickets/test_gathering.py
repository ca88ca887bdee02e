"""One ticket a machine gathers what is wrong with it and ends with the last of it."""

from fleet.audit import Role, Way
from fleet.db import outbox
from fleet.db.log import Position
from fleet.tickets import gathering, service, store
from fleet.tickets.models import TicketState
from tests.fleet.yard import SOLD_OUT, WARM, Yard


async def test_an_alert_opens_a_ticket(yard: Yard) -> None:
    yard.rule("warm", WARM, severity="minor")
    yard.says("vm-04", 0, temperature=6.2)
    await yard.settle()
    (ticket,), (alert,) = yard.tickets, yard.alerts
    assert (ticket.number, ticket.state, ticket.summary) == (1, TicketState.OPEN, "temperature 6.2 > 5")
    assert (ticket.severity, ticket.policy_id, ticket.device_id) == ("minor", yard.policy_id, alert.device_id)
    (opened,) = yard.audit("ticket.opened")
    assert (opened.subject, opened.role, opened.way) == ("ticket 1", Role.SYSTEM, Way.RULES)
    assert opened.facts == {"device": "vm-04", "rule": "warm", "summary": "temperature 6.2 > 5"}
    assert yard.events("ticket.") == ["ticket.opened"]


async def test_the_ticket_of_a_machine_gathers_its_alerts_and_speaks_for_the_worst(yard: Yard) -> None:
    yard.rule("warm", WARM, severity="minor")
    yard.rule("empty", SOLD_OUT, severity="critical")
    yard.says("vm-04", 0, temperature=6)
    await yard.settle()
    yard.event("vm-04", 1, "sold_out", "on")
    await yard.settle()
    (ticket,) = yard.tickets
    assert (ticket.summary, ticket.severity) == ("temperature 6 > 5; sold_out", "critical")
    assert yard.events("ticket.") == ["ticket.opened", "ticket.grew"]
    yard.event("vm-04", 2, "sold_out", "off")
    await yard.settle()
    (ticket,) = yard.tickets
    assert (ticket.summary, ticket.severity, ticket.state) == ("temperature 6 > 5", "minor", TicketState.OPEN)


async def test_the_last_alert_that_clears_resolves_the_ticket_with_its_evidence(yard: Yard) -> None:
    yard.rule("warm", WARM)
    yard.rule("empty", SOLD_OUT)
    yard.says("vm-04", 0, temperature=6)
    yard.event("vm-04", 0, "sold_out", "on")
    await yard.settle()
    yard.event("vm-04", 1, "sold_out", "off")
    yard.clock.advance(60)
    yard.says("vm-04", 2, temperature=3)
    await yard.settle()
    (ticket,) = yard.tickets
    assert (ticket.state, ticket.resolved_at) == (TicketState.RESOLVED, yard.second(60))
    (resolved,) = yard.audit("ticket.resolved")
    evidence = resolved.facts["evidence"]
    assert {rule: facts["reading"] for rule, facts in evidence.items()} == {
        "warm": "temperature 3 <= 4",
        "empty": "sold_out off",
    }
    assert yard.events("ticket.") == ["ticket.opened", "ticket.grew", "ticket.resolved"]


async def test_what_goes_wrong_after_a_resolved_ticket_opens_the_next_one(yard: Yard) -> None:
    yard.rule("warm", WARM)
    for second, temperature in enumerate([6, 3, 7]):
        yard.says("vm-04", second, temperature=temperature)
        await yard.settle()
    assert [(ticket.number, ticket.state) for ticket in yard.tickets] == [
        (1, TicketState.RESOLVED),
        (2, TicketState.OPEN),
    ]


async def test_each_machine_has_its_own_ticket_and_numbers_count_up(yard: Yard) -> None:
    yard.device("vm-05")
    yard.rule("empty", SOLD_OUT)
    yard.event("vm-05", 0, "sold_out", "on")
    yard.event("vm-04", 1, "sold_out", "on")
    await yard.settle()
    assert [entry.facts["device"] for entry in yard.audit("ticket.opened")] == ["vm-05", "vm-04"]
    assert [ticket.number for ticket in yard.tickets] == [1, 2]


async def test_what_was_over_before_anybody_could_be_asked_is_no_work(yard: Yard) -> None:
    yard.rule("warm", WARM)
    for second, temperature in enumerate([6, 3]):
        yard.says("vm-04", second, temperature=temperature)
    await yard.settle()
    assert (len(yard.alerts), yard.tickets) == (1, [])


async def test_an_alert_that_clears_after_an_operator_resolved_its_ticket_changes_nothing(yard: Yard) -> None:
    yard.rule("warm", WARM)
    yard.says("vm-04", 0, temperature=6)
    await yard.settle()
    yard.write(
        lambda tx: service.resolve(
            tx, yard.operator, yard.clock.now(), store.get(tx, yard.account_id, 1), {"note": "seen"}
        )
    )
    yard.clock.advance(5)
    yard.says("vm-04", 1, temperature=3)
    await yard.settle()
    assert yard.tickets[0].resolved_at == yard.second(0)
    assert len(yard.events("ticket.resolved")) == 1


async def test_events_read_again_change_nothing(yard: Yard) -> None:
    yard.rule("warm", WARM)
    yard.says("vm-04", 0, temperature=6)
    await yard.settle()
    yard.write(lambda tx: outbox.advance(tx, gathering.READER, Position()))
    await yard.settle()
    assert yard.events("ticket.") == ["ticket.opened"]
    assert len(yard.tickets) == 1
