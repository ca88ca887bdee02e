"""Models are data; what is no model is named with those there are."""

import pytest

from hw_fixtures.modem import load_model, model_names
from tests.hw_fixtures.modem.bench import Bench


def test_every_model_loads() -> None:
    assert "quectel-ec25" in model_names()
    for name in model_names():
        model = load_model(name)
        assert model.manufacturer
        assert "+CNMI" in model.settings


@pytest.mark.parametrize("name", model_names())
def test_every_row_is_one_the_machine_can_show(name: str) -> None:
    bench = Bench(name)
    model = bench.modem.model
    for command, row in model.shown.items():
        if row.off is not None:
            assert bench.say(f"AT{command}?").split("\n") == [*row.off, "OK"]
        value = row.takes[-1] if row.takes else "1"
        for sign, lines in (("", row.run), (f"={value}", row.set), ("?", row.read), ("=?", row.test)):
            if lines is not None and not (command == "I" and sign):
                answer = bench.say(f"AT{command}{sign}").split("\n")
                shown = [line for line in lines if line]
                assert (answer[-1], len(answer)) == ("OK", len(shown) + 1), command
                assert "{" not in "".join(answer), command
    for command, setting in model.settings.items():
        assert bench.say(f"AT{command}?").split("\n")[-1] == "OK", command
        assert not setting.value.startswith(setting.refuses or ("?",))
    for command in model.lacks:
        assert bench.say(f"AT{command}?") == "ERROR"


def test_a_model_adds_to_its_base() -> None:
    base, ec25 = load_model("generic-3gpp"), load_model("quectel-ec25")
    assert ec25.settings["+CRC"] == base.settings["+CRC"]
    assert "+QCCID" in ec25.shown
    assert "+QCCID" not in base.shown


def test_an_unknown_model() -> None:
    with pytest.raises(LookupError, match=r"one of .*quectel-ec25.*, got 'nokia'"):
        load_model("nokia")
