"""What the callback does to samples: nothing at unity, and nothing that clicks anywhere else."""

from __future__ import annotations

import numpy as np
import pytest
from sounding_feeds import constant

from auralis_cli.dsp import playback_mix
from auralis_cli.dsp.playback_mix import PlaybackMix, Ramp

RAMP_FRAMES = 882
# A ramp that eases in and out bends by no more than this: six over its length squared, and a rounding of float32.
LARGEST_BEND = 6.0 / RAMP_FRAMES**2 + 3e-7


def open_mix() -> PlaybackMix:
    mix = PlaybackMix()
    mix.jump(Ramp.TRANSPORT, 1.0)
    return mix


def gain_trace(mix: PlaybackMix, columns: np.ndarray, block: int, frames: int) -> np.ndarray:
    out = np.full((frames, 2), np.nan, np.float32)
    for start in range(0, frames, block):
        mix.mix(out, start, min(block, frames - start), columns, start)
    return out[:, 0].astype(np.float64)


def test_at_unity_the_original_passes_bit_for_bit() -> None:
    samples = np.random.default_rng(1).standard_normal((1_000, 5)).astype(np.float32)
    samples[:3, 0] = (-0.0, np.finfo(np.float32).tiny, 4.0)
    samples[:, 2:] = np.nan
    out = np.zeros((1_000, 2), np.float32)
    open_mix().mix(out, 0, 1_000, samples, 0)
    assert out.tobytes() == np.ascontiguousarray(samples[:, :2]).tobytes()


def test_mastered_passes_bit_for_bit_too_and_the_original_is_not_touched() -> None:
    samples = np.random.default_rng(1).standard_normal((1_000, 5)).astype(np.float32)
    samples[:, :2] = np.nan
    mix = open_mix()
    mix.jump(Ramp.MASTERED, 1.0)
    out = np.zeros((1_000, 2), np.float32)
    mix.mix(out, 0, 1_000, samples, 0)
    assert np.array_equal(out, samples[:, 2:4])


@pytest.mark.invariant("S1-M-03")
@pytest.mark.parametrize("block", [1, 7, 64, 509, 1024, 8192])
@pytest.mark.parametrize("ramp", [Ramp.VOLUME, Ramp.TRANSPORT])
def test_a_gain_is_ramped_by_the_sample_whatever_the_block(ramp: Ramp, block: int) -> None:
    """Kills: a gain that changes from block to block."""
    mix = open_mix()
    mix.aim(ramp, 0.25, RAMP_FRAMES)
    trace = gain_trace(mix, constant(64), block, 2_000)
    assert trace[-1] == 0.25
    assert np.abs(np.diff(trace)).max() <= 1.5 * 0.75 / RAMP_FRAMES + 1e-7
    assert np.abs(np.diff(trace, 2)).max() <= LARGEST_BEND


@pytest.mark.invariant("S1-M-03")
def test_a_gain_that_changes_its_mind_does_not_jump() -> None:
    mix = open_mix()
    traces = []
    for target in np.random.default_rng(3).uniform(0.0, 1.0, 60):
        mix.aim(Ramp.VOLUME, float(target), RAMP_FRAMES)
        traces.append(gain_trace(mix, constant(64), 37, 300))
    assert np.abs(np.diff(np.concatenate(traces))).max() <= 1.5 / RAMP_FRAMES + 1e-7


def test_between_original_and_mastered_nothing_is_louder_than_the_louder() -> None:
    mix = open_mix()
    mix.aim(Ramp.MASTERED, 1.0, RAMP_FRAMES)
    trace = gain_trace(mix, constant(64, original=0.25, mastered=0.75), 509, 2_000)
    assert trace[0] == pytest.approx(0.25, abs=1e-5)
    assert trace[-1] == 0.75
    assert (np.diff(trace) >= -1e-7).all()


@pytest.mark.parametrize(("match", "original", "mastered"), [(2.0, 0.4, 0.4), (0.5, 0.2, 0.4)])
def test_while_comparing_the_louder_side_is_lowered_to_the_other(
    match: float, original: float, mastered: float
) -> None:
    columns = constant(64, original=0.4, mastered=0.8 if match > 1 else 0.4, match=match)
    mix = open_mix()
    mix.jump(Ramp.COMPARED, 1.0)
    assert gain_trace(mix, columns, 64, 64)[0] == pytest.approx(original)
    mix.jump(Ramp.MASTERED, 1.0)
    assert gain_trace(mix, columns, 64, 64)[0] == pytest.approx(mastered)


def test_everything_is_compiled_once_the_mix_is_made() -> None:
    """Kills: a kernel that is compiled on the audio thread."""
    mix = PlaybackMix()
    kernels = (playback_mix._mix, playback_mix._rest, playback_mix._value)
    compiled = [len(kernel.signatures) for kernel in kernels]
    out = np.frombuffer(bytearray(8 * 333), np.float32).reshape(-1, 2)
    mix.aim(Ramp.VOLUME, 0.3, 100)
    mix.mix(out, 0, 100, constant(7), 3, constant(9), 12_345)
    mix.mix(out, 100, 1, constant(1), 2**40)
    mix.rest(out, 101, 232)
    assert [len(kernel.signatures) for kernel in kernels] == compiled
