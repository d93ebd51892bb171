"""What a person who goes through folders is shown of one: its folders, audio files, cue sheets and playlists."""

from __future__ import annotations

import os
import re
from enum import StrEnum

from auralis_cli.audio.walk import AUDIO_EXTENSIONS, is_left_out
from auralis_cli.errors import InputError
from auralis_cli.model.playlists import PlaylistFormat
from auralis_cli.model.source import is_cue_sheet
from auralis_cli.quick_dataclasses import dataclass

_NUMBERS = re.compile(r"(\d{1,18})", re.ASCII)


class EntryKind(StrEnum):
    """What an entry of a folder is."""

    FOLDER = "folder"
    FILE = "file"
    SHEET = "sheet"
    PLAYLIST = "playlist"


@dataclass(frozen=True, slots=True)
class FolderEntry:
    """One thing in a folder that can be gone into or played."""

    name: str
    path: str
    kind: EntryKind
    # None of a folder, and of what cannot be looked at.
    size_bytes: int | None = None


def folder_contents(folder: str, *, hidden: bool = False) -> tuple[FolderEntry, ...]:
    """Folders first, each in the order people expect: 2 before 10, whatever the case of letters.

    Hidden ones, and a system's own, are left out unless `hidden`. Raises InputError where it cannot be read.
    """
    try:
        with os.scandir(folder) as listing:
            found = [one for one in (_entry(entry, hidden=hidden) for entry in listing) if one is not None]
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or "no possible name"
        raise InputError(folder, f"cannot be read ({why.lower()})") from error
    return tuple(sorted(found, key=_place))


def name_order(name: str) -> tuple[tuple[bool, int, str], ...]:
    """By what names are put in order, numbers in them by what they count."""
    parts = _NUMBERS.split(name.casefold())
    return tuple((part.isascii() and part.isdigit(), int(part) if i % 2 else 0, part) for i, part in enumerate(parts))


def _place(entry: FolderEntry) -> tuple[bool, tuple[tuple[bool, int, str], ...], str]:
    return entry.kind is not EntryKind.FOLDER, name_order(entry.name), entry.name


def _entry(entry: os.DirEntry[str], *, hidden: bool) -> FolderEntry | None:
    """What it is; None for what is neither a folder nor music, and for a link to nothing."""
    name = entry.name
    if is_left_out(name) and not hidden:
        return None
    try:
        if entry.is_dir():
            return FolderEntry(name, entry.path, EntryKind.FOLDER)
        kind = _kind_by_name(name)
        if kind is None or not entry.is_file():
            return None
        return FolderEntry(name, entry.path, kind, entry.stat().st_size)
    except OSError:
        return None


def _kind_by_name(name: str) -> EntryKind | None:
    if is_cue_sheet(name):
        return EntryKind.SHEET
    if PlaylistFormat.of_name(name) is not None:
        return EntryKind.PLAYLIST
    return EntryKind.FILE if os.path.splitext(name)[1].lower() in AUDIO_EXTENSIONS else None
