"""Peaks given back: in proportion, without a step, and nothing else touched."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from auralis_cli.dsp.expansion import BoostCurve, PeakExpansion, PeakExpansionSettings

RATE_HZ = 44_100


def clicks(levels: list[float]) -> NDArray[np.float32]:
    """Short bursts of these levels, each 0.4 s after the other."""
    audio = np.zeros((round(0.4 * RATE_HZ) * len(levels), 2))
    burst = np.sin(2 * np.pi * 1000.0 * np.arange(441) / RATE_HZ) * np.hanning(441)
    for number, level in enumerate(levels):
        start = round(0.4 * RATE_HZ) * number + 4000
        audio[start : start + 441] += level * burst[:, None]
    return audio.astype(np.float32)


def expanded(audio: NDArray[np.float32], settings: PeakExpansionSettings) -> NDArray[np.float32]:
    stage = PeakExpansion(settings, RATE_HZ, audio.shape[1])
    out = np.concatenate((stage.process(audio), stage.flush()))
    return out[stage.latency_frames :]


def test_the_highest_rise_by_the_gain_those_between_in_proportion_those_below_not_at_all() -> None:
    audio = clicks([0.1, 0.3, 0.5])
    out = expanded(audio, PeakExpansionSettings(20 * np.log10(0.18), 20 * np.log10(0.5), 4.0))
    third = len(audio) // 3
    gains = [
        20 * np.log10(np.abs(out[k * third : (k + 1) * third]).max() / np.abs(audio[k * third : (k + 1) * third]).max())
        for k in range(3)
    ]
    assert gains[0] == 0.0
    assert np.array_equal(out[:third], audio[:third])
    assert gains[1] == pytest.approx(2.0, abs=0.25)
    assert gains[2] == pytest.approx(4.0, abs=0.25)


def test_the_gain_never_steps() -> None:
    curve = BoostCurve(PeakExpansionSettings(-20.0, -6.0, 6.0), RATE_HZ)
    peaks = np.zeros(6000, np.float32)
    peaks[2000:2010] = 0.5
    nodes = np.concatenate((curve.nodes(peaks), curve.flush()))
    assert len(nodes) == len(peaks) + 1
    assert nodes.min() == 1.0
    assert nodes[-1] == 1.0
    # 8 frames from node to node.
    assert np.abs(np.diff(20 * np.log10(nodes))).max() / 8 < 0.1


def test_what_it_cannot_do_is_refused() -> None:
    for wrong in ((-10.0, -10.0, 3.0), (-10.0, 0.0, -1.0), (-10.0, 0.0, 13.0)):
        with pytest.raises(ValueError, match="must lie in"):
            PeakExpansionSettings(*wrong)
