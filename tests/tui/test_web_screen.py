"""The screen in a browser is for whoever has the key, from its own page, and for nobody else."""

from __future__ import annotations

import asyncio
import socket
import sys

import pytest

pytest.importorskip("textual_serve")
from aiohttp import ClientSession, CookieJar, web

from auralis_cli.tui.web_screen import LOOPBACK, WebScreen

KEY = "k" * 22


@pytest.mark.invariant("S0-L01")
@pytest.mark.invariant("S1-H-09")
def test_only_the_key_and_its_own_page_are_let_in() -> None:
    """Kills: a page of another site, or another user of the machine, that drives the player."""
    listening = socket.socket()
    listening.bind((LOOPBACK, 0))
    told: list[str] = []
    screen = WebScreen([sys.executable, "-c", "pass"], KEY, listening, told.append)

    async def answers() -> list[int]:
        runner = web.AppRunner(await screen._make_app())
        await runner.setup()
        await web.SockSite(runner, listening).start()
        codes = []
        async with ClientSession(cookie_jar=CookieJar(unsafe=True)) as browser:
            address = told[0].partition("?")[0]
            for path, headers in (
                ("", {}),
                ("?key=wrong", {}),
                (f"?key={KEY}", {"Host": "evil.example"}),
                (f"ws?key={KEY}", {"Origin": "http://evil.example"}),
                ("ws", {}),
                (f"?key={KEY}", {}),
                ("", {}),
            ):
                async with browser.get(address + path, headers=headers) as answer:
                    codes.append(answer.status)
        await runner.cleanup()
        return codes

    assert asyncio.run(answers()) == [403, 403, 403, 403, 403, 200, 200]
    assert told[0].endswith(f"/?key={KEY}")


def test_a_key_of_bytes_that_are_no_text_is_refused_like_any_other() -> None:
    """Kills: a key that is compared only after a failure of ours."""
    listening = socket.socket()
    listening.bind((LOOPBACK, 0))
    port = listening.getsockname()[1]
    screen = WebScreen([sys.executable, "-c", "pass"], KEY, listening, lambda _address: None)

    async def answered(request: bytes) -> bytes:
        reader, writer = await asyncio.open_connection(LOOPBACK, port)
        writer.write(request)
        line = await reader.readline()
        writer.close()
        return line

    async def answers() -> list[bytes]:
        runner = web.AppRunner(await screen._make_app())
        await runner.setup()
        await web.SockSite(runner, listening).start()
        host = f"Host: {LOOPBACK}:{port}\r\n".encode()
        lines = [
            await answered(b"GET /?key=%FF%80 HTTP/1.1\r\n" + host + b"\r\n"),
            await answered(b"GET / HTTP/1.1\r\n" + host + b"Cookie: auralis_key=\xff\x80\r\n\r\n"),
        ]
        await runner.cleanup()
        return lines

    assert asyncio.run(answers()) == [b"HTTP/1.1 403 Forbidden\r\n"] * 2
