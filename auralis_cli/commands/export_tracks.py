"""Which tracks an export is asked for: of a query, of playlists, and files whether the library has them or not.

Where all words are names of files and folders, these are meant; otherwise the words are a query, as in `auralis list`.
"""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

from auralis_cli.commands.asked_query import asked_query
from auralis_cli.commands.asked_tracks import check_names
from auralis_cli.commands.file_failures import error_of
from auralis_cli.commands.inputs import listed_names
from auralis_cli.commands.verb import Session
from auralis_cli.errors import AuralisError, UsageError
from auralis_cli.model.library import Track
from auralis_cli.model.source import STANDARD_STREAM

if TYPE_CHECKING:
    from auralis_cli.db.store import Store
    from auralis_cli.services.export_playlists import ChosenPlaylists

Found = tuple[list[Track], list[AuralisError]]


def export_tracks(
    session: Session,
    store: Store,
    words: Sequence[str],
    files_from: str | None,
    playlists: ChosenPlaylists,
    *,
    names_end_in_nul: bool,
) -> Found:
    """The tracks in order, and what of the named files cannot be read; without words or playlists, everything."""
    from auralis_cli.services.found_tracks import found_tracks

    check_names(words, files_from, names_end_in_nul=names_end_in_nul)
    if STANDARD_STREAM in words:
        raise UsageError(STANDARD_STREAM, "standard input has no name to be exported by", "name a file")
    tracks = playlists.tracks_of(store, int(time.time()))
    failures: list[AuralisError] = []
    if files_from is not None or (words and all(map(os.path.lexists, words))):
        names = words if files_from is None else listed_names(session, files_from, nul=names_end_in_nul)
        more, failures = _of_names(session, store, names)
        tracks += more
    elif words or not playlists.named:
        tracks += found_tracks(store, asked_query(words))
    return tracks, failures


def _of_names(session: Session, store: Store, names: Sequence[str]) -> Found:
    """Tracks of the library where it has the file, or anything below the folder; others are read as they are."""
    from auralis_cli.services.found_tracks import found_tracks

    paths = list(dict.fromkeys(map(os.path.abspath, names)))
    ids: dict[str, list[int]] = {}
    sheets_and_files = [path for path in paths if not os.path.isdir(path)]
    for (path, _), number in sorted(store.tracks.ids_at(sheets_and_files).items()):
        ids.setdefault(path, []).append(number)
    tracks: list[Track] = []
    unknown: list[str] = []
    for path in paths:
        of_path = list(found_tracks(store, asked_query([path]))) if os.path.isdir(path) else ids.get(path, ())
        if not of_path:
            unknown.append(path)
        tracks += (one if isinstance(one, Track) else _track(store, one) for one in of_path)
    if not unknown:
        return tracks, []
    more, failures = _unlisted(session, unknown)
    return tracks + more, failures


def _track(store: Store, number: int) -> Track:
    (track,) = store.tracks.by_ids([number])
    return track


def _unlisted(session: Session, paths: Sequence[str]) -> Found:
    from auralis_cli.services.found_tracks import found_tracks
    from auralis_cli.services.unlisted_files import library_of

    library, failures = library_of(paths, now=int(time.time()), cancel=session.cancel)
    with library:
        return list(found_tracks(library, asked_query(()))), [error_of(one) for one in failures]
