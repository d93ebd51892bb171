"""Opus that libsndfile gives up in the middle: FFmpeg goes on from there.

libsndfile 1.2 takes some whole files that FFmpeg encoded for malformed, seconds after their beginning.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from auralis_cli.audio.decoder import DecodeError, DecoderStream


class SecondOpinion:
    """A stream that another decoder takes over where the first one finds damage, if that has more."""

    def __init__(self, first: DecoderStream, open_second: Callable[[], DecoderStream]) -> None:
        self._stream, self._open_second = first, open_second
        self._is_first = True
        self._position = 0
        self.info = first.info

    @property
    def warnings(self) -> tuple[str, ...]:
        """What the decoder in charge found wrong: what only the first one stumbles over is no damage."""
        return self._stream.warnings

    def read_into(self, out: NDArray[np.float32]) -> int:
        """Writes some frames to the start of `out` and says how many; 0 only at the end."""
        count = self._stream.read_into(out)
        if count == 0 and self._is_first and self._stream.warnings:
            count = self._taken_over(out)
        self._position += count
        return count

    def seek(self, frame: int) -> None:
        """The next frame read is number `frame`."""
        self._stream.seek(frame)
        self._position = frame if self.info.frames is None else min(frame, self.info.frames)

    def close(self) -> None:
        """Frees what the decoder in charge holds."""
        self._stream.close()

    def _taken_over(self, out: NDArray[np.float32]) -> int:
        """What the second decoder reads from here; 0, and the first stays in charge, where that is nothing."""
        self._is_first = False
        try:
            second = self._open_second()
        except (DecodeError, OSError):
            return 0
        count = 0
        try:
            if second.info.channels == self.info.channels and second.info.sample_rate_hz == self.info.sample_rate_hz:
                second.seek(self._position)
                count = second.read_into(out)
        except (DecodeError, OSError):
            count = 0
        first, self._stream = self._stream, second if count else self._stream
        (first if count else second).close()
        return count
