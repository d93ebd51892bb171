"""One scan of a library at a time, across processes: the second waits, and says for whom."""

from __future__ import annotations

import fcntl
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from queue import Empty, SimpleQueue

from auralis_cli.errors import LibraryError
from auralis_cli.model.progress import CancelToken

_POLL_S = 0.1
_LONGEST_PID = 20


@contextmanager
def one_scan_at_a_time(library: Path, note: Callable[[str], None], cancel: CancelToken) -> Iterator[None]:
    """Holds the lock beside the library; waits for whoever has it, until `cancel` is set.

    The lock is the kernel's: it ends with its process, however that ends. The file stays.
    """
    path = library.with_name(library.name + ".scan")
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise LibraryError(
            str(path), f"cannot be locked ({error.strerror})", "its folder has to be writable"
        ) from error
    try:
        if not _is_free(path, descriptor):
            holder = os.pread(descriptor, _LONGEST_PID, 0).decode("ascii", "replace").strip()
            note(f"waiting for another scan of this library{f' (process {holder})' if holder.isdigit() else ''}")
            _wait(descriptor, cancel)
        with suppress(OSError):  # a full disk: whoever waits is not told for whom
            os.truncate(descriptor, 0)
            os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
        yield
    finally:
        with suppress(OSError):
            os.close(descriptor)


def _is_free(path: Path, descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError as error:
        raise LibraryError(str(path), f"cannot be locked ({error.strerror})") from error
    return True


def _wait(descriptor: int, cancel: CancelToken) -> None:
    """Waits for the lock in a thread of its own, because waiting for it cannot be interrupted."""
    own = os.dup(descriptor)  # shares the lock, and outlives the caller's
    outcome: SimpleQueue[OSError | None] = SimpleQueue()

    def take() -> None:
        try:
            fcntl.flock(own, fcntl.LOCK_EX)
            outcome.put(None)
        except OSError as error:
            outcome.put(error)
        finally:
            os.close(own)

    threading.Thread(target=take, name="scan lock", daemon=True).start()
    while True:
        cancel.raise_if_cancelled()
        with suppress(Empty):
            if (error := outcome.get(timeout=_POLL_S)) is not None:
                raise LibraryError("scan", f"the lock of the library cannot be had ({error.strerror})") from error
            return
