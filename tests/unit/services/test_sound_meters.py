"""What meters show is what a meter of the whole file reads, however the stream comes in."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
from numpy.typing import NDArray

from auralis_cli.model.sound_frame import BANDS, FLOOR_DB, SoundFrame, band_edges_hz
from auralis_cli.services.sound_meters import SoundMeters

RATE_HZ = 44_100
Frames = NDArray[np.float32]


def sides(original: NDArray[np.float64], mastered: NDArray[np.float64]) -> Frames:
    """Both sides, each `(frames, 2)`, as the tap has them."""
    frames = np.ones((len(original), 5), np.float32)
    frames[:, 0:2], frames[:, 2:4] = original, mastered
    return frames


def tone(level: float, seconds: float, frequency_hz: float = 997.0) -> NDArray[np.float64]:
    wave = level * np.sin(2.0 * np.pi * frequency_hz * np.arange(int(seconds * RATE_HZ)) / RATE_HZ)
    return np.stack([wave, wave], axis=1)


def shown(frames: Frames, block: int = 1764) -> SoundFrame:
    """The last of what is shown of a stream."""
    meters = SoundMeters(RATE_HZ)
    for start in range(0, len(frames), block):
        meters.add(frames[start : start + block])
        frame = meters.frame(is_sounding=True)
    return frame


def test_a_tone_reads_its_level_and_the_master_its_own() -> None:
    frame = shown(sides(tone(0.25, 4.0), tone(0.5, 4.0)))
    for side, level_db in ((frame.original, -12.0), (frame.mastered, -6.0)):
        assert side.momentary_lufs == pytest.approx(level_db, abs=0.15)
        assert side.short_term_lufs == pytest.approx(level_db, abs=0.15)
        assert side.integrated_lufs == pytest.approx(level_db, abs=0.15)
        assert side.true_peak_dbtp == pytest.approx(level_db, abs=0.15)
        assert side.left_dbfs == side.right_dbfs == pytest.approx(level_db, abs=0.15)
        assert side.correlation == 1.0
    assert frame.gain_db == pytest.approx(6.0, abs=0.1)
    assert frame.reduction_db == 0.0


@pytest.mark.parametrize("block", [441, 1764, 5000])
def test_blocks_of_any_length_show_the_same(block: int) -> None:
    noise = np.random.default_rng(5).normal(0.0, 0.1, (3 * RATE_HZ, 2))
    whole, cut = shown(sides(noise, noise)), shown(sides(noise, noise), block)
    assert cut.original.integrated_lufs == whole.original.integrated_lufs
    assert cut.original.momentary_lufs == whole.original.momentary_lufs
    assert cut.original.true_peak_dbtp == whole.original.true_peak_dbtp


def test_what_is_held_back_shows_as_reduction() -> None:
    loud = np.concatenate((tone(0.1, 2.0), tone(0.8, 1.0)))
    gain = np.concatenate((np.full(2 * RATE_HZ, 2.0), np.full(RATE_HZ, 1.0)))[:, None]
    assert shown(sides(loud, loud * gain)).reduction_db == pytest.approx(6.0, abs=0.2)


def test_channels_against_each_other_and_apart_are_told() -> None:
    wave = tone(0.5, 1.0)
    noise = np.random.default_rng(7).normal(0.0, 0.1, (RATE_HZ, 2))
    assert shown(sides(wave * np.array([1.0, -1.0]), noise)).original.correlation == -1.0
    assert abs(shown(sides(wave, noise)).mastered.correlation) < 0.1


@pytest.mark.parametrize("frequency_hz", [60.0, 440.0, 5_000.0, 15_000.0])
def test_a_tone_stands_in_its_own_band(frequency_hz: float) -> None:
    bands = shown(sides(tone(0.5, 1.0, frequency_hz), tone(0.5, 1.0, frequency_hz))).original.bands_db
    edges = band_edges_hz()
    highest = bands.index(max(bands))
    assert edges[highest] * 0.9 <= frequency_hz <= edges[highest + 1] * 1.1
    assert max(bands) == pytest.approx(20.0 * math.log10(0.5) - 3.0, abs=6.0)


def test_another_track_is_reckoned_anew() -> None:
    meters = SoundMeters(RATE_HZ)
    meters.add(sides(tone(0.9, 2.0), tone(0.9, 2.0)))
    meters.reset()
    assert meters.frame(is_sounding=True).original.integrated_lufs == FLOOR_DB
    meters.add(sides(tone(0.1, 2.0), tone(0.1, 2.0)))
    frame = meters.frame(is_sounding=True)
    assert frame.original.integrated_lufs == pytest.approx(-20.0, abs=0.2)
    assert frame.original.true_peak_dbtp < -10.0


@pytest.mark.parametrize("frames_in", [3, 11, 17, 29])
def test_looking_from_the_midst_of_a_wave_on_reads_no_peak_that_is_none(frames_in: int) -> None:
    """Kills: the ringing of the first step taken for a true peak."""
    wave = tone(0.25, 1.0)[frames_in:]
    assert shown(sides(wave, wave)).original.true_peak_dbtp == pytest.approx(-12.0, abs=0.1)
    meters = SoundMeters(RATE_HZ)
    meters.add(sides(wave[:10_000], wave[:10_000]))
    meters.begin_anew()
    meters.add(sides(wave[20_020:], wave[20_020:]))
    assert meters.frame(is_sounding=True).original.true_peak_dbtp == pytest.approx(-12.0, abs=0.1)


@pytest.mark.parametrize("odd", [0.0, np.nan, np.inf, 1e30])
def test_whatever_plays_the_frame_is_json_that_comes_back(odd: float) -> None:
    strange = np.full((RATE_HZ, 2), odd)
    with np.errstate(all="ignore"):
        frame = shown(sides(strange, tone(0.5, 1.0)))
    line = json.dumps(frame.to_json(), allow_nan=False)
    assert SoundFrame.of_json(json.loads(line)) == frame
    assert len(frame.original.bands_db) == BANDS


@pytest.mark.parametrize("rate_hz", [8_000, 22_050, 48_000, 192_000])
def test_every_rate_that_plays_is_measured(rate_hz: int) -> None:
    meters = SoundMeters(rate_hz)
    wave = 0.5 * np.sin(2.0 * np.pi * 500.0 * np.arange(rate_hz) / rate_hz)
    meters.add(sides(np.stack([wave, wave], axis=1), np.stack([wave, wave], axis=1)))
    assert meters.frame(is_sounding=True).original.left_dbfs == pytest.approx(-6.0, abs=0.1)
