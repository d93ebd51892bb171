"""Rhythm and harmony in the pass over a track: of mid at 11 025 Hz, or of side where mid all but cancels."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from auralis_cli.audio.resample import Downsampler
from auralis_cli.dsp.harmony import HarmonyMeter
from auralis_cli.dsp.onset import ONSET_RATE_HZ, OnsetDetector

_DECISION_S = 10
_ANTIPHASE = 10.0
_PIECE_FRAMES = 16_384
_HALF = np.float32(0.5)


class MusicPart:
    """Looks at blocks for onsets, beat, pitch and landmarks."""

    def __init__(self, sample_rate_hz: int, channels: int) -> None:
        self.onsets = OnsetDetector()
        self.harmony = HarmonyMeter()
        self._resampler = Downsampler(sample_rate_hz, ONSET_RATE_HZ)
        self._line = np.empty((_PIECE_FRAMES, 1), np.float32)
        self._decision_frames = _DECISION_S * sample_rate_hz
        self._waiting: list[NDArray[np.float32]] = []
        self._waiting_frames = 0
        # What is listened to, L + sign · R; undecided while None.
        self._sign: float | None = None if channels > 1 else 1.0

    @property
    def antiphase(self) -> bool:
        """Whether side is listened to."""
        return self._sign == -1.0

    def add(self, block: NDArray[np.float32]) -> None:
        """Looks at the next block."""
        if self._sign is not None:
            self._hear(block)
            return
        self._waiting.append(block[:, :2].copy())
        self._waiting_frames += len(block)
        if self._waiting_frames >= self._decision_frames:
            self._decide()

    def flush(self) -> None:
        """Ends the track."""
        if self._sign is None:
            self._decide()
        self._listen(self._resampler.flush())
        self.onsets.flush()
        self.harmony.flush()

    def _decide(self) -> None:
        """Once, by the first 10 s: side is taken where it holds ten times the energy of mid."""
        start = np.concatenate(self._waiting) if self._waiting else np.empty((0, 2), np.float32)
        self._waiting.clear()
        mid, side = 0.0, 0.0
        # What float32 cannot hold is no audio, and decides nothing.
        with np.errstate(over="ignore", invalid="ignore"):
            for place in range(0, min(len(start), self._decision_frames), _PIECE_FRAMES):
                left, right = start[place : min(place + _PIECE_FRAMES, self._decision_frames)].T
                both, apart = left + right, left - right
                mid += float(np.dot(both, both))
                side += float(np.dot(apart, apart))
        self._sign = -1.0 if side > _ANTIPHASE * mid else 1.0
        self._hear(start)

    def _hear(self, block: NDArray[np.float32]) -> None:
        """In pieces, so that what is made of each stays in the processor's cache."""
        for start in range(0, len(block), _PIECE_FRAMES):
            frames = block[start : start + _PIECE_FRAMES]
            line = self._line[: len(frames)]
            if block.shape[1] == 1:
                line[:] = frames
            elif self._sign == 1.0:
                np.add(frames[:, :1], frames[:, 1:2], out=line)
                line *= _HALF
            else:
                np.subtract(frames[:, :1], frames[:, 1:2], out=line)
                line *= _HALF
            self._listen(self._resampler.process(line))

    def _listen(self, line: NDArray[np.float32]) -> None:
        self.onsets.process(line)
        self.harmony.process(line)
