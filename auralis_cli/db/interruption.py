"""How what SQLite is at is ended before it has an answer."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from auralis_cli.db.connection import LibraryDatabase
from auralis_cli.errors import CancelledError, LibraryError
from auralis_cli.model.progress import CancelToken

_STEPS_BETWEEN_LOOKS = 200_000


@contextmanager
def interruptible(database: LibraryDatabase, cancel: CancelToken, *, steps: int | None = None) -> Iterator[None]:
    """Statements of this thread end within so many of SQLite's steps when the user asks to stop: CancelledError."""

    def look() -> int:
        try:
            cancel.raise_if_cancelled()
        except CancelledError:
            return 1
        return 0

    connection = database.of_this_thread()
    connection.set_progress_handler(look, steps or _STEPS_BETWEEN_LOOKS)
    try:
        yield
    except LibraryError:
        cancel.raise_if_cancelled()
        raise
    finally:
        connection.set_progress_handler(None, 0)
