"""A reader that goes no further than the user allows."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from auralis_cli.audio.reader import AudioReader, ClosingReader
from auralis_cli.errors import InputError
from auralis_cli.model.audio import StreamInfo
from auralis_cli.units import seconds_to_clock

# Frames that a byte may stand for at most, if a header is to be believed: silence in FLAC and Vorbis has some hundreds.
_MOST_FRAMES_PER_BYTE = 512


class BoundedReader(ClosingReader):
    """An AudioReader that raises InputError after `max_duration_s`; closes the one below."""

    def __init__(self, reader: AudioReader, name: str, max_duration_s: float, size_bytes: int | None = None) -> None:
        """Raises InputError at once where the header announces more and the file's size, where known, can hold it.

        A claim that the size belies, or that comes through a pipe, refuses nothing: what is there is counted.
        """
        self._reader, self._name, self._max_duration_s = reader, name, max_duration_s
        self._max_frames = max_duration_s * reader.info.sample_rate_hz
        self._position = 0
        announced = reader.info.frames
        if announced is not None and size_bytes is not None and announced <= size_bytes * _MOST_FRAMES_PER_BYTE:
            self._check(announced)

    @property
    def info(self) -> StreamInfo:
        """What the header announces."""
        return self._reader.info

    @property
    def warnings(self) -> tuple[str, ...]:
        """What was wrong with the audio; complete once it was read to its end."""
        return self._reader.warnings

    def read_into(self, out: NDArray[np.float32]) -> int:
        """Fills `out`, C-ordered `(frames, channels)`, and says how many frames: fewer only at the end, then 0."""
        count = self._reader.read_into(out)
        self._position += count
        self._check(self._position)
        return count

    def seek(self, frame: int) -> None:
        """The next frame read is number `frame`, to the sample."""
        self._reader.seek(frame)
        self._position = frame

    def close(self) -> None:
        """Closes the reader below."""
        self._reader.close()

    def _check(self, frames: int) -> None:
        if frames > self._max_frames:
            limit = seconds_to_clock(self._max_duration_s)
            raise InputError(self._name, f"is longer than {limit}", "--max-duration raises the limit")
