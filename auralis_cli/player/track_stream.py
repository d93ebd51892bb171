"""The audio of one track of the queue: cut to it, finite, and handed on to the next track of its file."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from auralis_cli.audio.decoder import truncation
from auralis_cli.audio.downmix import two_channels
from auralis_cli.audio.reader import AudioReader
from auralis_cli.errors import InputError
from auralis_cli.model.playback import PlayableTrack
from auralis_cli.model.source import CueTrack, frame_of_sector
from auralis_cli.player.ports import TrackLookup

Block = NDArray[np.float32]


def open_track(lookup: TrackLookup, track: PlayableTrack) -> TrackStream:
    """The stream of `track` from its beginning; raises InputError.

    A track of a cue sheet is opened up to the end of its file, so that the next one is read on from where it ends.
    """
    source, cue = track.source, track.source.cue
    if cue is not None and cue.end_sector is not None:
        source = replace(source, cue=replace(cue, end_sector=None))
    return TrackStream(track, two_channels(lookup.open(replace(track, source=source))))


def is_read_on(before: PlayableTrack, after: PlayableTrack) -> bool:
    """Whether one track begins where the other ends in the same file, by a cue sheet."""
    first, second = before.source.cue, after.source.cue
    if first is None or second is None or replace(before.source, cue=None) != replace(after.source, cue=None):
        return False
    return first.sheet == second.sheet and first.end_sector is not None and first.end_sector == second.start_sector


class TrackStream:
    """Blocks of one track in one or two channels at its own rate; owned by one thread at a time."""

    def __init__(self, track: PlayableTrack, reader: AudioReader) -> None:
        """`reader` begins at the first frame of the track, may go on beyond its last, and is closed with the stream."""
        self.track = track
        self._reader: AudioReader | None = reader
        # By the cue sheet; None where the track lasts as long as there is audio.
        self._wanted = None if track.source.cue is None else _span_frames(track.source.cue, reader.info.sample_rate_hz)
        below = reader.info.frames
        frames = below if self._wanted is None else min(below, self._wanted) if below is not None else self._wanted
        self.info = replace(reader.info, frames=frames)
        # Where the first frame of this track lies in the reader.
        self._origin = 0
        self._position = 0
        self._ended = False
        # Blocks that held something other than numbers, and were muted.
        self.muted_blocks = 0
        # Damage of the track before, where that was of the same file.
        self._not_of_track = frozenset(reader.warnings)

    @property
    def position(self) -> int:
        """Number of the frame that is read next."""
        return self._position

    @property
    def warnings(self) -> tuple[str, ...]:
        """What was wrong with the audio; complete once it was read to its end."""
        if self._reader is None:
            return ()
        below = (warning for warning in self._reader.warnings if warning not in self._not_of_track)
        if not self._ended or self._wanted is None or self._position >= self._wanted:
            return tuple(below)
        others = (warning for warning in below if not warning.startswith("truncated"))
        return (*others, truncation(self._position, self._wanted, "the track's length"))

    def seek(self, frame: int) -> None:
        """The next frame read is number `frame`, to the sample; at or beyond the end nothing is left."""
        announced = self.info.frames if self._wanted is None else self._wanted
        self._position = frame if announced is None else min(frame, announced)
        self._ended = False
        self._open_reader().seek(self._origin + self._position)

    def read(self, frames: int) -> Block:
        """As many frames, fewer only at the end, then none; raises InputError.

        A block that holds something other than numbers comes muted, and is counted.
        """
        reader = self._open_reader()
        left = frames if self._wanted is None else min(frames, self._wanted - self._position)
        block = np.empty((left, self.info.channels), np.float32)
        filled = reader.read_into(block) if left else 0
        self._ended = filled < frames
        self._position += filled
        block = block[:filled]
        # A sum of finite float32 in float64 is finite; one NaN or Inf makes it neither.
        if not math.isfinite(float(block.sum(dtype=np.float64))):
            self.muted_blocks += 1
            block[:] = 0.0
        return block

    def read_on(self, track: PlayableTrack) -> TrackStream:
        """The stream of the next track of the same file, which takes the reader over; this one is closed by it."""
        if self._reader is None or self._position != self._wanted or not is_read_on(self.track, track):
            raise ValueError("only a stream at its end is read on, by the track that begins there")
        stream = TrackStream(track, self._reader)
        stream._origin = self._origin + self._position
        below = self._reader.info.frames
        rest = None if below is None else max(0, below - stream._origin)
        wanted = stream._wanted
        frames = rest if wanted is None else min(rest, wanted) if rest is not None else wanted
        stream.info = replace(stream.info, frames=frames)
        self._reader = None
        return stream

    @property
    def can_be_read_on(self) -> bool:
        """Whether the track was read to the end its cue sheet gives it, where the next one may begin."""
        return self._reader is not None and self._position == self._wanted

    def close(self) -> None:
        """Gives the file back, unless another stream reads on; closing twice is fine."""
        reader, self._reader = self._reader, None
        if reader is not None:
            reader.close()

    def _open_reader(self) -> AudioReader:
        if self._reader is None:
            raise InputError(self.track.source.name, "is closed")
        return self._reader


def _span_frames(cue: CueTrack, rate_hz: int) -> int | None:
    if cue.end_sector is None:
        return None
    return frame_of_sector(cue.end_sector, rate_hz) - frame_of_sector(cue.start_sector, rate_hz)
