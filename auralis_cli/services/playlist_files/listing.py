"""What is gathered while a playlist file is read, and what comes of writing one."""

from __future__ import annotations

import re

from auralis_cli.model.playlists import ListedFile, ListedFiles
from auralis_cli.quick_dataclasses import dataclass
from auralis_cli.services.playlist_files.locations import NotAFile, Place, path_of, path_of_uri_path

MAX_ENTRIES = 500_000
_MAX_NAMED = 3
_LONGEST_S = 1e9
_MAX_TITLE_LETTERS = 1000


class Malformed(ValueError):  # noqa: N818 - becomes an InputError where the file is known
    """What is wrong with a playlist file, in words."""


@dataclass(frozen=True, slots=True)
class WrittenFile:
    """A playlist file, and the paths it cannot hold."""

    data: bytes
    left_out: tuple[str, ...]


class Listing:
    """The entries of a playlist file as they are found."""

    def __init__(self, place: Place) -> None:
        self.title: str | None = None
        self._place = place
        self._entries: list[ListedFile] = []
        self._kept_out: list[str] = []

    def add(
        self, word: str, title: str | None, artist: str | None, duration_s: float | None, *, otherwise: str
    ) -> None:
        """An entry with the name of a file, or with a URI."""
        try:
            self._add(path_of(word, self._place, otherwise), title, artist, duration_s)
        except NotAFile:
            self._kept_out.append(word)

    def add_uri(self, uri: str, title: str | None, artist: str | None, duration_s: float | None) -> None:
        """An entry with a URI, absolute or relative."""
        try:
            absolute = re.match(r"[A-Za-z][A-Za-z0-9+.-]+:", uri)
            path = path_of(uri, self._place) if absolute else path_of_uri_path(uri, self._place)
            self._add(path, title, artist, duration_s)
        except NotAFile:
            self._kept_out.append(uri)

    def check_length(self, entries: int) -> None:
        """Raises Malformed where there are more entries than any playlist has."""
        if entries > MAX_ENTRIES:
            raise Malformed(f"has more than {MAX_ENTRIES} entries")

    def listed(self) -> ListedFiles:
        """All of it."""
        warnings = []
        if self._kept_out:
            named = ", ".join(self._kept_out[:_MAX_NAMED]) + (", …" if len(self._kept_out) > _MAX_NAMED else "")
            warnings.append(f"{len(self._kept_out):,} left out, as no files of this machine: {named}")
        return ListedFiles(tuple(self._entries), self.title, tuple(warnings))

    def _add(self, path: str, title: str | None, artist: str | None, duration_s: float | None) -> None:
        self.check_length(len(self._entries) + 1)
        known_s = duration_s if duration_s is not None and duration_s <= _LONGEST_S else None
        title, artist = (text[:_MAX_TITLE_LETTERS] if text else None for text in (title, artist))
        self._entries.append(ListedFile(path, title, artist, known_s))
