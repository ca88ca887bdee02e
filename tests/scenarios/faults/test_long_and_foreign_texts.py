"""What peers break: emoji, parts out of order, names, national letters; both ways."""

import itertools

import pytest

from modem_drivers import Sent, pdu
from modem_drivers.pdu import EVERY
from tests.scenarios.faults.line import ALICE, NOON, OWN, at_work
from tests.scenarios.faults.wound import wound

EMOJI = ("Kühlung 🥶 defekt, bitte heute noch kommen. " * 10)[:400]
NATIONAL = {
    "Turkish": "Soğutma arızası: ısı çok yüksek, şube dört. Lütfen öğleden önce gelin ve ışığı açın.",
    "Spanish": "Avería de refrigeración: ¿podría venir aquí mañana? La máquina está caída, la cámara también.",
    "Portuguese": "Avaria na refrigeração: a máquina está quente, não há ninguém lá. Você pode vir amanhã cedo?",
}


@wound
async def test_400_characters_with_emoji_out() -> None:
    async with at_work() as line:
        assert await line.send(EMOJI, reference=7) == [Sent(7 + part) for part in range(7)]
        assert line.read_by_alice == [EMOJI]


@wound
async def test_400_characters_with_emoji_in() -> None:
    async with at_work() as line:
        line.alice.send(OWN, EMOJI)
        await line.quiet()
        assert line.texts == [(ALICE, EMOJI)]
        assert len(line.parts) == 7
        assert line.stored == 0


@wound
async def test_an_emoji_that_the_sender_has_cut_in_two() -> None:
    async with at_work() as line:
        for number, half in ((1, "D83E"), (2, "DD76")):
            start = "00440891515510100008" + "62110221000000"
            line.simulated.messaging.take(start + "08" + f"050003AB02{number:02X}" + half)
        await line.quiet()
        assert line.texts == [(ALICE, "🥶")]


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
@wound
async def test_three_parts_in_any_order(order: tuple[int, ...]) -> None:
    text = "x" * 153 + "y" * 153 + "z"
    parts = pdu.encode_deliver(ALICE, text, NOON, concat_reference=700, wide_reference=True)
    async with at_work() as line:
        for at in (*order, order[0]):  # and one of them twice
            line.simulated.messaging.take(parts[at])
        await line.quiet()
        assert line.texts == [(ALICE, text)]
        assert line.stored == 0


@wound
async def test_a_name_as_the_sender() -> None:
    async with at_work() as line:
        for name in ("Vending", "Ω-Telekom", "A1"):
            line.network.centre.originate(name, OWN, "hi @")
        await line.quiet()
        assert line.texts == [("Vending", "hi @"), ("Ω-Telekom", "hi @"), ("A1", "hi @")]


@pytest.mark.parametrize("language", NATIONAL)
@wound
async def test_national_letters_take_one_part_out_and_are_read_in(language: str) -> None:
    text = NATIONAL[language]
    async with at_work() as line:
        assert len(pdu.segment(text, shifts=()).parts) == 2
        assert await line.send(text, reference=7) == [Sent(7)]
        assert line.read_by_alice == [text]
        for shifts in (pdu.READABLE, EVERY[3:], ()):
            for part in pdu.encode_deliver(ALICE, text, NOON, shifts=shifts, concat_reference=9):
                line.simulated.messaging.take(part)
        await line.quiet()
        assert line.texts == [(ALICE, text)] * 3


@wound
async def test_flash_silent_and_binary_messages() -> None:
    async with at_work() as line:
        for found in (
            *pdu.encode_deliver(ALICE, "now!", NOON, message_class=0),
            *pdu.encode_deliver(ALICE, "", NOON, silent=True),
            *(
                pdu.relay(part.hex, ALICE, NOON)
                for part in pdu.encode_data(OWN, bytes(200), first_reference=1, ports=pdu.Ports(2948, 9200))
            ),
        ):
            line.simulated.messaging.take(found)
        await line.quiet()
        flash, silent, first, second = [stored.deliver for stored in line.parts]
        assert (flash.flash, flash.text) == (True, "now!")
        assert silent.silent
        assert (first.ports, first.text, len((first.data or b"") + (second.data or b""))) == (
            pdu.Ports(2948, 9200),
            None,
            200,
        )
        assert line.stored == 0
