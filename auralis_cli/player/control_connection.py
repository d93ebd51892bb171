"""One client of the control socket, as the server sees it: what it sent, what it has still to read."""

from __future__ import annotations

import socket
from contextlib import suppress
from dataclasses import field

from auralis_cli.model.queue import QueueTrack
from auralis_cli.player.control_protocol import LONGEST_LINE_BYTES
from auralis_cli.quick_dataclasses import dataclass

_PIECE_BYTES = 64 << 10


@dataclass(eq=False, slots=True)
class Connection:
    """What is kept of a client, all of it bounded: a line coming in, a reply and an event going out."""

    socket: socket.socket
    # When it last read something, or had nothing to read.
    read_at: float
    # A request of its is being worked on; no further one is looked at meanwhile.
    is_busy: bool = False
    # It will send nothing more.
    is_done: bool = False
    # It wants to be told of changes.
    is_watching: bool = False
    # The number of the event it was sent last.
    seen_seq: int = 0
    staged: list[QueueTrack] = field(default_factory=list)
    _incoming: bytearray = field(default_factory=bytearray)
    _outgoing: bytearray = field(default_factory=bytearray)
    _skips_line: bool = False

    @property
    def has_to_read(self) -> bool:
        """Whether it has not read all that it was sent."""
        return bool(self._outgoing)

    @property
    def is_ready(self) -> bool:
        """Whether more may be read from it: it has read its answer, and there is room for a line."""
        return not (self.is_busy or self.is_done or self._outgoing)

    def receive(self) -> None:
        """Takes what it sent, as far as there is room; OSError where it is gone."""
        with suppress(BlockingIOError, InterruptedError):
            piece = self.socket.recv(_PIECE_BYTES)
            self._incoming += piece
            self.is_done = not piece

    def next_line(self) -> bytes | None:
        """The next whole line; None where there is none yet. An empty `bytes` stands for one that is too long."""
        while True:
            end = self._incoming.find(b"\n")
            if end < 0:
                if len(self._incoming) <= LONGEST_LINE_BYTES:
                    return None
                self._incoming.clear()
                # Answered once, however much more of it comes.
                was_skipping, self._skips_line = self._skips_line, True
                return None if was_skipping else b""
            line = bytes(self._incoming[:end])
            del self._incoming[: end + 1]
            was_skipping, self._skips_line = self._skips_line, False
            if was_skipping or not line.strip():
                continue
            return line if len(line) <= LONGEST_LINE_BYTES else b""

    def send(self, data: bytes, now: float) -> None:
        """Sends as much as it takes, and keeps the rest; OSError where it is gone."""
        if not self._outgoing:
            self.read_at = now
        self._outgoing += data
        self.flush(now)

    def flush(self, now: float) -> None:
        """Sends more of what is left, never waiting; OSError where it is gone."""
        with suppress(BlockingIOError, InterruptedError):
            while self._outgoing:
                sent = self.socket.send(self._outgoing)
                del self._outgoing[:sent]
                self.read_at = now

    def close(self) -> None:
        """Gives the socket back."""
        self.socket.close()
