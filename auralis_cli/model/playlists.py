"""Playlists: lists that are made by hand, and queries that are kept under a name."""

from __future__ import annotations

import os
import unicodedata
from enum import StrEnum
from pathlib import Path

from auralis_cli.errors import UsageError
from auralis_cli.model.library import FileStatus, Track
from auralis_cli.model.queue import QueueTrack
from auralis_cli.quick_dataclasses import dataclass

MAX_NAME_LETTERS = 255
MAX_DESCRIPTION_LETTERS = 4000


class PlaylistKind(StrEnum):
    """Who says what is in a playlist: the user entry by entry, or a query each time it is asked."""

    STATIC = "static"
    SMART = "smart"


@dataclass(frozen=True, slots=True)
class Playlist:
    """A playlist as `playlist list` gives it."""

    id: int
    name: str
    kind: PlaylistKind
    # Of a smart playlist, as it was written.
    query: str | None
    description: str | None
    # Of a smart playlist what its query finds, once that was asked.
    tracks: int
    # Entries whose file is not there, or not in the library.
    missing: int
    duration_s: float
    created_at: int
    updated_at: int


@dataclass(frozen=True, slots=True)
class PlaylistEntry:
    """A place in a playlist: a track of the library, or what is known of a file that is none."""

    # From 1, as people count.
    position: int
    path: str
    # 0 for the whole file, else the number in its cue sheet.
    cue_number: int
    title: str | None
    artist: str | None
    duration_s: float | None
    track: Track | None

    @property
    def is_missing(self) -> bool:
        """Whether there is nothing to play: no track of the library, or one whose file was not found."""
        return self.track is None or self.track.status is FileStatus.MISSING

    @property
    def queued(self) -> QueueTrack:
        """The same in a queue."""
        return QueueTrack(self.path, self.cue_number, None if self.track is None else self.track.id)


@dataclass(frozen=True, slots=True)
class NewEntry:
    """What is to be put into a playlist: a path, and what it is called should the library not know it."""

    path: str
    # None for the file whatever it holds: of one that a cue sheet divides, all tracks.
    cue_number: int | None = None
    title: str | None = None
    artist: str | None = None
    duration_s: float | None = None


@dataclass(frozen=True, slots=True)
class PlaylistChange:
    """What was done to a playlist, and what it is then."""

    name: str
    kind: PlaylistKind
    added: int = 0
    removed: int = 0
    moved: int = 0
    tracks: int = 0
    missing: int = 0


class PlaylistFormat(StrEnum):
    """Files that playlists come in and go out by."""

    M3U = "m3u"
    # The same, but UTF-8 by name.
    M3U8 = "m3u8"
    PLS = "pls"
    XSPF = "xspf"

    @classmethod
    def of_name(cls, name: str | Path) -> PlaylistFormat | None:
        """The format that the name of a file says."""
        suffix = os.path.splitext(name)[1].lower().removeprefix(".")
        return next((kind for kind in cls if kind.value == suffix), None)


@dataclass(frozen=True, slots=True)
class ListedFile:
    """An entry of a playlist file."""

    path: str
    title: str | None = None
    artist: str | None = None
    duration_s: float | None = None


@dataclass(frozen=True, slots=True)
class ListedFiles:
    """What a playlist file holds, with what could not be taken."""

    entries: tuple[ListedFile, ...]
    # What the file calls itself.
    title: str | None = None
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ExportReport:
    """A playlist that went into a file."""

    name: str
    # None for standard output.
    path: str | None
    format: PlaylistFormat
    entries: int
    warnings: tuple[str, ...]


def name_key(name: str) -> str:
    """Equal for names that differ by case, by spaces, or in how their letters are composed."""
    return " ".join(unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold()).split())


def check_name(name: str) -> str:
    """`name` if something can be called so; raises UsageError."""
    if not name_key(name):
        raise UsageError(name, "a name may not be empty")
    if len(name) > MAX_NAME_LETTERS:
        raise UsageError(f"{name[:40]}…", f"is too long for a name ({MAX_NAME_LETTERS} letters at most)")
    if any(unicodedata.category(letter) in ("Cc", "Cs", "Zl", "Zp") for letter in name):
        raise UsageError(name, "a name may not hold control characters")
    return name
