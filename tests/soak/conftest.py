"""What the long runs may ask for."""

from tests.scenarios.conftest import durable_postgres

__all__ = ["durable_postgres"]
