"""Identifiers sort by time, names fit into topics, phones are E.164."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.errors import Invalid
from fleet.ids import check_name, check_phone, uuid7


@given(st.integers(0, 2**48 - 1), st.integers(0, 2**48 - 1))
def test_a_uuid7_sorts_by_its_millisecond(one: int, two: int) -> None:
    first, second = uuid7(one), uuid7(two)
    assert (first.version, first.variant) == (7, "specified in RFC 4122")
    assert first.int >> 80 == one
    if one != two:
        assert (first < second) is (one < two)


def test_uuid7s_of_one_millisecond_differ() -> None:
    assert len({uuid7(1) for _ in range(1000)}) == 1000


@pytest.mark.parametrize("name", ["vm-0417", "A", "a.b_c-9", "x" * 64])
def test_a_name_that_fits_is_kept(name: str) -> None:
    assert check_name(name, "a device name") == name


@pytest.mark.parametrize("name", ["", "-a", "a/b", "a+b", "#", "$SYS", "a b", "x" * 65, "ü", "a\n"])
def test_a_name_that_would_break_a_topic_is_refused(name: str) -> None:
    with pytest.raises(Invalid, match="expected a device name of 1 to 64"):
        check_name(name, "a device name")


def test_a_phone_number_is_written_as_e164() -> None:
    assert check_phone("+1 (202) 555-0123") == "+12025550123"


@pytest.mark.parametrize("number", ["", "ana", "2025550123", "+1", "+1202555012345678", "+٣٣٣"])
def test_what_is_no_phone_number_is_refused(number: str) -> None:
    with pytest.raises(Invalid, match=r"expected a phone number in E\.164"):
        check_phone(number)
