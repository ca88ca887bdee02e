"""The fields that packets of every MQTT version are made of: `(bytes, position)` in, `(value, position)` out.

A field that runs past the end of its packet is malformed, never "wait for more". Clauses are of MQTT 3.1.1 unless
they say otherwise.
"""

from fleet.ingest.mqtt.codec.errors import Malformed


def byte(body: bytes, at: int) -> tuple[int, int]:
    """One byte."""
    if at >= len(body):
        raise Malformed("expected one more byte, got the end of the packet")
    return body[at], at + 1


def integer(body: bytes, at: int) -> tuple[int, int]:
    """Two bytes, most significant first (§1.5.2)."""
    end = at + 2
    if end > len(body):
        raise Malformed("expected a two-byte integer, got the end of the packet")
    return body[at] << 8 | body[at + 1], end


def long(body: bytes, at: int) -> tuple[int, int]:
    """Four bytes, most significant first (MQTT 5 §1.5.3)."""
    end = at + 4
    if end > len(body):
        raise Malformed("expected a four-byte integer, got the end of the packet")
    return int.from_bytes(body[at:end], "big"), end


def variable(body: bytes, at: int) -> tuple[int, int]:
    """One to four bytes of seven bits, least significant first, as few as will do (MQTT 5 §1.5.5)."""
    value = 0
    for shift in (0, 7, 14, 21):
        digit, at = byte(body, at)
        value |= (digit & 0x7F) << shift
        if digit < 0x80:
            if shift and not digit:
                raise Malformed("expected the shortest form of an integer, got a longer one")  # [MQTT-1.5.5-1]
            return value, at
    raise Malformed("expected an integer of at most four bytes, got a fifth")


def encoded(value: int) -> bytes:
    """`value` as `variable` reads it."""
    digits = bytearray()
    while value >= 0x80:
        digits.append(value & 0x7F | 0x80)
        value >>= 7
    digits.append(value)
    return bytes(digits)


def binary(body: bytes, at: int) -> tuple[bytes, int]:
    """Bytes behind their two-byte length."""
    length, start = integer(body, at)
    end = start + length
    if end > len(body):
        raise Malformed(f"expected a field of {length} bytes, got {len(body) - start}")
    return body[start:end], end


def text(body: bytes, at: int) -> tuple[str, int]:
    """UTF-8 without surrogates [MQTT-1.5.3-1] and U+0000 [MQTT-1.5.3-2]; U+FEFF is a character like any."""
    raw, end = binary(body, at)
    try:
        value = raw.decode()
    except UnicodeDecodeError:
        raise Malformed("expected well-formed UTF-8, got other bytes") from None
    if "\0" in value:
        raise Malformed("expected text without U+0000, got one")
    return value, end


def packet_id(body: bytes, at: int) -> tuple[int, int]:
    """A packet identifier: 1 to 65,535 [MQTT-2.3.1-1]."""
    value, end = integer(body, at)
    if value == 0:
        raise Malformed("expected a packet identifier from 1 to 65535, got 0")
    return value, end


def finish(body: bytes, at: int) -> None:
    """Raise Malformed if a packet has bytes behind its last field."""
    if at != len(body):
        raise Malformed(f"expected the end of the packet, got {len(body) - at} more bytes")
