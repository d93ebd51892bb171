"""A reader of one span of another reader, to the sample."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from auralis_cli.audio.decoder import truncation
from auralis_cli.audio.reader import AudioReader, ClosingReader
from auralis_cli.errors import InputError
from auralis_cli.model.audio import StreamInfo
from auralis_cli.model.source import CueTrack, frame_of_sector

Block = NDArray[np.float32]


def read_track(reader: AudioReader, track: CueTrack, name: str) -> SpanReader:
    """The span of `reader` that is `track`; errors call it `name`. Raises like `SpanReader`."""
    rate = reader.info.sample_rate_hz
    end = None if track.end_sector is None else frame_of_sector(track.end_sector, rate)
    return SpanReader(reader, frame_of_sector(track.start_sector, rate), end, name)


class SpanReader(ClosingReader):
    """Frames `start` up to, not including, `end` of a reader (None: to its end) as a reader of their own.

    Owns the one below, and closes it. Raises InputError where the span begins at or after the end of the audio:
    at once where that has announced its length, else when the first frame is read.
    """

    def __init__(self, reader: AudioReader, start: int, end: int | None, name: str) -> None:
        if start < 0 or (end is not None and end <= start):
            raise ValueError(f"a span must be of at least one frame from 0 on, not {start} to {end}")
        self._reader, self._start, self._name = reader, start, name
        # What the span should hold, where that is known.
        self._wanted = None if end is None else end - start
        self._position = 0
        self._at_end = False
        below = reader.info
        self.info: StreamInfo = replace(below, frames=self._frames(below.frames))
        reader.seek(start)
        # Damage before the span is none of it.
        self._not_of_span = frozenset(reader.warnings)

    @property
    def warnings(self) -> tuple[str, ...]:
        """What was wrong with the span; complete once it was read to its end."""
        below = tuple(warning for warning in self._reader.warnings if warning not in self._not_of_span)
        if not self._at_end or self._wanted is None or self._position >= self._wanted:
            return below
        others = (warning for warning in below if not warning.startswith("truncated"))
        return (*others, truncation(self._position, self._wanted, "the track's length"))

    def read_into(self, out: Block) -> int:
        """Fills `out`, C-ordered `(frames, channels)`, and says how many frames: fewer only at the end, then 0."""
        missing = len(out) if self._wanted is None else min(len(out), self._wanted - self._position)
        filled = self._reader.read_into(out[:missing])
        if not filled and missing and not self._position:
            raise self._beyond()
        self._position += filled
        self._at_end = filled < len(out)
        return filled

    def seek(self, frame: int) -> None:
        """The next frame read is number `frame` of the span, to the sample."""
        if frame < 0:
            raise ValueError(f"frame must not be negative, got {frame}")
        self._position = frame if self._wanted is None else min(frame, self._wanted)
        self._at_end = False
        self._reader.seek(self._start + self._position)

    def close(self) -> None:
        """Closes the reader below."""
        self._reader.close()

    def _frames(self, total: int | None) -> int | None:
        """The length of the span, where `total` is that of the audio, as far as it is announced."""
        if total is None:
            return self._wanted
        if total <= self._start:
            raise self._beyond()
        rest = total - self._start
        return rest if self._wanted is None else min(rest, self._wanted)

    def _beyond(self) -> InputError:
        start_s = self._start / self._reader.info.sample_rate_hz
        return InputError(self._name, f"begins at {start_s:.2f} s, where its audio file has already ended")
