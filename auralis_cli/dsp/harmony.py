"""What is heard at 11 025 Hz through windows of 0.37 s: pitch classes, whether the pitch stays, landmarks."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from auralis_cli.dsp._jit import kernel
from auralis_cli.dsp.chroma import Chroma, PitchPeaks
from auralis_cli.dsp.landmarks import LandmarkWords
from auralis_cli.dsp.pitch import PitchStability
from auralis_cli.dsp.sliding_spectra import SlidingSpectra

HARMONY_RATE_HZ = 11_025
HOP_FRAMES = 1_365
_WINDOW = 4_096
_BATCH = 8


class HarmonyMeter:
    """Listens to a stream of one channel at 11 025 Hz: `process` blocks, `flush`, then ask."""

    def __init__(self) -> None:
        self._windows = SlidingSpectra(_WINDOW, HOP_FRAMES, _BATCH)
        bin_hz = HARMONY_RATE_HZ / _WINDOW
        self._peaks = PitchPeaks(bin_hz)
        self._powers = np.empty((_BATCH, self._peaks.bins))
        self._chroma = Chroma()
        self._pitch = PitchStability()
        self._landmarks = LandmarkWords(bin_hz)

    def reset(self) -> None:
        """Forgets everything heard so far."""
        for part in (self._windows, self._chroma, self._pitch, self._landmarks):
            part.reset()

    def process(self, block: NDArray[np.float32]) -> None:
        """Listens to `block`, float32 `(frames, 1)`."""
        for spectra in self._windows.process(block):
            self._listen(spectra)

    def flush(self) -> None:
        """Ends the stream; an incomplete last window is left out, unless it is the only one."""
        for spectra in self._windows.flush():
            self._listen(spectra)

    def _listen(self, spectra: NDArray[np.complex64]) -> None:
        powers = self._powers[: len(spectra)]
        _powers(spectra.view(np.float32), self._windows.power_scale, powers)
        amplitudes = self._peaks.amplitudes(powers)
        self._chroma.add(amplitudes)
        self._pitch.add(amplitudes)
        self._landmarks.add(powers)

    def chroma_energy(self) -> float:
        """Mean Σp² of the twelve pitch classes: 1/12 where all are even, 1 for one alone, 0 for silence."""
        return self._chroma.energy()

    def pitch_stability(self) -> float:
        """Share of what is heard in which the pitch stays for 0.37 s."""
        return self._pitch.share()

    def landmark_words(self) -> NDArray[np.uint32]:
        """The words of the landmarks, one per hop but the first twelve."""
        return self._landmarks.words()

    def landmark_valid(self) -> NDArray[np.bool_]:
        """Per word, whether it says anything."""
        return self._landmarks.valid()


@kernel
def _powers(spectra, scale, powers):  # type: ignore[no-untyped-def]
    for window in range(powers.shape[0]):
        for k in range(powers.shape[1]):
            re, im = np.float64(spectra[window, 2 * k]), np.float64(spectra[window, 2 * k + 1])
            powers[window, k] = (re * re + im * im) * scale
