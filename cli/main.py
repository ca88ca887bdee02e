"""The command `fleet`: nouns, their verbs, and how every command ends."""

import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Annotated, NoReturn

import typer
from typer.exceptions import TyperException

from cli import output
from cli.errors import Stop

NOUNS = {
    "sims": "SIMs, their providers, and their way into machines.",
    "devices": "Machines that report, and their tokens.",
    "technicians": "Who is offered work, and on which phone.",
    "policies": "Whom a ticket is offered to, in which order, for how long.",
    "rules": "When a machine is wrong.",
    "alerts": "What is wrong, and the readings that show it.",
    "tickets": "The work, whose it is, and how it came to be.",
    "texts": "What technicians were written, and what they answered.",
    "auth": "Who uses the service, and their tokens.",
    "audit": "What was done, by whom.",
    "modem": "A modem at a port of this computer, without the service.",
    "mqtt": "A broker beside the service.",
    "simulate": "Hardware that needs no hardware.",
    "db": "The database and its schema.",
}
"""Each is `app` in cli/<noun>.py; the files import nothing heavy before a verb runs."""

COMMANDS = ("serve", "init", "demo")
"""Each is the function of that name in cli/<command>.py."""

SENTENCES = {
    "modem_drivers.errors.ModemError": 1,
    "fleet.errors.SetupError": 2,
    "fleet.errors.FleetError": 1,
}
"""Errors of other packages whose message is written for the user, by name so that none is imported; exit codes."""

WORDING = {
    "Value error, ": "",
    "Input should be ": "expected ",
    "a valid integer, unable to parse string as an integer": "a whole number",
    "a valid number, unable to parse string as a number": "a number",
    "greater than or equal to": "at least",
    "less than or equal to": "at most",
}
"""What the parser of options says of a wrong value → what a person reads."""

INTERRUPTED = 130
"""What a shell reports of a command ended by Ctrl-C."""

app = typer.Typer(no_args_is_help=True, add_completion=True, rich_markup_mode=None, pretty_exceptions_enable=False)


@app.callback()
def fleet(
    version: Annotated[bool, typer.Option("--version", help="Print the version and end.", is_eager=True)] = False,
) -> None:
    """SIMs, machines, alerts and the technician's phone in one service.

    Exit codes: 0 done, 1 failed, 2 wrong arguments or set-up, 3 partly done, 4 refused by the service, 5 timed out.
    """
    if version:
        from importlib.metadata import version as installed

        output.Output().done({}, f"fleet {installed('wireless-fleet')}")
        raise typer.Exit


for command in COMMANDS:
    app.command()(getattr(import_module(f"cli.{command}"), command))
for noun, summary in NOUNS.items():
    app.add_typer(import_module(f"cli.{noun}").app, name=noun, help=summary)


def main(arguments: Sequence[str]) -> int:
    """Run one command; returns its exit code. What went wrong is one sentence on standard error."""
    try:
        result = app(arguments, prog_name="fleet", standalone_mode=False)
    except TyperException as wrong:
        return _wrong_arguments(wrong)
    except Stop as stop:
        if str(stop):
            output.error(str(stop))
        return stop.code
    except (KeyboardInterrupt, typer.Abort):
        output.interrupted()
        return INTERRUPTED
    except Exception as error:
        code = _expected(error)
        if code is None:
            raise  # a fault of ours: the traceback is what helps
        output.error(str(error))
        return code
    if result == INTERRUPTED:  # Typer takes the Ctrl-C of a verb for such an end
        output.interrupted()
    return result if isinstance(result, int) else 0


def run() -> NoReturn:
    """The entry point."""
    sys.exit(main(sys.argv[1:]))


def _expected(error: Exception) -> int | None:
    """The exit code of an error that is a sentence for the user."""
    names = (f"{kind.__module__}.{kind.__qualname__}" for kind in type(error).__mro__)
    return next((SENTENCES[name] for name in names if name in SENTENCES), None)


def _worded(said: str) -> str:
    for theirs, ours in WORDING.items():
        said = said.replace(theirs, ours)
    return said


def _wrong_arguments(wrong: TyperException) -> int:
    context = getattr(wrong, "ctx", None)
    said = _worded(wrong.format_message())
    if context is None or not said:
        output.error(said)
    elif said == context.get_help():  # a noun without a verb
        output.Output().note(said)
    else:
        output.error(f"{said.rstrip('.')}: see `{context.command_path} --help`")
    return wrong.exit_code
