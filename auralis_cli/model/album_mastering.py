"""Albums as they are mastered: tracks that are one stream, with one plan and one gain."""

from __future__ import annotations

import os
from pathlib import Path

from auralis_cli.model.mastering import MasterRequest
from auralis_cli.model.source import AudioSource
from auralis_cli.quick_dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class AlbumRequest:
    """The tracks of one album in the order they are heard in, all wished alike."""

    # Its title; without one, the name of its folder.
    title: str
    tracks: tuple[MasterRequest, ...]

    def __post_init__(self) -> None:
        if not self.tracks or any(one.source.path is None or one.destination.path is None for one in self.tracks):
            raise ValueError("an album has tracks, and they are files that become files")

    @property
    def source(self) -> AudioSource:
        """What errors and progress call the album: the folder of all its tracks, or the sheet that names them."""
        first = self.tracks[0].source
        if first.cue is not None and all(
            one.source.cue and one.source.cue.sheet == first.cue.sheet for one in self.tracks
        ):
            return AudioSource(first.cue.sheet)
        folders = [os.path.dirname(os.path.abspath(one.source.path or "")) for one in self.tracks]
        return AudioSource(Path(os.path.commonpath(folders)))

    @property
    def folders(self) -> tuple[Path, ...]:
        """Where its results go."""
        return tuple(dict.fromkeys(one.destination.path.parent for one in self.tracks if one.destination.path))
