"""The curve of the volume."""

from __future__ import annotations

import itertools
import math

import pytest

from auralis_cli.player.volume import volume_to_gain
from auralis_cli.units import gain_to_db


def test_full_volume_is_unity_exactly_and_none_is_silence() -> None:
    assert volume_to_gain(100) == 1.0
    assert volume_to_gain(0) == 0.0


@pytest.mark.parametrize(("volume", "gain_db"), [(50.0, -18.06), (25.0, -36.12), (10.0, -60.0)])
def test_the_curve_is_the_documented_one(volume: float, gain_db: float) -> None:
    assert gain_to_db(volume_to_gain(volume)) == pytest.approx(gain_db, abs=0.01)


def test_louder_is_louder() -> None:
    gains = [volume_to_gain(volume) for volume in range(101)]
    assert all(a < b for a, b in itertools.pairwise(gains))


@pytest.mark.parametrize("volume", [-0.001, 100.001, math.nan, math.inf])
def test_no_other_volume_has_a_gain(volume: float) -> None:
    with pytest.raises(ValueError, match="volume must lie"):
        volume_to_gain(volume)
