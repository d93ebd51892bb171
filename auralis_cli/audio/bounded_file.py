"""A file that refuses to be read without end: a tag may claim any size and any number of parts."""

from __future__ import annotations

import os
from typing import IO

# What is read of one file at most, whatever it says of itself.
_MAX_READ_BYTES = 192 << 20


class BoundedFile:
    """An open file, of which so much is read and no more; raises ValueError beyond."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._left_bytes = _MAX_READ_BYTES

    def read(self, size: int = -1) -> bytes:
        """Like `io.RawIOBase.read`."""
        data = self._file.read(self._left_bytes + 1 if size < 0 else min(size, self._left_bytes + 1))
        self._left_bytes -= len(data)
        if self._left_bytes < 0:
            raise ValueError(f"they are longer than {_MAX_READ_BYTES >> 20} MiB")
        return data

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Like `io.IOBase.seek`."""
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        """Like `io.IOBase.tell`."""
        return self._file.tell()

    def fileno(self) -> int:
        """The descriptor behind it."""
        return self._file.fileno()
