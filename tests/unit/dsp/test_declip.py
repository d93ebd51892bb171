"""Flat tops are put back nearly as they were, everything else stays, and what is no clipping is left alone."""

from __future__ import annotations

import numpy as np
import pytest
from chords import chords
from numpy.typing import NDArray

from auralis_cli.dsp.clipping import FlatTopMeter
from auralis_cli.dsp.declip import Declipper

RATE = 44_100
Audio = NDArray[np.float32]


def declipped(audio: Audio, level: float = 1.0) -> Audio:
    stage = Declipper((level,) * audio.shape[1], 6.0, RATE, audio.shape[1])
    return np.concatenate((stage.process(audio), stage.flush()))[stage.latency_frames :]


def runs_of(clipped: Audio, level: float) -> NDArray[np.bool_]:
    """Samples of three or more in a row at the level, on one side; dither may lie a little below it."""
    level -= 1e-4 * level + 1.0 / 32_768
    found = np.zeros(clipped.shape, bool)
    for sign in (1.0, -1.0):
        flat = sign * clipped >= level
        three = flat[:-2] & flat[1:-1] & flat[2:]
        for shift in range(3):
            found[shift : len(found) - 2 + shift] |= three
    return found


def snr_db(truth: Audio, found: Audio) -> float:
    error = found.astype(np.float64) - truth
    return float(10 * np.log10((truth.astype(np.float64) ** 2).sum() / (error**2).sum()))


@pytest.mark.parametrize(("raised_db", "won_db"), [(3.0, 8.0), (6.0, 5.0)])
@pytest.mark.parametrize("turned_down", [1.0, 0.7])
def test_what_was_clipped_comes_nearer_to_what_it_was(raised_db: float, won_db: float, turned_down: float) -> None:
    music = turned_down * 10 ** (raised_db / 20) * chords()
    clipped = np.clip(music, -np.float32(turned_down), np.float32(turned_down))
    level = level_found_in(clipped)
    assert level == pytest.approx(turned_down, rel=1e-6)
    mended, runs = declipped(clipped, level), runs_of(clipped, turned_down)
    assert runs.sum() > 300
    assert snr_db(music[runs], mended[runs]) > snr_db(music[runs], clipped[runs]) + won_db


def level_found_in(audio: Audio) -> float:
    """The level that the analysis finds."""
    meter = FlatTopMeter(audio.shape[1])
    meter.process(audio)
    return max(top.level for top in meter.result())


@pytest.mark.invariant("S1-H-04")
def test_samples_outside_flat_tops_stay_to_the_bit_and_tops_only_rise() -> None:
    """Kills: samples beside a flat top change; a top falls below what was there, or rises without bound."""
    clipped = np.clip(2.5 * chords(), -1.0, 1.0)
    mended, runs = declipped(clipped), runs_of(clipped, 1.0)
    np.testing.assert_array_equal(mended[~runs], clipped[~runs])
    assert np.all(np.sign(clipped) * mended >= np.abs(clipped))
    assert np.abs(mended).max() <= 10 ** (6 / 20) + 1e-6
    assert np.abs(mended).max() > 1.2


@pytest.mark.invariant("S1-H-04")
def test_what_was_not_clipped_comes_out_as_it_went_in() -> None:
    slow = np.repeat(np.sin(2 * np.pi * 5 * np.arange(2 * RATE) / RATE)[:, None], 2, axis=1)
    whole = np.round(slow * 32_767) / 32_768
    for audio in (chords(), 0.5 * chords(), whole):
        sound = np.ascontiguousarray(audio, np.float32)
        np.testing.assert_array_equal(declipped(sound, float(np.abs(sound).max())), sound)


@pytest.mark.parametrize("duty", [0.125, 0.5])
def test_squares_and_pulses_are_their_own_waveform(duty: float) -> None:
    pulse = np.where((np.arange(RATE) * 220.0 / RATE) % 1.0 < duty, 0.8, -0.8)[:, None].astype(np.float32)
    np.testing.assert_array_equal(declipped(pulse, 0.8), pulse)


def test_a_channel_of_level_0_is_left_alone() -> None:
    clipped = np.clip(2.0 * chords(1.0), -1.0, 1.0)
    stage = Declipper((0.0, 1.0), 6.0, RATE, 2)
    mended = np.concatenate((stage.process(clipped), stage.flush()))[stage.latency_frames :]
    np.testing.assert_array_equal(mended[:, 0], clipped[:, 0])
    assert not np.array_equal(mended[:, 1], clipped[:, 1])


@pytest.mark.parametrize("first_frame", [1, 1_000, 30_000])
def test_a_stream_that_begins_within_the_track_soon_sounds_like_the_whole(first_frame: int) -> None:
    clipped = np.clip(2.0 * chords(1.0), -1.0, 1.0)
    stage = Declipper((1.0, 1.0), 6.0, RATE, 2)
    stage.begin_at(first_frame)
    rest = clipped[first_frame:]
    mended = np.concatenate((stage.process(rest), stage.flush()))[stage.latency_frames :]
    assert len(mended) == len(rest)
    np.testing.assert_array_equal(mended[2_048:], declipped(clipped)[first_frame + 2_048 :])


def test_wrong_settings_are_refused() -> None:
    for levels, rise_db in (((1.0,), 6.0), ((1.0, -1.0), 6.0), ((1.0, 1.0), 20.0), ((float("nan"), 1.0), 6.0)):
        with pytest.raises(ValueError, match=r"levels|max_rise_db"):
            Declipper(levels, rise_db, RATE, 2)
    with pytest.raises(ValueError, match="negative"):
        Declipper((1.0,), 6.0, RATE, 1).begin_at(-1)
