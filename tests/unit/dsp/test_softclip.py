from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from auralis_cli.dsp.softclip import SoftClip, SoftClipSettings


def clip(samples: NDArray[np.float32], threshold: float = 0.5, ceiling: float = 0.9) -> NDArray[np.float32]:
    return SoftClip(SoftClipSettings(threshold, ceiling), 44_100, 1).process(samples.reshape(-1, 1))[:, 0]


def test_it_computes_its_definition() -> None:
    samples = np.linspace(-4.0, 4.0, 100_001, dtype=np.float32)
    size = np.abs(samples.astype(np.float64))
    bent = np.sign(samples) * (0.5 + 0.4 * np.tanh((size - 0.5) / 0.4))
    np.testing.assert_allclose(clip(samples), np.where(size <= 0.5, samples, bent), rtol=1e-7)


@pytest.mark.invariant("S1-H-04")
def test_below_the_threshold_samples_pass_bit_for_bit() -> None:
    frames = np.arange(44_100)
    samples = (0.25 * np.sin(frames * 0.05)).astype(np.float32)
    samples[20_000] = 0.96
    out = clip(samples)
    assert np.flatnonzero(out != samples).tolist() == [20_000]
    edge = np.array([0.5, -0.5, 0.0, -0.0, 1e-42], np.float32)
    assert clip(edge).tobytes() == edge.tobytes()


def test_it_is_odd_monotone_smooth_and_bounded() -> None:
    samples = np.linspace(0.0, 2.0, 20_001, dtype=np.float32)
    out = clip(samples).astype(np.float64)
    np.testing.assert_array_equal(clip(-samples), -clip(samples))
    slopes = np.diff(out) / np.diff(samples.astype(np.float64))
    assert np.all(np.diff(out) >= 0.0)
    assert np.max(np.abs(np.diff(slopes))) < 0.01  # no corner; a hard clip has 1
    assert np.max(slopes) < 1.01
    assert clip(np.array([3e38, -3e38], np.float32)).tolist() == [np.float32(0.9), np.float32(-0.9)]


@pytest.mark.invariant("S1-H-05")
@pytest.mark.parametrize("settings", [(0.3, 0.9), (0.5, 0.6)])
def test_both_parameters_are_heard(settings: tuple[float, float]) -> None:
    samples = np.linspace(-1.0, 1.0, 1_001, dtype=np.float32)
    assert np.max(np.abs(clip(samples, *settings) - clip(samples))) > 0.01


@pytest.mark.invariant("S3-ENG-10")
@pytest.mark.parametrize(("threshold", "ceiling"), [(0.0, 1.0), (-0.5, 1.0), (0.9, 0.9), (0.9, 0.5), (math.nan, 1.0)])
def test_a_threshold_outside_the_ceiling_is_refused(threshold: float, ceiling: float) -> None:
    with pytest.raises(ValueError, match=r"threshold|ceiling"):
        SoftClipSettings(threshold, ceiling)
