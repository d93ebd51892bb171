"""Every command there is, said by its key where it has one, and what came of it in the player or on the screen.

What is said here stands in tables, in the order in which it is said to one screen; a fact must not be there before.
What takes more than a row is proven in tests of its own, which are named.
"""

from __future__ import annotations

import ast
import asyncio
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import library_of
import patience
import pytest
from textual import events
from tui.fake_player import FakePlayers, app_over, context
from tui.watching import notice, until

from auralis_cli.db.store import Store
from auralis_cli.model.playback import PlayerState, Snapshot
from auralis_cli.model.player_choices import NormalizeMode, RepeatMode
from auralis_cli.tui.app import AuralisApp
from auralis_cli.tui.command_line import CommandLine
from auralis_cli.tui.commands import COMMANDS, read_line
from auralis_cli.tui.dialogs import Choose, Prompt
from auralis_cli.tui.key_presets import DEFAULT_KEYS
from auralis_cli.tui.track_card import TrackCard
from auralis_cli.tui.view_table import VIEWS
from auralis_cli.tui.widgets.long_list import LongList


@dataclass
class Seen:
    """A screen over a fake player, and what it was made to begin."""

    app: AuralisApp
    players: FakePlayers
    begun: list[Sequence[str]] = field(default_factory=list)

    @property
    def now(self) -> Snapshot:
        return self.players.player.snapshot()

    @property
    def told(self) -> str:
        return next(reversed(self.players.player.told), "")

    @property
    def queue(self) -> str:
        """The letters that its files are called."""
        return "".join(Path(item.track.path).stem for item in self.players.player.queue.items)

    @property
    def rows(self) -> LongList:
        found = self.app.focused
        assert isinstance(found, LongList)
        return found

    @property
    def on_top(self) -> type:
        """What is over the views."""
        return type(self.app.screen)


# A command line, what is so once it was said, and the keys that close what it has opened.
Row = tuple[str, Callable[[Seen], object]] | tuple[str, Callable[[Seen], object], str]


def told(verb: str) -> Callable[[Seen], bool]:
    return lambda seen: seen.told == verb


def at(position_s: float) -> Callable[[Seen], bool]:
    return lambda seen: seen.now.position_s == position_s


def viewed(name: str) -> Callable[[Seen], bool]:
    return lambda seen: seen.app.state.view == name and seen.app.frame.is_mounted


def begun(*words: str) -> Callable[[Seen], bool]:
    return lambda seen: words in seen.begun


def over(kind: type) -> Callable[[Seen], bool]:
    return lambda seen: seen.on_top is kind and seen.app.screen.is_mounted


TO_THE_PLAYER: tuple[Row, ...] = (
    ("toggle", lambda seen: seen.now.state is PlayerState.PLAYING),
    ("next", told("next")),
    ("previous", told("previous")),
    ("seek 50%", at(100.0)),
    ("seek +5", at(105.0)),
    ("seek -5", at(100.0)),
    ("seek +1", at(101.0)),
    ("seek -1", at(100.0)),
    ("seek +60", at(160.0)),
    ("seek -60", at(100.0)),
    *((f"seek {tenth}0%", at(20.0 * tenth)) for tenth in (1, 2, 3, 4, 6, 7, 8, 9)),
    ("seek 0", at(0.0)),
    ("volume -2", lambda seen: seen.now.volume == 98.0),
    ("volume +2", lambda seen: seen.now.volume == 100.0),
    ("mute", lambda seen: seen.now.is_muted),
    ("shuffle", lambda seen: seen.now.is_shuffled),
    ("cycle-repeat", lambda seen: seen.now.repeat is RepeatMode.ALL),
    ("consume", lambda seen: seen.now.consume),
    ("enhance", lambda seen: seen.now.is_enhanced),
    ("compare", lambda seen: seen.now.compared is not None),
    ("intensity -0.1", lambda seen: seen.now.wish.intensity < 0.95),
    ("intensity +0.1", lambda seen: seen.now.wish.intensity == 1.0),
    ("tilt +0.5", lambda seen: seen.now.wish.tilt_db == 0.5),
    ("width -1", lambda seen: seen.now.wish.width_db == -1.0),
    ("favourite", lambda seen: len(seen.players.player.likings) == 1),
    ("rate 4", lambda seen: len(seen.players.player.likings) == 2),
    ("pause", lambda seen: seen.now.state is PlayerState.PAUSED),
    ("play", lambda seen: seen.now.state is PlayerState.PLAYING),
    ("stop", lambda seen: seen.now.state is PlayerState.STOPPED),
    ("stop-after-current", lambda seen: seen.now.stop_after_current),
    ("normalize track", lambda seen: seen.now.normalize is NormalizeMode.TRACK),
    ("crossfade 3", lambda seen: seen.now.crossfade_s == 3.0),
    ("device hall", lambda seen: seen.now.device == "hall"),
    ("preset warm", lambda seen: seen.now.wish.preset == "warm"),
    ("reference off", told("reference")),
    ("preferences", lambda seen: not seen.now.goes_by_taste),
    ("repeat one", lambda seen: seen.now.repeat is RepeatMode.ONE),
    ("jump 2", told("jump 1")),
    ("move 1 3", lambda seen: seen.queue == "bcade"),
    ("undo", lambda seen: seen.queue == "abcde"),
    ("redo", lambda seen: seen.queue == "bcade"),
    ("remove 1", lambda seen: seen.queue == "cade"),
    ("clear", lambda seen: seen.queue == ""),
    *((f"{verb} artist:air", begun("ctl", verb, "artist:air")) for verb in ("set-queue", "add", "play-next")),
    ("insert 2 artist:air", begun("ctl", "insert", "2", "artist:air")),
)
TO_THE_SCREEN: tuple[Row, ...] = (
    ("jump-to-playing", viewed("queue")),
    ("lyrics", viewed("lyrics")),
    *((f"view {name}", viewed(name)) for name in ("queue", "lyrics", "now")),
    ("choose-preset", over(Choose), "escape"),
    ("command-line", lambda seen: seen.app.screen_of_views.query_one(CommandLine).has_focus, "escape"),
    ("theme", over(Choose), "escape"),
    ("theme light", lambda seen: seen.app.theme == "light"),
    ("rescan", begun("scan")),
    ("start-player", lambda seen: "a player runs" in notice(seen.app)),
    ("suspend", begun("suspend")),
)
IN_A_LIST: tuple[Row, ...] = (
    ("down", lambda seen: seen.rows.cursor == 1),
    ("up", lambda seen: seen.rows.cursor == 0),
    ("page-down", lambda seen: 10 < seen.rows.cursor < 30),
    ("page-up", lambda seen: seen.rows.cursor == 0),
    ("bottom", lambda seen: seen.rows.cursor == len(seen.queue) - 1),
    ("top", lambda seen: seen.rows.cursor == 0),
    ("mark", lambda seen: len(seen.rows.marked) == 1),
    ("mark-all", lambda seen: len(seen.rows.marked) == len(seen.queue)),
    ("back", lambda seen: not seen.rows.marked),
    ("mark-range", lambda seen: len(seen.rows.marked) == 1),
    ("play-selected", lambda seen: seen.players.player.queue.index == seen.rows.cursor),
    ("back", lambda seen: not seen.rows.marked),
    ("top", lambda seen: seen.rows.cursor == 0),
    ("move-down", lambda seen: seen.queue.startswith("bacd")),
    ("move-up", lambda seen: seen.queue.startswith("abcd")),
    ("remove", lambda seen: seen.queue.startswith("bcd")),
    ("undo", lambda seen: seen.queue.startswith("abcd")),
    ("redo", lambda seen: seen.queue.startswith("bcd")),
    ("save-queue", over(Prompt), "escape"),
)
IN_THE_LIBRARY: tuple[Row, ...] = (
    ("right", lambda seen: seen.rows.id == "albums"),
    ("left", lambda seen: seen.rows.id == "artists"),
    ("next-pane", lambda seen: seen.rows.id == "albums"),
    ("previous-pane", lambda seen: seen.rows.id == "artists"),
    ("panes", lambda seen: seen.rows.id == "tracks" and seen.rows.count == 3),
    ("enqueue", told("add")),
    ("play-next", told("play_next")),
    ("info", over(TrackCard), "escape"),
    ("sort", over(Choose), "escape"),
    ("add-to-playlist", over(Choose), "escape"),
)
# What takes more than a row to be seen: where it is proven.
ELSEWHERE = {
    **dict.fromkeys(("filter", "more-like-this"), "test_library_view.py"),
    **dict.fromkeys(("next-match", "previous-match", "load-queue"), "test_queue_view.py"),
    **dict.fromkeys(
        ("new-playlist", "rename-playlist", "import-playlist", "export-playlist"), "test_playlists_view.py"
    ),
    **dict.fromkeys(("leave", "end-player"), "test_every_command.py"),
    **dict.fromkeys(("tag", "hidden"), "test_files_view.py"),
    **dict.fromkeys(("help", "palette", "letters"), "test_goldens.py"),
    "apply": "test_cleanup_view.py",
    "render": "test_render_heard.py",
    "quit": "test_app.py",
}
TABLES = (TO_THE_PLAYER, TO_THE_SCREEN, IN_A_LIST, IN_THE_LIBRARY)


def pressed(key: str) -> events.Key:
    """As a terminal reports it."""
    name = key.rpartition("+")[2] or key
    return events.Key(key, " " if key == "space" else name if len(name) == 1 and not key.startswith("ctrl+") else None)


def say(seen: Seen, line: str) -> None:
    """By its key, where it has one."""
    keys = seen.app.keymap.keys_of(line)
    if keys:
        seen.app.post_message(pressed(keys[0]))
    else:
        seen.app.run_line(line)


async def all_said(seen: Seen, table: Iterable[Row]) -> None:
    for line, becomes, *closes in table:
        assert not is_so(becomes, seen), f"{line}: it is so before"
        say(seen, line)
        try:
            await until(lambda becomes=becomes: is_so(becomes, seen))  # type: ignore[misc]
        except AssertionError:
            raise AssertionError(f"{line}: told {seen.told}, begun {seen.begun}, {notice(seen.app)!r}") from None
        for key in closes:
            seen.app.post_message(pressed(key))
            await until(lambda: len(seen.app.screen_stack) == 1 and not isinstance(seen.app.focused, CommandLine))


def is_so(becomes: Callable[[Seen], object], seen: Seen) -> bool:
    with suppress(AssertionError):
        return bool(becomes(seen))
    return False


def used(home: Path, table: Iterable[Row], files: str, view: str, monkeypatch: pytest.MonkeyPatch) -> None:
    players = FakePlayers([f"/music/{letter}.flac" for letter in files])
    app = app_over(players, home, view)
    seen = Seen(app, players)
    monkeypatch.setattr(app.jobs, "begin", lambda _title, words, _heard=None: seen.begun.append(words))
    monkeypatch.setattr(app, "action_suspend_process", lambda: seen.begun.append(("suspend",)))

    async def use() -> None:
        async with app.run_test(size=(80, 24)):
            await until(lambda: app.state.is_connected and app.frame.is_mounted)
            if view in ("queue", "library"):
                await until(lambda: isinstance(app.focused, LongList) and app.focused.count > 1)
            await all_said(seen, table)

    asyncio.run(use())


def test_what_is_said_to_the_player_is_done_by_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    used(tmp_path, TO_THE_PLAYER, "abcde", "now", monkeypatch)


def test_what_is_said_to_the_screen_shows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    used(tmp_path, TO_THE_SCREEN, "abcde", "now", monkeypatch)


def test_what_is_said_in_a_list_is_done_with_its_rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    used(tmp_path, IN_A_LIST, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMN", "queue", monkeypatch)


def test_what_is_said_in_the_library_is_done_with_what_is_chosen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "data" / "library.db"
    path.parent.mkdir()
    with Store.open(path, program="test", now=library_of.NOW) as store:
        names = ("one", "two", "three")
        made = [library_of.record(f"/m/{one}.flac", artist="Air", album="Moon", artists=("Air",)) for one in names]
        library_of.put(store, made)
    used(tmp_path, IN_THE_LIBRARY, "", "library", monkeypatch)


@pytest.mark.parametrize(("line", "ends"), [("leave", False), ("end-player", True)])
def test_ways_to_leave_the_screen_and_the_player(line: str, ends: bool, tmp_path: Path) -> None:
    players = FakePlayers(["/music/a.flac"])
    own: Any = type("Own", (), {"is_running": True, "pid": 1})()
    app = AuralisApp(players, context(tmp_path), own_player=own)

    async def use() -> None:
        async with app.run_test(size=(80, 24)):
            await until(lambda: app.state.is_connected)
            say(Seen(app, players), line)
            await until(lambda: app._exit)

    asyncio.run(use())
    if ends:
        patience.until(lambda: players.has_quit)
    assert players.has_quit is ends


def test_no_command_and_no_key_is_left_out() -> None:
    """Kills: a command, or a key, that nobody has ever tried."""
    # Every view is gone to by its key where the screens are compared with what they were.
    said_here = {line for table in TABLES for line, *_ in table} | {f"view {name}" for name in VIEWS}
    commands = {read_line(line)[0].id for line in said_here}
    assert set(COMMANDS) - commands - set(ELSEWHERE) == set(), "said by no test"
    assert set(DEFAULT_KEYS) - said_here - set(ELSEWHERE) == set(), "pressed by no test"
    assert set(ELSEWHERE) - set(COMMANDS) == set(), "there is no such command"


@pytest.mark.parametrize("command", ELSEWHERE)
def test_what_is_proven_elsewhere_is_said_there(command: str) -> None:
    names = {"/": "slash", "*": "asterisk"}
    keys = {names.get(key, key) for key in DEFAULT_KEYS.get(command, "").split(", ")} - {""}
    said_there = _texts_in(Path(__file__).parent / ELSEWHERE[command])
    assert any(text.split(" ")[0] == command or text in keys for text in said_there)


@lru_cache
def _texts_in(module: Path) -> frozenset[str]:
    """All texts in a module."""
    nodes = ast.walk(ast.parse(module.read_text(encoding="utf-8")))
    return frozenset(one.value for one in nodes if isinstance(one, ast.Constant) and isinstance(one.value, str))
