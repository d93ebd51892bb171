"""The coarse history of a track by which sections are found."""

from __future__ import annotations

import numpy as np
import pytest

from auralis_cli.analysis.measure import TrackMeter

RATE = 44_100


def test_every_second_of_every_octave_is_as_loud_as_it_was() -> None:
    time_s = np.arange(6 * RATE) / RATE
    tone = np.where(time_s < 3.0, np.sin(2 * np.pi * 100 * time_s), 0.1 * np.sin(2 * np.pi * 5_000 * time_s))
    meter = TrackMeter(RATE, 2)
    meter.add(np.repeat(0.5 * tone[:, None], 2, axis=1).astype(np.float32))
    passages = meter.result().passages
    assert len(passages.frequencies_hz) == len(passages.halves_db) == 9
    assert {len(series) for series in passages.halves_db} == {6}
    levels = np.array(passages.halves_db) / 2.0
    low, high = (int(np.argmin(np.abs(np.log2(np.array(passages.frequencies_hz) / hz)))) for hz in (100, 5_000))
    # Sines of −6 and −26 dBFS.
    np.testing.assert_allclose(levels[low, :2], -9.0, atol=0.5)
    np.testing.assert_allclose(levels[high, 4:], -29.0, atol=0.5)
    assert levels[high, 0] < -60.0
    assert levels[low, 5] < -60.0


@pytest.mark.parametrize("frames", [0, 100, RATE // 3])
def test_what_is_shorter_than_a_second_has_one_value_at_most(frames: int) -> None:
    meter = TrackMeter(RATE, 1)
    if frames:
        meter.add(np.full((frames, 1), 0.1, np.float32))
    passages = meter.result().passages
    assert {len(series) for series in passages.halves_db} <= {0, 1}
