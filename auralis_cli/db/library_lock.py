"""Who uses a library, between processes: everybody shares it, who remakes the file has it alone.

The lock is on a file beside the library, which is never deleted: a lock on a deleted file would keep nobody out.
"""

from __future__ import annotations

import fcntl
import os
import threading
import time
from collections.abc import Callable
from pathlib import Path

from auralis_cli.db.complaints import system_error
from auralis_cli.db.lock_holders import user_of
from auralis_cli.errors import LibraryError

_PAUSE_S = 0.02


class LibraryLock:
    """The lock beside one library, not held until one of its methods says so."""

    def __init__(self, library: Path) -> None:
        self.library = library
        self.path = library.with_name(library.name + ".lock")
        try:
            self._file = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise system_error(library, error) from error

    def try_to_share(self) -> bool:
        """Holds it together with others, unless somebody has it alone."""
        return self._try(fcntl.LOCK_SH)

    def try_to_take(self) -> bool:
        """Holds it alone, unless anybody else holds it; what was held of it before is given up either way."""
        return self._try(fcntl.LOCK_EX)

    def take(self, wait_s: float) -> None:
        """Holds it alone; raises LibraryError where others do not leave within `wait_s`."""
        waiting = Waiting(wait_s)
        while not self.try_to_take():
            waiting.once_more_or(self.in_use)

    def in_use(self, wait_s: float) -> LibraryError:
        """The complaint that others do not leave the library."""
        who = user_of(self.path, exclusive=False) or "another program"
        return LibraryError(
            str(self.library), f"is in use by {who}, which did not end within {wait_s:g} s", "try again when it is done"
        )

    def being_remade(self, wait_s: float) -> LibraryError:
        """The complaint that somebody has the library alone."""
        who = user_of(self.path, exclusive=True) or "another program"
        why = f"is being migrated or restored by {who}, which did not end within {wait_s:g} s"
        return LibraryError(str(self.library), why, "try again when it is done")

    def let_go(self) -> None:
        """Holds it no longer, but may again."""
        fcntl.flock(self._file, fcntl.LOCK_UN)

    def close(self) -> None:
        """Holds it no longer."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1

    def _try(self, how: int) -> bool:
        try:
            fcntl.flock(self._file, how | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        except OSError as error:
            raise system_error(self.library, error) from error
        return True


class Waiting:
    """Waits again and again, but not for longer than it was told; Ctrl-C is heard."""

    def __init__(self, wait_s: float) -> None:
        self.wait_s = wait_s
        self._ends_at = time.monotonic() + wait_s
        self._pause = threading.Event()

    def once_more_or(self, complaint: Callable[[float], LibraryError]) -> None:
        """Waits a little; raises the complaint where the time is up."""
        if time.monotonic() >= self._ends_at:
            raise complaint(self.wait_s)
        self._pause.wait(_PAUSE_S)
