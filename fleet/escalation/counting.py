"""Figures of offers and replies, counted when the transaction that made them is committed, and only then."""

from collections import Counter

from sqlalchemy import event
from sqlmodel import Session

from fleet.observability import Metrics

OFFER, REPLY = "offer", "reply"
_KEY = "escalation figures"


def note(tx: Session, figure: str, label: str) -> None:
    """In this transaction an offer was closed (`label`: its state) or a reply was judged (`label`: its kind)."""
    tx.info.setdefault(_KEY, Counter())[figure, label] += 1


def count(tx: Session, metrics: Metrics) -> None:
    """Have what this transaction notes counted once it is committed; asked for twice, it is counted once."""
    event.listen(tx, "after_commit", lambda session: _count(session, metrics), once=True)


def _count(session: Session, metrics: Metrics) -> None:
    counters = {OFFER: metrics.offers, REPLY: metrics.replies}
    for (figure, label), times in session.info.pop(_KEY, Counter()).items():
        counters[figure].labels(label).inc(times)
