"""Our codec and python-messaging, both ways, where it is right: it cannot do empty texts, emoji, national tables,
names of seven letters.

It is GPL, so it lives in an environment and a process of its own. CI makes that environment; elsewhere it is made with
FLEET_ORACLES=1 and used from then on.
"""

import fcntl
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from modem_drivers import pdu
from tests.modem_drivers.pdu.golden import NOON

HOME = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "wireless-fleet" / "python-messaging"
PYTHON = HOME / "bin" / "python"
READY = HOME / "ready"
SCRIPT = Path(__file__).with_name("python_messaging.py")
PACKAGE = "python-messaging==0.5.13"

GSM = "£$¥èéùìòÇØøÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCXYZÄÖÑÜ§¿abcxyzäöñüà^{}\\[~]|€"
gsm = st.text(GSM, min_size=1, max_size=70)
ucs2 = st.text(st.characters(max_codepoint=0xFFFF, exclude_categories=["Cs", "Cc"]), max_size=60).map(lambda t: t + "–")
names = st.text("ABCXYZabcxyz .-&0123456789", min_size=1, max_size=11).filter(
    lambda name: name[0] in "XYZxyz" and name[-1] != " " and len(name) != 7  # its seven letters are eight
)
moments = st.datetimes(datetime(2001, 1, 1), datetime(2068, 12, 31)).map(  # noqa: DTZ001 - UTC is added
    lambda moment: moment.replace(microsecond=0, tzinfo=UTC)
)
numbers = st.from_regex(r"\+[1-9][0-9]{4,14}", fullmatch=True)
few = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


class Oracle:
    """The other program."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [str(PYTHON), str(SCRIPT)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def ask(self, **question: Any) -> dict[str, Any]:
        """One answer; AssertionError where it gave up."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(question) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        assert line, f"python-messaging gave up on {question}"
        answer: dict[str, Any] = json.loads(line)
        return answer

    def end(self) -> None:
        """Lets it go."""
        self._process.communicate()


def install() -> None:
    """Makes the environment; of several test processes one does, the others wait."""
    HOME.mkdir(parents=True, exist_ok=True)
    with (HOME.parent / "python-messaging.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not READY.exists():
            subprocess.run([sys.executable, "-m", "venv", str(HOME)], check=True)
            subprocess.run([str(PYTHON), "-m", "pip", "install", "--quiet", PACKAGE], check=True)
            READY.touch()


@pytest.fixture(scope="module")
def oracle() -> Iterator[Oracle]:
    """python-messaging, running."""
    if not READY.exists():
        if os.environ.get("CI") != "true" and "FLEET_ORACLES" not in os.environ:
            pytest.skip(f"needs {PACKAGE} in {HOME}: run the tests once with FLEET_ORACLES=1")
        install()
    made = Oracle()
    yield made
    made.end()


@few
@given(sender=numbers, text=gsm | ucs2)
def test_it_reads_our_delivers(oracle: Oracle, sender: str, text: str) -> None:
    (hexed,) = pdu.encode_deliver(sender, text, NOON, shifts=())
    assert oracle.ask(decode=hexed) == {"number": sender, "text": text, "place": None}


@few
@given(sender=names, text=gsm)
def test_it_reads_our_names(oracle: Oracle, sender: str, text: str) -> None:
    (hexed,) = pdu.encode_deliver(sender, text, NOON, shifts=())
    assert oracle.ask(decode=hexed) == {"number": sender, "text": text, "place": None}


@few
@given(to=numbers, reference=st.integers(0, 255), submitted=moments, done=moments, status=st.integers(0, 255))
def test_it_reads_our_status_reports(
    oracle: Oracle, to: str, reference: int, submitted: datetime, done: datetime, status: int
) -> None:
    told = oracle.ask(report=pdu.encode_status_report(to, reference, submitted, done, status))
    times = [moment.replace(tzinfo=None).isoformat() for moment in (submitted, done)]
    assert told == {"to": to, "reference": reference, "times": times}


@few
@given(text=st.text(GSM[:-10], min_size=161, max_size=400), reference=st.integers(0, 0xFFFF), wide=st.booleans())
def test_it_reads_our_parts(oracle: Oracle, text: str, reference: int, wide: bool) -> None:
    reference = reference if wide else reference % 256
    parts = pdu.encode_deliver("+15550101", text, NOON, concat_reference=reference, wide_reference=wide, shifts=())
    read = [oracle.ask(decode=part) for part in parts]
    assert "".join(part["text"] for part in read) == text
    assert [part["place"] for part in read] == [[reference, at, len(parts)] for at in range(1, len(parts) + 1)]


@few
@given(to=numbers, text=gsm | ucs2, reference=st.integers(0, 255))
def test_we_read_its_submits(oracle: Oracle, to: str, text: str, reference: int) -> None:
    pdus = oracle.ask(to=to, text=text, reference=reference)["pdus"]
    read = [pdu.decode_submit(one) for one in pdus]
    assert "".join(part.text or "" for part in read) == text
    assert {part.recipient.number for part in read} == {to}
    assert read[0].reference == reference
