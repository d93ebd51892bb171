"""The screen in a browser of this machine: served on the loopback alone, to whoever has the key of the address."""

from __future__ import annotations

import asyncio
import hmac
import shlex
import socket
from collections.abc import Awaitable, Callable, Sequence

from aiohttp import web
from aiohttp.typedefs import Middleware
from textual_serve.server import Server, to_int

from auralis_cli.tui.web_page import page, page_headers

LOOPBACK = "127.0.0.1"
_COOKIE = "auralis_key"
_FONT_PX = 16
_ENDS_WITHIN_S = 5.0
_Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class WebScreen(Server):
    """Runs a command, which shows a screen, for each browser that connects.

    A page of another site, which a browser would let connect as well, is refused, and so is another user of this
    machine, who does not know the key.
    """

    def __init__(
        self, command: Sequence[str], key: str, listening: socket.socket, begun: Callable[[str], None]
    ) -> None:
        """`begun` is told the address once browsers may come."""
        super().__init__(shlex.join(command), LOOPBACK, listening.getsockname()[1], "Auralis")
        self._key = key
        self._listening = listening
        self._begun = begun
        # What runs for each browser that is connected.
        self._shown: set[asyncio.Task[object]] = set()

    def serve(self, debug: bool = False) -> None:
        """Serves until the program is told to end."""
        web.run_app(self._make_app(), sock=self._listening, print=None)

    async def on_startup(self, app: web.Application) -> None:
        """Tells the address."""
        self._begun(f"{self.public_url}/?key={self._key}")

    async def on_shutdown(self, app: web.Application) -> None:
        """Closes the screens, each of which is a process: aiohttp would wait a minute for browsers to leave."""
        for one in self._shown:
            one.cancel()
        if self._shown:
            await asyncio.wait(self._shown, timeout=_ENDS_WITHIN_S)

    async def handle_websocket(self, request: web.Request) -> web.WebSocketResponse:
        """One browser that is connected, for as long as it is."""
        task = asyncio.current_task()
        assert task is not None
        self._shown.add(task)
        try:
            return await super().handle_websocket(request)
        finally:
            self._shown.discard(task)

    async def handle_index(self, request: web.Request) -> web.Response:
        """The page of our own."""
        origin = f"ws://{LOOPBACK}:{self.port}"
        font_px = to_int(request.query.get("fontsize", ""), _FONT_PX)
        return web.Response(text=page(f"{origin}/ws", font_px), headers=page_headers(origin), content_type="text/html")

    async def _make_app(self) -> web.Application:
        app = await super()._make_app()
        app.middlewares.append(self._checked)
        return app

    @property
    def _checked(self) -> Middleware:
        @web.middleware
        async def check(request: web.Request, handler: _Handler) -> web.StreamResponse:
            is_ours = request.headers.get("Host") == f"{LOOPBACK}:{self.port}"
            is_ours &= request.headers.get("Origin", self.public_url) == self.public_url
            given = request.query.get("key") or request.cookies.get(_COOKIE, "")
            # Browsers may send bytes that are no text.
            if not is_ours or not hmac.compare_digest(given.encode("utf-8", "surrogateescape"), self._key.encode()):
                raise web.HTTPForbidden(text="the address that auralis printed has the key")
            response = await handler(request)
            if not response.prepared:
                response.set_cookie(_COOKIE, self._key, httponly=True, samesite="Strict")
            return response

        return check
