"""What people type, and what it means."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.escalation.replies import CARRIER_WORDS, Reply, Verb, is_carrier_word, parse


@pytest.mark.parametrize(
    ("text", "reply"),
    [
        ("41A", Reply(Verb.ACCEPT, 41)),
        ("41a", Reply(Verb.ACCEPT, 41)),
        ("41E", Reply(Verb.REFUSE, 41)),
        (" 41 a. ", Reply(Verb.ACCEPT, 41)),
        ("'41A'", Reply(Verb.ACCEPT, 41)),
        ("“41e”.", Reply(Verb.REFUSE, 41)),
        ("«41A»...", Reply(Verb.ACCEPT, 41)),
        ("41A\r\n", Reply(Verb.ACCEPT, 41)),
        ("４１Ａ", Reply(Verb.ACCEPT, 41)),
        ("41А", Reply(Verb.ACCEPT, 41)),  # Cyrillic
        ("311A", Reply(Verb.ACCEPT, 311)),
        ("3111E", Reply(Verb.REFUSE, 3111)),
        ("A", Reply(Verb.ACCEPT, None)),
        ("1", Reply(Verb.ACCEPT, None)),
        ("e", Reply(Verb.REFUSE, None)),
        ("2.", Reply(Verb.REFUSE, None)),
    ],
)
def test_an_answer(text: str, reply: Reply) -> None:
    assert parse(text) == reply


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        ".",
        "41",
        "A41",
        "41B",
        "41AE",
        "41A 42A",
        "41A thanks",
        "yes",
        "ok",
        "3",
        "1A",
        "01A",
        "123456A",
        "41-A",
    ],
)
def test_what_is_no_answer(text: str) -> None:
    assert parse(text) is None


@pytest.mark.parametrize("word", sorted(CARRIER_WORDS))
def test_a_word_of_the_carriers_is_never_an_answer(word: str) -> None:
    assert parse(word) is None
    assert is_carrier_word(f" {word.lower()}. ")


@given(st.text(max_size=200))
def test_any_text_is_read_without_fault(text: str) -> None:
    reply = parse(text)
    assert reply is None or reply.code is None or 10 <= reply.code <= 99_999
    is_carrier_word(text)


@given(st.integers(10, 99_999), st.sampled_from(Verb), st.sampled_from(["", " ", "'", '"', ".", "\t"]))
def test_every_code_we_give_can_be_answered(code: int, verb: Verb, around: str) -> None:
    assert parse(f"{around.strip('.')}{code}{verb.lower()}{around}") == Reply(verb, code)
