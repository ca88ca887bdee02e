"""What is remembered of requests, and for how long."""

from fleet.ingest.coap.recent import LIFETIME, Recent


def test_a_retransmission_gets_the_answer_of_the_first() -> None:
    recent = Recent()
    assert recent.is_new("a", 0)
    assert not recent.is_new("a", 1)
    assert recent.answer("a") is None, "still under way"
    recent.answered("a", b"2.04")
    assert not recent.is_new("a", 2)
    assert recent.answer("a") == b"2.04"


def test_a_message_id_may_be_used_again_after_its_lifetime() -> None:
    recent = Recent()
    recent.is_new("a", 0)
    recent.answered("a", b"2.04")
    assert not recent.is_new("a", LIFETIME - 1)
    assert recent.is_new("a", LIFETIME)
    assert recent.answer("a") is None


def test_past_the_bound_the_oldest_is_forgotten() -> None:
    recent = Recent(remembered=3)
    for n in range(10):
        assert recent.is_new(n, n)
    assert len(recent) <= 4
    assert recent.is_new(0, 10)
    assert not recent.is_new(9, 10)
    recent.answered(5, b"late")
    assert recent.answer(5) is None
