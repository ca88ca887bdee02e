"""What makes tickets move: events of tickets and texts, and deadlines."""

from collections.abc import Callable
from uuid import UUID

from sqlmodel import Session

from fleet import due
from fleet.audit import Actor, Way, system
from fleet.context import Context
from fleet.db.outbox import Consumer, Event
from fleet.due import Due
from fleet.due.runner import Handler
from fleet.escalation import counting, offers, replying
from fleet.escalation.models import Offer, OfferState
from fleet.messages.models import InboundText
from fleet.oncall.models import Technician
from fleet.tickets.models import Ticket

READER = "escalation"
Handle = Callable[[Session, Event], None]


def consumer(context: Context) -> Consumer:
    """What offers opened tickets, starts clocks as texts leave, and acts upon replies; run it as a task."""
    settings, clock = context.settings.escalation, context.clock

    def opened(tx: Session, event: Event) -> None:
        offers.carry_on(tx, _actor(event), clock.now(), _ticket(tx, event), settings)

    def resolved(tx: Session, event: Event) -> None:
        _resolved(tx, context, event)

    def sent(tx: Session, event: Event) -> None:
        offer = _offer(tx, event)
        if offer is not None:
            offers.text_left(tx, offer, event.at)

    def failed(tx: Session, event: Event) -> None:
        offer = _offer(tx, event)
        if offer is None or offer.state is not OfferState.PENDING:
            return
        ticket = tx.get_one(Ticket, offer.ticket_id, with_for_update=True)
        now, actor = clock.now(), _actor(event)
        offers.close(tx, actor, now, ticket, offer, OfferState.CANCELED, why=event.body["cause"])
        offers.carry_on(tx, actor, now, ticket, settings)

    def received(tx: Session, event: Event) -> None:
        text = tx.get_one(InboundText, UUID(event.body["inbound_id"]))
        counting.note(tx, counting.REPLY, replying.answer(tx, clock.now(), text, settings))

    handlers = {
        "ticket.opened": opened,
        "ticket.grew": opened,
        "ticket.resolved": resolved,
        "text.sent": sent,
        "text.failed": failed,
        "text.received": received,
    }
    counted = {topic: _counted(context, handle) for topic, handle in handlers.items()}
    return Consumer(context.database, clock, READER, counted)


def due_handlers(context: Context) -> dict[str, Handler]:
    """The handler of the offers' deadlines."""

    async def deadline(late: Due) -> None:
        def work(tx: Session) -> None:
            if not due.still_mine(tx, late):
                return
            counting.count(tx, context.metrics)
            due.finish(tx, late)
            offer = tx.get_one(Offer, UUID(late.key))
            ticket = tx.get_one(Ticket, offer.ticket_id, with_for_update=True)
            actor = system(late.account_id, Way.TIMER)
            offers.carry_on(tx, actor, context.clock.now(), ticket, context.settings.escalation)

        await context.database.write(work)

    return {offers.DEADLINE: deadline}


def _counted(context: Context, handle: Handle) -> Handle:
    def counted(tx: Session, event: Event) -> None:
        counting.count(tx, context.metrics)
        handle(tx, event)

    return counted


def _resolved(tx: Session, context: Context, event: Event) -> None:
    """Nobody need go any more: who is being asked, and who had accepted, is told."""
    now, actor, ticket = context.clock.now(), _actor(event), _ticket(tx, event)
    for offer in offers.of_ticket(tx, ticket.id):
        if offer.state is OfferState.PENDING:
            offers.close(tx, actor, now, ticket, offer, OfferState.CANCELED, why="resolved")
            offers.unwanted(tx, actor, now, ticket, offer, "resolved")
    holder = tx.get(Technician, ticket.technician_id) if ticket.technician_id else None
    if holder is not None:
        offers.tell(tx, actor, now, holder, f"resolved:{ticket.id}", "resolved", offers.job(tx, ticket))


def _actor(event: Event) -> Actor:
    ways = {"ticket": Way.RULES, "text": Way.GATEWAY}
    return system(event.account_id, ways[event.topic.partition(".")[0]])


def _ticket(tx: Session, event: Event) -> Ticket:
    return tx.get_one(Ticket, UUID(event.body["ticket_id"]), with_for_update=True)


def _offer(tx: Session, event: Event) -> Offer | None:
    """The offer a text was about; None where it was about something else."""
    kind, _, key = str(event.body["reference"]).partition(":")
    return tx.get(Offer, UUID(key), with_for_update=True) if kind == "offer" else None
