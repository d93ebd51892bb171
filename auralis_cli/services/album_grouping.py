"""Which of the tracks to be mastered are one album, and in what order they follow each other in it.

Albums are told apart as the library does (`model/album_grouping.py`); what no tags say is told by folder. Numbers of
discs and tracks give the order where every track has one of its own, else names do.
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence

from auralis_cli.audio.track_file import read_track_file
from auralis_cli.audio.track_tags import track_tags
from auralis_cli.errors import AuralisError, InputError
from auralis_cli.model.album_grouping import album_folder, album_key, disc_of_folder, fold
from auralis_cli.model.album_mastering import AlbumRequest
from auralis_cli.model.library import TrackTags
from auralis_cli.model.mastering import MasterRequest
from auralis_cli.model.source import AudioSource
from auralis_cli.quick_dataclasses import dataclass
from auralis_cli.services.scan_work import stat_now

_DIGITS = re.compile(r"(\d+)")
_NO_TAGS = TrackTags()


@dataclass(frozen=True, slots=True)
class _Member:
    request: MasterRequest
    tags: TrackTags
    # The file a track is named by: the sheet of a cue sheet's.
    path: str
    # Equal for tracks of one album; None where the track cannot be read.
    album: str | None


def albums_of(requests: Sequence[MasterRequest | AuralisError]) -> list[AlbumRequest | AuralisError]:
    """Albums in the order of their first tracks.

    What cannot be read, or could not even be named, belongs to an album in its folder, which fails by it.
    Raises the RefusedError of a track whose result would take the place of an input.
    """
    members: dict[str, list[_Member]] = {}
    failed: dict[str, list[InputError]] = {}
    strangers: list[_Member] = []
    for one in requests:
        if isinstance(one, MasterRequest):
            member = _member(one)
            if member.album is None:
                strangers.append(member)
            else:
                members.setdefault(member.album, []).append(member)
        elif isinstance(one, InputError):
            failed.setdefault(album_folder(os.path.abspath(one.what)), []).append(one)
        else:
            raise one
    for stranger in strangers:
        folder = album_folder(stranger.path)
        near = (key for key, tracks in members.items() if folder in (album_folder(track.path) for track in tracks))
        members.setdefault(next(near, f"folder {folder}"), []).append(stranger)
    albums: list[AlbumRequest | AuralisError] = []
    for tracks in members.values():
        errors = [error for folder in dict.fromkeys(album_folder(track.path) for track in tracks)
                  for error in failed.pop(folder, ())]  # fmt: skip
        albums.append(_failure(errors[0], tracks) if errors else _album(tracks))
    return [*albums, *(error for errors in failed.values() for error in errors)]


def _failure(error: InputError, tracks: Sequence[_Member]) -> InputError:
    return type(error)(error.what, f"{error.why}; nothing of the album {_title(tracks)} is written", error.hint)


def _member(request: MasterRequest) -> _Member:
    source = request.source
    file = source.cue.sheet if source.cue is not None else source.path
    path = os.path.abspath(file or "")
    tags = _tags(source)
    if tags is None:
        return _Member(request, _NO_TAGS, path, None)
    folder = album_folder(path) if source.cue is None else path
    return _Member(request, tags, path, album_key(tags, path) or f"folder {folder}")


def _tags(source: AudioSource) -> TrackTags | None:
    """What the track says of itself; None where it cannot be read."""
    if source.cue is not None:
        return track_tags({name: [value] for name, value in source.cue.tags})
    if source.raw is not None or source.path is None:
        return _NO_TAGS
    try:
        record = read_track_file(stat_now(os.path.abspath(source.path)))
    except InputError:
        return None
    return record.tracks[0].tags if record.tracks else _NO_TAGS


def _album(tracks: Sequence[_Member]) -> AlbumRequest:
    return AlbumRequest(_title(tracks), tuple(track.request for track in _in_order(tracks)))


def _title(tracks: Sequence[_Member]) -> str:
    named = next((track.tags.album for track in tracks if track.tags.album), None)
    return named or os.path.basename(album_folder(tracks[0].path)) or "/"


def _in_order(tracks: Sequence[_Member]) -> list[_Member]:
    numbers = [(_disc(track), track.tags.track) for track in tracks]
    if None not in (number for _, number in numbers) and len(set(numbers)) == len(numbers):
        return sorted(tracks, key=lambda track: (_disc(track), track.tags.track or 0))
    return sorted(tracks, key=lambda track: (_disc(track), _natural(track.path), _number_in_sheet(track)))


def _disc(track: _Member) -> int:
    return track.tags.disc or disc_of_folder(os.path.basename(os.path.dirname(track.path))) or 1


def _number_in_sheet(track: _Member) -> int:
    cue = track.request.source.cue
    return 0 if cue is None else cue.number


def _natural(path: str) -> list[tuple[int, str]]:
    """Names with their numbers by value: 2 before 10."""
    parts = _DIGITS.split(fold(path))
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in parts]
