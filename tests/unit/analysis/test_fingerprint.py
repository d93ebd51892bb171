"""Every dimension follows its cause; none follows anything else, and none is ever no number."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from causes import CAUSES, RATE_HZ, Audio, clicks, mono, noise, notes, tone

from auralis_cli.analysis import fingerprint as putting_together
from auralis_cli.analysis.measure import TrackMeter
from auralis_cli.errors import StageError
from auralis_cli.model.fingerprint import DIMENSIONS, Content, Fingerprint, FingerprintedTrack, FingerprintFlag
from auralis_cli.model.measurements import TrackAnalysis

NAMES = [row.name for row in DIMENSIONS]
SILENCE = Fingerprint(*(row.silence for row in DIMENSIONS))
BLOCK_FRAMES = 32_768
LOW_RATE_HZ = 8_000
BEYOND_LOW_RATE = {"air_pct"}


def analyse(audio: Audio, rate_hz: int = RATE_HZ) -> TrackAnalysis:
    meter = TrackMeter(rate_hz, audio.shape[1])
    for start in range(0, len(audio), BLOCK_FRAMES):
        meter.add(audio[start : start + BLOCK_FRAMES])
    return meter.result()


def reads(name: str, audio: Audio) -> float:
    value = getattr(analyse(audio).fingerprint, name)
    assert isinstance(value, float)
    return value


@pytest.mark.invariant("S1-M-27")
@pytest.mark.parametrize("name", NAMES)
def test_a_dimension_follows_its_cause(name: str) -> None:
    cause = CAUSES[name]
    values = [reads(name, cause.sound(setting)) for setting in cause.settings]
    if cause.reads is not None:
        assert values == pytest.approx([cause.reads(setting) for setting in cause.settings], abs=cause.tolerance)
    else:
        steps = [after - before for before, after in pairwise(values)]
        assert all(step > 0.01 for step in steps) if cause.rising else all(step < -0.01 for step in steps), values


@pytest.mark.invariant("S1-M-27")
def test_every_dimension_has_a_cause() -> None:
    assert list(CAUSES) == NAMES


@pytest.mark.invariant("S1-M-27")
def test_what_is_known_of_plain_sounds() -> None:
    sine, hiss = analyse(mono(0.3 * tone(440.0, 6.0))).fingerprint, analyse(mono(noise(6.0))).fingerprint
    struck = analyse(clicks(120.0, length_s=12.0)).fingerprint
    assert sine.spectral_flatness < 0.02
    assert hiss.spectral_flatness == pytest.approx(0.57, abs=0.03)
    assert sine.harmonic_ratio > 0.95
    assert struck.harmonic_ratio == pytest.approx(0.0, abs=0.01)
    assert hiss.harmonic_ratio == pytest.approx(0.5, abs=0.02)
    assert sine.pitch_stability == pytest.approx(1.0)
    assert hiss.pitch_stability < 0.07
    assert sine.chroma_energy == pytest.approx(1.0, abs=0.01)
    assert hiss.chroma_energy == pytest.approx(0.087, abs=0.01)
    assert (sine.tempo_bpm, sine.rhythm_stability) == (0.0, 0.0)
    assert struck.rhythm_stability > 0.8 > 0.15 > hiss.rhythm_stability


def at_low_rate(audio: Audio, length_s: int = 15) -> Audio:
    """Every so many frames, so that a test of much audio is quick."""
    return audio[:: RATE_HZ // LOW_RATE_HZ][: length_s * LOW_RATE_HZ]


@pytest.mark.invariant("S3-ENG-06")
def test_the_whole_of_a_long_track_counts() -> None:
    """What follows the first five minutes of ten changes every dimension."""
    start = np.repeat(at_low_rate(notes(4.0, 15.0)), 2, axis=1) * np.float32(0.1)
    hiss = at_low_rate(mono(noise(15.0))) * np.array([[2.0, -0.6]])
    hiss[: 5 * LOW_RATE_HZ] *= 1e-3
    strokes = np.repeat(at_low_rate(clicks(150.0, length_s=15.0)), 2, axis=1)
    first, second = (
        analyse(np.concatenate([start] * 20 + [end.astype(np.float32)] * 20), LOW_RATE_HZ).fingerprint
        for end in (hiss, strokes)
    )
    for row in DIMENSIONS:
        if row.name not in BEYOND_LOW_RATE:
            assert getattr(first, row.name) != pytest.approx(getattr(second, row.name), rel=0.01), row.name


@pytest.mark.invariant("S3-ENG-19")
def test_what_is_not_of_order_ignores_the_order() -> None:
    """Windows fall otherwise on quarters that change places, hence not to the last digit."""
    quarters = []
    for rate, gain, right in ((2.0, 1.0, 1.0), (3.0, 0.3, 0.5), (5.0, 0.6, 0.8), (1.0, 0.1, 0.0)):
        quarter = notes(rate, 12.0) * np.float32(gain)
        quarters.append(np.hstack([quarter, quarter * np.float32(right)]))
    ours, turned = (
        analyse(np.concatenate([quarters[index] for index in order])).fingerprint
        for order in ((0, 1, 2, 3), (3, 1, 0, 2))
    )
    for row in DIMENSIONS:
        if not row.of_order:
            assert getattr(turned, row.name) == pytest.approx(getattr(ours, row.name), rel=0.02, abs=0.01), row.name


@pytest.mark.invariant("S3-ENG-20")
@pytest.mark.parametrize("name", NAMES)
def test_a_dimension_that_is_no_number_is_named(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    honest = putting_together._put_together
    for bad in (math.nan, math.inf):
        monkeypatch.setattr(
            putting_together, "_put_together", lambda *given, bad=bad: replace(honest(*given), **{name: bad})
        )
        with pytest.raises(StageError, match=f"fingerprint: {name} is {bad}"):
            analyse(mono(noise(1.0)))
    fingerprint = replace(SILENCE, **{name: math.nan})
    with pytest.raises(ValueError, match=f"^{name}: no finite number"):
        FingerprintedTrack(fingerprint)


@pytest.mark.invariant("S3-ENG-20")
def test_of_audio_that_is_no_number_nothing_is_a_number_and_nothing_is_kept() -> None:
    audio = mono(noise(2.0))
    audio[30_000] = np.nan
    fingerprint = analyse(audio).fingerprint
    assert fingerprint.not_finite == tuple(NAMES)
    with pytest.raises(ValueError, match="sub_bass_pct"):
        FingerprintedTrack(fingerprint)


@pytest.mark.invariant("S3-ENG-20")
@pytest.mark.parametrize("length_s", [0.0, 0.3, 6.0])
def test_silence_has_values_of_its_own_and_a_flag(length_s: float) -> None:
    analysis = analyse(np.zeros((round(length_s * RATE_HZ), 2), np.float32))
    assert [getattr(analysis.fingerprint, row.name) for row in DIMENSIONS] == [row.silence for row in DIMENSIONS]
    assert FingerprintFlag.SILENT in analysis.flags
    assert FingerprintFlag.NO_TEMPO in analysis.flags
    assert (FingerprintFlag.SHORT in analysis.flags) == (length_s < 0.75)
    assert analysis.content is Content.SILENCE
    assert analysis.tempo_confidence == 0.0


@pytest.mark.parametrize("frames", [1, 40, 441, 4_095, 4_097, 33_000])
def test_a_blip_of_any_length_has_values_in_range_and_says_that_it_is_short(frames: int) -> None:
    analysis = analyse(mono(noise(1.0)[:frames]))
    assert FingerprintFlag.SHORT in analysis.flags
    assert FingerprintFlag.SILENT not in analysis.flags
    for row in DIMENSIONS:
        assert row.lowest <= getattr(analysis.fingerprint, row.name) <= row.highest, row.name


@pytest.mark.parametrize("level", [1e-7, 0.5, 1e3])
def test_a_blip_in_silence_has_values_in_range(level: float) -> None:
    audio = np.zeros((10 * RATE_HZ, 2), np.float32)
    audio[5 * RATE_HZ] = level
    analysis = analyse(audio)
    assert analysis.flags == (FingerprintFlag.NO_TEMPO,)
    assert analysis.fingerprint.silence_ratio > 0.99
    for row in DIMENSIONS:
        assert row.lowest <= getattr(analysis.fingerprint, row.name) <= row.highest, row.name


@pytest.mark.parametrize("rate_hz", [8_000, 11_025, 16_000, 22_050, 48_000, 96_000, 192_000])
def test_every_rate_has_values_in_range(rate_hz: int) -> None:
    wave = np.random.default_rng(1).standard_normal((2 * rate_hz, 2)).astype(np.float32) * np.float32(0.1)
    fingerprint = analyse(wave, rate_hz).fingerprint
    for row in DIMENSIONS:
        assert row.lowest <= getattr(fingerprint, row.name) <= row.highest, row.name


def test_antiphase_is_listened_to_and_said() -> None:
    left = notes(3.0)
    together, against = analyse(np.hstack([left, left])), analyse(np.hstack([left, -left]))
    assert FingerprintFlag.ANTIPHASE in against.flags
    assert FingerprintFlag.ANTIPHASE not in together.flags
    for name in ("transient_density", "harmonic_ratio", "pitch_stability", "chroma_energy", "tempo_bpm"):
        assert getattr(against.fingerprint, name) == getattr(together.fingerprint, name), name
    assert against.landmarks == together.landmarks
