"""Programs that a test needs beside Python: skipped with their name where missing, a failure in CI."""

import os
import shutil

import pytest


def needs(*programs: str) -> None:
    """Skip the calling test, naming the first program that is not on the PATH; with CI=true, fail it."""
    for program in programs:
        if shutil.which(program) is None:
            reason = f"needs the program {program!r}: install it (Debian: apt-get install {program})"
            if os.environ.get("CI") == "true":
                pytest.fail(reason)
            pytest.skip(reason)
