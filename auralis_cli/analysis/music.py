"""Rhythm and harmony in the pass over a track: of mid at 11 025 Hz, or of side where mid all but cancels."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from auralis_cli.audio.resample import Downsampler
from auralis_cli.dsp.harmony import HarmonyMeter
from auralis_cli.dsp.mid_side import fill_mid_side
from auralis_cli.dsp.onset import ONSET_RATE_HZ, OnsetDetector

_DECISION_S = 10
_ANTIPHASE = 10.0
_PIECE_FRAMES = 16_384


class MusicPart:
    """Looks at blocks for onsets, beat, pitch and landmarks."""

    def __init__(self, sample_rate_hz: int, channels: int) -> None:
        self.onsets = OnsetDetector()
        self.harmony = HarmonyMeter()
        self._resampler = Downsampler(sample_rate_hz, ONSET_RATE_HZ)
        self._mid, self._side = np.empty((2, _PIECE_FRAMES), np.float32)
        # Whether side is listened to; undecided while None, and until then the start waits.
        self._antiphase: bool | None = None if channels > 1 else False
        self._start = np.empty((_DECISION_S * sample_rate_hz if channels > 1 else 0, 2), np.float32)
        self._filled = 0

    @property
    def antiphase(self) -> bool:
        """Whether side is listened to."""
        return self._antiphase is True

    def add(self, block: NDArray[np.float32]) -> None:
        """Looks at the next block."""
        if self._antiphase is not None:
            self._hear(block)
            return
        take = min(len(block), len(self._start) - self._filled)
        self._start[self._filled : self._filled + take] = block[:take, :2]
        self._filled += take
        if self._filled == len(self._start):
            self._decide()
            self._hear(block[take:])

    def flush(self) -> None:
        """Ends the track."""
        if self._antiphase is None:
            self._decide()
        self._listen(self._resampler.flush())
        self.onsets.flush()
        self.harmony.flush()

    def _decide(self) -> None:
        """Once, by the first 10 s: side is taken where it holds ten times the energy of mid."""
        start, self._start = self._start[: self._filled], np.empty((0, 2), np.float32)
        mid, side = 0.0, 0.0
        # What float32 cannot hold is no audio, and decides nothing.
        with np.errstate(over="ignore", invalid="ignore"):
            for place in range(0, len(start), _PIECE_FRAMES):
                taken = self._split(start[place : place + _PIECE_FRAMES])
                mid += float(np.dot(self._mid[:taken], self._mid[:taken]))
                side += float(np.dot(self._side[:taken], self._side[:taken]))
        self._antiphase = side > _ANTIPHASE * mid
        self._hear(start)

    def _hear(self, block: NDArray[np.float32]) -> None:
        """In pieces, so that what is made of each stays in the processor's cache."""
        for start in range(0, len(block), _PIECE_FRAMES):
            taken = self._split(block[start : start + _PIECE_FRAMES])
            line = self._side if self._antiphase else self._mid
            self._listen(self._resampler.process(line[:taken, None]))

    def _split(self, piece: NDArray[np.float32]) -> int:
        """Mid and side of a piece; how many frames these are."""
        return int(fill_mid_side(piece, self._mid, self._side))

    def _listen(self, line: NDArray[np.float32]) -> None:
        self.onsets.process(line)
        self.harmony.process(line)
