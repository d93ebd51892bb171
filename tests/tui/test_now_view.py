"""What plays now: its cover, its figures, its shape to seek in, and the queue beside it."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from images import image
from tui.fake_player import FakePlayers, app_over
from tui.watching import until

from auralis_cli.errors import InputError
from auralis_cli.model.playback import PlayableTrack, PlayerState, TrackLevels
from auralis_cli.model.queue import QueueTrack
from auralis_cli.model.source import AudioSource
from auralis_cli.model.waveform import Waveform
from auralis_cli.services.queue_pages import ItemText
from auralis_cli.services.remote_player import QueuedItem
from auralis_cli.services.waveform_drawing import draw_track
from auralis_cli.services.waveforms import Waveforms
from auralis_cli.tui.app import AuralisApp
from auralis_cli.tui.views.now import NowView
from auralis_cli.tui.widgets.cover_box import CoverBox
from auralis_cli.tui.widgets.queue_beside import QueueBeside
from auralis_cli.tui.widgets.seek_bar import SeekBar

RATE_HZ = 44_100


@pytest.fixture(autouse=True)
def _drawn_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """No processes: shapes are drawn on the thread that would wait for one."""

    def draw(_self: Waveforms, track: QueueTrack, _asked: object) -> Waveform | None:
        with suppress(InputError):
            return draw_track(track, None)
        return None

    monkeypatch.setattr(Waveforms, "_draw", draw)


@pytest.fixture
def song(tmp_path: Path) -> Path:
    """Quiet, then loud."""
    wave = 0.5 * np.sin(2.0 * np.pi * 440.0 * np.arange(RATE_HZ) / RATE_HZ)
    path = tmp_path / "song.wav"
    soundfile.write(path, np.concatenate((0.1 * wave, wave)), RATE_HZ)
    return path


def playing(song: Path, **told: Any) -> FakePlayers:
    """A player in the midst of it."""
    players = FakePlayers([str(song), "/music/other.flac"])
    item = players.player.queue.current
    track = PlayableTrack(AudioSource(song), "A Song", "Somebody", "An Album", duration_s=200.0)
    now = {"item": item, "track": track, "state": PlayerState.PAUSED, "position_s": 100.0, "duration_s": 200.0}
    players.player.change(**{**now, **told})
    return players


def used(
    home: Path,
    players: FakePlayers,
    use: Callable[[AuralisApp, Any], Awaitable[None]],
    size: tuple[int, int] = (80, 24),
) -> None:
    """Runs the view over a fake player, once it is told what plays."""

    async def run() -> None:
        app = app_over(players, home, "now")
        async with app.run_test(size=size) as pilot:
            await until(lambda: app.state.status is not None and app.frame.is_mounted)
            await use(app, pilot)

    asyncio.run(run())


def text(app: AuralisApp) -> str:
    """All that stands on the screen."""
    lines = app.screen._compositor.render_strips()
    return "\n".join(strip.text for strip in lines)


def test_it_says_what_plays_and_how_loud_it_is(tmp_path: Path, song: Path) -> None:
    told = {"levels": TrackLevels(-9.3, -0.3), "mastered_levels": TrackLevels(-14.0, -1.0), "is_enhanced": True}

    async def use(app: AuralisApp, _pilot: Any) -> None:
        wanted = ("A Song", "Somebody", "An Album", "-9.3 → -14.0 LUFS · TP -0.3 → -1.0 dBTP")
        await until(lambda: all(one in text(app) for one in wanted))

    used(tmp_path, playing(song, **told), use, (110, 24))


def test_the_bar_has_the_shape_of_the_track_and_a_click_goes_there(tmp_path: Path, song: Path) -> None:
    players = playing(song)

    async def use(app: AuralisApp, pilot: Any) -> None:
        bar = app.query_one(SeekBar)
        await until(lambda: bar.waveform is not None)
        assert bar.waveform is not None
        (quiet, _), (loud, _) = bar.waveform.columns(2)
        assert quiet < 0.1 < 0.45 < loud
        await until(lambda: bar.size.width > 0)
        quarter = bar.size.width // 4
        await pilot.click(SeekBar, offset=(quarter, 1))
        await until(lambda: any(name == "seek" for name, _ in players.asked))
        arguments = next(arguments for name, arguments in players.asked if name == "seek")
        assert float(str(arguments["to"]).rstrip("%")) == pytest.approx(25.0, abs=1.5)

    used(tmp_path, players, use)


@pytest.mark.invariant("S4-D5.2")
def test_what_is_drawn_late_is_not_shown_of_another_track(tmp_path: Path, song: Path) -> None:
    """Kills: a shape taken for that of whatever plays by then."""
    players = playing(song)

    async def use(app: AuralisApp, _pilot: Any) -> None:
        view, bar = app.query_one(NowView), app.query_one(SeekBar)
        await until(lambda: bar.waveform is not None)
        mine = bar.waveform
        view.post_message(NowView.Drawn(QueueTrack("/music/gone.flac"), Waveform(b"\1", b"\1")))
        # What is sent behind it has been through.
        is_through = asyncio.Event()
        view.call_next(is_through.set)
        await is_through.wait()
        assert bar.waveform is mine

    used(tmp_path, players, use)


def test_the_cover_beside_the_music_is_shown(tmp_path: Path, song: Path) -> None:
    (tmp_path / "cover.png").write_bytes(image(64, 64, "PNG"))

    async def use(app: AuralisApp, _pilot: Any) -> None:
        box = app.query_one(CoverBox)
        await until(lambda: box.shown is not None and "▀▀▀" in text(app))

    used(tmp_path, playing(song), use)


@pytest.mark.invariant("S1-H-08")
def test_no_cover_is_drawn_where_covers_are_off(tmp_path: Path, song: Path) -> None:
    (tmp_path / "cover.png").write_bytes(image(64, 64, "PNG"))
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "config.toml").write_text('[play]\ncovers = "off"\n')

    async def use(app: AuralisApp, _pilot: Any) -> None:
        box = app.query_one(CoverBox)
        await until(lambda: "A Song" in text(app) and box.size.height > 0)
        # To wait for each of them would fail where another takes its place.
        await until(lambda: not app.workers)
        assert box.shown is None
        assert "▀▀▀" not in text(app)

    used(tmp_path, playing(song), use)


def test_enter_plays_what_is_selected_in_the_queue_beside(tmp_path: Path, song: Path) -> None:
    players = playing(song)

    async def use(app: AuralisApp, pilot: Any) -> None:
        await until(lambda: [one.count for one in app.query(QueueBeside)] == [2])
        await pilot.press("down", "enter")
        await until(lambda: players.player.queue.index == 1)

    used(tmp_path, players, use)


@pytest.mark.invariant("S4-D5.4")
def test_the_queue_beside_is_that_of_the_player_that_runs_now(
    tmp_path: Path, song: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Kills: titles by tickets of a player that is gone; the next one begins at 1 again."""
    players = FakePlayers(["/music/a.flac", "/music/b.flac"])

    def titled(_library: Path, items: Sequence[QueuedItem]) -> list[ItemText]:
        return [ItemText(title=Path(one.track.path).stem.upper()) for one in items]

    monkeypatch.setattr("auralis_cli.tui.queue_rows.described", titled)

    def beside(app: AuralisApp) -> list[str]:
        rows = app.query_one(QueueBeside)
        found = [rows._pages.row(place) for place in range(rows.count)]
        return [row.cells[1] for row in found if row is not None]

    async def use(app: AuralisApp, pilot: Any) -> None:
        await until(lambda: bool(app.query(QueueBeside)) and beside(app) == ["A", "B"])
        players.is_running = False
        await until(lambda: not app.state.is_connected)
        players.begin_anew(["/music/f.flac", "/music/g.flac", "/music/h.flac"])
        await until(lambda: beside(app) == ["F", "G", "H"])

    used(tmp_path, players, use)


@pytest.mark.parametrize("size", [(60, 15), (40, 8), (200, 60)])
def test_every_size_shows_the_title_and_the_bar(tmp_path: Path, song: Path, size: tuple[int, int]) -> None:
    async def use(app: AuralisApp, _pilot: Any) -> None:
        await until(lambda: "A Song" in text(app))
        await until(lambda: app.query_one(SeekBar).region.height >= 2)

    used(tmp_path, playing(song), use, size)


def test_hostile_titles_are_shown_and_not_obeyed(tmp_path: Path, song: Path) -> None:
    players = playing(song)
    snapshot = players.player.snapshot()
    assert snapshot.track is not None
    hostile = replace(snapshot.track, title="[red]x\x1b]0;owned\x07\n/etc")
    players.player.change(track=hostile)

    async def use(app: AuralisApp, _pilot: Any) -> None:
        await until(lambda: r"[red]x\x1b]0;owned\x07\n/etc" in text(app))

    used(tmp_path, players, use, (110, 24))


def test_the_first_screen_waits_for_no_decoder_and_no_library() -> None:
    heavy = ("numpy", "PIL", "mutagen", "peewee")
    code = f"import sys, auralis_cli.tui.views.now; assert not [one for one in {heavy} if one in sys.modules]"
    subprocess.run([sys.executable, "-c", code], check=True, timeout=30)
