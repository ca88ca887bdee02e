"""Calls between a modem of one process and the exchange of another. The exchange's word on a call's stage counts.

Each end of a call has an id on its wire: `out-N` for one that was dialled there, `in-N` for one that came.
"""

import asyncio
from collections.abc import Callable
from functools import partial
from itertools import count

from hw_fixtures.network.exchange import Connection, Exchange, Later, Nobody, Party, Release, Reply, Stage
from hw_fixtures.network.sharing.wire import Said, Wire


class FarCall(Connection):
    """A call as the process of its modem knows it. `tell` says to the exchange what the modem does in it."""

    def __init__(self, caller: str, callee: str, party: Party, later: Later, tell: Callable[..., None]) -> None:
        super().__init__(caller, callee, (party, Nobody()), later)
        self._party, self._tell = party, tell

    def offer(self) -> None:
        """See Connection."""
        self._party.offered(self)

    def alert(self) -> None:
        """See Connection: a modem that rings does so at once."""
        self._tell("alert")
        super().alert()

    def answer(self) -> None:
        """See Connection."""
        self._tell("answer")

    def end(self, why: Release = Release.NORMAL) -> None:
        """See Connection."""
        if self.stage is not Stage.OVER:
            self._tell("end", why=why.value)
        super().end(why)

    def press(self, by: Party, key: str) -> None:
        """See Connection."""
        self._tell("press", key=key)

    def say(self, by: Party, text: str) -> None:
        """See Connection."""
        self._tell("say", text=text)

    def hear_key(self, key: str) -> None:
        """The far end pressed one."""
        self._party.keyed(self, key)

    def hear(self, text: str) -> None:
        """The far end said something."""
        self._party.spoken(self, text)

    def moved(self, stage: Stage, release: Release | None) -> None:
        """The exchange says that the call has come so far."""
        if self.stage is not Stage.OVER:
            self.release = release
            self._move(stage)


class FarExchange:
    """The exchange of another process, for the modems of this one."""

    def __init__(self, wire: Wire) -> None:
        self.ussd: dict[str, Reply] = {}
        self._wire = wire
        self._parties: dict[str, Party] = {}
        self._calls: dict[str, FarCall] = {}
        self._dialled = count()

    def enrol(self, number: str) -> None:
        """See Exchange; claiming a number has done it."""

    def attach(self, number: str, party: Party) -> None:
        """See Exchange."""
        self._parties[number] = party
        self._wire.say("connect", number=number)

    def detach(self, number: str) -> None:
        """See Exchange."""
        self._parties.pop(number, None)
        self._wire.say("disconnect", number=number)

    def dial(self, caller: str, by: Party, to: str, later: Later) -> Connection:
        """See Exchange."""
        name = f"out-{next(self._dialled)}"
        call = self._calls[name] = FarCall(caller, to, by, later, partial(self._do, name))
        return call

    def start(self, call: Connection) -> None:
        """See Exchange."""
        if call.stage is not Stage.OVER:  # else it was given up before it began
            name = next(name for name, mine in self._calls.items() if mine is call)
            self._wire.say("dial", call=name, caller=call.caller, to=call.callee)

    def take(self, said: Said) -> None:
        """What the exchange says of a call; of one that is over here it is heard no more."""
        name = said["call"]
        if said["verb"] == "offered":
            party = self._parties.get(said["number"], Nobody())
            call = FarCall(said["caller"], said["number"], party, _at_once, partial(self._do, name))
            self._calls[name] = call
            call.offer()
        elif name in self._calls:
            self._hear(name, said)

    def _hear(self, name: str, said: Said) -> None:
        call = self._calls[name]
        match said["verb"]:
            case "stage":
                stage = Stage(said["stage"])
                if stage is Stage.OVER:
                    del self._calls[name]
                call.moved(stage, Release(said["release"]) if said["release"] else None)
            case "keyed":
                call.hear_key(said["key"])
            case "spoken":
                call.hear(said["text"])

    def _do(self, name: str, does: str, **words: str) -> None:
        self._wire.say("in call", call=name, does=does, **words)


class Trunk:
    """The modems of one other process, to the exchange of this one."""

    def __init__(self, exchange: Exchange, wire: Wire) -> None:
        self._exchange = exchange
        self._wire = wire
        self._parties: dict[str, _FarParty] = {}
        self.calls: dict[str, tuple[Connection, _FarParty]] = {}
        self._offered = count()

    def party(self, number: str) -> "_FarParty":
        """Whoever has this number over there."""
        return self._parties.setdefault(number, _FarParty(self))

    def dial(self, name: str, caller: str, to: str) -> None:
        """A call from there."""
        party = self.party(caller)
        call = self._exchange.dial(caller, party, to, _later)
        self.calls[name] = call, party
        self._exchange.start(call)

    def offer(self, call: Connection, party: "_FarParty") -> None:
        """A call to there."""
        name = f"in-{next(self._offered)}"
        self.calls[name] = call, party
        self._wire.say("offered", call=name, number=call.callee, caller=call.caller)

    def do(self, said: Said) -> None:
        """What somebody there does in a call; one that is over meanwhile leaves nothing to do."""
        call, party = self.calls.get(said["call"], (None, None))
        if call is None or party is None:
            return
        match said["does"]:
            case "alert":
                call.alert()
            case "answer":
                call.answer()
            case "end":
                call.end(Release(said["why"]))
            case "press":
                call.press(party, said["key"])
            case "say":
                call.say(party, said["text"])

    def tell(self, call: Connection, party: "_FarParty", verb: str, **words: object) -> None:
        """Say something of a call to one over there who is in it."""
        for name, mine in tuple(self.calls.items()):
            if mine == (call, party):
                self._wire.say(verb, call=name, **words)
                if call.stage is Stage.OVER:
                    del self.calls[name]

    def break_off(self) -> None:
        """The other process is gone, and its calls with it."""
        for call, _ in tuple(self.calls.values()):
            call.end(Release.UNREACHABLE)


class _FarParty:
    """A modem of another process, as a party."""

    def __init__(self, trunk: Trunk) -> None:
        self._trunk = trunk

    def offered(self, call: Connection) -> None:
        """See Party."""
        self._trunk.offer(call, self)

    def changed(self, call: Connection) -> None:
        """See Party."""
        release = call.release.value if call.release else None
        self._trunk.tell(call, self, "stage", stage=call.stage.value, release=release)

    def keyed(self, call: Connection, key: str) -> None:
        """See Party."""
        self._trunk.tell(call, self, "keyed", key=key)

    def spoken(self, call: Connection, text: str) -> None:
        """See Party."""
        self._trunk.tell(call, self, "spoken", text=text)


def _later(seconds: float, action: Callable[[], None]) -> None:
    if seconds <= 0:
        action()
    else:
        asyncio.get_running_loop().call_later(seconds, action)


def _at_once(seconds: float, action: Callable[[], None]) -> None:
    """A modem brings its own clock; nobody else waits in a call here."""
    action()
