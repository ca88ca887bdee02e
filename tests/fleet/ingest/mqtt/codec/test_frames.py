"""The stream cutter: whole, byte by byte, at its limits."""

import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.ingest.mqtt.codec.errors import Malformed, TooLarge
from fleet.ingest.mqtt.codec.frames import Frames, frame

ALL = frozenset(range(256))


def cut(stream: bytes, sizes: list[int]) -> list[tuple[int, bytes]]:
    frames, found, at = Frames(ALL, 1 << 20), [], 0
    for size in [*sizes, len(stream)]:
        frames.feed(stream[at : at + size])
        at += size
        while (one := frames.next()) is not None:
            found.append(one)
    assert frames.held == 0
    return found


@given(
    st.lists(st.tuples(st.integers(0, 255), st.binary(max_size=300)), max_size=12),
    st.lists(st.integers(0, 40)),
)
def test_any_division_of_a_stream_gives_the_same_frames(packets: list[tuple[int, bytes]], sizes: list[int]) -> None:
    stream = b"".join(frame(*packet) for packet in packets)
    assert cut(stream, sizes) == packets
    assert cut(stream, [1] * len(stream)) == packets


@given(st.binary(max_size=400), st.lists(st.integers(1, 30)))
def test_any_bytes_give_frames_or_a_typed_error_however_they_are_divided(stream: bytes, sizes: list[int]) -> None:
    def outcome(parts: list[bytes]) -> tuple[list[tuple[int, bytes]], str | None]:
        frames, found = Frames(ALL, 200), []
        for part in parts:
            frames.feed(part)
            try:
                while (one := frames.next()) is not None:
                    found.append(one)
            except (Malformed, TooLarge) as error:
                return found, str(error)
        return found, None

    parts, at = [], 0
    for size in [*sizes, len(stream)]:
        parts.append(stream[at : at + size])
        at += size
    assert outcome(parts) == outcome([stream])


@pytest.mark.parametrize(
    ("length", "encoded"),
    [
        (0, "00"), (127, "7f"), (128, "8001"), (16_383, "ff7f"), (16_384, "808001"),
        (2_097_151, "ffff7f"), (2_097_152, "80808001"),
    ],
)  # fmt: skip
def test_remaining_length_as_in_the_standard(length: int, encoded: str) -> None:
    """Table 2.4 of MQTT 3.1.1."""
    assert frame(0xC0, bytes(length))[1 : -length or None].hex() == encoded
    frames = Frames(ALL, length)
    frames.feed(bytes.fromhex("c0" + encoded) + bytes(length))
    assert frames.next() == (0xC0, bytes(length))


@pytest.mark.parametrize("header", ["c08000", "c0808000", "c080808000"])
def test_a_length_longer_than_it_must_be_is_malformed(header: str) -> None:
    frames = Frames(ALL, 100)
    frames.feed(bytes.fromhex(header))
    with pytest.raises(Malformed, match="shortest form"):
        frames.next()


def test_a_fifth_length_byte_is_malformed() -> None:
    frames = Frames(ALL, 1 << 30)
    frames.feed(bytes.fromhex("c0ffffffff"))
    with pytest.raises(Malformed, match="four bytes"):
        frames.next()


def test_a_length_over_the_limit_is_refused_before_its_body_comes() -> None:
    frames = Frames(ALL, 4096)
    frames.feed(bytes.fromhex("3080c2d75f"))  # 200,008,960 bytes announced
    with pytest.raises(TooLarge, match="at most 4096 bytes"):
        frames.next()


def test_the_first_byte_decides_alone() -> None:
    frames = Frames(frozenset({0x10}), 4096)
    frames.feed(b"G")  # of GET / HTTP/1.1
    with pytest.raises(Malformed, match="0x47"):
        frames.next()


def test_a_large_packet_byte_by_byte_needs_little_more_than_itself() -> None:
    packet = frame(0x30, bytes(100_000))
    frames = Frames(ALL, 100_000)
    tracemalloc.start()
    for at in range(len(packet) - 1):
        frames.feed(packet[at : at + 1])
        assert frames.next() is None
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 3 * len(packet)
    frames.feed(packet[-1:])
    assert frames.next() == (0x30, bytes(100_000))


def test_too_long_a_body_is_not_written() -> None:
    class Huge(bytes):
        def __len__(self) -> int:
            return 268_435_456

    with pytest.raises(ValueError, match="268435455"):
        frame(0x30, Huge())
