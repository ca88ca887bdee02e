"""A ticket is offered to one technician at a time until somebody takes it."""

from fleet.escalation.engine import consumer, due_handlers

__all__ = ["consumer", "due_handlers"]
