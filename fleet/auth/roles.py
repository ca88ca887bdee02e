"""What people may do, from least to most: each role may all that the one before may."""

import enum


class UserRole(enum.StrEnum):
    """The role of somebody who uses the API."""

    VIEWER = "viewer"
    """Reads what happens; changes nothing, sees no token and no text to a person."""
    OPERATOR = "operator"
    """Runs the fleet: SIMs, machines, rules, technicians, tickets."""
    ADMIN = "admin"
    """Also says who may do what: users and their tokens."""

    def covers(self, needed: "UserRole") -> bool:
        """Whether this role may what needs `needed`."""
        order = list(UserRole)
        return order.index(self) >= order.index(needed)
