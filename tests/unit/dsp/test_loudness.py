"""K-weighting at every rate, energies in a stream, and the arithmetic of BS.1770 and Tech 3342 on them."""

from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from auralis_cli.dsp import loudness
from auralis_cli.dsp.k_weighting import k_weighting_sos
from auralis_cli.dsp.loudness import WeightedEnergy, channel_weights

Audio = NDArray[np.float32]


def noise(frames: int, channels: int, seed: int = 1) -> Audio:
    return (np.random.default_rng(seed).standard_normal((frames, channels)) * 0.1).astype(np.float32)


def filtered(audio: Audio, sections: NDArray[np.float64]) -> NDArray[np.float64]:
    """Direct form I in plain Python: another arrangement of the same filter than the kernel's."""
    out = audio.astype(np.float64)
    for b0, b1, b2, a1, a2 in sections:
        x = np.concatenate((np.zeros((2, out.shape[1])), out))
        y = np.zeros_like(x)
        for n in range(2, len(x)):
            y[n] = b0 * x[n] + b1 * x[n - 1] + b2 * x[n - 2] - a1 * y[n - 1] - a2 * y[n - 2]
        out = y[2:]
    return out


@pytest.mark.parametrize("channels", [1, 2, 6])
def test_energies_are_weighted_sums_of_filtered_squares(channels: int) -> None:
    audio, weights = noise(3_000, channels), channel_weights(channels)
    energies = WeightedEnergy(44_100, weights, (44_100, 100))
    ours = np.concatenate([energies.process(audio), energies.flush()])
    powers = filtered(audio, k_weighting_sos(44_100)) ** 2 @ np.array(weights)
    wanted = [powers[start : start + 441].sum() for start in range(0, 3_000, 441)]
    np.testing.assert_allclose(ours, wanted, rtol=1e-9)


@pytest.mark.parametrize(("rate_hz", "denominator"), [(44_100, 100), (11_025, 100), (22_050, 20), (48_000, 6_000)])
def test_segments_end_at_the_nearest_frame_of_their_exact_time(rate_hz: int, denominator: int) -> None:
    audio = noise(rate_hz // 3, 1)
    energies = WeightedEnergy(rate_hz, (1.0,), (rate_hz, denominator))
    done = 0
    ends: list[int] = []
    for frame in range(len(audio)):
        done += len(energies.process(audio[frame : frame + 1]))
        while len(ends) < done:
            ends.append(frame + 1)
    assert ends == [math.floor((k + 1) * rate_hz / denominator + 0.5) for k in range(len(ends))]


@pytest.mark.parametrize("channels", [1, 2, 3])
@pytest.mark.parametrize("cut", [1, 17, 509, 5_000, 5_001])
def test_energies_do_not_depend_on_how_the_stream_is_cut(channels: int, cut: int) -> None:
    audio = noise(5_001, channels)
    whole, pieces = (WeightedEnergy(44_100, channel_weights(channels), (8, 1)) for _ in range(2))
    wanted = np.concatenate([whole.process(audio), whole.flush()])
    parts = [pieces.process(audio[start : start + cut]) for start in range(0, len(audio), cut)]
    assert np.array_equal(np.concatenate([*parts, pieces.flush()]), wanted)
    assert pieces.channel_energies == whole.channel_energies


def test_a_reset_meter_reads_as_a_fresh_one() -> None:
    used, fresh = (WeightedEnergy(44_100, (1.0, 1.0), (44_100, 100)) for _ in range(2))
    used.process(noise(12_345, 2) * np.float32(100))
    used.reset()
    audio = noise(4_410, 2, seed=2)
    assert np.array_equal(used.process(audio), fresh.process(audio))


@pytest.mark.invariant("S1-H-03")
def test_the_filter_keeps_its_memory_in_float64() -> None:
    """A faint tone on a large offset: float32 memory of the high-pass would drown it."""
    place = np.arange(44_100 * 4)
    audio = (0.5 + 1e-3 * np.sin(2 * np.pi * 1000 * place / 44_100)).astype(np.float32)[:, None]
    energy = WeightedEnergy(44_100, (1.0,), (44_100, 10)).process(audio)[-1]
    wanted = filtered(audio[-44_100 * 2 :] - audio.mean(), k_weighting_sos(44_100))[-4_410:]
    assert energy == pytest.approx(float((wanted**2).sum()), rel=1e-3)


def test_silence_after_sound_becomes_exactly_silent() -> None:
    """Decays end in zero, not in denormal numbers."""
    energies = WeightedEnergy(8_000, (1.0, 1.0), (8_000, 100))
    energies.process(noise(8_000, 2))
    quiet = energies.process(np.zeros((8_000 * 60, 2), np.float32))
    assert quiet[-1] == 0.0


def test_the_loudness_of_997_hz_at_full_scale_in_one_channel_is_minus_3_01() -> None:
    place = np.arange(48_000 * 5)
    audio = np.sin(2 * np.pi * 997 * place / 48_000).astype(np.float32)[:, None]
    segments = WeightedEnergy(48_000, (1.0,), (48_000, 100)).process(audio)
    assert loudness.integrated_lufs(segments, 480) == pytest.approx(-3.01, abs=0.01)


def gated_by_hand(powers: NDArray[np.float64], rate_hz: int) -> float:
    """BS.1770-4 §5, written down once more from single frames."""
    hop = rate_hz // 10
    blocks = [powers[start : start + 4 * hop].mean() for start in range(0, len(powers) - 4 * hop + 1, hop)]
    loudnesses = [-0.691 + 10 * math.log10(block) for block in blocks]
    loud = [block for block, lufs in zip(blocks, loudnesses, strict=True) if lufs > -70]
    gate = -0.691 + 10 * math.log10(sum(loud) / len(loud)) - 10
    kept = [block for block in loud if -0.691 + 10 * math.log10(block) > gate]
    return -0.691 + 10 * math.log10(sum(kept) / len(kept))


def test_gating_is_that_of_the_standard() -> None:
    rng = np.random.default_rng(3)
    levels = np.repeat(10 ** (rng.uniform(-90, -5, 60) / 10), 4_000)
    powers = levels * rng.uniform(0.5, 1.5, len(levels))
    segments = powers.reshape(-1, 80).sum(axis=1)
    assert loudness.integrated_lufs(segments, 80) == pytest.approx(gated_by_hand(powers, 8_000), abs=1e-9)
    hops = powers.reshape(-1, 800).sum(axis=1)
    assert loudness.gated_loudness(hops, 800) == pytest.approx(gated_by_hand(powers, 8_000), abs=1e-9)


def test_an_unfinished_block_at_the_end_does_not_count() -> None:
    segments = np.full(439, 80 * 1e-3)
    louder_tail = np.concatenate([segments[:430], np.full(9, 80.0)])
    assert loudness.integrated_lufs(louder_tail, 80) == loudness.integrated_lufs(segments[:430], 80)


def test_maxima_look_every_10_ms() -> None:
    segments = np.zeros(1_000)
    segments[133:173] = 80.0
    assert loudness.momentary_max_lufs(segments, 80) == pytest.approx(-0.691)
    segments[133:433] = 80.0
    assert loudness.short_term_max_lufs(segments, 80) == pytest.approx(-0.691)


@pytest.mark.parametrize("frames", [0, 1, 39])
def test_below_400_ms_there_is_no_loudness(frames: int) -> None:
    segments = np.ones(frames)
    assert loudness.integrated_lufs(segments, 80) == -math.inf
    assert loudness.momentary_max_lufs(segments, 80) == -math.inf
    assert loudness.short_term_max_lufs(segments, 80) == -math.inf
    assert loudness.loudness_range_lu(loudness.short_term_lufs(segments, 80)) == 0.0


def test_silence_after_loud_music_is_silence() -> None:
    """Prefix sums leave rounding behind; it must not read as sound."""
    segments = np.concatenate([np.full(500, 1e6), np.zeros(1_000)])
    assert loudness.short_term_lufs(segments, 80)[-1] == -math.inf


def test_loudness_range_is_the_distance_of_the_percentiles_after_gating() -> None:
    short_term = np.concatenate([np.linspace(-30, -20, 101), np.full(50, -60.0), np.full(20, -math.inf)])
    assert loudness.loudness_range_lu(short_term) == pytest.approx(8.5, abs=0.1)


def test_the_weights_of_surround_are_those_of_the_standard() -> None:
    assert channel_weights(1) == (1.0,)
    assert channel_weights(2) == (1.0, 1.0)
    assert channel_weights(5) == (1.0, 1.0, 1.0, 1.41, 1.41)
    assert channel_weights(6) == (1.0, 1.0, 1.0, 0.0, 1.41, 1.41)
    assert sum(channel_weights(8)) == pytest.approx(1 * 5 + 2 * 1.41)


@pytest.mark.invariant("S3-ENG-10")
@pytest.mark.invariant("S1-H-03")
@pytest.mark.parametrize(
    "block",
    [np.zeros((4, 2)), np.zeros((4, 2), np.int16), np.zeros(8, np.float32), np.zeros((4, 3), np.float32),
     np.asfortranarray(np.zeros((4, 2), np.float32)), np.zeros((8, 2), np.float32)[::2]],
)  # fmt: skip
def test_a_wrong_block_is_refused_and_changes_nothing(block: Audio) -> None:
    energies = WeightedEnergy(44_100, (1.0, 1.0), (8, 1))
    with pytest.raises(ValueError, match="block"):
        energies.process(block)
    assert len(energies.flush()) == 0


@pytest.mark.invariant("S3-ENG-10")
def test_wrong_parameters_are_refused() -> None:
    for ratio in ((0, 1), (1, 2), (8, 0)):
        with pytest.raises(ValueError, match="segment_frames"):
            WeightedEnergy(44_100, (1.0,), ratio)
    for weights in ((), (-1.0,), (math.nan,), (math.inf,)):
        with pytest.raises(ValueError, match="weights"):
            WeightedEnergy(44_100, weights, (8, 1))
    with pytest.raises(ValueError, match="channels"):
        channel_weights(0)
    with pytest.raises(ValueError, match="hop_frames"):
        loudness.gated_loudness(np.ones(9), 0.0)
