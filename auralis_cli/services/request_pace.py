"""So many requests a second and no more, as a server asks for."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from auralis_cli.model.progress import CancelToken

_SLICE_S = 0.1


class RequestPace:
    """Lets one request through in each interval, whichever thread makes it."""

    def __init__(
        self,
        interval_s: float,
        clock: Callable[[], float] = time.monotonic,
        wait: Callable[[float], object] | None = None,
    ) -> None:
        self._interval_s = interval_s
        self._clock = clock
        self._wait = threading.Event().wait if wait is None else wait
        self._lock = threading.Lock()
        self._next_s = clock()

    def take_turn(self, cancel: CancelToken) -> None:
        """Waits until it is this request's turn; raises CancelledError where the work is to stop."""
        with self._lock:
            turn_s = max(self._next_s, self._clock())
            self._next_s = turn_s + self._interval_s
        while (left_s := turn_s - self._clock()) > 0.0:
            cancel.raise_if_cancelled()
            self._wait(min(left_s, _SLICE_S))

    def hold(self, seconds: float) -> None:
        """Nothing goes through for so long: the server asked for it."""
        with self._lock:
            self._next_s = max(self._next_s, self._clock() + seconds)
