"""What was told to end ends, also where it waits for ever: a screen for a terminal that is gone, for one."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from auralis_cli.errors import CancelledError
from auralis_cli.model.progress import CancelToken

# A screen that can still end by itself is long gone by then.
PATIENCE_S = 4.0
_LOOKS_EVERY_S = 0.5


@contextmanager
def ended_for_sure(cancel: CancelToken, patience_s: float = PATIENCE_S) -> Iterator[None]:
    """Ends the process, whatever it waits for, once the block goes on for so long after it was told to end."""
    is_over = threading.Event()

    def watch() -> None:
        while not is_over.wait(_LOOKS_EVERY_S):
            if cancel.is_cancelled and not is_over.wait(patience_s):
                os._exit(CancelledError.exit_code)

    threading.Thread(target=watch, name="sure end", daemon=True).start()
    try:
        yield
    finally:
        is_over.set()
