"""What a path stands for in a queue: a file, all below a folder, or the tracks of a cue sheet or of a playlist."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from auralis_cli.audio.cue import tracks_of
from auralis_cli.audio.walk import audio_files_below
from auralis_cli.errors import AuralisError, InputError
from auralis_cli.model.playlists import PlaylistFormat
from auralis_cli.model.queue import QueueTrack
from auralis_cli.model.source import DecodeLimits, is_cue_sheet


def queueable_at(path: str) -> Iterator[QueueTrack | AuralisError]:
    """The tracks in order, one by one, and what cannot be had in its place; no file is opened but a sheet or a list."""
    if not os.path.isdir(path) and PlaylistFormat.of_name(path) is not None:
        yield from _listed_in(path)
    else:
        yield from _at(path)


def _at(path: str) -> Iterator[QueueTrack | AuralisError]:
    """The same, but for playlists: they do not list each other."""
    if os.path.isdir(path):
        yield from _below(path)
    elif is_cue_sheet(path):
        try:
            numbers = [one.cue.number for one in tracks_of(Path(path), DecodeLimits()) if one.cue is not None]
        except InputError as error:
            yield error
        else:
            yield from (QueueTrack(os.path.abspath(path), number) for number in numbers)
    else:
        yield QueueTrack(os.path.abspath(path))


def _below(folder: str) -> Iterator[QueueTrack | AuralisError]:
    nothing = True
    for found in audio_files_below(Path(folder)):
        nothing = False
        yield found if isinstance(found, InputError) else QueueTrack(os.path.abspath(found))
    if nothing:
        yield InputError(folder, "holds no audio files")


def _listed_in(path: str) -> Iterator[QueueTrack | AuralisError]:
    from auralis_cli.services.playlist_files.files import read_playlist_file

    try:
        listed = read_playlist_file(Path(path))
    except AuralisError as error:
        yield error
        return
    for entry in listed.entries:
        yield from _at(entry.path)
    yield from (InputError(path, warning) for warning in listed.warnings)
    if not listed.entries and not listed.warnings:
        yield InputError(path, "lists no files")
