"""Phones: what they expect, answer and send."""

import asyncio
import re
from datetime import UTC, datetime

import pytest

from hw_fixtures.network import Network, Text
from modem_drivers.errors import PduError

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest.fixture
def network() -> Network:
    return Network(lambda: NOON)


async def test_expect_finds_what_came_before_and_what_comes_after(network: Network) -> None:
    alice, bob = network.phone("+15550101"), network.phone("+15550102")
    bob.send(alice.number, "first")
    assert await alice.expect("first", timeout=0) == Text(bob.number, "first", NOON)
    asyncio.get_running_loop().call_later(0.01, bob.send, alice.number, "code 41A")
    assert (await alice.expect(re.compile(r"\d+A"), timeout=60)).text == "code 41A"
    assert len(alice.inbox) == 2


async def test_a_text_is_expected_once(network: Network) -> None:
    alice, bob = network.phone("+15550101"), network.phone("+15550102")
    bob.send(alice.number, "same")
    bob.send(alice.number, "same")
    await alice.expect("same", timeout=0)
    await alice.expect("same", timeout=0)
    with pytest.raises(AssertionError):
        await alice.expect("same", timeout=0)


async def test_what_came_instead_is_named(network: Network) -> None:
    alice, bob = network.phone("+15550101"), network.phone("+15550102")
    bob.send(alice.number, "good morning")
    with pytest.raises(AssertionError, match=r"with 'offer' within 0.01 s, got 'good morning'"):
        await alice.expect("offer", timeout=0.01)


def test_reply_goes_to_the_last_sender(network: Network) -> None:
    alice, bob = network.phone("+15550101"), network.phone("+15550102")
    with pytest.raises(LookupError, match="got none yet"):
        alice.reply("41A")
    bob.send(alice.number, "offer")
    alice.reply("41A")
    assert [(text.sender, text.text) for text in bob.inbox] == [(alice.number, "41A")]


def test_two_phones_that_answer_each_other(network: Network) -> None:
    alice, bob = network.phone("+15550101"), network.phone("+15550102")

    def answer(number: str, text: Text) -> None:
        phone = network.phone(number)
        if len(phone.inbox) < 3:
            phone.reply(text.text + "!")

    network.on_text.append(answer)
    bob.send(alice.number, "hi")
    assert [text.text for text in alice.inbox] == ["hi", "hi!!", "hi!!!!"]


def test_a_phone_that_is_off_gets_its_texts_later(network: Network) -> None:
    alice, bob = network.phone("+15550101"), network.phone("+15550102")
    alice.on = False
    bob.send(alice.number, "one " * 100)
    bob.send(alice.number, "two")
    assert alice.inbox == []
    alice.on = True
    assert [text.text for text in alice.inbox] == ["one " * 100, "two"]


def test_no_number_no_text(network: Network) -> None:
    with pytest.raises(PduError, match="expected a phone number"):
        network.phone("+15550101").send("Alice", "hi")
