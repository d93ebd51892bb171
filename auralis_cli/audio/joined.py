"""Tracks read one after the other as one stream without a seam, and where in it each of them lies."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import accumulate

import numpy as np
from numpy.typing import NDArray

from auralis_cli.audio.reader import AudioReader, ClosingReader, check_room
from auralis_cli.errors import InputError
from auralis_cli.model.audio import StreamInfo, Subtype
from auralis_cli.quick_dataclasses import dataclass

Block = NDArray[np.float32]

_SCRAP_FRAMES = 1 << 16


@dataclass(frozen=True, slots=True)
class JoinedTrack:
    """One of the tracks: what errors call it, how it is opened, and what it announces then."""

    name: str
    open: Callable[[], AudioReader]
    info: StreamInfo


class JoinedTracks:
    """Several tracks of one rate and as many channels as one stream, which can be read as often as needed.

    The first reading to the end says how long each track is; a later one that finds another length raises
    InputError. One reading goes on at a time.
    """

    def __init__(self, tracks: Sequence[JoinedTrack]) -> None:
        if len({(one.info.sample_rate_hz, one.info.channels) for one in tracks}) != 1:
            raise ValueError("joined tracks must have one rate and as many channels")
        self.tracks = tuple(tracks)
        self._lengths: list[int] = []
        self._warnings: list[tuple[str, ...]] = []
        self.info = _info_of_all([one.info for one in tracks])

    @property
    def lengths(self) -> tuple[int, ...]:
        """Frames of every track that was read to its end so far."""
        return tuple(self._lengths)

    @property
    def warnings(self) -> tuple[tuple[str, ...], ...]:
        """What was wrong with every track that was read to its end so far."""
        return tuple(self._warnings)

    def open(self) -> AudioReader:
        """A reader of all of them from the first frame of the first."""
        return _JoinedReader(self)

    def pieces(self, block: Block, first_frame: int) -> Iterator[tuple[int, Block]]:
        """`block`, which begins at `first_frame` of the stream, cut where tracks meet: number from 0, and frames."""
        start = 0
        for number, end_frame in enumerate((*accumulate(self._lengths), None)):
            end = len(block) if end_frame is None else min(max(0, end_frame - first_frame), len(block))
            if end > start:
                yield number, block[start:end]
            start = max(start, end)

    def ended(self, number: int, frames: int, warnings: tuple[str, ...]) -> None:
        """Notes that track `number` was read to its end; InputError where that is not where it was."""
        name = self.tracks[number].name
        if frames == 0:
            raise InputError(name, "holds no audio")
        if number == len(self._lengths):
            self._lengths.append(frames)
            self._warnings.append(warnings)
        elif self._lengths[number] != frames:
            raise InputError(name, "changed while it was read")


class _JoinedReader(ClosingReader):
    """The AudioReader of all tracks in a row; one file is open at a time."""

    def __init__(self, joined: JoinedTracks) -> None:
        self._joined = joined
        self._reader: AudioReader | None = None
        self._restart()

    @property
    def info(self) -> StreamInfo:
        """All tracks as one stream."""
        return self._joined.info

    @property
    def warnings(self) -> tuple[str, ...]:
        """None of its own: what is wrong with a track is said of that track."""
        return ()

    def read_into(self, out: Block) -> int:
        """Fills `out`, C-ordered `(frames, channels)`, and says how many frames: fewer only at the end, then 0."""
        check_room(out, self.info.channels)
        filled = 0
        while filled < len(out) and (reader := self._reader) is not None:
            wanted = len(out) - filled
            count = self._read(reader, out[filled:])
            filled += count
            self._frames += count
            if count < wanted:
                self._joined.ended(self._number, self._frames, reader.warnings)
                self._next(self._number + 1)
        return filled

    def seek(self, frame: int) -> None:
        """The next frame read is number `frame`: read again from the start, hence exact."""
        self.close()
        self._restart()
        scrap = np.empty((_SCRAP_FRAMES, self.info.channels), np.float32)
        while frame > 0 and (count := self.read_into(scrap[: min(frame, _SCRAP_FRAMES)])):
            frame -= count

    def close(self) -> None:
        """Closes the file that is open."""
        reader, self._reader = self._reader, None
        if reader is not None:
            reader.close()

    def _read(self, reader: AudioReader, out: Block) -> int:
        try:
            return reader.read_into(out)
        except InputError as error:
            # Of a track within a file, errors name the file.
            raise type(error)(self._joined.tracks[self._number].name, error.why, error.hint) from error

    def _restart(self) -> None:
        self._next(0)

    def _next(self, number: int) -> None:
        self.close()
        self._number, self._frames = number, 0
        if number == len(self._joined.tracks):
            return
        track = self._joined.tracks[number]
        self._reader = track.open()
        found = self._reader.info
        if (found.sample_rate_hz, found.channels) != (self.info.sample_rate_hz, self.info.channels):
            self.close()
            raise InputError(track.name, "changed while it was read")


def _info_of_all(infos: Sequence[StreamInfo]) -> StreamInfo:
    first = infos[0]
    lengths = [one.frames for one in infos if one.frames is not None]
    return StreamInfo(
        sample_rate_hz=first.sample_rate_hz,
        channels=first.channels,
        frames=sum(lengths) if len(lengths) == len(infos) else None,
        format=first.format,
        codec=first.codec,
        subtype=first.subtype if len({one.subtype for one in infos}) == 1 else Subtype.FLOAT,
    )
