"""Records of files that were never read: what tests give the library."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from auralis_cli.model.library import (
    FileFailure,
    FileKind,
    FileRecord,
    FileStat,
    MeasuredLoudness,
    TrackRecord,
    TrackTags,
)

LOUD = MeasuredLoudness(-9.5, -6.0, -7.0, 5.0, -0.5, -0.8, 9.0, 12.0, 0.0)


def stat(path: str, number: int = 1) -> FileStat:
    return FileStat(path, 1000 + number, 1_600_000_000_000_000_000 + number, 64, number)


def record(path: str, *, number: int = 1, content: str | None = None, **tags: Any) -> FileRecord:
    """A file with one track of these tags."""
    track = TrackRecord(replace(TrackTags(title="Title", artist="Artist", artists=("Artist",)), **tags), 180.5)
    return FileRecord(
        stat(path, number),
        FileKind.AUDIO,
        content or f"flac:{path}",
        format="flac",
        codec="flac",
        sample_rate_hz=44_100,
        channels=2,
        bits=16,
        bitrate_bps=900_000,
        duration_s=180.5,
        lossless=True,
        tracks=(track,),
    )


def failure(path: str, number: int = 1) -> FileFailure:
    return FileFailure(stat(path, number), path, "unreadable", "is no audio", "look at it")


def records(count: int, root: str = "/music") -> Iterator[FileRecord]:
    """Files of albums of ten tracks, three albums to an artist."""
    for number in range(count):
        album, artist = number // 10, f"Artist {number // 30}"
        yield record(
            f"{root}/{artist}/Album {album}/{number % 10 + 1:02}.flac",
            number=number,
            title=f"Song {number}",
            artist=artist,
            artists=(artist,),
            album=f"Album {album}",
            albumartist=artist,
            albumartists=(artist,),
            genres=("Rock",) if album % 2 else ("Jazz", "Pop"),
            track=number % 10 + 1,
            year=1960 + album % 60,
        )
