"""Every act in every state, as a table."""

import pytest

from fleet.errors import Conflict
from fleet.tickets.lifecycle import MOVES, Act, after
from fleet.tickets.models import TicketState

EXPECTED = """
           offered   accepted  exhausted  reopened  resolved
open       offered   accepted  exhausted  -         resolved
offered    offered   accepted  exhausted  -         resolved
accepted   -         -         -          -         resolved
exhausted  -         accepted  -          open      resolved
resolved   -         -         -          -         -
"""


def table() -> list[tuple[TicketState, Act, TicketState | None]]:
    head, *rows = [line.split() for line in EXPECTED.strip().splitlines()]
    return [
        (TicketState(row[0]), Act(act), None if then == "-" else TicketState(then))
        for row in rows
        for act, then in zip(head, row[1:], strict=True)
    ]


@pytest.mark.parametrize(("state", "act", "then"), table())
def test_where_each_act_leads(state: TicketState, act: Act, then: TicketState | None) -> None:
    if then is not None:
        assert after(state, act, 7) is then
        return
    with pytest.raises(Conflict, match=f"^expected ticket 7 to be one of .* can be {act}, got one that is {state}: "):
        after(state, act, 7)


def test_the_table_above_is_complete() -> None:
    assert len(table()) == len(TicketState) * len(Act)
    assert set(MOVES) == set(Act)
