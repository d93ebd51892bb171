"""The playlists that go along with an export: as M3U8, with the paths that the files have there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from auralis_cli.audio.file_names import MAX_NAME_BYTES, safe_name, shortened_name
from auralis_cli.db.store import Store
from auralis_cli.model.library import Track
from auralis_cli.model.playlists import ListedFile, Playlist, PlaylistFormat
from auralis_cli.quick_dataclasses import dataclass
from auralis_cli.services.export_names import folded
from auralis_cli.services.playlist_files.files import playlist_file
from auralis_cli.services.playlists import list_playlists, playlist_entries

_EXTENSION = ".m3u8"


@dataclass(frozen=True, slots=True)
class PlaylistFile:
    """A playlist as it is to be written."""

    playlist: str
    name: str
    data: bytes
    entries: int


@dataclass(frozen=True, slots=True)
class ChosenPlaylists:
    """Which playlists go along."""

    # By name; their tracks are exported as well.
    named: tuple[str, ...] = ()
    # All that hold anything of what is exported.
    all: bool = False

    def chosen_of(self, store: Store, now: int) -> tuple[Playlist, ...]:
        """Them. Raises UsageError where one of the named is not there."""
        named = {one.id: one for one in map(store.playlists.named, self.named)}
        others = list_playlists(store, now) if self.all else ()
        return (*named.values(), *(one for one in others if one.id not in named))

    def tracks_of(self, store: Store, now: int) -> list[Track]:
        """The tracks of the named ones; entries that the library has no track for are left out."""
        playlists = map(store.playlists.named, self.named)
        entries = (entry for one in playlists for entry in playlist_entries(store, one, now))
        return [entry.track for entry in entries if entry.track is not None and not entry.is_missing]


def playlist_files(
    store: Store,
    playlists: Iterable[Playlist],
    exported: Mapping[tuple[str, int], Path],
    folder: Path,
    *,
    portable: bool,
    now: int,
) -> list[PlaylistFile]:
    """A file for each of those that hold anything of what is exported, by path and number in a cue sheet."""
    files: list[PlaylistFile] = []
    taken: set[str] = set()
    for playlist in playlists:
        entries = [
            ListedFile(str(exported[entry.path, entry.cue_number]), entry.title, entry.artist, entry.duration_s)
            for entry in playlist_entries(store, playlist, now)
            if (entry.path, entry.cue_number) in exported
        ]
        if entries:
            name = _free_name(playlist.name, taken, portable=portable)
            written = playlist_file(PlaylistFormat.M3U8, playlist.name, entries, str(folder))
            files.append(PlaylistFile(playlist.name, name, written.data, len(entries)))
    return files


def _free_name(playlist: str, taken: set[str], *, portable: bool) -> str:
    safe = safe_name(playlist, portable=portable).lstrip(". ").rstrip(" .")
    stem = shortened_name(safe, MAX_NAME_BYTES - len(_EXTENSION) - 10) or "_"
    name, number = stem + _EXTENSION, 1
    while folded(name) in taken:
        number += 1
        name = f"{stem} ({number}){_EXTENSION}"
    taken.add(folded(name))
    return name
