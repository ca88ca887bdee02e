"""The conversation on the line: echo, command lines, prompts, result codes."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from hw_fixtures.modem.answers import Afterwards, Answer, Lines, Pending, Prompt, Vanish, Wait
from hw_fixtures.modem.commands import run
from hw_fixtures.modem.errors import Refusal
from hw_fixtures.modem.syntax import Request, parse_line

if TYPE_CHECKING:
    from hw_fixtures.modem.machine import SimulatedModem

_CR, _LF, _BACKSPACE, _CTRL_Z, _ESC = 0x0D, 0x0A, 0x08, 0x1A, 0x1B
_END_OF_BODY = re.compile(b"[\x1a\x1b]")
_LONGEST_LINE = 560  # behind "AT", as the manual says
_LONGEST_BODY = 2048


@dataclass(slots=True)
class _Job:
    """A command line on its way."""

    steps: list[Callable[[], Answer]]
    lines: list[str] = field(default_factory=list)
    final: str = "OK"
    afterwards: list[Callable[[], None]] = field(default_factory=list)


class Dialogue:
    """One conversation, from power-on to power-off."""

    def __init__(self, modem: "SimulatedModem") -> None:
        self.echo = True
        self.verbose = True
        self.quiet = False
        self._modem = modem
        self._input = bytearray()
        self._line = bytearray()
        self._busy = False
        self._prompt: Prompt | None = None

    def hear(self, data: bytes) -> None:
        """What the host wrote; while a command takes its time it waits."""
        self._input += data
        self._work()

    def sit_at_prompt(self) -> None:
        """Be found in the middle of somebody's unfinished AT+CMGS."""
        self._prompt = Prompt(lambda body: self._modem.messaging.submit_body(len(body) // 2 - 1, body))

    def _work(self) -> None:
        while self._input and self._modem.on and not self._busy:
            if self._prompt is not None:
                if not self._read_body():
                    return
            else:
                self._read_line()

    def _read_line(self) -> None:
        end = self._input.find(_CR)
        taken = bytes(self._input[: end + 1 if end >= 0 else len(self._input)])
        del self._input[: len(taken)]
        taken = taken.translate(None, bytes([_LF, _CTRL_Z, _ESC, 0]))
        if self.echo:
            self._modem.write(taken)
        self._line += taken.rstrip(b"\r")
        if end < 0:
            del self._line[_LONGEST_BODY:]
            return
        line, self._line = bytes(self._line), bytearray()
        while (at := line.find(_BACKSPACE)) >= 0:
            line = line[: max(at - 1, 0)] + line[at + 1 :]
        self._execute(line.decode("latin-1").strip())

    def _read_body(self) -> bool:
        """Take what follows a prompt; False while its end is not there."""
        prompt = self._prompt
        assert prompt is not None
        found = _END_OF_BODY.search(self._input)
        if found is None:
            del self._input[_LONGEST_BODY:]
            return False
        stop = found.start()
        body, ended_by = bytes(self._input[:stop]), self._input[stop]
        del self._input[: stop + 1]
        self._prompt = None
        if self.echo:
            self._modem.write(body)
        if ended_by == _ESC:
            self._finish((), "OK")
        else:
            self._carry_out(_Job([partial(prompt.then, body.decode("latin-1").strip())]))
        return True

    def _execute(self, line: str) -> None:
        if line[:2].upper() != "AT":
            return  # a modem hears nothing until it hears AT
        requests = parse_line(line[2:]) if len(line) <= _LONGEST_LINE else None
        if requests is None:
            self._finish((), "ERROR")
        else:
            self._carry_out(_Job([partial(self._run, request) for request in requests]))

    def _run(self, request: Request) -> Answer:
        self._modem.faults.refuse_command()
        return run(self._modem, request)

    def _carry_out(self, job: _Job) -> None:
        """The steps of one line, in order; the first refusal ends them."""
        while job.steps:
            try:
                answer = job.steps.pop(0)()
            except Refusal as refusal:
                job.final = refusal.answer(self._modem.settings["+CMEE"])
                break
            if isinstance(answer, Prompt):
                self._ask(answer)
                return
            if isinstance(answer, Vanish):
                self._modem.unplugged()
                answer.then()
                return
            if isinstance(answer, Wait):
                job.steps.insert(0, answer.then)
                if answer.seconds > 0:
                    self._busy = True
                    self._modem.later(answer.seconds, partial(self._resume, job))
                    return
            elif isinstance(answer, Pending):
                self._busy = True
                answer.ask(partial(self._called_back, job, answer))
                return
            elif isinstance(answer, Afterwards):
                job.lines += answer.lines
                job.afterwards.append(answer.then)
            else:
                job.lines += answer
        self._finish(job.lines, job.final)
        if job.afterwards:
            self._modem.let_out()
        for action in job.afterwards:
            action()

    def _called_back(self, job: _Job, pending: Pending, outcome: int | None) -> None:
        if self._modem.on and self._modem.dialogue is self:  # else a reset was faster than the network
            job.steps.insert(0, partial(pending.then, outcome))
            self._resume(job)

    def _resume(self, job: _Job) -> None:
        self._busy = False
        self._carry_out(job)
        self._work()

    def _ask(self, prompt: Prompt) -> None:
        fault = self._modem.faults.at_prompt()
        if fault == "hang up":
            self._modem.unplugged()
            return
        self._prompt = prompt
        if fault != "lose":
            self._modem.write(self._modem.model.prompt.encode())

    def _finish(self, lines: Lines, final: str) -> None:
        reply = self._modem.faults.alter(self._format(lines, final))
        delay = self._modem.faults.delay()
        if delay is None:
            self._modem.write(reply)
            return
        self._busy = True

        def speak() -> None:
            self._busy = False
            self._modem.write(reply)
            self._work()

        self._modem.later(delay, speak)

    def _format(self, lines: Lines, final: str) -> tuple[bytes, bytes]:
        """Information and final result, as V0, V1 and Q1 want them."""
        if self.quiet:
            return b"", b""
        if not self.verbose:
            code = {"OK": "0", "ERROR": "4"}.get(final, final)
            return "".join(f"{line}\r\n" for line in lines).encode(), f"{code}\r".encode()
        information = "\r\n" + "\r\n".join(lines) + "\r\n" if lines else ""
        return information.encode(), f"\r\n{final}\r\n".encode()
