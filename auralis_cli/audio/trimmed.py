"""A decoder's output cut to the music in it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from auralis_cli.audio.decoder import DecoderStream
from auralis_cli.audio.span_of_music import MusicSpan
from auralis_cli.model.audio import StreamInfo

_SCRAP_FRAMES = 16_384


class TrimmedStream:
    """A DecoderStream of a span of the one below, which it closes."""

    def __init__(self, stream: DecoderStream, span: MusicSpan) -> None:
        self._stream = stream
        self._start, self._length = span.in_frames(stream.info.sample_rate_hz)
        self._left = self._length
        self._to_skip = self._start
        self._info = replace(stream.info, frames=self._length) if self._length is not None else stream.info

    @property
    def info(self) -> StreamInfo:
        """What the header announces, of the music."""
        return self._info

    @property
    def warnings(self) -> tuple[str, ...]:
        """Damage met so far."""
        return self._stream.warnings

    def read_into(self, out: NDArray[np.float32]) -> int:
        """Writes some frames to the start of `out` and says how many; 0 only at the end."""
        while self._to_skip:
            scrap = np.empty((min(self._to_skip, _SCRAP_FRAMES), out.shape[1]), np.float32)
            count = self._stream.read_into(scrap)
            if count == 0:
                return 0
            self._to_skip -= count
        if self._left is None:
            return self._stream.read_into(out)
        count = self._stream.read_into(out[: self._left]) if self._left else 0
        self._left -= count
        return count

    def seek(self, frame: int) -> None:
        """The next frame read is number `frame` of the music."""
        self._stream.seek(self._start + frame)
        self._to_skip = 0
        self._left = None if self._length is None else max(0, self._length - frame)

    def close(self) -> None:
        """Closes the stream below."""
        self._stream.close()
