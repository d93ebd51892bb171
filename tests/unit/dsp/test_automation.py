"""Drawn gain is followed to the sample."""

from __future__ import annotations

import numpy as np
import pytest

from auralis_cli.dsp.automation import GainAutomation

RATE = 10_000


def test_the_gain_is_linear_in_db_between_points_and_holds_after_the_last() -> None:
    audio = np.full((5_000, 2), 0.5, np.float32)
    stage = GainAutomation(np.array([0.0, 6.0, -6.0]), 0.1, RATE, 2)
    out = np.concatenate((stage.process(audio[:1_234]), stage.process(audio[1_234:])))
    level_db = np.interp(np.arange(5_000) / 1_000, [0, 1, 2], [0.0, 6.0, -6.0])
    assert np.allclose(out, audio * 10 ** (level_db[:, None] / 20), rtol=1e-6)
    assert np.ptp(out[2_000:], axis=0).max() == 0.0


def test_a_gain_of_0_db_passes_every_bit() -> None:
    audio = np.random.default_rng(0).standard_normal((3_000, 1)).astype(np.float32)
    assert np.array_equal(GainAutomation(np.zeros(4), 0.1, RATE, 1).process(audio), audio)


def test_curves_that_are_none_are_refused() -> None:
    for gains_db, hop_s in (
        (np.zeros(0), 0.1),
        (np.zeros((2, 2)), 0.1),
        (np.array([0.0, np.nan]), 0.1),
        (np.zeros(3), 0.0),
        (np.zeros(3), float("inf")),
    ):
        with pytest.raises(ValueError, match=r"gains_db|hop_s"):
            GainAutomation(gains_db, hop_s, RATE, 1)
