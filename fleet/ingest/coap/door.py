"""The CoAP listener."""

import asyncio
import logging

from aiocoap.tokenmanager import TokenManager

from fleet import net
from fleet.context import Context
from fleet.ingest.coap.requests import Requests
from fleet.ingest.coap.wire import Library, Messages, Wire
from fleet.ingest.pipeline import Pipeline

LIBRARY = "fleet.ingest.coap.library"
"""Logger of aiocoap: it warns of whatever strangers send, so only errors are heard."""
GOODBYE = 5.0
"""Seconds to commit and answer what has arrived when the service stops."""

log = logging.getLogger(__name__)


class Door:
    """The CoAP listener of `context`'s settings; payloads go to `pipeline`."""

    def __init__(self, context: Context, pipeline: Pipeline) -> None:
        self.url = ""
        self._context, self._pipeline = context, pipeline
        self._requests = Requests(context, pipeline)

    async def start(self) -> None:
        """Listen. Raises SetupError for a taken port."""
        settings = self._context.settings.coap
        bound = net.datagrams(settings.host, settings.port, "--coap-port")
        self.url = f"coap://{net.address(bound)}"
        logging.getLogger(LIBRARY).setLevel(logging.ERROR)
        loop = asyncio.get_running_loop()
        self._library = Library(loop=loop, serversite=self._requests, loggername=LIBRARY)
        tokens = TokenManager(self._library)
        messages = Messages(tokens, self._context.clock.monotonic, self._requests.under_way)
        self._requests.unheard = messages.remember
        wire = await Wire.on(bound, messages, self._library.log, loop)
        messages.message_interface, tokens.token_interface = wire, messages
        self._library.request_interfaces.append(tokens)

    async def stop(self) -> None:
        """Take in nothing more, commit and answer what has arrived."""
        if self._requests.closing:
            return
        self._requests.closing = True
        try:
            async with asyncio.timeout(GOODBYE):
                await self._pipeline.drained()
                await self._requests.answered()
        except TimeoutError:
            log.warning("the service stops before every CoAP request is answered; devices will send the rest again")
        await self._library.shutdown()
