"""Standard input and output as bytes, waited for in turns: who waits for a pipe can still be told to stop."""

from __future__ import annotations

import io
import os
import select
import stat
from contextlib import suppress
from typing import Any, BinaryIO

from auralis_cli.model.progress import CancelToken

_TURN_MS = 100
# A pipe that is ready takes this much without blocking; files take what they are given.
_PIPE_STEP_BYTES = select.PIPE_BUF
_FILE_STEP_BYTES = 1 << 20


class PatientInput(io.FileIO):
    """Bytes of an open descriptor, unbuffered; `read` raises CancelledError once the run is cancelled."""

    def __init__(self, descriptor: int, cancel: CancelToken) -> None:
        super().__init__(descriptor, "rb", closefd=False)
        self._cancel = cancel

    def read(self, size: int | None = -1) -> bytes:
        """What has come, at most `size` bytes; nothing only at the end."""
        while True:
            _await(self.fileno(), select.POLLIN, self._cancel)
            # None: somebody else took it from a descriptor that does not block.
            if (data := super().read(size)) is not None:
                return data


class PatientOutput(io.FileIO):
    """Bytes to an open descriptor, unbuffered; `write` raises CancelledError once the run is cancelled."""

    def __init__(self, descriptor: int, cancel: CancelToken) -> None:
        super().__init__(descriptor, "wb", closefd=False)
        self._cancel = cancel
        regular = stat.S_ISREG(os.fstat(descriptor).st_mode)
        self._step_bytes = _FILE_STEP_BYTES if regular else _PIPE_STEP_BYTES

    def write(self, data: Any) -> int:
        """Writes all of `data`, any object of bytes; BrokenPipeError where nobody reads any more."""
        view, done = memoryview(data).cast("B"), 0
        while done < len(view):
            _await(self.fileno(), select.POLLOUT, self._cancel)
            done += super().write(view[done : done + self._step_bytes]) or 0
        return done


class WhileRead(CancelToken):
    """The token of a run, whose work also ends once nobody reads standard output any more."""

    def __init__(self, cancel: CancelToken, stdout: BinaryIO) -> None:
        super().__init__()
        self._cancel = cancel
        self._poll = select.poll()
        with suppress(OSError):  # no descriptor: nobody can leave
            self._poll.register(stdout.fileno(), 0)

    def raise_if_cancelled(self) -> None:
        """Raises CancelledError once the run is cancelled, BrokenPipeError once the consumer has left."""
        self._cancel.raise_if_cancelled()
        if any(event & (select.POLLERR | select.POLLHUP) for _, event in self._poll.poll(0)):
            raise BrokenPipeError


def _await(descriptor: int, event: int, cancel: CancelToken) -> None:
    """Until reading or writing would not block: signals reach the main thread only, and here is another."""
    poll = select.poll()
    poll.register(descriptor, event)
    while True:
        cancel.raise_if_cancelled()
        if poll.poll(_TURN_MS):
            return
