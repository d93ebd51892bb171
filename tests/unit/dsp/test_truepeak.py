"""True peak: the interpolator, the envelope per control block, and the meter that skips what cannot matter."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from auralis_cli.dsp.truepeak import OVERSAMPLING, TruePeakEnvelope, TruePeakMeter, control_block_frames, interpolator

Audio = NDArray[np.float32]
# Wrong type, wrong channels, not contiguous.
WRONG_BLOCKS: list[Any] = [np.zeros((4, 2)), np.zeros((4, 1), np.float32), np.zeros((8, 2), np.float32)[::2]]


def noise(frames: int, channels: int, seed: int = 1) -> Audio:
    return (np.random.default_rng(seed).standard_normal((frames, channels)) * 0.1).astype(np.float32)


def envelope(audio: Audio, block_frames: int, cut: int = 0) -> NDArray[np.float32]:
    meter = TruePeakEnvelope(audio.shape[1], block_frames)
    cut = cut or max(1, len(audio))
    parts = [meter.process(audio[start : start + cut]) for start in range(0, len(audio), cut)]
    return np.concatenate([*parts, meter.flush()])


def meter_peak(audio: Audio, cut: int = 0) -> float:
    meter = TruePeakMeter(audio.shape[1])
    for start in range(0, len(audio), cut or max(1, len(audio))):
        meter.process(audio[start : start + cut] if cut else audio)
    return meter.peak()


def reference(audio: Audio, block_frames: int) -> NDArray[np.float64]:
    """The definition in float64: every phase convolved in full, 16 frames beyond both ends."""
    frames, channels = audio.shape
    padded = np.concatenate((np.zeros((31, channels)), audio, np.zeros((32, channels))))
    peaks = np.zeros(frames + 32)
    for channel in padded.T:
        peaks = np.maximum(peaks, np.abs(channel[15 : 15 + len(peaks)]))
        for taps in interpolator(OVERSAMPLING).astype(np.float64):
            peaks = np.maximum(peaks, np.abs(np.correlate(channel, taps, mode="valid")[: len(peaks)]))
    block = np.clip(np.arange(-16, frames + 16), 0, frames - 1) // block_frames
    wanted = np.zeros(-(-frames // block_frames))
    np.maximum.at(wanted, block, peaks)
    return wanted


def test_a_control_block_lasts_about_a_sixth_of_a_millisecond() -> None:
    assert [control_block_frames(rate) for rate in (8_000, 44_100, 48_000, 88_200, 96_000, 192_000, 384_000)] == [
        8, 8, 8, 16, 16, 32, 64,
    ]  # fmt: skip


def test_every_phase_of_the_interpolator_passes_a_constant_unchanged() -> None:
    np.testing.assert_allclose(interpolator(8).sum(axis=1), 1.0, atol=1e-6)


@pytest.mark.parametrize("share", [0.02, 0.1, 0.25, 0.4, 0.45])
def test_the_interpolator_finds_what_lies_between_the_samples(share: float) -> None:
    """A sine of any frequency up to 0.45 of the rate, at every phase: within 0.1 dB of the truth."""
    phases = np.linspace(0.0, np.pi, 7)
    place = np.arange(200)
    for row, taps in enumerate(interpolator(8), start=1):
        for phase in phases:
            wave = np.sin(2 * np.pi * share * place + phase)
            found = np.correlate(wave, taps.astype(np.float64), mode="valid")
            wanted = np.sin(2 * np.pi * share * (place[: len(found)] + 15 + row / 8) + phase)
            assert np.abs(found - wanted).max() < 0.012


@pytest.mark.parametrize(("rate_hz", "channels"), [(44_100, 1), (44_100, 2), (96_000, 2), (48_000, 6)])
@pytest.mark.parametrize("frames", [1, 7, 8, 9, 31, 40, 1_237])
def test_the_envelope_is_its_definition(rate_hz: int, channels: int, frames: int) -> None:
    audio = noise(frames, channels)
    ours = envelope(audio, control_block_frames(rate_hz))
    np.testing.assert_allclose(ours, reference(audio, control_block_frames(rate_hz)), atol=2e-7)


@pytest.mark.parametrize("cut", [1, 17, 509, 2_999, 3_001])
def test_neither_envelope_nor_meter_depend_on_how_the_stream_is_cut(cut: int) -> None:
    audio = noise(3_000, 2)
    assert np.array_equal(envelope(audio, 8, cut), envelope(audio, 8))
    assert meter_peak(audio, cut) == meter_peak(audio)


def test_a_block_is_known_16_frames_after_its_last() -> None:
    meter = TruePeakEnvelope(1, 8)
    assert len(meter.process(noise(8 + 15, 1))) == 0
    assert len(meter.process(noise(1, 1))) == 1


@pytest.mark.parametrize("seed", range(5))
def test_the_meter_reads_exactly_the_largest_value_of_the_envelope(seed: int) -> None:
    audio = noise(20_000, 2, seed)
    audio *= (np.sin(np.arange(len(audio)) / 2_000) ** 4 + 0.01)[:, None].astype(np.float32)
    assert meter_peak(audio) == envelope(audio, 8).max()


@pytest.mark.parametrize("seed", range(24))
def test_nothing_is_skipped_that_matters_whatever_the_spectrum(seed: int) -> None:
    random = np.random.default_rng(seed)
    frames, tilt, top = 12_000, random.uniform(0.0, 2.5), random.choice([1e-3, 0.7, 0.99, 1.0, 1.05, 3.0])
    hiss = np.fft.rfft(random.standard_normal((2, frames))) / np.maximum(1.0, np.arange(frames // 2 + 1)) ** tilt
    wave = np.fft.irfft(hiss).T * (0.2 + random.random((frames // 200, 1)).repeat(200, 0))
    audio = np.ascontiguousarray(wave / np.abs(wave).max() * top, np.float32)
    if seed % 3 == 0:
        audio = np.clip(audio, -0.8 * top, 0.8 * top, dtype=np.float32)
    meter, envelope_1 = TruePeakMeter(2), envelope(audio, 1)
    for start in range(0, frames, 1_777):
        meter.process(audio[start : start + 1_777])
    found, above = meter.result(), envelope_1 > 1.0
    assert found.level == envelope_1.max()
    assert found.overs == np.count_nonzero(above[1:] & ~above[:-1]) + above[0]
    assert found.frame == int(envelope_1.argmax()) or found.level <= np.abs(audio).max()


def test_the_worst_that_may_lie_between_samples_is_not_skipped_behind_a_higher_sample() -> None:
    # As bent as can be where the sign turns: 0.96 between samples of 0.4, below full scale as all of it.
    place = np.arange(-40, 40)
    worst = np.where(place % 2 == 0, 1.0, -1.0) * np.where(place < 0, 1.0, -1.0)
    wave = np.concatenate((2.2 * np.hanning(1_000), np.zeros(3_000), worst, np.zeros(1_000)))
    audio = (0.4 * wave).astype(np.float32)[:, None]
    assert meter_peak(audio) == envelope(audio, 8).max() > 0.95


def test_an_over_that_rings_before_the_first_frame_counts() -> None:
    audio = np.zeros((40, 1), np.float32)
    audio[:2, 0] = 1.0, 1.0
    assert envelope(audio, 8)[0] > 1.2
    assert envelope(audio[::-1].copy(), 8)[-1] > 1.2


def test_swapping_the_channels_changes_nothing() -> None:
    audio = noise(5_000, 2)
    assert np.array_equal(envelope(audio, 8), envelope(audio[:, ::-1].copy(), 8))


def test_a_reset_meter_reads_as_a_fresh_one() -> None:
    audio = noise(1_000, 2, seed=3)
    blocks, meter = TruePeakEnvelope(2, 8), TruePeakMeter(2)
    for used in (blocks, meter):
        used.process(noise(777, 2) * np.float32(50))
        used.reset()
        used.process(audio)
    assert meter.peak() == meter_peak(audio)
    assert len(blocks.flush()) == len(envelope(audio, 8)) - (1_000 - 16) // 8


def test_asking_for_the_peak_does_not_disturb_the_meter() -> None:
    audio = noise(2_000, 2)
    meter = TruePeakMeter(2)
    meter.process(audio[:1_000])
    meter.peak()
    meter.process(audio[1_000:])
    assert meter.peak() == meter_peak(audio)


def test_no_audio_has_no_peak() -> None:
    assert len(envelope(np.zeros((0, 2), np.float32), 44_100, 8)) == 0
    assert meter_peak(np.zeros((0, 2), np.float32), 44_100) == 0.0


@pytest.mark.invariant("S3-ENG-10")
@pytest.mark.invariant("S1-H-03")
def test_wrong_blocks_and_parameters_are_refused() -> None:
    for meter in (TruePeakEnvelope(2, 8), TruePeakMeter(2)):
        for block in WRONG_BLOCKS:
            with pytest.raises(ValueError, match="block"):
                meter.process(block)
    with pytest.raises(ValueError, match="sample_rate_hz"):
        control_block_frames(0)
    with pytest.raises(ValueError, match="channels"):
        TruePeakMeter(0)
    with pytest.raises(ValueError, match="block_frames"):
        TruePeakEnvelope(2, 0)
    with pytest.raises(ValueError, match="phases"):
        interpolator(1)


@pytest.mark.parametrize("channels", [1, 2])
def test_overs_are_counted_and_the_highest_is_found(channels: int) -> None:
    audio = noise(40_000, channels)
    # fs/4 at 45 degrees: samples of 0.78 and a true peak of 1.1.
    burst = np.hanning(400) * np.cos(np.pi / 2 * np.arange(400) + np.pi / 4)
    for start, level in ((5_000, 1.02), (20_000, 1.1), (30_000, 0.97)):
        audio[start : start + 400, channels - 1] = (level * burst).astype(np.float32)
    envelope_8 = envelope(audio, 1)
    for cut in (0, 1_000, 509):
        meter = TruePeakMeter(channels)
        for start in range(0, len(audio), cut or len(audio)):
            meter.process(audio[start : start + (cut or len(audio))])
        found = meter.result()
        assert found.level == envelope_8.max()
        assert found.frame == int(envelope_8.argmax())
        above = envelope_8 > 1.0
        assert found.overs == np.count_nonzero(above[1:] & ~above[:-1]) > 3
    quiet = TruePeakMeter(channels)
    quiet.process(audio * np.float32(0.5))
    assert quiet.result().overs == 0
