"""A carton of machines: one after the other comes to the same port; what fails with one keeps no other back."""

from collections.abc import Callable, Iterable
from typing import Any

from cli.bench import StillOpen
from cli.errors import Partial, Refused, Stop
from cli.output import Output
from modem_drivers.errors import ModemError

ASK = "Connect the next machine's modem, type the machine's name and Enter; an empty line ends."
CONFLICT = 409


def provision(out: Output, names: Iterable[str], one: Callable[[str], dict[str, Any]]) -> None:
    """Call `one` with each name until an empty one; raises Partial, or Refused when none went well.

    A name that failed may come again.
    """
    done: dict[str, bool] = {}
    out.note(ASK)
    for name in map(str.strip, names):
        if not name:
            break
        try:
            run, said = _provision(name, one)
            out.line(run, f"{name} {said}: SIM {run['iccid']} in modem {run['imei']}.")
            done[name] = True
        except (Stop, ModemError) as error:
            out.line({"device": name, "error": str(error)}, f"{name} failed: {error}")
            done.setdefault(name, False)
        out.note(ASK)
    well, failed = [name for name in done if done[name]], [name for name in done if not done[name]]
    out.line({"done": well, "failed": failed}, f"Done: {len(well)}; failed: {len(failed)}.")
    if failed:
        told = f"{', '.join(failed)} failed: run the same command again and give these names"
        raise (Partial(told) if well else Refused(f"expected machines to go into service, got none: {told}", CONFLICT))


def _provision(name: str, one: Callable[[str], dict[str, Any]]) -> tuple[dict[str, Any], str]:
    """The run of one machine, and how far it came: bound is enough, the service waits for its first point itself."""
    try:
        return one(name), "is in service"
    except StillOpen as still:
        if still.run["next"] != "first_point":
            raise
        return still.run, "is bound, its first point is awaited"
