"""The time in which others could be heard, by which it is told who is silent."""

from __future__ import annotations

import time

# No more than this counts between two looks: a program that was halted (Ctrl-Z) has heard nobody meanwhile.
_MOST_BETWEEN_LOOKS_S = 1.0


class ListeningClock:
    """Stands still while the program does. For one thread, which looks at it whenever it listens, and more often than
    once a second.
    """

    def __init__(self) -> None:
        self._looked_s, self._clock_s = time.monotonic(), 0.0

    def now_s(self) -> float:
        """Seconds in which there was somebody to hear."""
        seen_s = time.monotonic()
        self._clock_s += min(seen_s - self._looked_s, _MOST_BETWEEN_LOOKS_S)
        self._looked_s = seen_s
        return self._clock_s
