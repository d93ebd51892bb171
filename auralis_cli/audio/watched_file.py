"""A file as a demuxer reads it: one in which no audio is found for long is not read to its end."""

from __future__ import annotations

import os

# More than lies between two pieces of sound in any file with pictures.
_MAX_IDLE_BYTES = 64 << 20


class WatchedFile:
    """Reads a descriptor, which stays the caller's, from a position of its own."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._position = 0
        self._idle_bytes = 0

    @property
    def gave_up(self) -> bool:
        """Whether an end was made although the file goes on."""
        return self._idle_bytes > _MAX_IDLE_BYTES

    def audio_found(self) -> None:
        """Counts from here."""
        if not self.gave_up:
            self._idle_bytes = 0

    def read(self, size: int) -> bytes:
        """The next bytes; none at the end, or where too many came to nothing."""
        if self.gave_up:
            return b""
        data = os.pread(self._descriptor, size, self._position)
        self._position += len(data)
        self._idle_bytes += len(data)
        return data

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Moves as `io.IOBase.seek` does."""
        if whence == os.SEEK_CUR:
            offset += self._position
        elif whence == os.SEEK_END:
            offset += os.fstat(self._descriptor).st_size
        if offset < 0:
            raise OSError("negative position")
        self._position = offset
        return offset

    def tell(self) -> int:
        """Where the next byte is read."""
        return self._position
