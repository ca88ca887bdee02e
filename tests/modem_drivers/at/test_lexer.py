"""Bytes become the same lines however they are cut, and never pile up."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from modem_drivers.at.lexer import MAX_LINE, PROMPT, Lexer

SOUP = st.lists(
    st.sampled_from([b"\r", b"\n", b"\0", b">", b" ", b"OK", b"+CSQ: 20,99", b'"', b"\x80", b"\x1a"]), max_size=40
).map(b"".join)


def lines(*pieces: bytes) -> list[str]:
    lexer = Lexer()
    return [line for piece in pieces for line in lexer.feed(piece)]


def test_every_kind_of_line_end_ends_a_line() -> None:
    assert lines(b"\r\nA\r\nB\rC\nD\r\r\nE\r\n") == ["A", "B", "C", "D", "E"]


def test_a_line_without_its_end_waits_for_it() -> None:
    lexer = Lexer()
    assert lexer.feed(b"\r\n+CS") == []
    assert lexer.feed(b"Q: 20,99\r") == ["+CSQ: 20,99"]


def test_a_prompt_needs_no_line_end() -> None:
    assert lines(b"\r\n> ") == [PROMPT]
    assert lines(b"\r\n>") == [PROMPT]
    assert lines(b"AT+CMGS=23\r> ") == ["AT+CMGS=23", PROMPT]


def test_what_follows_a_prompt_is_a_line_of_its_own() -> None:
    assert lines(b'\r\n> \r\n+CMTI: "ME",7\r\n') == [PROMPT, '+CMTI: "ME",7']
    assert lines(b"> 0011AB\x1a\r\n") == [PROMPT, "0011AB"]


def test_nuls_and_noise_at_the_edges_are_dropped() -> None:
    assert lines(b"\0\0\xff\xfeO\0K\x80\r\n") == ["OK"]
    assert lines(b"   SIM PUK\r\n") == ["SIM PUK"]


def test_bytes_beyond_ascii_inside_a_line_are_kept() -> None:
    assert lines(b'+COPS: 0,0,"T\xe9l\xe9",7\r\n') == ['+COPS: 0,0,"T\xe9l\xe9",7']


def test_an_endless_line_is_dropped_whole_and_the_next_is_not() -> None:
    lexer = Lexer()
    for _ in range(100):
        assert lexer.feed(b"x" * 1000) == []
    assert len(lexer._tail) <= MAX_LINE
    assert lexer.feed(b"OK\r\nOK\r\n") == ["OK"]
    assert lexer.overlong == 1


def test_the_longest_line_that_is_kept() -> None:
    assert lines(b"y" * MAX_LINE + b"\r\n") == ["y" * MAX_LINE]
    assert lines(b"y" * (MAX_LINE + 1) + b"\r\n") == []


@given(SOUP, st.lists(st.integers(0, 200), max_size=6))
def test_cuts_do_not_matter(data: bytes, cuts: list[int]) -> None:
    places = sorted({0, len(data), *(cut % (len(data) + 1) for cut in cuts)})
    pieces = [data[a:b] for a, b in pairwise(places)]
    assert lines(*pieces) == lines(data)
    assert lines(*(bytes([byte]) for byte in data)) == lines(data)


@given(st.binary(max_size=300))
def test_any_bytes_are_lines_without_line_ends_or_edges(data: bytes) -> None:
    for line in lines(data, b"\r\n"):
        assert line
        assert line == line.strip()
        assert not {"\r", "\n", "\0"} & set(line)
