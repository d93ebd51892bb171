"""The K-weighting is the standard's, at every rate."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from auralis_cli.dsp.k_weighting import k_weighting_sos

RATES = (8_000, 11_025, 16_000, 22_050, 32_000, 44_100, 48_000, 88_200, 96_000, 176_400, 192_000, 384_000)
TABLE = [
    [1.53512485958697, -2.69169618940638, 1.19839281085285, -1.69065929318241, 0.73248077421585],
    [1.0, -2.0, 1.0, -1.99004745483398, 0.99007225036621],
]


def response_db(sections: NDArray[np.float64], frequency_hz: NDArray[np.float64], rate_hz: int) -> NDArray[np.float64]:
    z = np.exp(-2j * np.pi * frequency_hz / rate_hz)
    total = np.ones_like(z)
    for b0, b1, b2, a1, a2 in sections:
        total *= (b0 + b1 * z + b2 * z**2) / (1 + a1 * z + a2 * z**2)
    return np.asarray(20 * np.log10(np.abs(total)))


def test_at_48_khz_the_coefficients_are_the_table_of_the_standard() -> None:
    assert k_weighting_sos(48_000).tolist() == TABLE


@pytest.mark.parametrize("rate_hz", RATES)
def test_the_weighting_follows_the_table_within_a_hundredth_of_a_db_at_any_rate(rate_hz: int) -> None:
    frequency_hz = np.geomspace(5.0, min(20_000.0, 0.45 * rate_hz), 5_000)
    wanted = response_db(np.array(TABLE), frequency_hz, 48_000)
    assert np.abs(response_db(k_weighting_sos(rate_hz), frequency_hz, rate_hz) - wanted).max() < 0.01


@pytest.mark.parametrize("rate_hz", RATES)
def test_the_weighting_is_stable_at_any_rate(rate_hz: int) -> None:
    for _, _, _, a1, a2 in k_weighting_sos(rate_hz):
        assert np.abs(np.roots([1.0, a1, a2])).max() < 1.0


@pytest.mark.invariant("S3-ENG-10")
@pytest.mark.parametrize("rate_hz", [0, -1, 7_999, 384_001])
def test_a_rate_out_of_range_is_refused(rate_hz: int) -> None:
    with pytest.raises(ValueError, match="sample_rate_hz"):
        k_weighting_sos(rate_hz)
