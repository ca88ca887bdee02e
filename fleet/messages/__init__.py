"""Texts to people and from them. Knows no ticket."""

from fleet.messages.timers import due_handlers

__all__ = ["due_handlers"]
