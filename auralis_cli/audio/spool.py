"""Temporary files that have no name: what comes through a pipe lies there while it is needed more than once.

They are gone with the process, however it ends.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Generator, Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from auralis_cli.audio.byte_input import ByteInput
from auralis_cli.errors import OutputError
from auralis_cli.units import bytes_in_words

_FOLDER_VARIABLE = "TMPDIR"
# The first survives a reboot and is no memory; the second often is.
_FOLDERS = (Path("/var/tmp"), Path("/tmp"))
_IN_MEMORY = ("tmpfs", "ramfs")
# As much is left to others.
_MARGIN_BYTES = 256 << 20
# How much is written before the room is looked at again.
_STEP_BYTES = 16 << 20
_PIECE_BYTES = 1 << 16


def spool_folder(variables: Mapping[str, str] | None = None) -> Path:
    """Where long temporary files go: TMPDIR, else a folder for them on a disk, rather than in memory."""
    named = (os.environ if variables is None else variables).get(_FOLDER_VARIABLE)
    if named and _is_usable(Path(named)):
        return Path(named)
    usable = [folder for folder in _FOLDERS if _is_usable(folder)]
    on_disk = [folder for folder in usable if not _is_in_memory(folder)]
    return next(iter((*on_disk, *usable)), Path(tempfile.gettempdir()))


class _UnnamedFile:
    """An unlinked file that looks how much room is left as it grows."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._checked_bytes = folder, 0
        self.size_bytes = 0
        try:
            self.file = tempfile.TemporaryFile(dir=folder, prefix=".auralis-", buffering=0)  # noqa: SIM115
        except OSError as error:
            raise self._failure(error) from error

    def require(self, size_bytes: int) -> None:
        """Raises OutputError where there is no room for the file to grow to `size_bytes`."""
        status = os.statvfs(self._folder)
        room_bytes = status.f_bavail * status.f_frsize - _MARGIN_BYTES
        if size_bytes - self.size_bytes > room_bytes:
            raise OutputError(
                str(self._folder),
                f"has no room for {bytes_in_words(size_bytes)} of audio",
                f"{_FOLDER_VARIABLE} names another folder, and a file instead of a pipe needs none",
            )

    def write(self, data: memoryview) -> None:
        if self.size_bytes + len(data) > self._checked_bytes:
            self._checked_bytes = self.size_bytes + max(len(data), _STEP_BYTES)
            self.require(self._checked_bytes)
        try:
            done = 0
            while done < len(data):
                done += self.file.write(data[done:])
        except OSError as error:
            raise self._failure(error) from error
        self.size_bytes += len(data)

    def _failure(self, error: OSError) -> OutputError:
        return OutputError(str(self._folder), f"holds no temporary file ({error.strerror or error})")


class SampleSpool:
    """Blocks of float32 `(frames, channels)`, appended once and read as often as needed."""

    def __init__(self, folder: Path, channels: int, expected_frames: int | None = None) -> None:
        """Raises OutputError where nothing can be written, or `expected_frames` find no room."""
        self._channels = channels
        self._frame_bytes = 4 * channels
        self._file = _UnnamedFile(folder)
        if expected_frames is not None:
            try:
                self._file.require(expected_frames * self._frame_bytes)
            except OutputError:
                self.close()
                raise

    def append(self, block: NDArray[np.float32]) -> None:
        """Writes one more block; OutputError where the disk is full."""
        if len(block):
            self._file.write(np.ascontiguousarray(block).data.cast("B"))

    def blocks(self, block_frames: int) -> Generator[NDArray[np.float32]]:
        """Fresh arrays of `block_frames` frames each from the start; the last may be shorter."""
        descriptor, block_bytes = self._file.file.fileno(), block_frames * self._frame_bytes
        for start in range(0, self._file.size_bytes, block_bytes):
            size_bytes = min(block_bytes, self._file.size_bytes - start)
            block = np.empty((size_bytes // self._frame_bytes, self._channels), np.float32)
            view, done = block.data.cast("B"), 0
            while done < size_bytes:
                count = os.preadv(descriptor, [view[done:]], start + done)
                if count == 0:
                    raise OutputError("temporary file", "lost what was written to it")
                done += count
            yield block

    def close(self) -> None:
        """Gives the disk back."""
        self._file.file.close()


def spool_bytes(source: ByteInput, folder: Path) -> int:
    """All that `source` still gives, in an unlinked file: its descriptor, for the caller to close."""
    spooled = _UnnamedFile(folder)
    with spooled.file:
        piece = memoryview(bytearray(_PIECE_BYTES))
        while count := source.read_into(piece):
            spooled.write(piece[:count])
        return os.dup(spooled.file.fileno())


def _is_usable(folder: Path) -> bool:
    return folder.is_dir() and os.access(folder, os.W_OK | os.X_OK)


def _is_in_memory(folder: Path) -> bool:
    """As Linux's table of mounts says; elsewhere nobody knows."""
    try:
        device = folder.stat().st_dev
        mounts = Path("/proc/self/mountinfo").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return False
    number = f"{os.major(device)}:{os.minor(device)}"
    for line in mounts:
        before, _, after = line.partition(" - ")
        if before.split()[2:3] == [number]:
            return after.split(" ", 1)[0] in _IN_MEMORY
    return False
