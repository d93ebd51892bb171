"""The files of an album: written as one stream, cut where its tracks meet, given their names together or not at all."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
from numpy.typing import NDArray

from auralis_cli.analysis.measure import LoudnessMeter
from auralis_cli.audio.joined import JoinedTracks
from auralis_cli.audio.writer import AtomicWriter
from auralis_cli.model.audio import OutputFormat
from auralis_cli.model.mastering import MasterRequest
from auralis_cli.model.measurements import Measurements
from auralis_cli.model.published_file import PublishedFile
from auralis_cli.services.publishing import publish, take_back

Block = NDArray[np.float32]


class TrackMeters:
    """One meter for each of the tracks that are joined, fed with the stream."""

    def __init__(self, joined: JoinedTracks) -> None:
        self._joined = joined
        self.restart()

    def restart(self) -> None:
        """Nothing was heard yet."""
        info = self._joined.info
        self._meters = [LoudnessMeter(info.sample_rate_hz, info.channels) for _ in self._joined.tracks]
        self._frames = 0

    def add(self, block: Block) -> None:
        """Looks at the next block of the stream."""
        for number, piece in self._joined.pieces(block, self._frames):
            self._meters[number].add(piece)
        self._frames += len(block)

    def results(self) -> tuple[Measurements, ...]:
        """What was heard of each track."""
        return tuple(meter.result() for meter in self._meters)


class AlbumFiles:
    """One file for every track, as one thing to write to; leaving the context unpublished leaves nothing behind."""

    def __init__(
        self, joined: JoinedTracks, requests: Sequence[MasterRequest], outputs: Sequence[OutputFormat]
    ) -> None:
        """The lengths of the tracks must be known. Raises what opening an AtomicWriter raises."""
        self._joined, self._requests = joined, requests
        # Hears what is written.
        self.hear: Callable[[Block], object] = lambda _block: None
        self._frames = 0
        self._stack = ExitStack()
        self._writers: list[AtomicWriter] = []
        with ExitStack() as stack:
            for request, output, frames in zip(requests, outputs, joined.lengths, strict=True):
                writer = AtomicWriter(request.destination.path, output, expected_frames=frames)
                self._writers.append(stack.enter_context(writer))
            self._stack = stack.pop_all()

    @property
    def name(self) -> str:
        """What errors call what is being written."""
        return self._writers[0].name

    @property
    def parts(self) -> list[tuple[Path, int]]:
        """Where the files are, and the frames each has to hold."""
        places = (writer.temporary_path for writer in self._writers)
        return list(zip(places, self._joined.lengths, strict=True))

    def write(self, block: Block) -> None:
        """Appends float32 `(frames, channels)`, to whichever track they belong."""
        for number, piece in self._joined.pieces(block, self._frames):
            self._writers[number].write(np.ascontiguousarray(piece))
        self._frames += len(block)
        self.hear(block)

    def close_audio(self) -> None:
        """Ends the audio of all files."""
        for writer in self._writers:
            writer.close_audio()

    def restart(self) -> None:
        """Throws away what was written to any of them."""
        self._frames = 0
        for writer in self._writers:
            writer.restart()

    def publish(self, is_wanted: Sequence[bool], notes: Sequence[Callable[[Path], None]]) -> list[PublishedFile | None]:
        """Gives all that are wanted their names, and where one of them cannot have its own, none.

        Each of `notes` sees its file just before. Raises what `publish` of a single file raises.
        """
        for writer, frames in zip(self._writers, self._joined.lengths, strict=True):
            writer.finish(expected_frames=frames)
        published: list[PublishedFile | None] = []
        with ExitStack() as undoing:
            for writer, request, frames, wanted, note in zip(
                self._writers, self._requests, self._joined.lengths, is_wanted, notes, strict=True
            ):
                published.append(self._publish_one(writer, request, frames, note, undoing) if wanted else None)
            undoing.pop_all()
        return published

    @staticmethod
    def _publish_one(
        writer: AtomicWriter, request: MasterRequest, frames: int, note: Callable[[Path], None], undoing: ExitStack
    ) -> PublishedFile:
        source, path = request.source.path, request.destination.path
        assert source is not None
        assert path is not None
        mtime_ns = os.stat(source).st_mtime_ns if request.keep_mtime else None
        done = publish(writer, path, frames, mtime_ns=mtime_ns, ready=note, force=request.force)
        undoing.callback(take_back, path, done)
        return done

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.__exit__(kind, error, trace)
