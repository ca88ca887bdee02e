"""The work of technicians: what is wrong with one machine, gathered until it is mended."""

from fleet.tickets.gathering import consumer

__all__ = ["consumer"]
