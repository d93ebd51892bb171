"""The K-weighting of ITU-R BS.1770-4 at any rate: a shelf for the head, then a high-pass."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

MIN_SAMPLE_RATE_HZ = 8_000
MAX_SAMPLE_RATE_HZ = 384_000
# Tables 1 and 2 of the standard; b0 b1 b2 a1 a2 at 48 kHz.
_TABLE_RATE_HZ = 48_000
_TABLE = np.array(
    [
        [1.53512485958697, -2.69169618940638, 1.19839281085285, -1.69065929318241, 0.73248077421585],
        [1.0, -2.0, 1.0, -1.99004745483398, 0.99007225036621],
    ]
)


def k_weighting_sos(sample_rate_hz: int) -> NDArray[np.float64]:
    """The K-weighting as two second-order sections, float64 (2, 5): shelf, high-pass; b0 b1 b2 a1 a2.

    Exactly the standard's table at 48 kHz; elsewhere within 0.01 dB of the table's response up to
    min(20 kHz, 0.45 of the rate). The bilinear transform of the table's analogue prototype does that
    from 44.1 kHz up; at lower rates its warping costs up to 0.3 dB, so there the shelf is fitted.
    """
    if not MIN_SAMPLE_RATE_HZ <= sample_rate_hz <= MAX_SAMPLE_RATE_HZ:
        raise ValueError(f"sample_rate_hz must lie in {MIN_SAMPLE_RATE_HZ}…{MAX_SAMPLE_RATE_HZ}, not {sample_rate_hz}")
    if sample_rate_hz == _TABLE_RATE_HZ:
        return _TABLE.copy()
    sections = np.array([_bilinear_at(section, sample_rate_hz) for section in _TABLE])
    if sample_rate_hz < _TABLE_RATE_HZ:
        sections[0] = _fitted_shelf(sections[1], sample_rate_hz)
    return sections


def lean_k_weighting(sample_rate_hz: int) -> NDArray[np.float64]:
    """The K-weighting in fewer steps, float64 (7,): b1 b2 a1 a2 of the shelf, a1 a2 of the high-pass, gain of energies.

    The gains of both sections come out of the loop, and what is left of the high-pass's numerator is 1 −2 1 at every
    rate (`_bilinear_at`): a difference of differences.
    """
    (b0, b1, b2, a1, a2), (gain, _, _, c1, c2) = k_weighting_sos(sample_rate_hz).tolist()
    return np.array([b1 / b0, b2 / b0, a1, a2, c1, c2, (b0 * gain) ** 2])


def k_weighting_gain_db(frequency_hz: NDArray[np.float64]) -> NDArray[np.float64]:
    """How much K-weighting raises a tone, in dB, by the standard's table at 48 kHz; below 24 kHz."""
    return np.asarray(10.0 * np.log10(_power(k_weighting_sos(48_000), frequency_hz, 48_000)))


def _bilinear_at(section: NDArray[np.float64], sample_rate_hz: int) -> NDArray[np.float64]:
    """A section of the table, back to its analogue prototype and forth at another rate.

    Pre-warped so that the corner stays where it is.
    """
    b0, b1, b2, a1, a2 = section
    above = np.array([b0 - b1 + b2, 2.0 * (b0 - b2), b0 + b1 + b2])  # powers s² s¹ s⁰
    below = np.array([1.0 - a1 + a2, 2.0 * (1.0 - a2), 1.0 + a1 + a2])
    corner = math.sqrt(below[2] / below[0])  # = tan(π f / rate)
    scale = math.tan(math.atan(corner) * _TABLE_RATE_HZ / sample_rate_hz) / corner
    stretch = np.array([scale**-2, scale**-1, 1.0])
    to_digital = np.array([[1.0, 1.0, 1.0], [-2.0, 0.0, 2.0], [1.0, -1.0, 1.0]])
    zeros, poles = to_digital @ (above * stretch), to_digital @ (below * stretch)
    # The high-pass keeps the table's numerator 1 −2 1 at every rate up to the rounding of its gain.
    return np.asarray(np.concatenate((zeros, poles[1:])) / poles[0])


def _fitted_shelf(high_pass: NDArray[np.float64], sample_rate_hz: int) -> NDArray[np.float64]:
    """The shelf whose product with `high_pass` follows the table's power response up to 0.48 · rate.

    A section's power response is linear in three numbers over the basis of Vicanek, "Matched second
    order digital filters" (2016), so the fit is a few reweighted least-squares solutions.
    """
    frequency_hz = np.linspace(0.01, 0.48, 256) * sample_rate_hz
    wanted = _power(_TABLE, frequency_hz, _TABLE_RATE_HZ) / _power(high_pass[None], frequency_hz, sample_rate_hz)
    high = np.sin(np.pi * frequency_hz / sample_rate_hz) ** 2
    basis = np.stack([1.0 - high, high, 4.0 * high * (1.0 - high)], axis=1)
    below = np.ones_like(wanted)
    for _ in range(8):
        columns = np.concatenate([basis, -wanted[:, None] * basis[:, 1:]], axis=1)
        found = np.linalg.lstsq(columns / (wanted * below)[:, None], basis[:, 0] / below, rcond=None)[0]
        poles = np.concatenate((np.ones(1), np.asarray(found[3:], np.float64)))
        below = basis @ poles
    denominator = _minimum_phase(poles)
    numerator = _minimum_phase(np.asarray(found[:3], np.float64))
    return np.asarray(np.concatenate((numerator, denominator[1:])) / denominator[0])


def _minimum_phase(power: NDArray[np.float64]) -> NDArray[np.float64]:
    """Three coefficients with the given power response (at 0, at Nyquist, between)."""
    low, high = math.sqrt(power[0]), math.sqrt(power[1])
    half = (low + high) / 2.0
    first = (half + math.sqrt(half * half + power[2])) / 2.0
    return np.array([first, (low - high) / 2.0, -power[2] / (4.0 * first)])


def _power(sections: NDArray[np.float64], frequency_hz: NDArray[np.float64], rate_hz: int) -> NDArray[np.float64]:
    z = np.exp(-2j * np.pi * frequency_hz / rate_hz)
    response = np.ones_like(z)
    for b0, b1, b2, a1, a2 in sections:
        response *= (b0 + z * (b1 + z * b2)) / (1.0 + z * (a1 + z * a2))
    return np.asarray(np.abs(response) ** 2)
