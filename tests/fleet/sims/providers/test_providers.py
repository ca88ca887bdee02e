"""Providers that cannot be as configured keep the service from starting, in one sentence."""

from pathlib import Path

import pytest

from fleet.clock import ManualClock
from fleet.errors import SetupError, Unauthorized
from fleet.settings import ProviderSettings
from fleet.sims import providers


def test_a_missing_token_file_is_named(tmp_path: Path) -> None:
    wrong = ProviderSettings(name="sandbox", url="http://127.0.0.1:9", token_file=tmp_path / "nowhere")
    with pytest.raises(SetupError, match=r"nowhere \(provider sandbox, token_file\), got: .*No such file"):
        providers.check([wrong])


def test_two_providers_of_one_name_are_one_too_many() -> None:
    one = ProviderSettings(name="sandbox", url="http://127.0.0.1:9")
    with pytest.raises(SetupError, match="'sandbox' twice"):
        providers.check([one, one])


def test_a_callback_needs_its_secret(clock: ManualClock) -> None:
    settings = ProviderSettings(name="sandbox", url="http://127.0.0.1:9")
    with pytest.raises(Unauthorized, match="callbacks are refused"):
        providers.read_callback(settings, {}, b"{}", clock.now())
