"""Takes the pictures of the README: the real terminal player over a real player and a demo library.

`make screenshots` writes SVG into tests/screens, and one PNG where Chromium is at hand; where rsvg-convert is at hand,
PNG into build/screens to look at.
"""

from __future__ import annotations

import argparse
import asyncio
import io
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from browser import browser, chromium
from demo_library import make_demo_library
from PIL import Image
from playing_process import asked, player_environ, playing, serving_screen, status
from sound_sinks import pulse_sink, waited_for

from auralis_cli.config import load_config
from auralis_cli.player.control_place import DEFAULT_NAME
from auralis_cli.tui.app import AuralisApp
from auralis_cli.tui.context import UiContext
from auralis_cli.tui.link import RunningPlayers

REPOSITORY = Path(__file__).resolve().parent.parent
_FONTS = re.compile(r"@font-face \{.*?\}\s*", re.DOTALL)
_SETTLES_S = 2.5
# The picture of the screen in a browser, as small as it may be.
_WEB = "web"
_WEB_COLOURS = 64


@dataclass(frozen=True, slots=True)
class Picture:
    """One of the pictures: command lines that lead to it, in a terminal of that size and those colours."""

    name: str
    lines: tuple[str, ...]
    size: tuple[int, int] = (110, 32)
    theme: str = "dark"
    # Keys that are pressed then.
    keys: tuple[str, ...] = ()
    settles_s: float = _SETTLES_S


PICTURES = (
    Picture("now", ("view now",), theme="cover", settles_s=10.0),
    Picture("library", ("view library",)),
    Picture("queue", ("view queue",)),
    Picture("studio", ("view studio",), settles_s=6.0),
    Picture("lyrics", ("view lyrics",)),
    Picture("cleanup", ("view cleanup", "bottom", "play-selected")),
    Picture("settings", ("view settings",), theme="light"),
    Picture("help", ("view library", "help")),
    Picture("small", ("view library",), size=(60, 15), theme="nord"),
)


async def taken(picture: Picture, environ: Mapping[str, str], library: Path) -> str:
    """The picture as SVG, which asks no server for fonts."""
    config = load_config({**environ, "AURALIS_PLAY_THEME": picture.theme})
    context = UiContext(library, config, environ, time.monotonic, time.time)
    app = AuralisApp(RunningPlayers(lambda: DEFAULT_NAME, environ), context)
    async with app.run_test(size=picture.size) as pilot:
        await _until(lambda: app.state.is_connected)
        for line in picture.lines:
            app.run_line(line)
            await pilot.pause(0.6)
        await pilot.press(*picture.keys)
        await asyncio.sleep(picture.settles_s)
        await _until(lambda: not app.jobs.running, for_s=60.0)
        await pilot.pause()
        svg = _FONTS.sub("", app.export_screenshot(title="auralis play"))
        # Without it, spaces that a line begins with are lost on the way to PNG.
        return svg.replace("<svg ", '<svg xml:space="preserve" ', 1)


async def taken_in_browser(environ: Mapping[str, str], folder: Path) -> Image.Image:
    """The picture of the same screen in a browser."""
    with serving_screen(environ) as (_, address):
        async with browser(folder, width=1000, height=700) as page:
            await page.open(address)
            await page.until(lambda: "1 Now" in page.written, "the screen")
            await asyncio.sleep(_SETTLES_S)
            picture = Image.open(io.BytesIO(await page.picture())).convert("RGB")
            return picture.quantize(_WEB_COLOURS)


async def _until(is_so: Callable[[], bool], *, for_s: float = 10.0) -> None:
    for _ in range(round(for_s / 0.02)):
        if is_so():
            return
        await asyncio.sleep(0.02)
    raise AssertionError("what is waited for does not come")


def take(names: Sequence[str], to: Path, music: Path) -> None:
    """Plays in the background, and takes one picture after the other."""
    to.mkdir(parents=True, exist_ok=True)
    pngs = REPOSITORY / "build" / "screens"
    pngs.mkdir(parents=True, exist_ok=True)
    first = make_demo_library(music)
    with (
        tempfile.TemporaryDirectory(prefix="auralis-screens-", ignore_cleanup_errors=True) as name,
        pulse_sink(Path(name), for_s=600) as sink,
    ):
        # Compiled kernels are those of the tests.
        home, kernels = Path(name) / "home", REPOSITORY / "build" / "test-kernels"
        kernels.mkdir(parents=True, exist_ok=True)
        (home / "cache").mkdir(parents=True)
        (home / "cache" / "kernels").symlink_to(kernels)
        environ = player_environ(home, sink.variables)
        os.environ["AURALIS_HOME"] = str(home)
        # What is there more than once is told by fingerprints, which take their time.
        fingerprints = [("fingerprint", "-q")] if not names or "cleanup" in names else []
        for words in (("scan", str(music)), *fingerprints):
            subprocess.run([sys.executable, "-m", "auralis_cli", *words], env=environ, check=True, timeout=600)
        tracks = [str(first), *map(str, sorted(set(music.rglob("*.flac")) - {first}))]
        with playing(environ, Path(name), "--enhance", "--repeat", "all", *tracks):
            waited_for(lambda: status(environ).state == "playing", "the music", for_s=60)
            for picture in PICTURES:
                if names and picture.name not in names:
                    continue
                asked(environ, "ctl", "jump", "1")
                asked(environ, "ctl", "seek", "9")
                svg = asyncio.run(taken(picture, environ, home / "data" / "library.db"))
                place = to / f"{picture.name}.svg"
                place.write_text(svg, encoding="utf-8")
                print(place)
                if shutil.which("rsvg-convert"):
                    subprocess.run(["rsvg-convert", str(place), "-o", str(pngs / f"{picture.name}.png")], check=False)
            if chromium() is not None and (not names or _WEB in names):
                asyncio.run(taken_in_browser(environ, Path(name))).save(to / f"{_WEB}.png", optimize=True)
                print(to / f"{_WEB}.png")


def main(arguments: Sequence[str] | None = None) -> int:
    """Takes all of them, or those that are named."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help="only these")
    parser.add_argument("--to", type=Path, default=REPOSITORY / "tests" / "screens")
    parser.add_argument("--music", type=Path, default=REPOSITORY / "build" / "demo-library", help="where the music is")
    chosen = parser.parse_args(arguments)
    take(chosen.names, chosen.to, chosen.music)
    return 0


if __name__ == "__main__":
    sys.exit(main())
