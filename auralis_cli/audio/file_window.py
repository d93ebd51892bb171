"""An open file of which little is looked at: its beginning is read once, the rest where it is asked for."""

from __future__ import annotations

import os

_HEAD_BYTES = 8192
_AHEAD_BYTES = 2048


class FileWindow:
    """Bytes of a descriptor, which stays the caller's; whatever a header claims, no place is refused."""

    __slots__ = ("_head_bytes", "_near", "_near_start", "descriptor", "head", "size_bytes")

    def __init__(self, descriptor: int, size_bytes: int) -> None:
        self.descriptor = descriptor
        self.size_bytes = size_bytes
        self.head = os.pread(descriptor, _HEAD_BYTES, 0)
        self._head_bytes = len(self.head)
        # The part read last.
        self._near_start, self._near = 0, b""

    def at(self, start: int, size: int) -> bytes:
        """Up to `size` bytes from `start` on: fewer at the end of the file."""
        end = start + size
        if start >= 0 and end <= self._head_bytes:
            return self.head[start:end]
        offset = start - self._near_start
        if offset >= 0 and offset + size <= len(self._near):
            return self._near[offset : offset + size]
        if start < 0 or start >= self.size_bytes:
            return b""
        # Room is made for what is there only, whatever was claimed.
        wanted = min(max(size, _AHEAD_BYTES), self.size_bytes - start)
        self._near_start, self._near = start, os.pread(self.descriptor, wanted, start)
        return self._near[:size]

    def tail(self, size: int) -> bytes:
        """The last `size` bytes, or all there are."""
        return self.at(max(0, self.size_bytes - size), size)
