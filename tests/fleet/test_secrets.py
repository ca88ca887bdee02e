"""Secrets are sealed with the key file and unreadable without it."""

import base64
import stat
import subprocess
from pathlib import Path

import pytest

from fleet.errors import SetupError
from fleet.secrets import Sealer, hash_token, mosquitto_verifier, new_token, write_private
from tests.needs import needs


def test_what_was_sealed_opens_again_after_a_restart(tmp_path: Path) -> None:
    key = tmp_path / "data" / "key"
    sealed = Sealer.from_file(key).seal("1234")
    assert b"1234" not in sealed
    assert Sealer.from_file(key).open(sealed) == "1234"
    assert stat.S_IMODE(key.stat().st_mode) == 0o600


def test_another_key_file_opens_nothing_and_says_so(tmp_path: Path) -> None:
    sealed = Sealer.from_file(tmp_path / "one").seal("1234")
    with pytest.raises(SetupError, match="restore the key file"):
        Sealer.from_file(tmp_path / "two").open(sealed)


def test_a_broken_key_file_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("not a key")
    with pytest.raises(SetupError, match="expected a readable key file"):
        Sealer.from_file(tmp_path / "key")


def test_a_key_file_that_cannot_be_made_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("no directory")
    with pytest.raises(SetupError, match=r"expected to make a key file at .*; make room there, or choose another"):
        Sealer.from_file(tmp_path / "data" / "key")


def test_tokens_are_128_random_bits_and_stored_as_their_digest() -> None:
    assert len({new_token() for _ in range(100)}) == 100
    token = new_token()
    assert len(token) == 32
    assert token.encode() not in hash_token(token)


def test_of_two_that_make_the_same_file_one_wins_and_both_read_it(tmp_path: Path) -> None:
    path = tmp_path / "key"
    write_private(path, b"first", keep=True)
    write_private(path, b"second", keep=True)
    assert path.read_bytes() == b"first"
    assert path.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == [path]


def test_mosquitto_s_own_program_makes_the_same_verifier(tmp_path: Path) -> None:
    needs("mosquitto_passwd")
    token, path = new_token(), tmp_path / "passwords"
    subprocess.run(["mosquitto_passwd", "-b", "-c", str(path), "m1", token], check=True)
    name, _, theirs = path.read_text().strip().partition(":")
    salt = base64.b64decode(theirs.split("$")[3])
    assert (name, mosquitto_verifier(token, salt)) == ("m1", theirs)
    assert mosquitto_verifier(token) != mosquitto_verifier(token), "salted"
