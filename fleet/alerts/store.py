"""What is asked about alerts."""

from uuid import UUID

from sqlmodel import Session, col, select

from fleet.alerts.models import Alert, AlertState


def latest(
    tx: Session,
    account_id: UUID,
    before: UUID | None,
    limit: int,
    *,
    state: AlertState | None = None,
    device_id: UUID | None = None,
) -> list[Alert]:
    """Alerts, newest first; with `before` those older than it, with `state` or `device_id` only such."""
    query = select(Alert).where(Alert.account_id == account_id)
    if before is not None:
        query = query.where(Alert.id < before)
    if state is not None:
        query = query.where(Alert.state == state)
    if device_id is not None:
        query = query.where(Alert.device_id == device_id)
    return list(tx.exec(query.order_by(col(Alert.id).desc()).limit(limit)))
