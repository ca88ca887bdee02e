"""Everything that happens later: rows with a due time, claimed by lease, each handled once."""

from fleet.due.models import Due
from fleet.due.runner import Runner
from fleet.due.store import cancel, finish, schedule, still_mine

__all__ = ["Due", "Runner", "cancel", "finish", "schedule", "still_mine"]
