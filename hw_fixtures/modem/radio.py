"""Power and registration."""

from typing import TYPE_CHECKING

from hw_fixtures.modem.facts import facts

if TYPE_CHECKING:
    from hw_fixtures.modem.machine import SimulatedModem

NOT_SEARCHING, HOME, SEARCHING, ROAMING = 0, 1, 2, 5  # <stat>, TS 27.007 clause 7.2
OFF, FULL, FLIGHT = "0", "1", "4"  # AT+CFUN
FIRST_CONTEXT = "1"  # LTE brings it up with the attach


class Radio:
    """Where the modem stands with the network. `registered_after`: seconds from search to registration."""

    def __init__(self, modem: "SimulatedModem", registered_after: float) -> None:
        self.registered_after = registered_after
        self.function = FULL
        self.status = NOT_SEARCHING
        self.contexts: dict[str, tuple[str, str]] = {FIRST_CONTEXT: ("IPV4V6", "")}  # by cid: type, APN
        self.attached = True
        self.credentials: dict[str, tuple[str, str, str]] = {}  # by cid: AT+CGAUTH type, user, password
        self.active: dict[str, str] = {}  # by cid: APN in use
        self.stack: set[str] = set()  # the active ones that its own IP stack uses
        self.selection = "0"  # AT+COPS: automatic
        self.operator_format = "0"
        self._modem = modem
        self._search = 0

    @property
    def registered(self) -> bool:
        """Registered, at home or roaming."""
        return self.status in (HOME, ROAMING)

    def power_on(self) -> None:
        """Full function, as after boot."""
        self.function = FULL
        self.selection = "0"
        self.attached = True
        self.sim_ready()

    def power_off(self) -> None:
        """The network loses us without a word to the host."""
        self._detach()
        self.status = NOT_SEARCHING

    def sim_ready(self) -> None:
        """The SIM is there and open: say so and look for a network."""
        sim = self._modem.sim
        if sim is None or self.function == OFF:
            return
        if sim.state != "READY":
            self._modem.say(f"+CPIN: {sim.state}")
            return
        self._modem.say(*self._modem.model.ready_lines, *self._modem.model.messages_ready_lines)
        self.search()

    def set_function(self, function: str) -> None:
        """AT+CFUN: off takes the SIM's power too, flight only the radio's."""
        before, self.function = self.function, function
        sim = self._modem.sim
        if function == FULL:
            if before == OFF:
                self.sim_ready()
            else:
                self.search()
            return
        if function == OFF and sim is not None:
            sim.power_cycle()
        self.deregister()

    def search(self) -> None:
        """Look for the network; registered after a while, if SIM, radio and coverage allow."""
        sim = self._modem.sim
        if self.registered or self.function != FULL or self.selection == "2" or sim is None or sim.state != "READY":
            return
        self._move(SEARCHING)
        self._search += 1
        search = self._search
        if not self._modem.faults.network_lost:
            self._modem.later(self.registered_after, lambda: self._found(search))

    def deregister(self) -> None:
        """AT+COPS=2."""
        self._search += 1
        self._detach()
        self._move(NOT_SEARCHING)

    def lose(self) -> None:
        """Coverage is gone."""
        self._search += 1
        self._detach()
        if self.function == FULL:
            self._move(SEARCHING)

    def reattach(self, attached: bool) -> None:
        """AT+CGATT: contexts changed since take effect with a new attach."""
        self.attached = attached
        self._end_contexts()
        if attached and self.registered:
            self.activate(FIRST_CONTEXT, True)

    def activate(self, cid: str, on: bool) -> None:
        """AT+CGACT: an active context keeps the APN it came up with."""
        if on:
            self.active.setdefault(cid, self.contexts.get(cid, ("", ""))[1])
        else:
            self.active.pop(cid, None)
            self.stack.discard(cid)

    def address(self, cid: str) -> str:
        """The address of an active context."""
        return f"10.64.0.{int(cid) + 1}" if cid in self.active else "0.0.0.0"  # noqa: S104 - as modems say none

    def report(self, command: str) -> str:
        """<stat> and, when the host asked for it, where: as AT+CREG? and its unsolicited line show it."""
        if self._modem.settings[command] in ("0", "1") or not self.registered:
            return str(self.status)
        return self._modem.model.registration.format_map(facts(self._modem))

    def _found(self, search: int) -> None:
        if search != self._search:
            return
        sim = self._modem.sim
        assert sim is not None
        home = sim.imsi.startswith(self._modem.network.cell.plmn)
        self._move(HOME if home else ROAMING)
        self.reattach(self.attached)
        self._modem.network.attach(sim.msisdn, self._modem.messaging)
        self._modem.network.exchange.attach(sim.msisdn, self._modem.calls)

    def _end_contexts(self) -> None:
        self.active.clear()
        self.stack.clear()

    def _detach(self) -> None:
        self._end_contexts()
        self._modem.calls.drop()
        if self._modem.sim is not None and self.registered:
            self._modem.network.detach(self._modem.sim.msisdn)
            self._modem.network.exchange.detach(self._modem.sim.msisdn)

    def _move(self, status: int) -> None:
        if status == self.status:
            return
        self.status = status
        for command in ("+CREG", "+CGREG", "+CEREG"):
            if self._modem.settings[command] != "0":
                self._modem.say(f"{command}: {self.report(command)}")
