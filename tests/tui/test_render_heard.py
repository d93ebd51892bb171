"""What is heard becomes a file: by its own preset and intensity, sample for sample what the player plays."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from command_line import auralis
from fake_player import snapshot
from tui.fake_player import FakePlayers, app_over
from tui.watching import closed, in_front, until

from auralis_cli.audio.opening import open_audio
from auralis_cli.errors import UsageError
from auralis_cli.mastering.live import LiveMaster
from auralis_cli.model.audio import StreamInfo, Subtype
from auralis_cli.model.live_mastering import MasteringWish
from auralis_cli.model.playback import PlayerState
from auralis_cli.model.player_status import PlayerStatus
from auralis_cli.model.presets import PRESETS
from auralis_cli.model.progress import CancelToken, SilentProgress
from auralis_cli.model.queue import QueueTrack
from auralis_cli.model.source import AudioSource
from auralis_cli.services.background_verbs import BackgroundVerbs
from auralis_cli.services.live_jobs import SolveJob, solve_live
from auralis_cli.tui.app import AuralisApp
from auralis_cli.tui.dialogs import Ask, Prompt
from auralis_cli.tui.render_heard import offered_name, render_words, renderable

RATE_HZ = 44_100
WISH = MasteringWish("punchy", 0.7)


@pytest.fixture(scope="module")
def song(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Some seconds of music."""
    path = tmp_path_factory.mktemp("music") / "A Song.wav"
    time_s = np.arange(4 * RATE_HZ) / RATE_HZ
    beat = 0.5 * np.exp(-9.0 * (time_s % 0.47)) * np.sin(2.0 * np.pi * 90.0 * time_s)
    hiss = 0.03 * np.random.default_rng(5).standard_normal((len(time_s), 2))
    soundfile.write(
        path, (beat + 0.1 * np.sin(2.0 * np.pi * 330.0 * time_s))[:, None] + hiss, RATE_HZ, subtype="PCM_24"
    )
    return path


def playing(song: str | Path, **told: Any) -> FakePlayers:
    players = FakePlayers([str(song)])
    players.player.change(state=PlayerState.PLAYING, **{"is_enhanced": True, "wish": WISH, **told})
    return players


@pytest.fixture
def begun(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, ...]]:
    """What would be run."""
    verbs: list[tuple[str, ...]] = []
    monkeypatch.setattr(BackgroundVerbs, "begin", lambda _self, _title, words: verbs.append(words))
    return verbs


def used(home: Path, players: FakePlayers, use: Callable[[AuralisApp, Any], Awaitable[None]]) -> None:
    async def run() -> None:
        app = app_over(players, home, "studio")
        async with app.run_test() as pilot:
            await until(lambda: app.state.status is not None)
            await use(app, pilot)

    asyncio.run(run())


@pytest.mark.invariant("S1-M-16")
def test_what_is_rendered_is_what_is_played_whatever_the_settings_of_master_say(song: Path, tmp_path: Path) -> None:
    """Kills: the preset of the settings in the place of the one that plays."""
    status = PlayerStatus.of(playing(song).player.snapshot())
    out = tmp_path / "heard.flac"
    settings = {"AURALIS_MASTER_PRESET": "warm", "AURALIS_MASTER_TARGET": "loud", "AURALIS_MASTER_INTENSITY": "0.2"}
    settings |= {"AURALIS_MASTER_LOUDNESS": "-20", "AURALIS_MASTER_CEILING": "-6", "AURALIS_MASTER_RATE": "32000"}
    done = auralis(*render_words(status, str(out)), variables=settings)
    assert done.code == 0, done
    source = AudioSource(song)
    job = SolveJob(source, WISH, PRESETS[WISH.preset], None, None)
    live = LiveMaster(solve_live(job, SilentProgress(), CancelToken()).plan.solved, RATE_HZ, 2)
    with open_audio(source) as reader:
        played = [live.process(block) for block in reader.blocks(4096)]
    played.append(live.flush())
    heard, rate_hz = soundfile.read(out)
    assert rate_hz == RATE_HZ
    difference = heard - np.concatenate(played)
    # Dither of 24 bits is all there is between them.
    assert np.abs(difference).max() < 3.0 * 2.0**-23


def test_settings_of_delivery_are_left_alone_and_what_is_said_is_refused(song: Path, tmp_path: Path) -> None:
    out = str(tmp_path / "out.flac")
    done = auralis("master", "--as-played", "--target", "loud", str(song), out)
    assert done.code == 2
    assert "--target" in done.err


def test_a_name_is_offered_beside_the_track_and_the_verb_runs_beside(
    song: Path, tmp_path: Path, begun: list[tuple[str, ...]]
) -> None:
    offered = str(song.parent / "A Song (mastered).flac")

    async def use(app: AuralisApp, pilot: Any) -> None:
        await pilot.press("w")
        await in_front(app, Prompt)
        await pilot.press("enter")
        await until(lambda: bool(begun))

    used(tmp_path, playing(song), use)
    assert offered_name(str(song)) == "A Song (mastered).flac"
    assert begun == [
        ("master", "--as-played", "--preset", "punchy", "--intensity", "0.7", "--", str(song), offered)
    ]  # fmt: skip


def test_a_file_that_is_there_is_replaced_by_a_yes_alone(
    song: Path, tmp_path: Path, begun: list[tuple[str, ...]]
) -> None:
    (song.parent / "there.flac").write_bytes(b"")

    async def use(app: AuralisApp, pilot: Any) -> None:
        app.run_line("render there.flac")
        await in_front(app, Ask)
        await pilot.press("escape")
        await closed(app)
        assert not begun
        app.run_line("render there.flac")
        await in_front(app, Ask)
        await pilot.press("r")
        await until(lambda: bool(begun))

    used(tmp_path, playing(song), use)
    assert "--force" in begun[0]
    assert begun[0][-1] == str(song.parent / "there.flac")


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"is_enhanced": False}, "the original"),
        ({"stream": StreamInfo(48_000, 6, None, "flac", "flac", Subtype.PCM_24)}, "6 channels"),
    ],
)
def test_what_cannot_be_rendered_as_it_is_heard_is_refused_with_why(changed: dict[str, Any], why: str) -> None:
    status = PlayerStatus.of(playing("/music/a.flac", **changed).player.snapshot())
    with pytest.raises(UsageError, match=why):
        renderable(status)
    with pytest.raises(UsageError, match="nothing plays"):
        renderable(PlayerStatus.of(snapshot()))
    of_a_sheet = FakePlayers([QueueTrack("/music/a.cue", 3)])
    of_a_sheet.player.change(is_enhanced=True)
    with pytest.raises(UsageError, match="cue sheet"):
        renderable(PlayerStatus.of(of_a_sheet.player.snapshot()))
