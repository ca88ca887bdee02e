"""The database: one way to read, one way to write, on SQLite and on PostgreSQL."""

from fleet.db.engine import Database, Isolation, wake

__all__ = ["Database", "Isolation", "wake"]
