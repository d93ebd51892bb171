"""What was found out once, for live mastering or for gains, kept on disk: small files in a folder that does not grow
beyond a bound.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from auralis_cli.errors import OutputError
from auralis_cli.whole_file import write_whole_file

# Of 5 to 10 kB each.
_MOST_ENTRIES = 4000
# So many at once make room, so that not every entry beyond the bound reads the folder's times.
_ROOM = 0.05
# And so much more than that may be there before anybody looks: looking takes as long as there are entries.
_SLACK = 0.01
_SUFFIX = ".plan"


class PlanCache:
    """Bytes by key, each written whole or not at all; several processes may use one folder.

    What goes first is what nobody asked for longest. A cache that cannot be written keeps nothing, and says nothing.
    """

    def __init__(self, folder: Path, most_entries: int = _MOST_ENTRIES, suffix: str = _SUFFIX) -> None:
        self._folder, self._most, self._suffix = folder, most_entries, suffix
        # Before so many more are kept, nobody need look whether they are too many.
        self._puts_left = 0

    def get(self, key: str) -> bytes | None:
        """What was kept under `key`; None where that is nothing."""
        place = self._place(key)
        try:
            data = place.read_bytes()
            os.utime(place)
        except OSError:
            return None
        return data

    def put(self, key: str, data: bytes) -> None:
        """Keeps `data` under `key` in the place of what was there."""
        with suppress(OutputError, OSError):
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            write_whole_file(self._place(key), data)
            self._make_room()

    def _make_room(self) -> None:
        self._puts_left -= 1
        if self._puts_left > 0:
            return
        self._puts_left = int(self._most * _SLACK)
        with os.scandir(self._folder) as found:
            entries = [entry.path for entry in found if entry.name.endswith(self._suffix)]
        if len(entries) <= self._most:
            return
        by_age = sorted(entries, key=_asked_for_ns)
        for path in by_age[: len(entries) - self._most + int(self._most * _ROOM)]:
            with suppress(OSError):
                os.unlink(path)

    def _place(self, key: str) -> Path:
        return self._folder / f"{key}{self._suffix}"


def _asked_for_ns(path: str) -> int:
    try:
        return os.stat(path).st_mtime_ns
    except OSError:
        return 0
