"""What a screen is made of is looked through by no collection of garbage: measured, each held a key up for 0.1 s."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Timer

# By then all that stays is there: the modules, the styles, the views that are imported behind the first.
_SETTLED_S = 3.0


@contextmanager
def collected_later(settled_s: float = _SETTLED_S) -> Iterator[None]:
    """While the program starts nothing is collected, and what is there once it has settled never is."""
    gc.disable()
    settling = Timer(settled_s, _settle)
    settling.daemon = True
    settling.start()
    try:
        yield
    finally:
        settling.cancel()
        gc.enable()


def _settle() -> None:
    gc.freeze()
    gc.enable()
