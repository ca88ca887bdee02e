"""Files of SIMs as spreadsheets and people write them."""

import io
import sys
from pathlib import Path

import pytest

from cli.errors import Usage
from cli.simfile import Row, check, read
from tests.fleet.sims.rig import iccid

ONE, TWO = iccid(1), iccid(2)


def rows(folder: Path, text: str, provider: str = "", encoding: str = "utf-8") -> list[Row]:
    path = folder / "sims"
    path.write_bytes(text.encode(encoding))
    return read(str(path), provider)


@pytest.mark.parametrize(
    "text",
    [
        f"iccid,provider,pin\n{ONE},sandbox,0123\n",
        f"ICCID;Provider;PIN\r\n{ONE};sandbox;0123\r\n",
        f"pin\tprovider\ticcid\n0123\tsandbox\t{ONE}\n",
        f'"iccid", "provider", "pin"\n"{ONE}","sandbox","0123"\n\n',
    ],
    ids=["commas", "semicolons and CRLF", "tabs, other order", "quotes and an empty line"],
)
def test_a_table_with_a_heading(tmp_path: Path, text: str) -> None:
    assert rows(tmp_path, text) == [Row(2, {"iccid": ONE, "provider": "sandbox", "pin": "0123"})]


def test_a_byte_order_mark_is_no_part_of_the_heading(tmp_path: Path) -> None:
    assert rows(tmp_path, f"iccid\n{ONE}\n", encoding="utf-8-sig") == [Row(2, {"iccid": ONE, "provider": ""})]


def test_bare_numbers_take_the_provider_that_is_given(tmp_path: Path) -> None:
    assert rows(tmp_path, f"{ONE}\n\n {TWO} \n", "sandbox") == [
        Row(1, {"iccid": ONE, "provider": "sandbox"}),
        Row(3, {"iccid": TWO, "provider": "sandbox"}),
    ]


def test_a_row_that_names_its_provider_keeps_it(tmp_path: Path) -> None:
    found = rows(tmp_path, f"iccid,provider\n{ONE},mine\n{TWO},\n", "sandbox")
    assert [row.body["provider"] for row in found] == ["mine", "sandbox"]


def test_standard_input_is_a_file_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(ONE))
    assert read("-", "") == [Row(1, {"iccid": ONE, "provider": ""})]


def test_what_is_no_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "sims").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(Usage, match="expected UTF-8 text"):
        read(str(tmp_path / "sims"), "")


def test_a_cell_behind_the_last_column_is_told_and_an_empty_one_is_nothing(tmp_path: Path) -> None:
    good, problems = check(rows(tmp_path, f"iccid,msisdn\n{ONE},+12025550123, 1234\n{TWO},,,\n"))
    assert [row.line for row in good] == [3]
    detail = "expected one cell for each column of the heading, got 1 more: correct the row"
    assert problems == [{"line": 2, "iccid": ONE, "outcome": "invalid", "detail": detail}]


def test_the_same_sim_written_twice_in_two_ways_is_found(tmp_path: Path) -> None:
    good, problems = check(rows(tmp_path, f'iccid\n{ONE}\n"{ONE[:7]} {ONE[7:]}"\nnone\n'))
    assert [row.line for row in good] == [2]
    assert [(problem["line"], problem["outcome"]) for problem in problems] == [(3, "conflict"), (4, "invalid")]
