"""Speech made by the modem itself and heard by the far end of a call."""

import asyncio
import textwrap
import unicodedata
from contextlib import suppress
from typing import Final

from modem_drivers.at import params
from modem_drivers.at.events import Unsolicited
from modem_drivers.at.unsolicited import named
from modem_drivers.errors import CommandRefused, SpeechFailed, Unsupported
from modem_drivers.features.offers import offered
from modem_drivers.profiles.base import SpeechForm
from modem_drivers.session import Session

_SECONDS: Final = 10.0
_SECONDS_A_CHARACTER: Final = 0.25
"""No engine is as slow; who waits longer waits for a mark that was lost."""


class Speech:
    """Text to speech, by makers' own commands: their engines speak English (and Chinese), others sound spelled.

    All raise PortGone and CommandTimeout beside what they name.
    """

    def __init__(self, session: Session) -> None:
        self._session = session
        self._ended: asyncio.Future[int] | None = None
        self._hushed = False

    async def supported(self) -> bool:
        """Whether this unit's firmware has the engine, asked of it once a session."""
        form = self._session.profile.speech
        if form is None:
            return False
        for command in (*form.before, form.say):
            if not await offered(self._session, command):
                return False
        return True

    async def say(self, text: str) -> None:
        """Speaks to the far end of the active call; returns when all is said, or `stop` was called.

        Accents are left out, long texts go in pieces. Raises ValueError for what the engines cannot read,
        Unsupported, CommandRefused where there is no call, SpeechFailed where it ended too early.
        """
        words = spoken(text)
        form = await self._form()
        for command in form.before:
            await self._session.command(command)
        self._hushed = False
        for piece in textwrap.wrap(words, form.most):
            if not self._hushed:
                await self._piece(form, piece)

    async def check(self, text: str) -> None:
        """Raises what `say` would raise of this text and this unit, before anybody is called."""
        spoken(text)
        await self._form()

    async def stop(self) -> None:
        """Falls silent in mid-sentence, before all other commands in the queue. Raises Unsupported."""
        form = await self._form()
        self._hushed = True
        with suppress(CommandRefused):  # it was silent already
            await self._session.command(form.stop, urgent=True)
        if self._ended is not None and not self._ended.done():
            self._ended.set_result(0)

    async def _piece(self, form: SpeechForm, piece: str) -> None:
        ended: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self._ended = ended

        def told(event: Unsolicited) -> None:
            code = params.number(event.text)
            if code is not None and not ended.done():
                ended.set_result(code)

        ignore = self._session.listen(form.ended, told)
        try:
            response = await self._session.command(form.say.format(text=piece))
            for line in response.lines:  # where a short text is over before the command is
                name, text = named(line)
                if name == form.ended:
                    told(Unsolicited(name, text))
            async with asyncio.timeout(_SECONDS + _SECONDS_A_CHARACTER * len(piece)):
                code = await ended
        except TimeoutError:
            raise SpeechFailed(f"no word of its end ({form.ended})") from None
        finally:
            ignore()
        if code != 0:
            raise SpeechFailed(f"{form.ended} {code}")

    async def _form(self) -> SpeechForm:
        form = self._session.profile.speech
        if form is None or not await self.supported():
            raise Unsupported("speech", self._session.profile.name)
        return form


def spoken(text: str) -> str:
    """The text as the engines take it: ASCII on one line without quotes, accents left out.

    Raises ValueError for a character that has no such form, and where nothing is left.
    """
    plain = "".join(char for char in unicodedata.normalize("NFKD", text) if not unicodedata.combining(char))
    plain = plain.replace("ß", "ss").translate(_SILENT)
    words = " ".join("".join(char if char.isprintable() else " " for char in plain).split())
    strange = next((char for char in words if not char.isascii()), None)
    if strange is not None or not words:
        got = "none" if strange is None else repr(strange)
        raise ValueError(f"expected a text of Latin letters, digits and punctuation, got {got}; write it in English")
    return words


_SILENT: Final = str.maketrans({"–": "-", "—": "-", "’": "'", "‘": "'", "„": None, "“": None, "”": None, '"': None})
