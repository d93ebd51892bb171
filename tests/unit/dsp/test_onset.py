"""Onsets: what is struck counts, what merely sounds does not."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from auralis_cli.dsp.onset import HOP_FRAMES, ONSET_RATE_HZ, OnsetDetector

SECONDS = 20
PLACE = np.arange(SECONDS * ONSET_RATE_HZ) / ONSET_RATE_HZ


def detect(wave: NDArray[np.float64], cut: int = 0) -> OnsetDetector:
    detector = OnsetDetector()
    audio = np.ascontiguousarray(wave, np.float32)[:, None]
    cut = cut or max(1, len(audio))
    for start in range(0, len(audio), cut):
        detector.process(audio[start : start + cut])
    detector.flush()
    return detector


def per_second(wave: NDArray[np.float64]) -> float:
    return len(detect(wave).onset_hops()) * ONSET_RATE_HZ / len(wave)


def clicks(rate: float) -> NDArray[np.float64]:
    wave = np.zeros(len(PLACE))
    wave[1_000 :: round(ONSET_RATE_HZ / rate)] = 0.5
    return wave


def notes(rate: float) -> NDArray[np.float64]:
    length = round(ONSET_RATE_HZ / rate)
    place = np.arange(length)
    one = [
        np.sin(2 * np.pi * f * place / ONSET_RATE_HZ) * np.exp(-place / (0.4 * length)) for f in (220, 330, 262, 440)
    ]
    return np.resize(np.concatenate(one), len(PLACE)) * 0.3


def noise(seed: int = 0) -> NDArray[np.float64]:
    return np.random.default_rng(seed).standard_normal(len(PLACE)) * 0.1


@pytest.mark.parametrize("rate", [1.0, 2.0, 4.0])
def test_clicks_are_counted(rate: float) -> None:
    assert per_second(clicks(rate)) == pytest.approx(rate, rel=0.05)


@pytest.mark.parametrize("rate", [2.0, 4.0, 8.0])
def test_notes_are_counted(rate: float) -> None:
    assert per_second(notes(rate)) == pytest.approx(rate, rel=0.1)


@pytest.mark.parametrize(
    "wave",
    [noise(), np.sin(2 * np.pi * 440 * PLACE), np.sin(2 * np.pi * (100 * PLACE + 20 * PLACE**2)), np.zeros(len(PLACE))],
    ids=["noise", "sine", "glide", "silence"],
)
def test_what_merely_sounds_has_no_onsets(wave: NDArray[np.float64]) -> None:
    assert per_second(wave) < 0.2


def test_onsets_lie_where_the_strokes_are() -> None:
    hops = detect(clicks(2.0)).onset_hops() * HOP_FRAMES
    strokes = np.flatnonzero(clicks(2.0))
    distance = np.abs(hops[:, None] - strokes[None, :]).min(axis=1)
    assert distance.max() < 1024


def test_what_lasts_and_what_strikes_are_told_apart() -> None:
    assert detect(np.sin(2 * np.pi * 440 * PLACE)).harmonic_ratio() > 0.95
    assert detect(clicks(2.0)).harmonic_ratio() < 0.01
    assert detect(noise()).harmonic_ratio() == pytest.approx(0.5, abs=0.02)


def test_a_gain_changes_no_onset() -> None:
    wave = notes(3.0) + 0.02 * noise()
    for gain in (0.01, 0.5, 4.0):
        assert np.array_equal(detect(wave * gain).onset_hops(), detect(wave).onset_hops())


@pytest.mark.parametrize("cut", [17, 509, 4_863, 4_864, 4_865])
def test_nothing_depends_on_how_the_stream_is_cut(cut: int) -> None:
    wave = notes(3.0)[:60_000]
    whole, pieces = detect(wave), detect(wave, cut)
    assert np.array_equal(pieces.flux(), whole.flux())
    assert np.array_equal(pieces.bands(), whole.bands())
    assert pieces.harmonic_ratio() == whole.harmonic_ratio()


@pytest.mark.parametrize(("frames", "hops"), [(0, 0), (1, 1), (1023, 1), (1024, 1), (1279, 1), (1280, 2), (10_000, 36)])
def test_windows_are_whole_ones(frames: int, hops: int) -> None:
    assert len(detect(noise()[:frames]).flux()) == hops


def test_a_reset_detector_reads_as_a_fresh_one() -> None:
    detector = OnsetDetector()
    detector.process(noise()[:5_000].astype(np.float32)[:, None])
    detector.reset()
    wave = notes(3.0)[:20_000]
    detector.process(wave.astype(np.float32)[:, None])
    detector.flush()
    assert np.array_equal(detector.flux(), detect(wave).flux())
    assert detector.harmonic_ratio() == detect(wave).harmonic_ratio()


@pytest.mark.invariant("S3-ENG-10")
@pytest.mark.invariant("S1-H-03")
def test_wrong_blocks_are_refused() -> None:
    wrong: list[Any] = [np.zeros((4, 1)), np.zeros((4, 2), np.float32), np.zeros(4, np.float32)]
    for block in wrong:
        with pytest.raises(ValueError, match="block"):
            OnsetDetector().process(block)
