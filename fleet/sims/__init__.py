"""SIMs: inventory, life cycle at their providers, provisioning in their machines."""

from fleet.sims.engine import Engine

__all__ = ["Engine"]
