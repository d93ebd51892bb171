"""The beat: right where it is clear, doubtful where it is not, none where nothing pulses."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from auralis_cli.dsp.tempo import NO_BEAT, Beat, find_beat

HOPS_PER_SECOND = 11_025 / 256
Flux = NDArray[np.float64]


def pulses(tempo_bpm: float, length_s: float = 40.0, jitter_s: float = 0.0, every: int = 1, weak: float = 1.0) -> Flux:
    """Flux as strokes leave it, two hops wide; all but each `every`th only `weak`."""
    beats = np.arange(0.5, length_s - 0.5, 60.0 / tempo_bpm)
    beats = beats + np.random.default_rng(1).standard_normal(len(beats)) * jitter_s
    gains = np.where(np.arange(len(beats)) % every == 0, 1.0, weak)
    hops = np.arange(round(length_s * HOPS_PER_SECOND))
    places = beats * HOPS_PER_SECOND
    return np.asarray((gains * np.maximum(0.0, 1.0 - np.abs(hops[:, None] - places) / 1.5)).sum(axis=1) + 1e-3)


def beat(flux: Flux, of_bands: float = 0.3) -> Beat:
    return find_beat(flux, np.full(len(flux), flux.mean() / of_bands), HOPS_PER_SECOND)


@pytest.mark.parametrize("tempo_bpm", [64.0, 77.7, 90.0, 100.3, 120.0, 133.0, 150.0])
def test_a_clear_beat_is_found_to_a_thousandth(tempo_bpm: float) -> None:
    found = beat(pulses(tempo_bpm))
    assert found.tempo_bpm == pytest.approx(tempo_bpm, rel=1e-3)
    assert found.stability > 0.8
    assert found.confidence > 0.5


def test_strokes_between_beats_are_no_beats() -> None:
    assert beat(pulses(480.0, every=4, weak=0.4)).tempo_bpm == pytest.approx(120.0, rel=1e-3)


def test_what_drifts_is_less_steady_and_less_sure() -> None:
    beats = [beat(pulses(100.0, jitter_s=late_s)) for late_s in (0.0, 0.02, 0.06)]
    assert beats[0].stability > beats[1].stability > beats[2].stability
    assert beats[0].confidence > beats[2].confidence


def test_chance_has_no_sure_tempo() -> None:
    for seed in range(5):
        found = beat(np.random.default_rng(seed).random(2_000))
        assert found.confidence < 0.15
        assert found.stability < 0.15


@pytest.mark.parametrize("hops", [0, 1, 129])
def test_nothing_that_short_has_a_tempo(hops: int) -> None:
    flux = pulses(120.0)[:hops]
    assert find_beat(flux, flux * 2.0, HOPS_PER_SECOND) == NO_BEAT


def test_rounding_has_no_tempo() -> None:
    assert beat(pulses(120.0), of_bands=0.019) == NO_BEAT
    assert beat(np.zeros(3_000), of_bands=1.0) == NO_BEAT
    assert find_beat(np.ones(3_000), np.ones(3_000), HOPS_PER_SECOND).tempo_bpm == 0.0


@pytest.mark.parametrize("length_s", [3.2, 5.0, 11.0, 11.9, 18.0])
def test_short_pieces_have_a_tempo_as_well(length_s: float) -> None:
    assert beat(pulses(120.0, length_s)).tempo_bpm == pytest.approx(120.0, rel=0.02)


def test_a_gain_changes_nothing() -> None:
    flux = pulses(97.0, jitter_s=0.02)
    assert beat(flux * 2.0**-12) == beat(flux)


def test_a_pause_neither_adds_nor_takes_away() -> None:
    flux = pulses(110.0)
    paused = np.concatenate([flux, np.zeros(2_000)])
    ours, wanted = beat(paused), beat(flux)
    assert ours.tempo_bpm == pytest.approx(wanted.tempo_bpm, rel=1e-3)
    assert ours.stability == pytest.approx(wanted.stability, abs=0.03)


def test_flux_and_bands_belong_together() -> None:
    with pytest.raises(ValueError, match="length"):
        find_beat(np.ones(10), np.ones(11), HOPS_PER_SECOND)
