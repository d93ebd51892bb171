"""What a plot of a track shows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from auralis_cli.quick_dataclasses import dataclass

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class WaveformLine:
    """Smallest and largest samples per bin, each `(bins, channels)`."""

    bin_s: float
    lowest: NDArray[np.float32]
    highest: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class SpectrumLine:
    """Mean power of mid and side together in 1/24 octaves, dB; a full-scale sine has −3."""

    frequencies_hz: NDArray[np.float64]
    levels_db: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class LoudnessLine:
    """Loudness over time; a time is where its window ends, −inf where there is silence."""

    times_s: NDArray[np.float64]
    lufs: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class TrackPicture:
    """The curves of a track, each of bounded size."""

    waveform: WaveformLine
    spectrum: SpectrumLine
    momentary: LoudnessLine
    short_term: LoudnessLine
