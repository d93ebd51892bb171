"""Bytes from a pipe, one after the other: short reads joined, looked at in advance, bounded."""

from __future__ import annotations

import io
import select
from typing import BinaryIO

from auralis_cli.errors import InputError
from auralis_cli.units import bytes_in_words

# As much as a pipe holds.
_READ_BYTES = 1 << 16
# What follows the audio is taken off the hands of who writes it, unless there is no end of it.
_MAX_DRAINED_BYTES = 64 << 20
_MAX_PAUSE_MS = 1000


class ByteInput:
    """A stream read from where it stands to its end; owned by one thread at a time.

    Raises InputError once more than `max_bytes` came, or where the stream cannot be read.
    """

    def __init__(self, stream: BinaryIO, name: str, max_bytes: int, *, closes: bool = False) -> None:
        """`closes`: the stream is closed with this; standard input is not."""
        self._stream, self.name, self._max_bytes, self._closes = stream, name, max_bytes, closes
        self._ahead = bytearray()
        self._taken_bytes = 0
        self._origin = stream.tell() if stream.seekable() else None

    @property
    def position(self) -> int:
        """Number of the next byte."""
        return self._taken_bytes - len(self._ahead)

    def peek(self, size: int, start: int = 0) -> bytes:
        """`size` bytes, `start` bytes on from here, which stay to be read; fewer only at the end."""
        while len(self._ahead) < start + size and (data := self._next(_READ_BYTES)):
            self._ahead += data
        return bytes(self._ahead[start : start + size])

    def read_into(self, buffer: memoryview) -> int:
        """Fills `buffer` and says how many bytes: fewer only at the end."""
        filled = min(len(buffer), len(self._ahead))
        buffer[:filled] = self._ahead[:filled]
        del self._ahead[:filled]
        while filled < len(buffer) and (data := self._next(min(len(buffer) - filled, _READ_BYTES))):
            buffer[filled : filled + len(data)] = data
            filled += len(data)
        return filled

    def skip(self, size: int) -> int:
        """Drops `size` bytes and says how many there were: fewer only at the end."""
        dropped = min(size, len(self._ahead))
        del self._ahead[:dropped]
        while dropped < size and (data := self._next(min(size - dropped, _READ_BYTES))):
            dropped += len(data)
        return dropped

    def seek(self, position: int) -> None:
        """The next byte is number `position` from where the stream stood; InputError where it is a pipe."""
        if self._origin is None:
            raise InputError(self.name, "is a pipe: it can be read once, from its start")
        self._stream.seek(self._origin + position)
        self._ahead.clear()
        self._taken_bytes = position

    def drain(self) -> None:
        """Reads on to the end, so that who writes does not die of a closed pipe; gives up on the endless."""
        drained = 0
        while drained < _MAX_DRAINED_BYTES and self._has_more() and (data := self._raw(_READ_BYTES)):
            drained += len(data)

    def close(self) -> None:
        """Gives back what is not somebody else's."""
        if self._closes:
            self._stream.close()

    def _next(self, size: int) -> bytes:
        data = self._raw(size)
        self._taken_bytes += len(data)
        if self._taken_bytes > self._max_bytes:
            limit = bytes_in_words(self._max_bytes)
            raise InputError(self.name, f"is larger than {limit}", "--max-size raises the limit")
        return data

    def _raw(self, size: int) -> bytes:
        try:
            return self._stream.read(size)
        except OSError as error:
            raise InputError(self.name, f"cannot be read ({error.strerror or error})") from error

    def _has_more(self) -> bool:
        """Whether something comes soon; a stream that is no file is asked itself."""
        try:
            poll = select.poll()
            poll.register(self._stream.fileno(), select.POLLIN)
        except (OSError, io.UnsupportedOperation):
            return True
        return bool(poll.poll(_MAX_PAUSE_MS))
