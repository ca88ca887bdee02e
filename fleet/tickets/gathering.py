"""Alerts become tickets: the reader of `alert.raised` and `alert.cleared`."""

from uuid import UUID

from sqlmodel import Session

from fleet.alerts.models import Alert, AlertState
from fleet.audit import Way, system
from fleet.context import Context
from fleet.db.outbox import Consumer, Event
from fleet.tickets import service

READER = "tickets"


def consumer(context: Context) -> Consumer:
    """What keeps tickets in step with alerts; run it as a task."""

    def raised(tx: Session, event: Event) -> None:
        alert = _alert(tx, event)
        # Over before anybody could be asked (a backlog that arrived at once): no work for a person.
        if alert.state is AlertState.RAISED:
            service.gather(tx, system(event.account_id, Way.RULES), context.clock.now(), alert)

    def cleared(tx: Session, event: Event) -> None:
        actor = system(event.account_id, Way.RULES)
        service.settle(tx, actor, context.clock.now(), _alert(tx, event))

    return Consumer(context.database, context.clock, READER, {"alert.raised": raised, "alert.cleared": cleared})


def _alert(tx: Session, event: Event) -> Alert:
    return tx.get_one(Alert, UUID(event.body["alert_id"]))
