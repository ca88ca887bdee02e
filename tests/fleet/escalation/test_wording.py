"""Texts fit one segment, name machine and ticket, and never lose the way to answer."""

from dataclasses import fields

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.escalation import wording
from fleet.escalation.answers import Fate
from fleet.escalation.languages import CATALOGUES, Catalogue
from fleet.escalation.replies import CARRIER_WORDS, Verb, parse
from fleet.escalation.wording import Job
from fleet.ids import NAME
from modem_drivers import pdu

JOB = Job(7, "vm-04", "Acme lobby 12 Main St", "warm 6.2 > 5")
ABOUT_A_JOB = ["wins", "passes_on", "has_it", "taken", "passed_before", "resolved", "rescinded", "assigned"]
jobs = st.builds(Job, st.integers(1, 9_999_999), st.from_regex(NAME, fullmatch=True), st.text(), st.text())


def is_one_segment(text: str) -> bool:
    cut = pdu.segment(text)
    return cut.alphabet is pdu.Alphabet.GSM7 and len(cut.parts) == 1


def test_an_offer_as_people_read_it() -> None:
    assert wording.offer("en", JOB, 41) == (
        "vm-04 Acme lobby 12 Main St: warm 6.2 > 5. Ticket 7. Reply 41A to accept, 41E to pass on."
    )


def test_a_machine_without_a_place_reads_well() -> None:
    assert wording.offer("en", Job(7, "vm-04", "", "sold_out"), 41).startswith("vm-04: sold_out. Ticket 7.")


def test_the_middle_is_cut_and_the_end_is_whole() -> None:
    text = wording.offer("en", Job(7, "vm-04", "Acme " * 40, "warm " * 40), 41)
    assert len(text) == 160
    assert text.startswith("vm-04 Acme Acme")
    assert "..: warm warm" in text
    assert text.endswith(". Ticket 7. Reply 41A to accept, 41E to pass on.")


def test_letters_without_a_septet_are_written_in_their_nearest_likeness() -> None:
    text = wording.offer("en", Job(7, "vm-04", "Łódź, Çarşı “Zażółć”", "5 °C – 発"), 41)
    assert 'Lodz, Çarsi "Zazolc": 5 oC - ?' in text
    assert is_one_segment(text)


@given(jobs, st.integers(10, 99_999))
def test_every_offer_is_one_segment_with_machine_ticket_and_both_answers(job: Job, code: int) -> None:
    text = wording.offer("en", job, code)
    assert is_one_segment(text)
    assert text.startswith(job.device)
    assert text.endswith(f". Ticket {job.number}. Reply {code}A to accept, {code}E to pass on.")


@pytest.mark.parametrize("language", sorted(CATALOGUES))
@pytest.mark.parametrize("kind", ABOUT_A_JOB)
@given(job=jobs, holder=st.from_regex(NAME, fullmatch=True))
def test_every_word_to_a_technician_is_one_segment_that_names_the_ticket(
    language: str, kind: str, job: Job, holder: str
) -> None:
    text = wording.about(language, kind, job, holder=holder, code=99_999)
    assert is_one_segment(text)
    assert str(job.number) in text
    assert job.device[:30] in text


def test_every_fate_of_an_answer_has_its_words() -> None:
    names = {field.name for field in fields(Catalogue)}
    assert set(Fate) <= names
    assert set(ABOUT_A_JOB) | {"offer", "unknown_code", "which", "help"} == names


@pytest.mark.parametrize("language", sorted(CATALOGUES))
def test_no_word_of_the_carriers_is_asked_for_and_what_is_asked_for_is_understood(language: str) -> None:
    texts = [wording.offer(language, JOB, 41), wording.plain(language, "help", code=41)]
    for text in texts:
        assert not CARRIER_WORDS & set(text.upper().replace(",", " ").replace(".", " ").split())
    asked = [word for word in texts[0].replace(",", " ").split() if word.startswith("41")]
    assert [parse(word) for word in asked] == [parse("41A"), parse("41E")]
    assert parse(asked[0]) is not None
    assert parse(asked[1]) is not None
    assert Verb(asked[0][-1]) is Verb.ACCEPT


def test_an_unknown_language_falls_back_to_english() -> None:
    assert wording.catalogue("xx-YY") is CATALOGUES["en"]
    assert wording.catalogue("en-GB") is CATALOGUES["en"]
