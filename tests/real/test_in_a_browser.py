"""The terminal player in a real browser: it shows there, is driven there alone, and fetches nothing from outside."""

from __future__ import annotations

import asyncio
import io
import signal
import subprocess
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

import numpy as np
import pytest
import soundfile
from browser import CHROMIUM_MISSING, browser, chromium
from PIL import Image
from playing_process import player_environ, serving_screen, status
from sound_sinks import has_pulseaudio, pulse_sink

from auralis_cli.errors import NoPlayerError

pytest.importorskip("textual_serve")
from aiohttp import web

pytestmark = [
    pytest.mark.soak,
    pytest.mark.skipif(chromium() is None, reason=CHROMIUM_MISSING),
    pytest.mark.skipif(not has_pulseaudio(), reason="needs pulseaudio"),
]
RATE_HZ = 44_100
# A picture of nothing has one, one of text some dozens.
_COLOURS = 50
# What a page of somebody else would do: connect, and be told whether it may.
_CONNECT = """new Promise(told => {
  const socket = new WebSocket("ADDRESS");
  socket.onopen = () => told("let in"); socket.onerror = () => told("refused");
})"""


def test_in_a_browser_it_shows_plays_by_a_key_and_nobody_else_is_let_in(auralis_home: Path, tmp_path: Path) -> None:
    """Kills: a font of the world's, a terminal without the keys, a page of another site that drives the player."""
    song = tmp_path / "alpha.flac"
    tone = 0.1 * np.sin(2 * np.pi * 440.0 * np.arange(20 * RATE_HZ) / RATE_HZ)
    soundfile.write(song, np.stack([tone, tone], 1), RATE_HZ, subtype="PCM_16")
    with pulse_sink(tmp_path) as sink, sink.recording() as heard:
        environ = player_environ(auralis_home, sink.variables)
        with serving_screen(environ, str(song)) as (process, address):
            asyncio.run(_visit(tmp_path, environ, process, address))
        assert np.abs(heard()).max() > 0.05
        with pytest.raises(NoPlayerError):
            status(environ)


async def _visit(folder: Path, environ: Mapping[str, str], process: subprocess.Popen[str], address: str) -> None:
    origin = urlsplit(address).netloc
    assert origin.startswith("127.0.0.1:")
    async with browser(folder) as page:
        await page.open(address)
        await page.until(lambda: "alpha" in page.written, "what plays")
        # Nobody has clicked anywhere.
        for state in ("paused", "playing"):
            await page.type(" ")
            await page.until(partial(_is, environ, state), state)
        assert await page.result_of("document.fonts.check('16px \"Roboto Mono\"')") is True
        picture = Image.open(io.BytesIO(await page.picture())).convert("RGB")
        assert len(picture.getcolors(1 << 20) or ()) > _COLOURS
        assert {urlsplit(one).netloc for one in page.asked_for} == {origin}
        assert page.not_got == []
        async with _site_of_another() as elsewhere:
            await page.open(elsewhere)
            # To the browser it is the same site, whose cookies are sent: ports do not count.
            assert await page.result_of(_CONNECT.replace("ADDRESS", f"ws://{origin}/ws")) == "refused"
        page.written = ""
        await page.open(address)
        await page.until(lambda: "alpha" in page.written, "the screen again")
        process.send_signal(signal.SIGINT)
        assert await asyncio.to_thread(process.wait, 20) == 0
        assert process.stdout is not None
        assert process.stdout.read() == ""
        said = "getComputedStyle(document.querySelector('.ended')).display"
        assert await page.result_of(said) == "flex"


def _is(environ: Mapping[str, str], state: str) -> bool:
    return status(environ).state == state


@asynccontextmanager
async def _site_of_another() -> AsyncIterator[str]:
    async def empty(_request: web.Request) -> web.Response:
        return web.Response(text="<!DOCTYPE html>", content_type="text/html")

    app = web.Application()
    app.add_routes([web.get("/", empty)])
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/"
    finally:
        await runner.cleanup()
