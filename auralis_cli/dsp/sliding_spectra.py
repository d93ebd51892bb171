"""Spectra of overlapping Hann windows of a stream of one channel, a few at a time."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from auralis_cli.dsp.fourier import Fourier
from auralis_cli.dsp.processor import check_block
from auralis_cli.dsp.windows import hann, hann_power_scale


class SlidingSpectra:
    """Cuts a stream into windows of `length`, one every `hop` frames, and gives their spectra `batch` at a time.

    `length` is a power of two. An incomplete last window is left out, unless it is the only one: then it is padded
    with zeros.
    """

    def __init__(self, length: int, hop: int, batch: int) -> None:
        if not 1 <= hop <= length or batch < 1:
            raise ValueError(f"hop must lie in 1…length and batch be at least 1, not {hop}, {length}, {batch}")
        self._window = hann(length)
        self._hop = hop
        self._batch = batch
        self._fourier = Fourier(length)
        self._spectra = np.empty((batch, length // 2 + 1), np.complex64)
        # What turns |spectrum|² into mean squares.
        self.power_scale = hann_power_scale(length)
        self.reset()

    def reset(self) -> None:
        """Forgets everything heard so far."""
        length = len(self._window)
        self._line = np.zeros(length + self._hop * (self._batch - 1), np.float32)
        self._filled = 0
        self._begun = False

    def process(self, block: NDArray[np.float32]) -> Iterator[NDArray[np.complex64]]:
        """Spectra, `(windows, bins)`, of what `block`, float32 `(frames, 1)`, completes; valid until the next."""
        check_block(block, 1)
        done = 0
        while done < len(block):
            take = min(len(self._line) - self._filled, len(block) - done)
            self._line[self._filled : self._filled + take] = block[done : done + take, 0]
            self._filled += take
            done += take
            if self._filled == len(self._line):
                yield self._transformed(self._batch)

    def flush(self) -> Iterator[NDArray[np.complex64]]:
        """Spectra of what is left of the stream, which ends here."""
        length = len(self._window)
        if self._filled >= length:
            yield self._transformed((self._filled - length) // self._hop + 1)
        elif self._filled and not self._begun:
            self._line[self._filled :] = 0.0
            self._filled = length
            yield self._transformed(1)

    def _transformed(self, windows: int) -> NDArray[np.complex64]:
        spectra = self._spectra[:windows]
        self._fourier.spectra(self._line, self._hop, self._window, spectra)
        keep = self._filled - windows * self._hop
        self._line[:keep] = self._line[self._filled - keep : self._filled].copy()
        self._filled = keep
        self._begun = True
        return spectra
