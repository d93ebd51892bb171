"""Files that are to be given gains: what each is, and which of them are one album."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence

from auralis_cli.audio.track_file import read_track_file
from auralis_cli.errors import AuralisError, InputError, UnsupportedError
from auralis_cli.model.album_grouping import album_folder, album_key
from auralis_cli.model.library import FileRecord
from auralis_cli.model.replaygain import AlbumBy
from auralis_cli.model.source import AudioSource
from auralis_cli.quick_dataclasses import dataclass
from auralis_cli.services.scan_work import stat_now


@dataclass(frozen=True, slots=True)
class GainFile:
    """A file that can be given gains."""

    source: AudioSource
    path: str
    # Of the registry.
    format_key: str
    # What its audio is told by: the same sounds the same.
    content_id: str
    # Equal for files of one album.
    album: str
    # What it is called, for people.
    album_title: str | None


@dataclass(frozen=True, slots=True)
class GainAlbum:
    """Files that are given one album gain, as they were asked for; what cannot be given any is an album of its own."""

    files: tuple[GainFile, ...] = ()
    failed: tuple[str, AuralisError] | None = None


def gain_file(source: AudioSource, album_by: AlbumBy) -> GainFile:
    """What the file is. Raises InputError for what cannot be read, and UnsupportedError for what has no tags."""
    if source.cue is not None:
        hint = "name its audio file" if source.path is None else f"its audio file is {source.path.name}"
        raise UnsupportedError(source.name, "is a track of a cue sheet, which has no tags of its own", hint)
    if source.path is None or source.raw is not None:
        raise UnsupportedError(source.name, "has no tags", "name files")
    path = os.path.abspath(source.path)
    try:
        record = read_track_file(stat_now(path))
    except InputError as error:
        raise type(error)(source.name, error.why, error.hint) from error
    except OSError as error:
        raise InputError(source.name, f"cannot be read ({error.strerror})") from error
    if record.format is None:
        raise UnsupportedError(source.name, "is a cue sheet, which has no tags of its own", "name its audio file")
    key, title = _album_of(record, path, album_by)
    return GainFile(source, path, record.format, record.content_id, key, title)


def _album_of(record: FileRecord, path: str, album_by: AlbumBy) -> tuple[str, str | None]:
    """By its tags, or what names of folders say in their place; of what says nothing, its folder is the album."""
    tags = record.tracks[0].tags if record.tracks else None
    title = tags.album if tags is not None else None
    by_tags = album_key(tags, path) if tags is not None and album_by is AlbumBy.TAGS else None
    return (by_tags, title) if by_tags is not None else (f"folder {album_folder(path)}", title)


def albums_of(found: Iterable[GainFile | tuple[str, AuralisError]], *, single: bool) -> Sequence[GainAlbum]:
    """Files by their albums, in the order of the first of each; each alone where albums do not matter (`single`).

    A file that is named twice counts once.
    """
    albums: dict[object, list[GainFile]] = {}
    failed: dict[object, tuple[str, AuralisError]] = {}
    seen: set[str] = set()
    for number, one in enumerate(found):
        if not isinstance(one, GainFile):
            failed[number] = one
            albums[number] = []
        elif one.path not in seen:
            seen.add(one.path)
            albums.setdefault(number if single else one.album, []).append(one)
    return [GainAlbum(tuple(files), failed.get(key)) for key, files in albums.items()]
