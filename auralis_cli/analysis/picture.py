"""Gathers the curves of a plot (`model/picture.py`) in the pass over a track."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from auralis_cli.dsp import loudness
from auralis_cli.dsp.envelope import WaveformEnvelope
from auralis_cli.dsp.spectrum import LongTermSpectrum
from auralis_cli.model.picture import LoudnessLine, SpectrumLine, TrackPicture, WaveformLine

_LINE_POINTS = 2000
_LOWEST_HZ = 20.0
_BANDS_PER_OCTAVE = 24
_FLOOR_POWER = 1e-20


class PicturePart:
    """Looks at blocks for the waveform; the other curves come from other meters."""

    def __init__(self, sample_rate_hz: int, channels: int) -> None:
        self._sample_rate_hz = sample_rate_hz
        self._envelope = WaveformEnvelope(channels)

    def add(self, block: NDArray[np.float32]) -> None:
        """Looks at the next block."""
        self._envelope.process(block)

    def result(self, spectrum: LongTermSpectrum, segments: NDArray[np.float64]) -> TrackPicture:
        """The picture; `segments` are K-weighted energies per 10 ms."""
        rate_hz = self._sample_rate_hz
        length = rate_hz / loudness.SEGMENTS_PER_SECOND
        # NaN and Inf are named among the defects; a curve has no place for them.
        lowest, highest = (
            np.nan_to_num(extremes, nan=0.0, posinf=1.0, neginf=-1.0) for extremes in self._envelope.result()
        )
        return TrackPicture(
            waveform=WaveformLine(self._envelope.bin_frames / rate_hz, lowest, highest),
            spectrum=_spectrum_line(spectrum),
            momentary=_line(loudness.momentary_lufs(segments, length), 0.4),
            short_term=_line(loudness.short_term_lufs(segments, length), 3.0),
        )


def _line(lufs: NDArray[np.float64], first_s: float) -> LoudnessLine:
    """Values at 10 Hz, the first at `first_s`; of long tracks the loudest of several."""
    lufs = np.where(np.isfinite(lufs), lufs, -np.inf)
    together = max(1, -(-len(lufs) // _LINE_POINTS))
    padded = np.concatenate((lufs, np.full(-len(lufs) % together, -np.inf)))
    groups = padded.reshape(-1, together)
    times_s = first_s + (np.arange(len(groups)) * together + (together - 1) / 2.0) / loudness.HOPS_PER_SECOND
    return LoudnessLine(times_s, groups.max(axis=1) if len(groups) else groups[:, 0])


def _spectrum_line(spectrum: LongTermSpectrum) -> SpectrumLine:
    """Mean power per 1/24 octave as a density over the bins it covers, so that white noise is a level line."""
    nyquist_hz = spectrum.sample_rate_hz / 2.0
    count = math.floor(math.log2(nyquist_hz / _LOWEST_HZ) * _BANDS_PER_OCTAVE)
    edges_hz = _LOWEST_HZ * 2.0 ** (np.arange(count + 1) / _BANDS_PER_OCTAVE)
    bin_hz = nyquist_hz / (len(spectrum.bin_powers()[0]) - 1)
    windows = max(1, spectrum.windows)
    powers = []
    for low_hz, high_hz in zip(edges_hz[:-1].tolist(), edges_hz[1:].tolist(), strict=True):
        # Below some 400 Hz a band is narrower than what the window tells apart.
        middle_hz, half_hz = (low_hz + high_hz) / 2.0, max(high_hz - low_hz, bin_hz) / 2.0
        power = spectrum.band_power(max(0.0, middle_hz - half_hz), middle_hz + half_hz)
        powers.append(power / windows * bin_hz / (2.0 * half_hz) if math.isfinite(power) else 0.0)
    centres_hz = np.sqrt(edges_hz[:-1] * edges_hz[1:])
    return SpectrumLine(centres_hz, 10.0 * np.log10(np.maximum(np.array(powers), _FLOOR_POWER)))
