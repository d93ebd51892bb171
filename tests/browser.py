"""A browser without a window, Chromium, that is driven over its DevTools and says all it asked for."""

from __future__ import annotations

import asyncio
import base64
import re
import shutil
import subprocess
from asyncio import Future
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aiohttp import ClientSession, ClientWebSocketResponse, WSMsgType
from patience import PATIENCE_S

CHROMIUM_MISSING = "needs chromium"
_WORDS = (
    *("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--mute-audio", "--remote-debugging-port=0"),
)
_CONTROL = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]")
_ENTER = "\r"


def chromium() -> str | None:
    """The program, where it is installed."""
    return shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


@dataclass(slots=True)
class Page:
    """One page of the browser."""

    socket: ClientWebSocketResponse
    # The addresses of all that was asked for, and of them what was not got, with why.
    asked_for: list[str] = field(default_factory=list)
    not_got: list[str] = field(default_factory=list)
    # What web sockets have brought, the steering of a terminal left out.
    written: str = ""
    _loaded: Future[None] | None = None
    _answers: dict[int, Future[dict[str, Any]]] = field(default_factory=dict)

    async def ask(self, method: str, **parameters: object) -> dict[str, Any]:
        """One call of the DevTools."""
        number = len(self._answers)
        answer = self._answers[number] = asyncio.get_running_loop().create_future()
        await self.socket.send_json({"id": number, "method": method, "params": parameters})
        return await asyncio.wait_for(answer, PATIENCE_S)

    async def open(self, address: str) -> None:
        """Goes there, and waits until all of it is loaded."""
        loaded = self._loaded = asyncio.get_running_loop().create_future()
        await self.ask("Page.navigate", url=address)
        await asyncio.wait_for(loaded, PATIENCE_S)

    async def type(self, text: str) -> None:
        """Presses keys, one for each letter."""
        for letter in text:
            key = "Enter" if letter == _ENTER else letter
            await self.ask("Input.dispatchKeyEvent", type="keyDown", text=letter, key=key)
            await self.ask("Input.dispatchKeyEvent", type="keyUp", key=key)

    async def result_of(self, script: str) -> object:
        """What a script of the page gives, once it is settled."""
        answer = await self.ask("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True)
        return answer["result"].get("value")

    async def picture(self) -> bytes:
        """What is seen, as PNG."""
        return base64.b64decode((await self.ask("Page.captureScreenshot"))["data"])

    async def until(self, holds: Callable[[], object], what: str, *, for_s: float = PATIENCE_S) -> None:
        """Returns once `holds()` is true; fails when it is not for so long."""
        try:
            async with asyncio.timeout(for_s):
                while not await asyncio.to_thread(holds):
                    await asyncio.sleep(0.02)
        except TimeoutError:
            raise AssertionError(f"{what} is not there after {for_s:g} s: {self.written[-2000:]!r}") from None

    async def listen(self) -> None:
        """Takes what the browser tells, until it ends."""
        async for message in self.socket:
            if message.type is WSMsgType.TEXT:
                self._take(message.json())

    def _take(self, told: dict[str, Any]) -> None:
        if "id" in told:
            self._answers[told["id"]].set_result(told.get("result") or {"error": told.get("error")})
            return
        given = told["params"]
        match told["method"]:
            case "Page.loadEventFired" if self._loaded is not None and not self._loaded.done():
                self._loaded.set_result(None)
            case "Network.requestWillBeSent":
                self.asked_for.append(given["request"]["url"])
            case "Network.webSocketCreated":
                self.asked_for.append(given["url"])
            case "Network.loadingFailed":
                self.not_got.append(f"{given['type']}: {given.get('blockedReason') or given['errorText']}")
            case "Network.webSocketFrameReceived" if given["response"]["opcode"] == WSMsgType.BINARY:
                data = base64.b64decode(given["response"]["payloadData"])
                self.written += _CONTROL.sub("", data.decode("utf-8", "replace"))


@asynccontextmanager
async def browser(folder: Path, *, width: int = 1000, height: int = 640) -> AsyncIterator[Page]:
    """A browser with an empty page and nothing kept from before; ended at the end."""
    program = chromium()
    assert program is not None
    place = folder / "browser"
    words = (f"--user-data-dir={place}", f"--window-size={width},{height}", "about:blank")
    with (folder / "browser.log").open("wb") as log:
        process = subprocess.Popen((program, *_WORDS, *words), stdout=log, stderr=log, start_new_session=True)
    try:
        address = await _address(place)
        async with ClientSession() as session, session.ws_connect(address, max_msg_size=0) as socket:
            page = Page(socket)
            listening = asyncio.create_task(page.listen())
            for domain in ("Network", "Page", "Runtime"):
                await page.ask(f"{domain}.enable")
            yield page
            listening.cancel()
    finally:
        process.terminate()
        process.wait(PATIENCE_S)


async def _address(place: Path) -> str:
    """Of the first page's DevTools: their port is in a file once they listen."""
    async with ClientSession() as session, asyncio.timeout(2 * PATIENCE_S):
        while not (port := _first_line(place / "DevToolsActivePort")):
            await asyncio.sleep(0.02)
        while True:
            async with session.get(f"http://127.0.0.1:{port}/json/list") as answer:
                pages = [one["webSocketDebuggerUrl"] for one in await answer.json() if one["type"] == "page"]
            if pages:
                return str(pages[0])
            await asyncio.sleep(0.02)


def _first_line(file: Path) -> str:
    with suppress(OSError):
        return file.read_text().partition("\n")[0]
    return ""
