"""Reading bytes where a header says they are, which may be anywhere."""

from __future__ import annotations

import os

_FURTHEST = 1 << 62


def bytes_at(descriptor: int, size: int, start: int) -> bytes:
    """Up to `size` bytes from `start` on, none where no file reaches; the descriptor's own position stays."""
    return os.pread(descriptor, size, start) if start < _FURTHEST else b""
