"""The open music that `make corpus` fetches, as the tests and benchmarks choose from it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import soundfile as sf

_SUFFIXES = {".ogg", ".mp3", ".opus", ".flac", ".wav"}


@dataclass(frozen=True, slots=True)
class OpenTrack:
    path: Path
    # Package and file name: what tables call it, on any machine.
    name: str
    duration_s: float
    sample_rate_hz: int
    channels: int


def open_tracks(root: Path, *, min_duration_s: float = 30.0) -> list[OpenTrack]:
    """Every track of at least that length, by package and name; lengths are what the headers claim."""
    tracks = []
    for path in sorted(root.rglob("*")):
        if path.suffix.lower() not in _SUFFIXES or not path.is_file():
            continue
        info = sf.info(str(path))
        if info.frames < min_duration_s * info.samplerate:
            continue
        package = path.relative_to(root).parts[0]
        # Packages that hold one file name per folder (songs) are told apart by the folder.
        generic = path.stem in {"song", "guitar", "rhythm"}
        name = f"{package}/{path.parent.name + '/' if generic else ''}{path.name}"
        tracks.append(OpenTrack(path, name, info.frames / info.samplerate, info.samplerate, info.channels))
    return tracks
