"""Live mastering as a device is given it: the rendered master, switched without a click and without a wait."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
import soundfile
from live_figures import (
    Frames,
    compared,
    null_db,
    original_of,
    place_in,
    rendered_of,
    rms_db,
    roughness,
    settles_on,
    solved_plan,
    staged,
)

from auralis_cli.model.live_mastering import MasteringWish
from auralis_cli.model.presets import PRESETS
from auralis_cli.services.live_plans import LivePlans

RATE_HZ = 44_100
# Each moves this music by a dB and more, in level or tone.
CHOSEN = ("punchy", "warm", "gentle")


@pytest.fixture(scope="module")
def song(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Chords, beats and noise, of which no two moments are alike."""
    rng = np.random.default_rng(11)
    time_s = np.arange(24 * RATE_HZ) / RATE_HZ
    swell = 0.6 + 0.4 * np.sin(2 * np.pi * time_s / 5.3)
    beat = np.exp(-9.0 * (time_s % 0.47)) * np.sin(2 * np.pi * 90.0 * time_s)
    chord = sum(np.sin(2 * np.pi * (tone + 3.0 * np.sin(time_s / 3.0)) * time_s) for tone in (220.0, 277.0, 330.0))
    noise = rng.standard_normal((len(time_s), 2)) * 0.04
    sound = 0.5 * (0.12 * swell[:, None] * np.asarray(chord)[:, None] + noise + 0.4 * beat[:, None])
    path = tmp_path_factory.mktemp("music") / "song.flac"
    soundfile.write(path, sound, RATE_HZ, subtype="PCM_24")
    return path


@pytest.fixture(scope="module")
def masters(song: Path) -> dict[str, Frames]:
    return {preset: rendered_of(song, preset) for preset in CHOSEN}


def test_each_of_the_presets_moves_the_music(song: Path, masters: dict[str, Frames]) -> None:
    original = original_of(song)
    for master in masters.values():
        assert rms_db(master - original) > rms_db(original) - 20.0
        assert abs(rms_db(master) - rms_db(original)) > 1.0


@pytest.mark.alone
def test_what_is_played_is_the_rendered_master_from_its_start_and_after_a_seek(
    song: Path, masters: dict[str, Frames], tmp_path: Path
) -> None:
    with staged(song, tmp_path, *CHOSEN) as stage:
        for preset in CHOSEN:
            stage.player.preset(preset)
            asked_s = stage.play()
            _, heard = stage.heard(asked_s, 1.2)
            begin = int(np.flatnonzero(heard.any(axis=1))[-1]) - RATE_HZ // 2
            place = place_in(heard[begin:], masters[preset], RATE_HZ // 2, 2 * RATE_HZ)
            assert null_db(heard[begin:], masters[preset][place:][: len(heard) - begin]) < -90.0
        sought_s = time.monotonic()
        stage.player.seek(14.0)
        _, heard = stage.heard(sought_s + 2.1, 1.0)
        settled = heard[len(heard) // 2 :]
        place = place_in(settled, masters[CHOSEN[-1]], 17 * RATE_HZ, 2 * RATE_HZ)
        assert null_db(settled, masters[CHOSEN[-1]][place : place + len(settled)]) < -90.0


@pytest.mark.alone
def test_wishes_are_heard_in_time_and_without_a_click(song: Path, masters: dict[str, Frames], tmp_path: Path) -> None:
    """Kills waiting for what was buffered, and switching without a fade."""
    original, (first, second, _) = original_of(song), CHOSEN
    with staged(song, tmp_path, *CHOSEN) as stage:
        player = stage.player
        stage.heard(stage.play(), 1.0)
        wishes: list[tuple[float, Callable[[], None], Frames, Frames]] = [
            (0.100, lambda: player.enhance(on=False), masters[first], original),
            (0.100, lambda: player.enhance(on=True), original, masters[first]),
            (0.250, lambda: player.preset(second), masters[first], masters[second]),
            (0.250, lambda: player.intensity(0.0), masters[second], original),
        ]
        for within_s, wish, before, after in wishes:
            stage.heard(time.monotonic(), 0.5)
            about = int(player.snapshot().position_s * RATE_HZ)
            asked_s = time.monotonic()
            wish()
            started_s, heard = stage.heard(asked_s - 0.3, 1.0)
            place = place_in(heard, before, about - int(0.3 * RATE_HZ), RATE_HZ)
            old, new = before[place : place + len(heard)], after[place : place + len(heard)]
            there = settles_on(heard, new)
            assert started_s + there / RATE_HZ - asked_s < within_s
            around = slice(there - int(0.05 * RATE_HZ), there + int(0.02 * RATE_HZ))
            assert roughness(heard[around]) < 1.5 * max(roughness(old[around]), roughness(new[around]))


def test_compared_sides_are_equally_loud_within_half_a_unit(song: Path, tmp_path: Path) -> None:
    with closing(LivePlans(PRESETS, tmp_path / "plans")) as plans:
        found = compared(song, solved_plan(plans, song, MasteringWish(CHOSEN[0])))
    assert found.worst_lu < 0.5
    assert found.before_lu > 1.0
