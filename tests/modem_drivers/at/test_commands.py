"""Command texts become commands with the right expectations."""

import pytest

from modem_drivers.at.commands import Catalogue, Entry, Form
from modem_drivers.profiles import EC25

CATALOGUE = Catalogue()


def test_a_read_command_expects_its_prefix() -> None:
    command = CATALOGUE.command("+CSQ")
    assert command.line == b"AT+CSQ\r"
    assert command.prefixes == {"+CSQ"}
    assert not command.bare


def test_a_leading_at_makes_no_difference() -> None:
    assert CATALOGUE.command("AT+CSQ") == CATALOGUE.command("+CSQ")
    assert CATALOGUE.command("AT").line == CATALOGUE.command("").line == b"AT\r"


def test_a_setting_expects_no_line() -> None:
    assert CATALOGUE.command("+CREG=2").prefixes == frozenset()
    assert CATALOGUE.command("+CREG?").prefixes == {"+CREG"}
    assert CATALOGUE.command("E0").prefixes == frozenset()


def test_some_answers_lack_the_prefix() -> None:
    assert CATALOGUE.command("+CGSN").bare
    assert CATALOGUE.command("+CPIN?").bare
    assert not CATALOGUE.command('+CPIN="1234"').bare
    assert CATALOGUE.command("+NEVERHEARD").bare


def test_listing_commands_carry_pdus() -> None:
    assert CATALOGUE.command("+CMGL=4").pdu
    assert not CATALOGUE.command("+CMGL=?").pdu


def test_a_compound_line_expects_all_its_parts() -> None:
    command = CATALOGUE.command('+COPS=3,2;+COPS?;+X="a;b"')
    assert command.name == "AT+COPS;+COPS;+X"
    assert {"+COPS", "+X"} <= command.prefixes


def test_dialling() -> None:
    assert CATALOGUE.command("D+15550101;").dials
    assert CATALOGUE.command("D+15550101;").name == "ATD"


def test_the_name_holds_no_arguments() -> None:
    assert CATALOGUE.command('+CPIN="1234"').name == "AT+CPIN"


def test_a_name_may_hold_figures_and_a_pin_behind_it_is_none_of_it() -> None:
    command = CATALOGUE.command("+C5GREG?")
    assert (command.name, command.prefixes) == ("AT+C5GREG", frozenset({"+C5GREG"}))
    assert CATALOGUE.command("+CPIN1234").name == "AT+CPIN"


def test_a_basic_command_nobody_knows_may_answer_with_any_line() -> None:
    assert CATALOGUE.command("\\Q3").bare
    assert CATALOGUE.command("&V").bare


def test_arguments_are_not_kept() -> None:
    catalogue = Catalogue()
    catalogue.command('+CPIN="1234"')
    assert not any("1234" in text for text in catalogue._made)


def test_a_payload_and_a_deadline_are_added() -> None:
    command = CATALOGUE.command("+CMGS=23", payload=b"00\x1a", timeout=3)
    assert (command.payload, command.timeout) == (b"00\x1a", 3)
    assert CATALOGUE.command("+CMGS=23").timeout == 120


def test_a_vendor_adds_its_own() -> None:
    assert Catalogue(EC25.commands).command("+QCCID").prefixes == {"+QCCID"}
    different = Catalogue({"+CICCID": Entry(prefixes=("+ICCID",), answers=Form.EXEC)})
    assert different.command("+CICCID").prefixes == {"+CICCID", "+ICCID"}


@pytest.mark.parametrize("text", ["+CSQ\r", "+CSQ\n+CMGD=1", "+X=\x1a", "+X=\x1b", "+X=é"])
def test_control_characters_never_reach_the_modem(text: str) -> None:
    with pytest.raises(ValueError, match="printable ASCII"):
        CATALOGUE.command(text)
