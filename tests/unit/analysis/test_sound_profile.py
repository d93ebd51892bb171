"""How a track sounds, measured: the same whatever the blocks, the level and the rate."""

from __future__ import annotations

import math
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from numpy.typing import NDArray

from auralis_cli.analysis.sound_profile import ProfileMeter
from auralis_cli.model.sound_profile import PROFILE_FREQUENCIES_HZ, SoundProfile

RATE_HZ = 44_100
F_HZ = np.array(PROFILE_FREQUENCIES_HZ)


def noise(seconds: float = 5.0, rate_hz: int = RATE_HZ, seed: int = 3) -> NDArray[np.float32]:
    """White, its side 6 dB below its mid."""
    mid, side = np.random.default_rng(seed).standard_normal((2, round(seconds * rate_hz))) * 0.05
    return np.stack([mid + 0.5 * side, mid - 0.5 * side], axis=1).astype(np.float32)


def profile_of(audio: NDArray[np.float32], rate_hz: int = RATE_HZ, block_frames: int = 8192) -> SoundProfile:
    meter = ProfileMeter(rate_hz, audio.shape[1])
    for start in range(0, len(audio), block_frames):
        meter.add(np.ascontiguousarray(audio[start : start + block_frames]))
    return meter.result()[1]


def heard(profile: SoundProfile) -> slice:
    del profile
    return slice(int(np.searchsorted(F_HZ, 100.0)), int(np.searchsorted(F_HZ, 15_000.0)))


@pytest.mark.parametrize("block_frames", [509, 16_384, 1 << 20])
def test_blocks_of_any_size_and_threads_measure_the_same(block_frames: int) -> None:
    audio = noise()
    assert profile_of(audio, block_frames=block_frames) == profile_of(audio)
    with ThreadPoolExecutor(1) as threads:
        meter = ProfileMeter(RATE_HZ, 2, threads)
        meter.add(audio)
        assert meter.result()[1] == profile_of(audio)


def test_white_noise_is_flat_and_its_width_is_what_it_was_made_with() -> None:
    profile = profile_of(noise(20.0))
    assert np.ptp(np.array(profile.mid_db)[heard(profile)]) < 2.5
    assert profile.width_db == pytest.approx(-6.0, abs=0.1)
    assert profile.balance_db == pytest.approx(0.0, abs=0.1)
    assert np.mean(np.array(profile.mid_db)[heard(profile)]) == pytest.approx(
        10.0 * math.log10(0.05**2 / (RATE_HZ / 2.0)), abs=0.3
    )


def test_pauses_do_not_count_and_an_offset_is_no_sound() -> None:
    audio, plain = noise(6.0), profile_of(noise(6.0))
    with_pause = profile_of(np.concatenate((np.zeros_like(audio), audio, 0.001 * audio)))
    shifted = profile_of(audio + np.array([0.2, -0.03], np.float32))
    for other in (with_pause, shifted):
        difference = np.array(other.mid_db)[heard(plain)] - np.array(plain.mid_db)[heard(plain)]
        assert np.abs(difference).max() < 0.8
        assert other.width_db == pytest.approx(plain.width_db, abs=0.1)
        assert other.balance_db == pytest.approx(plain.balance_db, abs=0.1)
    assert shifted.crest_db == pytest.approx(plain.crest_db + 3.0, abs=4.0)


def test_the_same_sound_at_another_rate_or_level_has_the_same_shape() -> None:
    time_s = {rate: np.arange(6 * rate) / rate for rate in (44_100, 96_000)}
    shapes = []
    for rate_hz, seconds in time_s.items():
        tones = sum(np.sin(2 * np.pi * f * seconds) for f in 110.0 * 2.0 ** (np.arange(24) / 4.0))
        audio = np.repeat((0.01 * np.asarray(tones))[:, None], 2, axis=1).astype(np.float32)
        shapes += [np.array(profile_of(gain * audio, rate_hz).mid_db)[90:220] for gain in (1.0, 0.25)]
    for shape in shapes[1:]:
        moved = shape - shapes[0]
        loud = shapes[0] > shapes[0].max() - 20.0
        assert np.ptp(moved[loud]) < 1.5


def test_mono_has_no_side_and_one_channel_leans_to_its_side() -> None:
    mono = profile_of(noise()[:, :1])
    assert mono.width_db == -math.inf
    assert set(mono.side_db) == {-math.inf}
    left = noise()
    left[:, 1] = 0.0
    assert profile_of(left).balance_db == math.inf
    assert profile_of(np.ascontiguousarray(left[:, ::-1])).balance_db == -math.inf
    leaning = np.array(profile_of(left).leaning)[heard(mono)]
    assert leaning.min() > 0.99


def test_silence_measures_nothing() -> None:
    profile = profile_of(np.zeros((RATE_HZ, 2), np.float32))
    assert profile.integrated_lufs == -math.inf
    assert (profile.width_db, profile.balance_db) == (0.0, 0.0)
    assert set(profile.mid_db) == {-math.inf}
