"""The main screens, line by line, as they were looked at and kept in goldens/. `pytest --write-goldens` renews them."""

from __future__ import annotations

import asyncio
import difflib
import re
import shutil
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import library_of
import pytest
from small_music import flac_file
from textual._compositor import LayoutUpdate
from textual.pilot import Pilot
from tui.fake_player import FakePlayers, app_over
from tui.sound_fakes import FakeFeed, feeds
from tui.test_every_command import pressed
from tui.watching import closed, until

from auralis_cli.db.store import Store
from auralis_cli.model.playback import PlayableTrack, PlayerState
from auralis_cli.model.playlists import NewEntry
from auralis_cli.model.queue import QueueTrack
from auralis_cli.model.source import AudioSource
from auralis_cli.services.playlist_shelf import PlaylistShelf
from auralis_cli.tui.app import AuralisApp
from auralis_cli.tui.view_table import VIEWS

__all__ = ["feeds"]
# Artist, title, year and the titles of its tracks.
Album = tuple[str, str, int, tuple[str, ...]]
GOLDENS = Path(__file__).parent / "goldens"
OVER_VIEWS = (
    ("library", "?", "help"),
    ("now", "ctrl+p", "palette"),
    ("files", "t", "tags"),
    ("library", "'", "letters"),
)
MAIN_VIEWS = ("now", "library", "queue", "studio")
ALBUMS = (
    ("The Tape Machines", "Groove Along the Wall", 1978, ("Whole of June", "Where You Are", "Needle Drop")),
    ("Ada Lindqvist Trio", "Slow Lake", 1961, ("Slow Lake", "Ferry, 6 a.m.")),
    ("Kilo Bravo", "Signal / Noise", 2019, ("Carrier", "73")),
)
# Wide, from right to left, combining, obeyed by terminals or by markup, and long.
HOSTILE = (
    ("青い電車", "終点の前に", 2011, ("始発", "雨の踏切と夜のホームを過ぎて終点の前に着くまでの長い長い一曲")),
    ("فرقة المرفأ", "رسائل إلى البحر", 1999, ("الميناء القديم", "נמל ישן")),
    ("[red]\x1b]0;owned\x07", "\u202eback\u202c to front", 1, ("\x1b[2Jclear", "line\nbreak\ttab", "[bold]x[/bold]")),
    ("Zalgo\u0301\u0302\u0303\u0304", "e\u0301 👩‍👩‍👧 🏳️‍🌈", 2000, ("long " * 60, "\u200b\u2066zero\u2069")),
)
# Where the music of this screen is, as long a name for everybody.
_SETTLES_S = 1.5
_LOOKS_FOR_S, _LOOKS_EVERY_S = 30.0, 0.03
_PLACE = re.compile(r"golden-\w{8}")


@dataclass(frozen=True, slots=True)
class Home:
    """A user's places, with a library, and the player's queue of it."""

    path: Path
    albums: Sequence[Album]
    queue: tuple[QueueTrack, ...]


@pytest.fixture
def make_home(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Sequence[Album]], Home]]:
    made = Path(tempfile.mkdtemp(prefix="golden-", dir="/tmp"))
    music = made / "Music"
    music.mkdir()
    monkeypatch.chdir(music)

    def make(albums: Sequence[Album]) -> Home:
        (made / "data").mkdir()
        flac_file(music / "1 whole of june.flac", title="Whole of June", artist="The Tape Machines", date="1978")
        library = made / "data" / "library.db"
        with Store.open(library, program="test", now=library_of.NOW) as store:
            found = [
                library_of.record(
                    f"/m/{number}/{track}.flac", title=title, artist=artist, albumartist=artist, album=album, year=year,
                    track=track, artists=(artist,), duration_s=150.0 + 31 * track,
                )
                for number, (artist, album, year, titles) in enumerate(albums)
                for track, title in enumerate(titles, 1)
            ]  # fmt: skip
            library_of.put(store, found)
        PlaylistShelf(library, lambda: 100.0).add("Evening", [NewEntry(one.stat.path) for one in found[:3]])
        return Home(made, albums, tuple(QueueTrack(one.stat.path, track_id=id_) for id_, one in enumerate(found, 1)))

    yield make
    shutil.rmtree(made)


class Looked:
    """One screen after the other, each compared with what it was."""

    def __init__(self, app: AuralisApp, pilot: Pilot[int], writes: bool) -> None:
        self.app = app
        self.pilot = pilot
        self._writes = writes

    @property
    def text(self) -> str:
        """What is seen, with what lies below a box."""
        drawn = self.app.screen._compositor.render_update(full=True, screen_stack=self.app._background_screens)
        assert isinstance(drawn, LayoutUpdate)
        lines = ("".join(segment.text for segment in strip).rstrip() for strip in drawn.strips)
        return _PLACE.sub("golden-xxxxxxxx", "\n".join(lines)) + "\n"

    async def press(self, *keys: str) -> None:
        for key in keys:
            self.app.post_message(pressed(key))
            await asyncio.sleep(0.01)

    async def go_to(self, view: str) -> None:
        """By its key."""
        await self.press(self.app.keymap.keys_of(f"view {view}")[0])
        await until(lambda: self.app.state.view == view and VIEWS[view].title in self.text.partition("\n")[0])
        await self.pilot.pause()

    async def is_as_it_was(self, name: str) -> None:
        """Fails with what differs, unless it is seen within seconds what was seen then."""
        file = GOLDENS / f"{name}-{self.app.size.width}x{self.app.size.height}.txt"
        if self._writes:
            await asyncio.sleep(_SETTLES_S)
            file.parent.mkdir(exist_ok=True)
            file.write_text(self.text, encoding="utf-8")
            return
        then = file.read_text(encoding="utf-8")
        now = ""
        ends_s = time.monotonic() + _LOOKS_FOR_S
        while time.monotonic() < ends_s:
            if (now := self.text) == then:
                return
            await asyncio.sleep(_LOOKS_EVERY_S)
        pair = (then.splitlines(), now.splitlines())
        told = "\n".join(difflib.unified_diff(*pair, f"{file.name}, as it was", "as it is", n=1, lineterm=""))
        raise AssertionError(f"{told}\n\nIs it meant so? pytest --write-goldens {__file__}")


def looked_at(
    home: Home,
    size: tuple[int, int],
    look: Callable[[Looked], Awaitable[None]],
    config: pytest.Config,
    first_view: str = "now",
) -> None:
    """Shows a player in the middle of the second track."""
    players = FakePlayers(home.queue)
    if home.queue:
        players.player.jump(1)
        artist, album, _year, titles = home.albums[0]
        track = PlayableTrack(AudioSource(None), titles[1], artist, album)
        players.player.change(track=track, state=PlayerState.PAUSED, position_s=83.0, duration_s=212.0)

    async def run() -> None:
        app = app_over(players, home.path, first_view)
        async with app.run_test(size=size) as pilot:
            await until(lambda: app.state.is_connected and app.frame.is_mounted)
            await look(Looked(app, pilot, config.getoption("--write-goldens")))

    asyncio.run(run())


async def each_view(looked: Looked, names: Sequence[str], prefix: str = "") -> None:
    for name in names:
        await looked.go_to(name)
        await looked.is_as_it_was(prefix + name)


def test_every_view_in_any_size_and_what_opens_over_it(
    make_home: Callable[[Sequence[Album]], Home], pytestconfig: pytest.Config, feeds: list[FakeFeed]
) -> None:
    async def look(looked: Looked) -> None:
        await each_view(looked, list(VIEWS))
        for size in ((60, 15), (140, 40)):
            await looked.pilot.resize_terminal(*size)
            await each_view(looked, MAIN_VIEWS)
        await looked.pilot.resize_terminal(80, 24)
        for view, key, name in OVER_VIEWS:
            await looked.go_to(view)
            await looked.press(key)
            await until(lambda: looked.app.screen is not looked.app.screen_of_views and looked.app.screen.is_mounted)
            await looked.is_as_it_was(name)
            await looked.press("escape")
            await closed(looked.app)

    looked_at(make_home(ALBUMS), (80, 24), look, pytestconfig, "library")


@pytest.mark.invariant("S0-L06")
def test_names_of_any_script_and_names_that_would_be_obeyed(
    make_home: Callable[[Sequence[Album]], Home], pytestconfig: pytest.Config, feeds: list[FakeFeed]
) -> None:
    async def look(looked: Looked) -> None:
        await each_view(looked, ("queue", "now", "library"), "hostile-")
        assert not {"\x1b", "\x07", "\u202e", "\t"} & set(looked.text)

    looked_at(make_home(HOSTILE), (100, 24), look, pytestconfig, "files")


def test_the_first_screen(make_home: Callable[[Sequence[Album]], Home], pytestconfig: pytest.Config) -> None:
    home = replace(make_home(()), queue=())
    looked_at(home, (80, 24), lambda looked: looked.is_as_it_was("first"), pytestconfig, "library")
