"""Which parts of a text go out again, and how."""

from hypothesis import given
from hypothesis import strategies as st

from fleet.messages import parts
from fleet.messages.parts import Outcome, Part, Result
from modem_drivers import pdu

TO = "+15550101"
LONG = "x" * 400


def test_parts_count_up_from_the_reference_and_share_it_as_their_bond() -> None:
    made = parts.compose(TO, LONG, 254)
    assert [part.reference for part in made] == [254, 255, 0]
    assert [pdu.decode_submit(part.hex).concat for part in made] == [pdu.Concat(254, n, 3) for n in (1, 2, 3)]
    assert all(pdu.decode_submit(part.hex).report for part in made)


def test_only_what_did_not_surely_leave_goes_again_marked_where_it_may_have_left() -> None:
    made = parts.told(parts.compose(TO, LONG, 10), [Result(Outcome.SENT), Result(Outcome.UNKNOWN)])
    again = parts.left(made)
    assert [(part.part, part.reference, part.resend) for part in again] == [(2, 11, True), (3, 12, False)]
    assert [pdu.decode_submit(part.hex).reject_duplicates for part in again] == [True, False]
    assert [pdu.decode_submit(part.hex).text for part in again] == ["x" * 153, "x" * 94]


def test_a_resend_that_was_refused_stays_a_resend() -> None:
    (once,) = parts.left(parts.told(parts.compose(TO, "hi", 1), [Result(Outcome.UNKNOWN)]))
    (twice,) = parts.left(parts.told([once], [Result(Outcome.REFUSED, may_retry=True)]))
    assert pdu.decode_submit(twice.hex).reject_duplicates


def test_the_reference_the_network_gave_is_the_one_that_counts() -> None:
    (part,) = parts.told(parts.compose(TO, "hi", 1), [Result(Outcome.SENT, reference=77)])
    assert part.reference == 77


def test_what_a_report_has_proved_is_not_undone_by_the_modem() -> None:
    proved = parts.reported(parts.compose(TO, "hi", 1), 1, delivered=True)
    assert parts.told(proved, [Result(Outcome.UNKNOWN)]) == proved


def test_parts_that_went_through_different_modems_are_never_one_text() -> None:
    whole = parts.compose(TO, LONG, 0)
    first = parts.told(whole, [Result(Outcome.SENT), Result(Outcome.UNKNOWN)])
    other = parts.told(parts.compose(TO, LONG, 9), [Result(Outcome.REFUSED)])
    assert not any(parts.all_sent(known) and len(known) == 3 for known in parts.complete([("a", first), ("b", other)]))


results = st.builds(Result, st.sampled_from([Outcome.SENT, Outcome.REFUSED, Outcome.UNKNOWN]))


@given(
    st.text("ab", min_size=1, max_size=700), st.integers(0, 255), st.lists(st.lists(results, max_size=6), max_size=5)
)
def test_every_attempt_carries_what_is_missing_and_rows_keep_it(
    body: str, reference: int, attempts: list[list[Result]]
) -> None:
    todo = whole = parts.compose(TO, body, reference)
    sent: set[int] = set()
    for said in attempts:
        done = parts.load(parts.dump(parts.told(todo, said)))
        sent |= {part.part for part in done if part.outcome is Outcome.SENT}
        todo = parts.left(done)
        assert {part.part for part in todo} | sent == {part.part for part in whole}
        assert all(part.reference == _of(whole, part).reference for part in todo)


def _of(whole: list[Part], part: Part) -> Part:
    return whole[part.part - 1]
