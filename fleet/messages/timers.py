"""What time does to texts: leases run out, waits end, texts expire, parts wait no longer for the rest."""

from datetime import timedelta
from uuid import UUID

from sqlmodel import Session

from fleet import due
from fleet.audit import Way, system
from fleet.context import Context
from fleet.db.engine import wake
from fleet.due import Due
from fleet.due.runner import Handler
from fleet.messages import carrying, joining, lifecycle, service
from fleet.messages.lifecycle import Step
from fleet.messages.models import TextMessage


def due_handlers(context: Context) -> dict[str, Handler]:
    """The handler of every message's timer."""
    settle = context.clock.span(context.settings.escalation.settle_s)

    async def look(late: Due) -> None:
        def work(tx: Session) -> None:
            if due.still_mine(tx, late):
                _look(tx, context, late, settle)

        await context.database.write(work)

    async def expire(late: Due) -> None:
        def work(tx: Session) -> None:
            if due.still_mine(tx, late):
                joining.expire(tx, system(late.account_id, Way.TIMER), context.clock.now(), late)

        await context.database.write(work)

    return {service.TIMER: look, joining.TIMER: expire}


def _look(tx: Session, context: Context, late: Due, settle: timedelta) -> None:
    message = tx.get(TextMessage, UUID(late.key), with_for_update=True)
    if message is None:
        due.finish(tx, late)
        return
    now, actor = context.clock.now(), system(message.account_id, Way.TIMER)
    step = lifecycle.on_time(message, now)
    match step:
        case None:
            service.keep(tx, message, now)
        case Step.LOSE:
            carrying.lose_attempt(tx, actor, now, message, settle)
        case Step.EXPIRE:
            cause = "it may have left, and no report came in time" if message.bound_to else "no modem took it in time"
            service.fail(tx, actor, now, message, step, cause)
        case Step.RESEND:
            message.resends += 1
            service.move(tx, now, message, step)
        case _:
            service.move(tx, now, message, step)
    wake(tx, service.TOPIC)
