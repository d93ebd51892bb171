"""The words of what plays: the line that is sung stands out when it is sung, over the spectrum of what is heard."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from tui.fake_player import FakePlayers, app_over
from tui.sound_fakes import FakeFeed, feeds, frame, side
from tui.watching import until

from auralis_cli.model.playback import PlayerState
from auralis_cli.tui.app import AuralisApp
from auralis_cli.tui.widgets.song_lines import SongLines
from auralis_cli.tui.widgets.spectrum_bars import SpectrumBars

__all__ = ["feeds"]
LRC = "[00:01.00]First\n[00:02.00]<00:02.00>Sec<00:02.50>ond\n[00:09.00]Third \x1b[2J\n"


def used(
    home: Path,
    players: FakePlayers,
    use: Callable[[AuralisApp, Any], Awaitable[None]],
    size: tuple[int, int] = (80, 24),
    **given: Any,
) -> None:
    async def run() -> None:
        app = app_over(players, home, "lyrics", **given)
        async with app.run_test(size=size) as pilot:
            await until(lambda: app.state.status is not None)
            await use(app, pilot)

    asyncio.run(run())


@pytest.fixture
def players(tmp_path: Path) -> FakePlayers:
    """A song with words beside it, and one without."""
    for name in ("song.flac", "other.flac"):
        (tmp_path / name).write_bytes(b"fLaC")
    (tmp_path / "song.lrc").write_text(LRC)
    return FakePlayers([str(tmp_path / "song.flac"), str(tmp_path / "other.flac")])


def song(app: AuralisApp) -> SongLines:
    return app.query_one(SongLines)


def test_the_line_that_is_sung_is_the_one_shown_so(tmp_path: Path, players: FakePlayers, feeds: list[FakeFeed]) -> None:
    players.player.change(position_s=2.6)

    async def use(app: AuralisApp, _pilot: Any) -> None:
        await until(lambda: song(app).sung == 1)
        await until(lambda: song(app)._sung_letters == len("Second"))
        players.player.change(position_s=1.2)
        await until(lambda: song(app).sung == 0)
        assert song(app).lines[2] == r"Third \x1b[2J"

    used(tmp_path, players, use)


def test_the_next_line_comes_when_it_is_sung_without_a_word_of_the_player(
    tmp_path: Path, players: FakePlayers, feeds: list[FakeFeed]
) -> None:
    players.player.change(position_s=1.2, state=PlayerState.PLAYING)
    now_s = [1000.0]

    async def use(app: AuralisApp, _pilot: Any) -> None:
        await until(lambda: song(app).sung == 0)
        now_s[0] += 0.85
        await until(lambda: song(app).sung == 1)

    used(tmp_path, players, use, clock_s=lambda: now_s[0])


def test_words_of_the_track_before_are_never_shown_of_this_one(
    tmp_path: Path, players: FakePlayers, feeds: list[FakeFeed]
) -> None:
    async def use(app: AuralisApp, _pilot: Any) -> None:
        await until(lambda: len(song(app).lines) == 3)
        app.run_line("next")
        await until(lambda: song(app).lines == [] and not song(app).display)
        assert song(app).lines == []

    used(tmp_path, players, use)


def test_the_spectrum_is_of_what_is_heard(tmp_path: Path, players: FakePlayers, feeds: list[FakeFeed]) -> None:
    async def use(app: AuralisApp, _pilot: Any) -> None:
        await until(lambda: bool(feeds))
        feeds[-1].give(frame())
        await until(lambda: list(app.query_one(SpectrumBars).bands) == list(side().bands_db))

    used(tmp_path, players, use)


def test_without_words_all_of_the_room_is_the_spectrums(
    tmp_path: Path, players: FakePlayers, feeds: list[FakeFeed]
) -> None:
    async def use(app: AuralisApp, _pilot: Any) -> None:
        await until(lambda: len(song(app).lines) == 3)
        spectrum = app.query_one(SpectrumBars)
        await until(lambda: 0 < spectrum.size.height < 10)
        app.run_line("next")
        await until(lambda: not song(app).display and spectrum.size.height > 14)

    used(tmp_path, players, use)


def test_a_low_screen_has_the_words_alone_and_measures_nothing(
    tmp_path: Path, players: FakePlayers, feeds: list[FakeFeed]
) -> None:
    async def use(app: AuralisApp, _pilot: Any) -> None:
        await until(lambda: len(song(app).lines) == 3)
        await until(lambda: not app.query_one(SpectrumBars).display)
        assert not any(feed.is_running for feed in feeds)

    used(tmp_path, players, use, (60, 15))


@pytest.mark.invariant("S2-NEW-12")
@pytest.mark.invariant("S1-M-14")
def test_a_disk_that_is_slow_to_give_the_words_stops_no_key(
    tmp_path: Path, players: FakePlayers, feeds: list[FakeFeed], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Kills: words looked for on the event loop."""
    answers, has_answered = threading.Event(), threading.Event()

    def slow(*_given: object) -> tuple[None, None]:
        answers.wait(30.0)
        has_answered.set()
        return None, None

    monkeypatch.setattr("auralis_cli.tui.views.lyrics.song_of", slow)

    async def use(app: AuralisApp, pilot: Any) -> None:
        app.run_line("next")
        await until(lambda: players.player.queue.index == 1)
        await pilot.press("space")
        await until(lambda: players.player.snapshot().state is PlayerState.PLAYING)
        assert not has_answered.is_set()
        answers.set()

    used(tmp_path, players, use)
