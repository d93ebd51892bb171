"""Room made or taken within a file, whose other bytes move; for copies of files, which nobody else reads meanwhile."""

from __future__ import annotations

import os
from typing import IO

_BLOCK_BYTES = 1 << 20


def replace_bytes(file: IO[bytes], start: int, old_size: int, data: bytes) -> None:
    """Puts `data` in the place of `old_size` bytes from `start` on; what follows moves."""
    end = file.seek(0, os.SEEK_END)
    old_size = min(old_size, max(0, end - start))
    shift = len(data) - old_size
    first = start + old_size
    if shift > 0:
        for block_end in range(end, first, -_BLOCK_BYTES):
            _move(file, max(first, block_end - _BLOCK_BYTES), block_end, shift)
    elif shift < 0:
        for block_start in range(first, end, _BLOCK_BYTES):
            _move(file, block_start, min(end, block_start + _BLOCK_BYTES), shift)
        file.truncate(end + shift)
    file.seek(start)
    file.write(data)
    file.flush()


def _move(file: IO[bytes], start: int, end: int, shift: int) -> None:
    file.seek(start)
    block = file.read(end - start)
    file.seek(start + shift)
    file.write(block)
