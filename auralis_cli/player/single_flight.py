"""One load at a time, the newest: what was begun earlier can neither land nor begin another."""

from __future__ import annotations


class SingleFlight:
    """Numbers loads by epochs. Guarded by the player's lock."""

    def __init__(self) -> None:
        # 0 before the first.
        self._newest = 0

    def supersede(self) -> int:
        """The user wants something else: a new epoch, which makes every earlier one stale."""
        self._newest += 1
        return self._newest

    def begin(self, after: int) -> int | None:
        """The load that follows `after` by itself; None where that is stale: it was triggered before, or superseded."""
        return self.supersede() if after == self._newest else None

    def land(self, epoch: int) -> bool:
        """Whether what was loaded for `epoch` is still wanted."""
        return epoch == self._newest
