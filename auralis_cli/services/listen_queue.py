"""The plays that a server is still to hear of, as whoever tells them needs them: the library is open only in between.

One process tells at a time. What a server has taken is forgotten after its answer, so that a kill in between tells it
again; servers know a listen again by its moment and its track, and count it once.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from auralis_cli.db.store import Store
from auralis_cli.errors import LibraryError
from auralis_cli.model.listens import Listen
from auralis_cli.version import VERSION

_BUSY_WAIT_S = 2.0


class ListenQueue:
    """The queue in a library; raises LibraryError where that cannot be used."""

    def __init__(self, library: Path) -> None:
        self._library = library

    def waiting(self, limit: int, *, refused_too: bool = False, behind: Listen | None = None) -> tuple[Listen, ...]:
        """The next ones to be told, the oldest first."""
        if not self._library.exists():
            return ()
        with self._opened(read_only=True) as store:
            return store.listens.waiting(limit, refused_too=refused_too, behind=behind)

    def taken(self, ids: Collection[int]) -> None:
        """A server has them: they are forgotten."""
        with self._opened() as store:
            store.listens.remove(ids)

    def failed(self, ids: Collection[int], why: str, *, refused: bool) -> None:
        """They were not taken; those that were refused are not told by themselves any more."""
        with self._opened() as store:
            store.listens.failed(ids, why, refused=refused)

    @contextmanager
    def telling(self) -> Iterator[bool]:
        """Whether this process is the one that tells, until the end of the context.

        The lock is the kernel's: it ends with its process, however that ends. The file stays.
        """
        path = self._library.with_name(self._library.name + ".scrobble")
        try:
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        except OSError as error:
            raise LibraryError(str(path), f"cannot be locked ({error.strerror})") from error
        try:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                yield False
            except OSError as error:
                raise LibraryError(str(path), f"cannot be locked ({error.strerror})") from error
            else:
                yield True
        finally:
            with suppress(OSError):
                os.close(descriptor)

    def _opened(self, *, read_only: bool = False) -> Store:
        return Store.open(
            self._library, program=VERSION, now=int(time.time()), read_only=read_only, wait_s=_BUSY_WAIT_S
        )
