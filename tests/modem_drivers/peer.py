"""A scripted modem at the far end of a memory cable: a test says what each command answers."""

import asyncio
from collections.abc import Callable
from dataclasses import replace

from modem_drivers.profiles import GENERIC, Profile
from modem_drivers.session import Session
from modem_drivers.transport.memory import MemoryEnd, cable

QUICK: Profile = replace(GENERIC, settle=0.005, patience=0.1)

Answer = str | Callable[[str], str | None] | None
"""Lines joined by newlines; a function of the command; or None for silence. The last line is the result."""


def wire(answer: str) -> bytes:
    """An answer's lines as a modem sends them."""
    return "".join(f"\r\n{line}\r\n" for line in answer.split("\n")).encode("latin-1")


class Peer:
    """Answers `OK` to AT and ATQ0V1, and to other commands what `answers` holds, by text or by name before `=`.

    `heard` lists every command, `payloads` every message written at a prompt, escapes left out.
    """

    def __init__(self, end: MemoryEnd, answers: dict[str, Answer] | None = None) -> None:
        self.end = end
        self.answers: dict[str, Answer] = {"AT": "OK", **(answers or {})}
        self.heard: list[str] = []
        self.payloads: list[str] = []
        self.escapes = 0
        self.lost = asyncio.Event()
        self.at_prompt = False
        self.after_payload: Answer = "+CMGS: 1\nOK"
        self._line = b""

    async def open(self) -> None:
        await self.end.open(self._take, lambda _: self.lost.set())

    def say(self, answer: str) -> None:
        """Speaks unasked."""
        self.end.write(wire(answer))

    def _take(self, data: bytes) -> None:
        for byte in data:
            char = bytes([byte])
            if char == b"\x1b":
                self.escapes += 1
                if self.at_prompt:
                    self.at_prompt, self._line = False, b""
                    self.end.write(wire("OK"))
            elif self.at_prompt and char == b"\x1a":
                self.at_prompt = False
                self.payloads.append(self._line.decode("ascii"))
                self._line = b""
                self._give(self.after_payload, "")
            elif char == b"\r" and not self.at_prompt:
                command, self._line = self._line.decode("ascii"), b""
                self._command(command)
            else:
                self._line += char

    def _command(self, text: str) -> None:
        self.heard.append(text)
        body = text.removeprefix("AT")
        name = body.partition("=")[0] + ("=?" if body.endswith("=?") else "")
        for key in (text, body, name, "AT" if body == "Q0V1" else name):
            if key in self.answers:
                self._give(self.answers[key], body)
                return
        self._give("ERROR", body)

    def _give(self, answer: Answer, body: str) -> None:
        text = answer(body) if callable(answer) else answer
        if text is None:
            return
        if text == ">":
            self.at_prompt = True
            self.end.write(b"\r\n> ")
        elif text:
            self.end.write(wire(text))


async def joined(answers: dict[str, Answer] | None = None, profile: Profile = QUICK) -> tuple[Session, Peer]:
    """An opened session and the peer it talks to."""
    ours, theirs = cable()
    peer = Peer(theirs, answers)
    await peer.open()
    session = Session(ours, profile)
    await session.open()
    return session, peer


def setting(answers: dict[str, Answer], text: str) -> None:
    """Adds answers from a two-column text: command, blanks, answer with `|` between lines."""
    for row in text.strip().splitlines():
        command, _, answer = row.strip().partition("  ")
        answers[command] = answer.strip().replace("|", "\n")


__all__ = ["QUICK", "Answer", "Peer", "joined", "setting", "wire"]
