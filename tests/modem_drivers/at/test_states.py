"""The state table is whole and has no dead ends but one."""

from modem_drivers.at.states import TRANSITIONS, State, Trigger


def test_every_state_has_a_row() -> None:
    assert set(TRANSITIONS) == set(State)


def test_every_state_survives_what_the_modem_and_the_clock_may_do() -> None:
    for state, row in TRANSITIONS.items():
        for trigger in (Trigger.OK, Trigger.REFUSED, Trigger.GIVE_UP, Trigger.LOSE):
            assert trigger in row, (state, trigger)


def test_every_state_but_lost_leads_back_to_idle() -> None:
    reach = {State.IDLE}
    while more := {state for state, row in TRANSITIONS.items() if reach & set(row.values())} - reach:
        reach |= more
    assert reach == set(State) - {State.LOST}


def test_only_idle_takes_commands() -> None:
    for trigger in (Trigger.SEND, Trigger.SEND_WITH_PAYLOAD):
        assert [state for state, row in TRANSITIONS.items() if trigger in row] == [State.IDLE]


def test_after_giving_up_nothing_is_trusted() -> None:
    for state, row in TRANSITIONS.items():
        assert row[Trigger.GIVE_UP] in (State.DIRTY, State.LOST), state
