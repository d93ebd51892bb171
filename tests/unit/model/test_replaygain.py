"""Gains of tracks and albums: the arithmetic, and albums against a gate of another make."""

from __future__ import annotations

import math

import numpy as np
import pytest
from gated_reference import blocks_of, gated_lufs
from numpy.typing import NDArray

from auralis_cli.analysis.measure import LoudnessMeter
from auralis_cli.model.block_levels import BlockLevels, album_lufs
from auralis_cli.model.replaygain import (
    GAIN_NAMES,
    Gain,
    GainMeasurement,
    Gains,
    OpusTags,
    album_gain,
    gain_changes,
    gain_texts,
    track_gain,
)

NOTHING = BlockLevels.of({})


def measurement(lufs: float, peak: float = 0.5, blocks: BlockLevels = NOTHING) -> GainMeasurement:
    return GainMeasurement(lufs, peak, blocks)


def noise(seconds: float, rate_hz: int, channels: int, level: float, seed: int) -> NDArray[np.float32]:
    """Noise that swells and fades, so that gates have something to leave out."""
    rng = np.random.default_rng(seed)
    place = np.arange(round(seconds * rate_hz)) / rate_hz
    swell = level * (1e-4 + np.abs(np.sin(2.0 * np.pi * place / (3.0 + seed))) ** 3)
    return np.asarray(rng.standard_normal((len(place), channels)) * swell[:, None], np.float32)


def measured(wave: NDArray[np.float32], rate_hz: int) -> GainMeasurement:
    meter = LoudnessMeter(rate_hz, wave.shape[1])
    meter.add(wave)
    return GainMeasurement(meter.result().integrated_lufs, 0.5, meter.block_levels())


def test_a_gain_brings_a_track_to_18_lufs_below_full_scale() -> None:
    assert track_gain(measurement(-9.25)) == Gain(-8.75, 0.5)
    assert track_gain(measurement(-30.0, 1.7)) == Gain(12.0, 1.7)


@pytest.mark.parametrize("clip_safe", [False, True])
def test_silence_and_what_is_too_short_have_no_gain(clip_safe: bool) -> None:
    assert track_gain(measurement(-math.inf, 0.0), clip_safe=clip_safe) is None
    assert album_gain([measurement(-math.inf, 0.0)] * 2, clip_safe=clip_safe) is None


def test_a_clip_safe_gain_brings_no_peak_above_one_below_full_scale() -> None:
    for peak in np.linspace(0.01, 2.5, 300):
        gain = track_gain(measurement(-24.0, float(peak)), clip_safe=True)
        assert gain is not None
        assert gain.gain_db <= 6.0
        written = float(gain_texts(Gains(gain), "flac")["replaygain_track_gain"].removesuffix(" dB"))
        assert peak * 10.0 ** (written / 20.0) <= 10.0 ** (-1.0 / 20.0) + 1e-9
        in_opus = int(gain_texts(Gains(gain), "opus")["r128_track_gain"]) / 256.0 + 5.0
        assert peak * 10.0 ** (in_opus / 20.0) <= 10.0 ** (-1.0 / 20.0) + 1e-9


@pytest.mark.parametrize(
    ("rates_and_channels"),
    [[(48_000, 2)], [(44_100, 2), (48_000, 1)], [(44_100, 6), (48_000, 2), (44_100, 1)]],
    ids=["one", "two", "three"],
)
def test_an_album_is_gated_over_the_blocks_of_all_its_tracks(rates_and_channels: list[tuple[int, int]]) -> None:
    tracks = [
        (noise(7.0 + seed, rate_hz, channels, 0.3 / 8**seed, seed), rate_hz)
        for seed, (rate_hz, channels) in enumerate(rates_and_channels)
    ]
    expected = gated_lufs([blocks_of(wave, rate_hz) for wave, rate_hz in tracks])
    found = [measured(wave, rate_hz) for wave, rate_hz in tracks]
    assert album_lufs(one.blocks for one in found) == pytest.approx(expected, abs=0.01)
    for one, (wave, rate_hz) in zip(found, tracks, strict=True):
        assert one.integrated_lufs == pytest.approx(gated_lufs([blocks_of(wave, rate_hz)]), abs=0.01)
    gain = album_gain(found)
    assert gain is not None
    assert gain.gain_db == pytest.approx(-18.0 - expected, abs=0.015)


def test_the_loudness_of_an_album_is_no_mean_of_its_tracks() -> None:
    loud, quiet = (measured(noise(8.0, 48_000, 2, level, 1), 48_000) for level in (0.5, 0.01))
    together = album_lufs([loud.blocks, quiet.blocks])
    # What is quiet falls below the gate that the loud track sets.
    assert together == pytest.approx(loud.integrated_lufs, abs=1.0)
    assert together - (loud.integrated_lufs + quiet.integrated_lufs) / 2.0 > 10.0


def test_the_order_of_tracks_changes_nothing() -> None:
    tracks = [measured(noise(5.0, 48_000, 2, 0.4 / 3**seed, seed), 48_000).blocks for seed in range(4)]
    assert album_lufs(tracks) == album_lufs(reversed(tracks))


def test_an_album_of_silence_and_music_is_as_loud_as_its_music() -> None:
    music = measured(noise(6.0, 48_000, 2, 0.3, 2), 48_000)
    silence = measured(np.zeros((48_000 * 6, 2), np.float32), 48_000)
    assert silence.blocks == NOTHING
    assert album_lufs([music.blocks, silence.blocks]) == pytest.approx(music.integrated_lufs, abs=0.005)
    gain = album_gain([music, measurement(-math.inf, 0.9)])
    assert gain is not None
    assert gain.peak == 0.9


def test_opus_is_given_gains_of_its_own_or_both_or_those_of_all_others() -> None:
    gains = Gains(Gain(-7.5, 1.25), Gain(2.0, 1.5))
    r128 = {"r128_track_gain": str(-12.5 * 256).removesuffix(".0"), "r128_album_gain": "-768"}
    replaygain = {
        "replaygain_track_gain": "-7.50 dB",
        "replaygain_track_peak": "1.250000",
        "replaygain_album_gain": "2.00 dB",
        "replaygain_album_peak": "1.500000",
    }
    assert gain_texts(gains, "opus") == r128
    assert gain_texts(gains, "opus", OpusTags.REPLAYGAIN) == replaygain
    assert gain_texts(gains, "opus", OpusTags.BOTH) == r128 | replaygain
    assert all(gain_texts(gains, "mp3", opus) == replaygain for opus in OpusTags)


def test_what_is_not_said_any_more_is_to_go() -> None:
    changes = gain_changes({"replaygain_track_gain": "0.00 dB"}, GAIN_NAMES)
    assert changes.pop("replaygain_track_gain") == ("0.00 dB",)
    assert set(changes.values()) == {()}


def test_a_gain_of_almost_nothing_has_no_sign() -> None:
    assert gain_texts(Gains(Gain(-0.001, 0.1)), "flac")["replaygain_track_gain"] == "0.00 dB"
