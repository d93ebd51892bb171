"""A track that can be read more than once: from memory where it is short, else from a spool or decoded again."""

from __future__ import annotations

from collections.abc import Callable, Generator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from auralis_cli.audio.reader import AudioReader
from auralis_cli.audio.spool import SampleSpool
from auralis_cli.errors import InputError
from auralis_cli.model.audio import StreamInfo

# Long enough that threads seldom wait for each other, short enough to stay in the cache's reach;
# a multiple of every control block.
BLOCK_FRAMES = 1 << 16
# 4:50 of stereo at 44.1 kHz.
MEMORY_BYTES = 100 << 20


class ReplayableAudio:
    """Blocks of one source, float32 `(frames, channels)`, as often as asked.

    The first pass decodes and remembers while it fits into `memory_bytes` (100 MiB); later passes come from
    memory, or decode the file again. What can be opened only once goes to an unlinked file in `spool_folder`
    instead. The first pass must be read to its end before another starts.
    Raises InputError where a later reading is not as long as the first, OutputError where a spool has no room.
    """

    def __init__(
        self,
        open_reader: Callable[[], AudioReader],
        name: str = "audio",
        memory_bytes: int | None = None,
        spool_folder: Path | None = None,
    ) -> None:
        """`name` is what errors call the track."""
        self._open_reader = open_reader
        self._name = name
        self._spool_folder = spool_folder
        self._spool: SampleSpool | None = None
        reader = open_reader()
        self._first: AudioReader | None = reader
        self.info: StreamInfo = reader.info
        limit = MEMORY_BYTES if memory_bytes is None else memory_bytes
        self._limit_frames = limit // (4 * reader.info.channels)
        # One frame more than claimed, so that the end is seen without growing. Room that is not used is not taken.
        wanted = self._limit_frames if self.info.frames is None else self.info.frames + 1
        self._memory: NDArray[np.float32] | None = None
        if wanted <= self._limit_frames:
            self._memory = self._allocate(wanted)
        self.frames = 0
        self.warnings: tuple[str, ...] = ()

    @property
    def in_memory(self) -> bool:
        """Whether the whole track lies in memory (known after the first pass)."""
        return self._memory is not None

    def blocks(self, block_frames: int) -> Generator[NDArray[np.float32]]:
        """The track from its start; blocks from memory are views that must not be written."""
        if self._first is not None:
            reader, self._first = self._first, None
            yield from self._decode_first(reader, block_frames)
        elif self._memory is not None:
            for start in range(0, self.frames, block_frames):
                yield self._memory[start : min(start + block_frames, self.frames)]
        elif self._spool is not None:
            yield from self._spool.blocks(block_frames)
        else:
            yield from self._decode_again(block_frames)

    def overwrite(self, start: int, block: NDArray[np.float32]) -> None:
        """Puts `block` in the place of what was read at frame `start`, where the track lies in memory."""
        if self._memory is not None:
            self._memory[start : start + len(block)] = block

    def close(self) -> None:
        """Gives the memory and the file back."""
        self._memory = None
        if self._spool is not None:
            self._spool.close()
        if self._first is not None:
            self._first.close()
            self._first = None

    def _decode_first(self, reader: AudioReader, block_frames: int) -> Generator[NDArray[np.float32]]:
        with reader:
            if self._memory is None and self._spool_folder is not None:
                self._spool = SampleSpool(self._spool_folder, self.info.channels, self.info.frames)
            while (block := self._next_block(reader, block_frames)) is not None:
                self.frames += len(block)
                yield block
            self.warnings = reader.warnings

    def _decode_again(self, block_frames: int) -> Generator[NDArray[np.float32]]:
        """The same frames once more; what was decided about the first reading holds for no others."""
        done = 0
        with self._open_reader() as reader:
            for block in reader.blocks(block_frames):
                done += len(block)
                if done > self.frames:
                    break
                yield block
        if done != self.frames:
            raise InputError(self._name, "changed while it was read")

    def _next_block(self, reader: AudioReader, block_frames: int) -> NDArray[np.float32] | None:
        if self._memory is not None and self.frames == len(self._memory):
            self._grow(self._memory)
        if self._memory is None:
            out = np.empty((block_frames, self.info.channels), np.float32)
        else:
            out = self._memory[self.frames : self.frames + block_frames]
        filled = reader.read_into(out)
        if self._spool is not None:
            self._spool.append(out[:filled])
        return out[:filled] if filled else None

    def _grow(self, memory: NDArray[np.float32]) -> None:
        """Takes all the room there may be; beyond that, remembers no longer, or goes on in a file."""
        if len(memory) < self._limit_frames:
            self._memory = self._allocate(self._limit_frames)
            self._memory[: len(memory)] = memory
            return
        self._memory = None
        if self._spool_folder is not None:
            self._spool = SampleSpool(self._spool_folder, self.info.channels)
            self._spool.append(memory)

    def _allocate(self, frames: int) -> NDArray[np.float32]:
        return np.empty((frames, self.info.channels), np.float32)
