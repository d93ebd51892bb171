"""Files that go by the name of a piece of music beside it, and therefore along with it: lyrics, notes, a picture."""

from __future__ import annotations

import os

from auralis_cli.audio.walk import AUDIO_EXTENSIONS

COMPANION_SUFFIXES = (".lrc", ".txt", ".jpg", ".jpeg", ".png")


class Companions:
    """Finds them; each folder is listed once."""

    def __init__(self) -> None:
        self._names: dict[str, dict[str, list[str]]] = {}

    def of(self, path: str) -> list[str]:
        """The names of those of a file; none where another piece of music has the same name, since they may be its."""
        folder, name = os.path.split(path)
        stem = os.path.splitext(name)[0]
        names = self._by_stem(folder).get(stem, [])
        if any(is_music(other) and other != name for other in names):
            return []
        return [os.path.join(folder, other) for other in names if _suffix(other) in COMPANION_SUFFIXES]

    def _by_stem(self, folder: str) -> dict[str, list[str]]:
        if folder not in self._names:
            found: dict[str, list[str]] = {}
            try:
                for name in sorted(os.listdir(folder)):
                    found.setdefault(os.path.splitext(name)[0], []).append(name)
            except OSError:
                found = {}
            self._names[folder] = found
        return self._names[folder]


def is_music(name: str) -> bool:
    """Whether a file of this name is music, as far as its ending tells."""
    return _suffix(name) in AUDIO_EXTENSIONS


def _suffix(name: str) -> str:
    return os.path.splitext(name)[1].lower()
