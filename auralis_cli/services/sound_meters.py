"""Meters of what plays, fed as it is heard: loudness, true peak, correlation, spectrum of the original and master."""

from __future__ import annotations

import math
from collections import deque

import numpy as np
from numpy.typing import NDArray

from auralis_cli.dsp.fourier import Fourier
from auralis_cli.dsp.loudness import (
    SEGMENTS_PER_SECOND,
    WeightedEnergy,
    channel_weights,
    gated_loudness,
    hop_energies,
    mean_square_to_lufs,
)
from auralis_cli.dsp.truepeak import TruePeakEnvelope
from auralis_cli.dsp.windows import hann, hann_power_scale
from auralis_cli.model.sound_frame import FLOOR_DB, SideFrame, SoundFrame, band_edges_hz, floored_db

Samples = NDArray[np.float32]

_MOMENTARY_SEGMENTS, _SHORT_TERM_SEGMENTS = 40, 300
_SEGMENTS_PER_HOP = 10
# What integrated is reckoned of grows: not more than so often.
_GATES_EVERY_HOPS = 5
# Some 90 ms, so that a band of 30 Hz is told from its neighbour.
_WINDOW_S = 0.09
# Bands fall by so much a second, and their mean is of about so long.
_FALLS_DB_PER_S = 40.0
_MEAN_S = 2.0
_CORRELATION_S = 0.4
# Levels whose difference is the gain: long enough not to follow single waves.
_GAIN_SEGMENTS = 10
_GAIN_KEPT_S = 10.0
# Hundredths of a second in which the step into a stream rings.
_SETTLES_IN_BLOCKS = 2
# What is higher is no music.
_HIGHEST = np.float32(1000.0)
# What is quieter says nothing of gain.
_GAIN_FROM_LUFS = -60.0


class SoundMeters:
    """Meters of both sides of a stream at one rate."""

    def __init__(self, rate_hz: int) -> None:
        self._rate_hz = rate_hz
        self._sides = (SideMeters(rate_hz), SideMeters(rate_hz))
        self._gains: deque[float] = deque(maxlen=round(_GAIN_KEPT_S * 30))
        self._gain_db = 0.0

    def reset(self) -> None:
        """Another track begins: what is reckoned of a whole track begins anew."""
        for side in self._sides:
            side.forget_track()

    def begin_anew(self) -> None:
        """Some of the stream was missed."""
        for side in self._sides:
            side.begin_anew()

    def add(self, frames: Samples) -> None:
        """What was heard: original left and right, mastered left and right, and more that is not looked at."""
        for side, first in zip(self._sides, (0, 2), strict=True):
            side.add(np.ascontiguousarray(frames[:, first : first + 2]))

    def frame(self, *, is_sounding: bool) -> SoundFrame:
        """What they show now."""
        original, mastered = (side.frame() for side in self._sides)
        before, after = (side.level_lufs(_GAIN_SEGMENTS) for side in self._sides)
        if is_sounding and before > _GAIN_FROM_LUFS:
            self._gain_db = after - before
            self._gains.append(self._gain_db)
        highest = max(self._gains, default=0.0)
        return SoundFrame(original, mastered, round(self._gain_db, 1), round(highest, 1), is_sounding)


class SideMeters:
    """Meters of two channels."""

    def __init__(self, rate_hz: int) -> None:
        self._rate_hz = rate_hz
        self._energy = WeightedEnergy(rate_hz, channel_weights(2), (rate_hz, SEGMENTS_PER_SECOND))
        self._segments = np.zeros(_SHORT_TERM_SEGMENTS)
        self._spectrum = BandSpectrum(rate_hz)
        self._products = np.zeros(3)
        self._highest = np.zeros(2)
        self.forget_track()

    def forget_track(self) -> None:
        """Integrated loudness and highest true peak begin anew."""
        self._hops: list[float] = []
        self._open_hop: list[float] = []
        self._integrated_lufs, self._gated_hops = -math.inf, 0
        self.begin_anew()
        self._true_peak = 0.0

    def begin_anew(self) -> None:
        """What comes next does not go on from what was before: in the midst of a wave, or behind a gap."""
        self._peaks = TruePeakEnvelope(2, max(self._rate_hz // SEGMENTS_PER_SECOND, 1))
        self._unsettled_blocks = _SETTLES_IN_BLOCKS

    def add(self, samples: Samples) -> None:
        """What was heard since, `(frames, 2)`."""
        if not len(samples):
            return
        # A filter that has met what is no number never forgets it.
        samples = np.clip(np.nan_to_num(samples), -_HIGHEST, _HIGHEST)
        segments = self._energy.process(samples)
        self._segments = np.concatenate((self._segments, segments))[-_SHORT_TERM_SEGMENTS:]
        self._keep_hops(segments)
        highest = np.abs(samples).max(axis=0)
        self._true_peak = max(self._true_peak, float(highest.max()), self._between_samples(samples))
        self._highest = np.maximum(self._highest, highest)
        left, right = samples[:, 0].astype(np.float64), samples[:, 1].astype(np.float64)
        kept = math.exp(-len(samples) / (_CORRELATION_S * self._rate_hz))
        self._products = kept * self._products + np.array([left @ right, left @ left, right @ right])
        self._spectrum.add(samples)

    def frame(self) -> SideFrame:
        """What they show now; the peaks of the moment begin anew."""
        left, right = (_dbfs(float(peak)) for peak in self._highest)
        self._highest = np.zeros(2)
        return SideFrame(
            floored_db(self.level_lufs(_MOMENTARY_SEGMENTS)),
            floored_db(self.level_lufs(_SHORT_TERM_SEGMENTS)),
            floored_db(self._integrated()),
            left,
            right,
            _dbfs(self._true_peak),
            self._correlation(),
            *self._spectrum.levels(),
        )

    def level_lufs(self, segments: int) -> float:
        """Loudness of the last so many hundredths of a second."""
        frames = segments * self._rate_hz / SEGMENTS_PER_SECOND
        return mean_square_to_lufs(float(self._segments[-segments:].sum()) / frames)

    def _between_samples(self, samples: Samples) -> float:
        """The highest interpolated value; the step from silence into the midst of a wave rings, and is none."""
        peaks = self._peaks.process(samples)
        left_out = min(self._unsettled_blocks, len(peaks))
        self._unsettled_blocks -= left_out
        return float(np.max(peaks[left_out:], initial=0.0))

    def _keep_hops(self, segments: NDArray[np.float64]) -> None:
        self._open_hop += segments.tolist()
        whole = len(self._open_hop) // _SEGMENTS_PER_HOP * _SEGMENTS_PER_HOP
        self._hops += hop_energies(np.array(self._open_hop[:whole])).tolist()
        del self._open_hop[:whole]

    def _integrated(self) -> float:
        if len(self._hops) - self._gated_hops >= _GATES_EVERY_HOPS:
            self._gated_hops = len(self._hops)
            self._integrated_lufs = gated_loudness(np.array(self._hops), self._rate_hz / 10.0)
        return self._integrated_lufs

    def _correlation(self) -> float:
        both, left, right = self._products.tolist()
        scale = math.sqrt(left * right)
        return round(min(max(both / scale, -1.0), 1.0), 2) if scale > 1e-9 else 0.0


class BandSpectrum:
    """Power in bands of equal width to the ear, of the newest window of a stream."""

    def __init__(self, rate_hz: int) -> None:
        self._rate_hz = rate_hz
        length = 1 << max(round(math.log2(_WINDOW_S * rate_hz)), 6)
        self._fourier = Fourier(length)
        self._scale = hann_power_scale(length)
        self._line = np.zeros(length, np.float32)
        self._spectrum = np.empty((1, length // 2 + 1), np.complex64)
        bins = np.array(band_edges_hz()) * length / rate_hz
        self._first = np.minimum(np.floor(bins[:-1]).astype(np.int64), length // 2)
        self._behind = np.clip(np.ceil(bins[1:]).astype(np.int64), self._first + 1, length // 2 + 1)
        # Of what bins a narrow band covers, it has its share.
        self._share = np.minimum((bins[1:] - bins[:-1]) / (self._behind - self._first), 1.0)
        self._now = np.full(len(self._first), FLOOR_DB)
        self._mean = np.zeros(len(self._first))
        self._frames = 0

    def add(self, samples: Samples) -> None:
        """More of the stream, `(frames, 2)`; both channels are looked at together."""
        mid = samples.mean(axis=1, dtype=np.float32)[-len(self._line) :]
        self._line = np.concatenate((self._line[len(mid) :], mid))
        self._frames += len(samples)

    def levels(self) -> tuple[tuple[float, ...], tuple[float, ...]]:
        """Now, falling slowly, and in the mean, dB."""
        if self._frames:
            power = self._powers()
            passed_s = self._frames / self._rate_hz
            self._frames = 0
            kept = math.exp(-passed_s / _MEAN_S)
            self._mean = kept * self._mean + (1.0 - kept) * power
            self._now = np.maximum(_decibels(power), self._now - _FALLS_DB_PER_S * passed_s)
        return _rounded(self._now), _rounded(_decibels(self._mean))

    def _powers(self) -> NDArray[np.float64]:
        line = np.nan_to_num(self._line, posinf=0.0, neginf=0.0)
        self._fourier.spectra(line, len(line), hann(len(line)), self._spectrum)
        power = self._scale * np.abs(self._spectrum[0].astype(np.complex128)) ** 2
        sums = np.concatenate(([0.0], np.cumsum(power)))
        return np.asarray((sums[self._behind] - sums[self._first]) * self._share)


def _decibels(power: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(10.0 * np.log10(np.maximum(power, 10.0 ** (FLOOR_DB / 10.0))))


def _rounded(levels: NDArray[np.float64]) -> tuple[float, ...]:
    return tuple(round(float(level), 1) for level in levels)


def _dbfs(peak: float) -> float:
    return floored_db(20.0 * math.log10(peak)) if peak > 0.0 else FLOOR_DB
