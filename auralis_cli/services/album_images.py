"""Covers in the folder of an album: they go along once all its music has gone to one other folder."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from auralis_cli.model.album_grouping import disc_of_folder
from auralis_cli.model.file_moves import FileMove
from auralis_cli.services.companions import is_music
from auralis_cli.services.cover_files import cover_names_in


class AlbumImages:
    """Knows all the moves of a run, with absolute paths."""

    def __init__(self, moves: Sequence[FileMove]) -> None:
        self._members: dict[str, list[FileMove]] = {}
        for move in moves:
            for folder in _folders(move.path):
                self._members.setdefault(folder, []).append(move)

    def following(self, done: Mapping[int, FileMove]) -> list[tuple[int, str, str]]:
        """The images to move now that some moves are done, by their numbers: of which move, from where, to where."""
        last = {folder: number for number, move in done.items() for folder in _folders(move.path)}
        found = []
        for folder, number in last.items():
            place = self._place(folder)
            if place is None:
                continue
            # Above the folders of discs there may be any image.
            has_own = any(os.path.dirname(move.path) == folder for move in self._members[folder])
            for name in cover_names_in(Path(folder), only_named=not has_own):
                if not os.path.lexists(os.path.join(place, name)):
                    found.append((number, os.path.join(folder, name), os.path.join(place, name)))
        return found

    def _place(self, folder: str) -> str | None:
        """The folder to which all of the folder's music has gone, and no other; None while there is none."""
        members = self._members[folder]
        places = {_place(move, folder) for move in members}
        if len(places) != 1 or folder in places:
            return None
        (place,) = places
        # The last ones are moved last.
        if any(os.path.lexists(move.path) for move in reversed(members)) or any(_music_in(folder)):
            return None
        own = {move.new_path for move in members}
        return place if all(path in own for path in _music_in(place)) else None


def _folders(path: str) -> tuple[str, ...]:
    """The folder a file is in, and of a disc's folder the album's above it."""
    folder = os.path.dirname(path)
    above, name = os.path.split(folder)
    return (folder, above) if disc_of_folder(name) is not None else (folder,)


def _place(move: FileMove, folder: str) -> str:
    """Where what lies in `folder` belongs when the file is moved: beside it, or above its disc."""
    new = os.path.dirname(move.new_path)
    return new if os.path.dirname(move.path) == folder else _folders(move.new_path)[-1]


def _music_in(folder: str) -> Iterable[str]:
    """The paths of the music in a folder, and in those of its discs."""
    for name in _names_in(folder):
        if disc_of_folder(name) is None:
            inside = [name] if is_music(name) else []
        else:
            inside = [os.path.join(name, one) for one in _names_in(os.path.join(folder, name)) if is_music(one)]
        yield from (os.path.join(folder, one) for one in inside)


def _names_in(folder: str) -> list[str]:
    try:
        return os.listdir(folder)
    except OSError:
        return []
