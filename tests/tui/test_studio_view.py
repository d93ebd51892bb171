"""The studio: mastering told to the player, meters of what is heard, and no work for what nobody sees."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tui.fake_player import FakePlayers, app_over
from tui.sound_fakes import FakeFeed, feeds, frame, side
from tui.watching import until

from auralis_cli.mastering.early_plans import level_plan
from auralis_cli.model.live_mastering import LivePlan, MasteringWish, PlanStage
from auralis_cli.model.mastering import ToneCurve
from auralis_cli.model.playback import PlayerState, Side, TrackLevels
from auralis_cli.model.presets import PRESETS
from auralis_cli.tui.app import AuralisApp
from auralis_cli.tui.widgets.curve_plot import CurvePlot
from auralis_cli.tui.widgets.meter_bars import MeterBars
from auralis_cli.tui.widgets.spectrum_bars import SpectrumBars

__all__ = ["feeds"]


def used(
    home: Path,
    players: FakePlayers,
    use: Callable[[AuralisApp, Any], Awaitable[None]],
    size: tuple[int, int] = (80, 24),
) -> None:
    async def run() -> None:
        app = app_over(players, home, "studio")
        async with app.run_test(size=size) as pilot:
            await until(lambda: app.state.status is not None)
            await use(app, pilot)

    asyncio.run(run())


def playing() -> FakePlayers:
    players = FakePlayers(["/music/a.flac", "/music/b.flac"])
    players.player.change(state=PlayerState.PLAYING)
    return players


def readings(app: AuralisApp) -> dict[str, str]:
    return {meter.name: meter.reading for meter in app.query_one(MeterBars).meters}


def test_the_side_that_is_heard_is_measured_and_the_other_is_a_line(tmp_path: Path, feeds: list[FakeFeed]) -> None:
    players = playing()
    lower = side(-18.0, mean_bands_db=side().bands_db[::-1])

    async def use(app: AuralisApp, _pilot: Any) -> None:
        await until(lambda: bool(feeds) and feeds[-1].begun == 1)
        feeds[-1].give(frame(original=lower))
        await until(lambda: readings(app)["Momentary"] == "-18.0")
        shown = app.query_one(SpectrumBars)
        await until(lambda: list(shown.bands) == list(lower.mean_bands_db))
        await until(lambda: list(shown.other) == list(side().mean_bands_db))
        players.player.change(is_enhanced=True)
        await until(lambda: "Heard        the original as yet" in text(app))
        assert readings(app)["Momentary"] == "-18.0"
        players.player.change(plan_stage=PlanStage.LEVEL)
        await until(lambda: readings(app)["Momentary"] == "-14.0")
        await until(lambda: "Heard        the mastered" in text(app))
        assert readings(app)["Gain"] == "+4.0"
        assert readings(app)["Reduction"] == "2.0"
        assert readings(app)["Correlation"] == "+0.80"
        players.player.change(compared=Side.ORIGINAL)
        await until(lambda: readings(app)["Momentary"] == "-18.0")

    used(tmp_path, players, use)


def live_plan(wish: MasteringWish, *side_db: float) -> LivePlan:
    made = level_plan(TrackLevels(-20.0, -3.0), wish, PRESETS[wish.preset])
    tone = ToneCurve((50.0, 1000.0, 5000.0), (2.0, 0.0, -1.0), side_db)
    return replace(made, solved=replace(made.solved, plan=replace(made.solved.plan, tone=tone)))


def text(app: AuralisApp) -> str:
    return "\n".join(strip.text for strip in app.screen._compositor.render_strips())


@pytest.mark.invariant("S4-D5.1")
def test_the_curve_is_that_of_the_plan_that_sounds_once_it_is_of_what_is_wished(
    tmp_path: Path, feeds: list[FakeFeed]
) -> None:
    """Kills: a curve that stays that of the preset before."""
    players = playing()
    old, new = MasteringWish("adaptive", 1.0), MasteringWish("warm", 0.5)
    players.player.change(is_enhanced=True, wish=old, plan=live_plan(old, 2.0, 0.0, -1.0))

    async def use(app: AuralisApp, pilot: Any) -> None:
        plot = app.query_one("#studio-tone", CurvePlot)
        await until(lambda: "mid and side alike" in text(app) and len(plot.curves) == 1)
        assert plot.curves[0][0] == 2.0
        assert plot.curves[0][-1] == -1.0
        await until(lambda: "Chain        tone, limiter" in text(app))
        # The wish is there at once, its plan some moments later, which only the next status tells.
        asked = len(players.asked)
        players.player.change(wish=new)
        await until(lambda: ("plan", {}) in players.asked[asked:])
        await pilot.pause()
        players.player.change(plan=live_plan(new, -3.0, 0.0, -1.0))
        await until(lambda: "mid over side" in text(app) and len(plot.curves) == 2)
        assert plot.curves[1][0] == -3.0
        players.player.change(plan=None)
        app.run_line("next")
        await until(lambda: plot.curves == ())

    used(tmp_path, players, use, (140, 40))


def test_scales_are_there_in_any_size_with_and_without_a_curve(tmp_path: Path, feeds: list[FakeFeed]) -> None:
    """Only the height is another at first: everything that is drawn stays what it was."""

    async def use(app: AuralisApp, pilot: Any) -> None:
        plot = app.query_one("#studio-tone", CurvePlot)
        for size in ((100, 40), (100, 30), (140, 30), (100, 40)):
            await pilot.resize_terminal(*size)
            await pilot.pause()
            assert plot.curves == ()
            await until(lambda: "10k" in plot.render_line(plot.size.height - 1).text)
            await until(lambda: any(plot.render_line(y).text.startswith("   0 ") for y in range(plot.size.height)))

    used(tmp_path, playing(), use, (100, 24))


def test_what_the_limiter_takes_is_drawn_over_the_last_seconds(tmp_path: Path, feeds: list[FakeFeed]) -> None:
    async def use(app: AuralisApp, _pilot: Any) -> None:
        await until(lambda: bool(feeds))
        feeds[-1].give(frame(gain_db=3.0, highest_gain_db=6.0))
        await until(lambda: "reduction 3.0 dB, at most 3.0" in text(app))
        drawn = app.query_one("#studio-reduction", CurvePlot).curves[0]
        assert drawn[-1] == -3.0
        assert set(drawn[:-1]) == {0.0}
        await until(lambda: all(label in text(app) for label in ("now", "1k", "-48")))

    used(tmp_path, playing(), use)


def test_keys_master_compare_and_turn_the_intensity(tmp_path: Path, feeds: list[FakeFeed]) -> None:
    players = playing()

    async def use(app: AuralisApp, pilot: Any) -> None:
        await pilot.press("x", "c", "h")
        await until(lambda: players.player.snapshot().is_enhanced)
        await until(lambda: players.player.snapshot().compared is Side.MASTERED)
        await until(lambda: players.player.snapshot().wish.intensity == pytest.approx(0.9))

    used(tmp_path, players, use)


def test_silence_reads_nothing_but_what_is_of_the_whole_track(tmp_path: Path, feeds: list[FakeFeed]) -> None:
    async def use(app: AuralisApp, _pilot: Any) -> None:
        await until(lambda: bool(feeds))
        feeds[-1].give(frame(is_sounding=False))
        await until(lambda: readings(app)["Integrated"] == "-18.0")
        assert readings(app)["Momentary"] == readings(app)["Left"] == readings(app)["Gain"] == "–"

    used(tmp_path, playing(), use)


@pytest.mark.invariant("S4-D5.2")
def test_what_is_not_seen_is_not_measured_and_is_again_when_it_is(tmp_path: Path, feeds: list[FakeFeed]) -> None:
    """Kills: the process that measures left running behind another view."""

    async def use(app: AuralisApp, pilot: Any) -> None:
        await until(lambda: bool(feeds))
        app.run_line("view queue")
        await until(lambda: feeds[0].ended == 1)
        app.run_line("view studio")
        await until(lambda: len(feeds) == 2 and feeds[1].begun == 1)

    used(tmp_path, playing(), use)
    assert feeds[-1].ended == 1


def test_another_track_is_reckoned_anew(tmp_path: Path, feeds: list[FakeFeed]) -> None:
    players = playing()

    async def use(app: AuralisApp, _pilot: Any) -> None:
        await until(lambda: bool(feeds))
        before = feeds[-1].forgotten
        app.run_line("next")
        await until(lambda: feeds[-1].forgotten == before + 1)

    used(tmp_path, players, use)


def test_without_a_player_nothing_is_measured(tmp_path: Path, feeds: list[FakeFeed]) -> None:
    players = playing()

    async def use(app: AuralisApp, _pilot: Any) -> None:
        await until(lambda: bool(feeds))
        players.is_running = False
        await until(lambda: feeds[0].ended == 1)
        assert not app.state.is_connected

    used(tmp_path, players, use)


@pytest.mark.parametrize("size", [(60, 15), (40, 8), (160, 50)])
def test_every_size_shows_the_meters(tmp_path: Path, feeds: list[FakeFeed], size: tuple[int, int]) -> None:
    async def use(app: AuralisApp, _pilot: Any) -> None:
        await until(lambda: bool(feeds))
        feeds[-1].give(frame())
        await until(lambda: readings(app)["Momentary"] == "-18.0")

    used(tmp_path, playing(), use, size)
