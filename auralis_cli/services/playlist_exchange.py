"""Playlists from files and into files."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from pathlib import Path

from auralis_cli.db.store import Store
from auralis_cli.errors import RefusedError
from auralis_cli.model.playlists import (
    MAX_NAME_LETTERS,
    ExportReport,
    ListedFile,
    ListedFiles,
    NewEntry,
    PlaylistChange,
    PlaylistEntry,
    PlaylistFormat,
)
from auralis_cli.quick_dataclasses import dataclass
from auralis_cli.services.changes import changes
from auralis_cli.services.playlist_files.files import playlist_file
from auralis_cli.services.playlist_files.listing import WrittenFile
from auralis_cli.services.playlist_files.locations import one_line
from auralis_cli.services.playlists import Doing, playlist_entries
from auralis_cli.whole_file import check_no_folder, write_whole_file


@dataclass(frozen=True, slots=True)
class ExportRequest:
    """Which playlist goes where, and how."""

    name: str
    # None for standard output.
    target: Path | None
    format: PlaylistFormat
    # Paths as seen from the file's folder.
    relative: bool = False
    # An existing file goes to the trash.
    replace: bool = False


def import_playlist(store: Store, name: str, listed: ListedFiles, *, doing: Doing) -> PlaylistChange:
    """A new playlist of what a file lists; what the library does not have is kept by its path."""
    entries = [NewEntry(one.path, None, one.title, one.artist, one.duration_s) for one in listed.entries]
    with doing.change(store, f"{name} imported"):
        playlist = store.playlists.create(name, now=doing.now)
        added = store.playlists.add(playlist, entries, now=doing.now) if entries else 0
        made = store.playlists.named(name)
        return PlaylistChange(made.name, made.kind, added, tracks=made.tracks, missing=made.missing)


def name_for(listed: ListedFiles, path: Path | None) -> str:
    """What an imported playlist is called: as it calls itself, else as its file is called."""
    stem = "" if path is None else one_line(path.stem)
    return (listed.title or stem or "playlist")[:MAX_NAME_LETTERS].strip()


def export_playlist(
    store: Store, request: ExportRequest, write: Callable[[bytes], None], *, doing: Doing
) -> ExportReport:
    """Writes a playlist into a file, or hands it to `write`. RefusedError where the file exists and is to stay."""
    playlist = store.playlists.named(request.name)
    target = None if request.target is None else Path(os.path.abspath(request.target))
    if request.target is not None:
        check_no_folder(request.target)
    if target is not None and os.path.lexists(target) and not request.replace:
        raise RefusedError(str(request.target), "exists", "--force moves it to the trash")
    folder = os.path.dirname(target) if target is not None else os.getcwd()
    entries, merged = listed_files(playlist_entries(store, playlist, doing.now))
    written = playlist_file(request.format, playlist.name, entries, folder if request.relative else None)
    if target is None and not doing.dry_run:
        write(written.data)
    elif target is not None and not doing.dry_run:
        with changes(store, "playlist", f"{playlist.name} exported to {target}", lambda: doing.now) as change:
            write_whole_file(target, written.data, displace=lambda path: change.trash(str(path)))
            change.created(str(target))
    path = None if request.target is None else str(request.target)
    return ExportReport(
        playlist.name, path, request.format, len(entries) - len(written.left_out), _warnings(written, merged)
    )


def listed_files(entries: Iterable[PlaylistEntry]) -> tuple[list[ListedFile], int]:
    """Entries as files can hold them, and how many are parts of a file: that stands once for those in a row."""
    files: list[ListedFile] = []
    merged = 0
    before: PlaylistEntry | None = None
    for entry in entries:
        if entry.cue_number:
            merged += 1
            if before is None or not before.cue_number or before.path != entry.path:
                files.append(ListedFile(entry.path))
        else:
            files.append(ListedFile(entry.path, entry.title, entry.artist, entry.duration_s))
        before = entry
    return files, merged


def _warnings(written: WrittenFile, merged: int) -> tuple[str, ...]:
    warnings = []
    if written.left_out:
        names = ", ".join(written.left_out[:3])
        warnings.append(f"{len(written.left_out)} paths hold line ends and were left out (xspf can hold them): {names}")
    if merged:
        warnings.append(f"{merged} tracks of cue sheets: their whole files stand for them")
    return tuple(warnings)
