"""What one model of modem is and says, as data."""

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Literal


@dataclass(frozen=True, slots=True)
class Setting:
    """A command that keeps a value. `read` and `reply` shape what AT+X? and AT+X= show; {0} is the value.

    `refuses` are beginnings of values that are refused although `test` shows them.
    """

    value: str
    test: str
    read: str = "{0}"
    reply: str = ""
    refuses: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Shown:
    """A command that shows facts: lines for each way to ask, with the names of `facts` in braces.

    A way without lines is refused, only AT+X=? is always granted. `needs` the card in its holder, or open;
    `unregistered` are the lines while there is no network. `takes` are the values AT+X= takes where not all are;
    until one but 0 was given since the start, AT+X? shows the lines in `off`.
    """

    run: tuple[str, ...] | None = None
    read: tuple[str, ...] | None = None
    set: tuple[str, ...] | None = None
    test: tuple[str, ...] = ()
    needs: Literal["", "card", "open card"] = ""
    unregistered: tuple[str, ...] | None = None
    takes: tuple[str, ...] | None = None
    off: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Power:
    """A command that switches off or starts anew; `says` is heard after its OK. Without `ok` it is off at once."""

    does: Literal["off", "reset"]
    says: tuple[str, ...] = ()
    ok: bool = True


@dataclass(frozen=True, slots=True)
class CallRow:
    """What a model says of calls by itself, while the setting `told` (none: always) is on.

    Lines may hold {index}, {direction}, {number}, {kind}, {seconds} and {now}. `listed` is the setting that
    makes AT+CLCC's rows come by themselves; `key` is the line of a key pressed, {key} or {code}, `keys` its setting.
    """

    told: str = ""
    dialing: str = ""
    alerting: str = ""
    active: str = ""
    incoming: str = ""
    ended: str = ""
    missed: str = ""
    listed: str = ""
    keys: str = ""
    key: str = ""


@dataclass(frozen=True, slots=True)
class SpeechRow:
    """A command that speaks: where mode and text stand, which modes mean plain and hexadecimal text.

    The far end hears it where `uplink` is 1: an argument by its place, or a setting. `ended` tells the {code}.
    """

    mode: int
    text: int
    uplink: int | str
    ended: str
    most: int
    plain: tuple[str, ...] = ("2",)
    hexed: tuple[str, ...] = ("1",)
    reply: str = ""
    test: str = ""
    no_call: int = 3
    bad_text: int = 50


@dataclass(frozen=True, slots=True)
class DataRow:
    """A command of the model's own IP stack, known by its arguments: {cid} names the context, {index} from 0 on.

    `up` and `down` are the arguments that bring a context up and down, `asks` those that show it ("?" is AT+X?), each
    by a line as `listed` or `unlisted`; arguments that name none mean context 1. Where the first argument is as
    `defines`, the third is the context's APN. `reply` stands before the OK of `up`, `came` follows it, `went`
    follows the OK of `down`, `refused` that of an `up` the network does not grant (without it: an error), and `already`
    stands before the ERROR where it is so already, or nothing is up to be shown.
    """

    up: str | None = None
    down: str | None = None
    asks: str | None = None
    defines: str = ""
    listed: str = ""
    unlisted: str = ""
    reply: str = ""
    came: tuple[str, ...] = ()
    went: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()
    already: str = ""


@dataclass(frozen=True, slots=True)
class Model:
    """One model; the TOML file of the base explains the fields."""

    manufacturer: str
    model: str
    revision: str
    subrevision: str
    access: int
    vanishes_after: float
    sim_busy_for: float
    prompt: str
    line_end: str
    registration: str
    credentials_command: str
    credentials: tuple[str, ...]
    credentials_shown: tuple[str, ...]
    functions: tuple[str, ...]
    reset_functions: tuple[str, ...]
    memories: tuple[str, ...]
    memory_names: dict[str, str]
    message_memory: str
    message_capacity: int
    report_memory: str
    report_announced_as: str
    full_lines: tuple[str, ...]
    boot_lines: tuple[str, ...]
    ready_lines: tuple[str, ...]
    messages_ready_lines: tuple[str, ...]
    volatile: tuple[str, ...]
    lacks: tuple[str, ...]
    shown: dict[str, Shown]
    settings: dict[str, Setting]
    power: dict[str, Power]
    calls: CallRow
    speech: dict[str, SpeechRow]
    data: dict[str, DataRow]
    fixed: dict[str, list[str]]


_TABLES = {"shown": Shown, "settings": Setting, "power": Power, "speech": SpeechRow, "data": DataRow}


def model_names() -> list[str]:
    """The models there are."""
    folder = files("hw_fixtures.modem.models")
    return sorted(entry.name.removesuffix(".toml") for entry in folder.iterdir() if entry.name.endswith(".toml"))


@cache
def load_model(name: str) -> Model:
    """The model of this name; LookupError names those there are."""
    if name not in model_names():
        raise LookupError(
            f"expected a modem model, one of {', '.join(model_names())}, got {name!r}: choose one of them"
        )
    data = _frozen(_merged(name))
    for table, kind in _TABLES.items():
        data[table] = {command: kind(**_frozen(row)) for command, row in data[table].items()}
    data["calls"] = CallRow(**data["calls"])
    return Model(**data)


def _merged(name: str) -> dict[str, Any]:
    """A model's rows over those of its base; a table of the base gets rows added or replaced."""
    data = tomllib.loads(files("hw_fixtures.modem.models").joinpath(f"{name}.toml").read_text("utf-8"))
    base = data.pop("base", None)
    if base is None:
        return data
    merged = _merged(base)
    for key, value in data.items():
        merged[key] = {**merged.get(key, {}), **value} if isinstance(value, dict) else value
    for table in ("fixed", *_TABLES):
        merged[table] = {command: row for command, row in merged[table].items() if command not in merged["lacks"]}
    return merged


def _frozen(row: dict[str, Any]) -> dict[str, Any]:
    return {key: tuple(value) if isinstance(value, list) else value for key, value in row.items()}
