"""A callback proves its sender and its age before anything is read from it."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from fleet.errors import Invalid, Unauthorized
from fleet.sims.providers.sandbox import MAX_AGE, read_callback, sign

NOW = datetime(2026, 1, 1, tzinfo=UTC)
BODY = json.dumps({"iccid": "8988303000000000003", "status": "active"}).encode()


def headers(secret: str = "secret", at: datetime = NOW, body: bytes = BODY) -> dict[str, str]:
    stamp = str(int(at.timestamp()))
    return {"x-sandbox-timestamp": stamp, "x-sandbox-signature": sign(secret, stamp, body)}


def test_a_signed_and_recent_callback_names_its_sim() -> None:
    assert read_callback("secret", headers(), BODY, NOW) == "8988303000000000003"


def test_the_signature_is_the_one_that_other_tools_compute() -> None:
    """printf '1767225600.{}' | openssl dgst -sha256 -hmac secret"""
    assert sign("secret", "1767225600", b"{}") == "fa7eaa06bf97d7815f3f456e97cde70c9e50cb005f01660c8d10b10c21964887"


@pytest.mark.parametrize(
    "given",
    [{}, headers("other"), headers(body=BODY + b" "), headers() | {"x-sandbox-timestamp": "1767225601"}],
    ids=["unsigned", "other secret", "other body", "other time"],
)
def test_a_callback_that_is_not_the_providers_is_refused(given: dict[str, str]) -> None:
    with pytest.raises(Unauthorized, match="signed with the provider's secret"):
        read_callback("secret", given, BODY, NOW)


@pytest.mark.parametrize("late", [MAX_AGE + 1, -MAX_AGE - 1])
def test_an_old_callback_is_refused(late: float) -> None:
    with pytest.raises(Unauthorized, match="300 s old"):
        read_callback("secret", headers(), BODY, NOW + timedelta(seconds=late))


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"iccid": 7}', b"\xff"])
def test_a_signed_body_without_a_sim_is_invalid(body: bytes) -> None:
    with pytest.raises(Invalid, match="iccid"):
        read_callback("secret", headers(body=body), body, NOW)
