"""Waiting for what other threads and processes do, however long a busy machine keeps them from it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from itertools import pairwise

# What never happens costs that much, and nothing else does.
PATIENCE_S = 30.0


def until(is_so: Callable[[], object], what: str = "it never happened") -> None:
    """Waits for a fact; fails where it does not come true."""
    pause, ends_at_s = threading.Event(), time.monotonic() + PATIENCE_S
    while not is_so():
        assert time.monotonic() < ends_at_s, what
        pause.wait(0.002)


def without_halts_s(moments_s: Sequence[float], most_s: float = 0.05) -> float:
    """From the first of many moments to the last, where no two that follow each other lie further apart than that."""
    return sum(min(later_s - earlier_s, most_s) for earlier_s, later_s in pairwise(moments_s))


class SteadyClock:
    """The real time, of which at most `most_s` passes between two looks: a machine that halts does not count.

    Who is timed by it looks at it more often than that. It may stand in the place of the module `time`.
    """

    def __init__(self, most_s: float) -> None:
        self._most_s, self._lock = most_s, threading.Lock()
        self._seen_s, self._now_s = time.monotonic(), 0.0

    def monotonic(self) -> float:
        """Seconds since it was made."""
        with self._lock:
            seen_s = time.monotonic()
            self._now_s += min(seen_s - self._seen_s, self._most_s)
            self._seen_s = seen_s
            return self._now_s


class HandClock:
    """A time moved by hand, which counts how often it is looked at; it may stand in the place of the module `time`."""

    def __init__(self) -> None:
        self.now_s, self.looks = 0.0, 0

    def __call__(self) -> float:
        self.looks += 1
        return self.now_s

    def monotonic(self) -> float:
        """Seconds since it was made."""
        return self()

    def wait_for_looks(self, more: int) -> None:
        """So many looks from now on have been taken."""
        seen = self.looks
        until(lambda: self.looks >= seen + more, "nobody looks at the clock")

    def pass_seconds(self, seconds: float) -> None:
        """So much passes at once, and is seen."""
        self.now_s += seconds
        # One look may have been under way.
        self.wait_for_looks(2)
