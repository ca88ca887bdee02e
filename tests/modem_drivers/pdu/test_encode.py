"""What cannot be sent is refused in one sentence."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from modem_drivers import pdu
from modem_drivers.errors import PduError
from tests.modem_drivers.pdu.golden import NOON


@pytest.mark.parametrize(
    "to",
    [
        "",
        "+",
        "+1 555",
        "+012025550123",
        "+1234567890123456",
        "0170123456",
        "1",
        "*100#",
        "a",
        "Vending",
        "٠١٢",
        "12\n",
    ],
)
def test_what_is_neither_an_international_number_nor_a_short_code(to: str) -> None:
    with pytest.raises(PduError, match=r"expected a phone number, .* got '.*'; correct the number"):
        pdu.encode_submit(to, "hi", first_reference=0)
    with pytest.raises(PduError, match=r"expected a phone number"):
        pdu.encode_data(to, b"hi", first_reference=0)


@pytest.mark.parametrize("to", ["+1202", "+12025550123", "+123456789012345", "12", "55555", "12345678"])
def test_what_is_one(to: str) -> None:
    (submit,) = pdu.encode_submit(to, "hi", first_reference=0)
    assert pdu.decode_submit(submit.hex).recipient.number == to


@pytest.mark.parametrize("sender", ["", "Vending machine", "Ω€ΩΩΩΩΩΩΩΩΩ", "+Vending", "日本"])
def test_what_is_no_sender(sender: str) -> None:
    with pytest.raises(PduError, match=r"expected a phone number .* or a name"):
        pdu.encode_deliver(sender, "hi", NOON)


@pytest.mark.parametrize(
    "options",
    [
        {"first_reference": 256},
        {"first_reference": -1},
        {"first_reference": 0, "concat_reference": 256},
        {"first_reference": 0, "concat_reference": 65536, "wide_reference": True},
        {"first_reference": 0, "message_class": 4},
        {"first_reference": 0, "validity": timedelta(0)},
        {"first_reference": 0, "validity": timedelta(weeks=64)},
    ],
)
def test_options_out_of_range(options: dict[str, Any]) -> None:
    with pytest.raises(PduError, match=r"expected a .* got"):
        pdu.encode_submit("+15550101", "hi", **options)


@pytest.mark.parametrize(
    "moment",
    [
        datetime(2026, 11, 20),  # noqa: DTZ001 - that is the point
        datetime(1999, 12, 31, tzinfo=UTC),
        datetime(2026, 11, 20, tzinfo=timezone(timedelta(minutes=7))),
    ],
)
def test_times_that_no_timestamp_holds(moment: datetime) -> None:
    with pytest.raises(PduError, match=r"expected a .* got"):
        pdu.encode_deliver("+15550101", "hi", moment)


def test_data_that_cannot_be_sent() -> None:
    with pytest.raises(PduError, match="at most 255 parts"):
        pdu.encode_data("+15550101", bytes(255 * 134 + 1), first_reference=0)
    with pytest.raises(PduError, match="expected a port"):
        pdu.encode_data("+15550101", b"", first_reference=0, ports=pdu.Ports(65536, 0))
    with pytest.raises(PduError, match="message class"):
        pdu.encode_data("+15550101", b"", first_reference=0, message_class=-1)
