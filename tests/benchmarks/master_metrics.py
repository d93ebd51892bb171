"""How far a master lies from its reference, in figures that neither contestant aims at exactly.

Mid and side on the Bark scale, crest, width and balance as Diff-MST takes them; loudness, loudness range and true
peak by ffmpeg's meter.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from itertools import pairwise
from pathlib import Path

import numpy as np
import soundfile as sf
import soxr
from numpy.typing import NDArray
from second_opinion import Opinion, by_ffmpeg

RATE_HZ = 44_100
BARK_EDGES_HZ = (
    *(20, 100, 200, 300, 400, 510, 630, 770, 920, 1080, 1270, 1480, 1720),
    *(2000, 2320, 2700, 3150, 3700, 4400, 5300, 6400, 7700, 9500, 12000, 15500, 20000),
)
_WINDOW_FRAMES = 32_768
_FLOOR = 1e-12


@dataclass(frozen=True, slots=True)
class Features:
    """What a file is measured to be."""

    integrated_lufs: float
    lra_lu: float
    true_peak_dbtp: float
    crest_db: float
    # Power of the side over that of the middle.
    width_db: float
    # Right less left over both, in power: -1 … 1.
    imbalance: float
    # The same three of what is heard: above 20 Hz, without an offset.
    heard_crest_db: float
    heard_width_db: float
    heard_imbalance: float
    # Two rows, middle and side.
    bark_db: tuple[tuple[float, ...], tuple[float, ...]]

    @property
    def plr_lu(self) -> float:
        return self.true_peak_dbtp - self.integrated_lufs


@dataclass(frozen=True, slots=True)
class Distance:
    """How far one file lies from another, each figure without its sign."""

    loudness_lu: float
    lra_lu: float
    plr_lu: float
    crest_db: float
    width_db: float
    imbalance: float
    heard_crest_db: float
    heard_width_db: float
    heard_imbalance: float
    bark_mid_db: float
    bark_side_db: float


FIGURES = tuple(field.name for field in fields(Distance))


def features_of(path: Path) -> Features:
    """Of a file; loudness and peak at its own rate, where ffmpeg's filters are right for that."""
    audio, rate_hz = sf.read(path, dtype="float32", always_2d=True)
    common = audio if rate_hz == RATE_HZ else soxr.resample(audio, rate_hz, RATE_HZ, "VHQ")
    # Before mono becomes two channels, which would count it twice.
    loudness = by_ffmpeg(audio, rate_hz) if rate_hz >= RATE_HZ else by_ffmpeg(common, RATE_HZ)
    if common.shape[1] == 1:
        common = np.repeat(common, 2, axis=1)
    return _features(np.ascontiguousarray(common, np.float32), loudness)


def _features(audio: NDArray[np.float32], loudness: Opinion) -> Features:
    energies, heard = _energies(audio), _energies(_above_20_hz(audio))
    return Features(
        integrated_lufs=loudness.integrated_lufs,
        lra_lu=loudness.lra_lu,
        true_peak_dbtp=loudness.true_peak_dbtp,
        crest_db=energies.crest_db,
        width_db=energies.width_db,
        imbalance=energies.imbalance,
        heard_crest_db=heard.crest_db,
        heard_width_db=heard.width_db,
        heard_imbalance=heard.imbalance,
        bark_db=(_bark_db(audio[:, 0] + audio[:, 1]), _bark_db(audio[:, 0] - audio[:, 1])),
    )


@dataclass(frozen=True, slots=True)
class _Energies:
    crest_db: float
    width_db: float
    imbalance: float


def _energies(audio: NDArray[np.float32]) -> _Energies:
    signals = (audio[:, 0], audio[:, 1], audio[:, 0] + audio[:, 1], audio[:, 0] - audio[:, 1])
    left, right, middle, side = (float(np.mean(np.square(one, dtype=np.float64))) for one in signals)
    peaks = np.abs(audio).max(axis=0).astype(np.float64)
    crests = 20.0 * np.log10((peaks + _FLOOR) / (np.sqrt((left, right)) + _FLOOR))
    width_db = float(10.0 * np.log10(side / middle + _FLOOR))
    return _Energies(float(crests.mean()), width_db, (right - left) / (right + left))


def _above_20_hz(audio: NDArray[np.float32]) -> NDArray[np.float32]:
    size = 1 << (len(audio) + RATE_HZ).bit_length()
    made = np.empty_like(audio)
    for channel in range(audio.shape[1]):
        spectrum = np.fft.rfft(audio[:, channel], size)
        spectrum[: round(20.0 * size / RATE_HZ)] = 0.0
        made[:, channel] = np.fft.irfft(spectrum, size)[: len(audio)]
    return made


def _bark_db(signal: NDArray[np.float32]) -> tuple[float, ...]:
    """Mean power of a bin in each band: Welch's method, windows of Hann half overlapping."""
    size = min(_WINDOW_FRAMES, len(signal))
    window = 0.5 - 0.5 * np.cos(2.0 * np.pi * np.arange(size) / size)
    power = np.zeros(size // 2 + 1)
    for piece in _windows(signal, size):
        power += np.abs(np.fft.rfft((piece - piece.mean()) * window)) ** 2
    power *= 2.0 / window.sum() ** 2 / len(range(0, len(signal) - size + 1, size // 2))
    frequencies = np.fft.rfftfreq(size, 1.0 / RATE_HZ)
    bands = (power[(frequencies >= low) & (frequencies < high)].mean() for low, high in pairwise(BARK_EDGES_HZ))
    return tuple(float(10.0 * np.log10(band + _FLOOR)) for band in bands)


def _windows(signal: NDArray[np.float32], size: int) -> Iterator[NDArray[np.float64]]:
    for start in range(0, len(signal) - size + 1, size // 2):
        yield signal[start : start + size].astype(np.float64)


def distance(made: Features, wanted: Features) -> Distance:
    """Spectra are compared in shape: without the mean difference of the middle, which is level."""
    bark = np.subtract(made.bark_db, wanted.bark_db)
    shape = np.abs(bark - bark[0].mean()).mean(axis=1)
    return Distance(
        loudness_lu=abs(made.integrated_lufs - wanted.integrated_lufs),
        lra_lu=abs(made.lra_lu - wanted.lra_lu),
        plr_lu=abs(made.plr_lu - wanted.plr_lu),
        crest_db=abs(made.crest_db - wanted.crest_db),
        width_db=abs(made.width_db - wanted.width_db),
        imbalance=abs(made.imbalance - wanted.imbalance),
        heard_crest_db=abs(made.heard_crest_db - wanted.heard_crest_db),
        heard_width_db=abs(made.heard_width_db - wanted.heard_width_db),
        heard_imbalance=abs(made.heard_imbalance - wanted.heard_imbalance),
        bark_mid_db=float(shape[0]),
        bark_side_db=float(shape[1]),
    )
