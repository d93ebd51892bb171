"""Paths that were chosen in a list as what is done with them: played, queued, put into playlists."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from auralis_cli.errors import AuralisError
from auralis_cli.model.playlists import NewEntry
from auralis_cli.model.queue import QueueTrack
from auralis_cli.quick_dataclasses import dataclass
from auralis_cli.services.queueable import queueable_at


@dataclass(frozen=True, slots=True)
class PathTracks:
    """The tracks of some paths, and how many of these could not be had."""

    tracks: tuple[QueueTrack, ...]
    failures: tuple[AuralisError, ...]
    # The place of the first track of the path that was meant, from 0.
    start: int = 0


def tracks_at(paths: Iterable[str], meant: str | None = None) -> PathTracks:
    """What these paths stand for in a queue, looked up on the disk: not for the event loop."""
    tracks: list[QueueTrack] = []
    failures: list[AuralisError] = []
    start = 0
    for path in paths:
        if path == meant:
            start = len(tracks)
        for found in queueable_at(path):
            if isinstance(found, AuralisError):
                failures.append(found)
            else:
                tracks.append(found)
    return PathTracks(tuple(tracks), tuple(failures), min(start, max(0, len(tracks) - 1)))


def entries_for(tracks: Sequence[QueueTrack]) -> list[NewEntry]:
    """The same as a playlist takes them."""
    return [NewEntry(one.path, one.cue_number) for one in tracks]
