"""Files as a scan sees them, and what must be true of every record of one."""

from __future__ import annotations

import math
import os
from dataclasses import fields
from pathlib import Path

from auralis_cli.audio.tag_names import LIBRARY_NAMES
from auralis_cli.audio.tag_reading import read_tags
from auralis_cli.audio.track_file import read_track_file
from auralis_cli.audio.track_tags import track_tags
from auralis_cli.model.library import FileRecord, FileStat, TrackTags

MOST_CHARACTERS = {"comment": 4000}
RANGES = {
    "track": (1, 9999),
    "track_total": (1, 9999),
    "disc": (1, 9999),
    "disc_total": (1, 9999),
    "year": (1, 9999),
    "original_year": (1, 9999),
    "bpm": (0, 2000),
    "replaygain_track_gain_db": (-100, 100),
    "replaygain_album_gain_db": (-100, 100),
    "replaygain_track_peak": (0, 100),
    "replaygain_album_peak": (0, 100),
}


def stat_of(path: Path | str) -> FileStat:
    """The file as one stat sees it."""
    status = os.stat(path)
    return FileStat(os.fspath(path), status.st_size, status.st_mtime_ns, status.st_dev, status.st_ino)


def record_of(path: Path | str) -> FileRecord:
    """The record of a file as a scan of its folder would read it."""
    return read_track_file(stat_of(path), os.path.dirname(path))


def tags_of(path: Path | str) -> TrackTags:
    """The tags of the one track of a file."""
    (track,) = record_of(path).tracks
    return track.tags


def tags_by_mutagen(path: Path, key: str) -> TrackTags:
    """What the library would say if all tags were read by mutagen."""
    with path.open("rb") as file:
        found = read_tags(file, key)
    return track_tags({name: values for name, (_, values) in found.values().items() if name in LIBRARY_NAMES})


def assert_plausible(record: FileRecord) -> None:
    """Nothing is in a record that could not be."""
    assert record.sample_rate_hz is not None
    assert 1000 <= record.sample_rate_hz <= 384_000
    assert record.channels is not None
    assert 1 <= record.channels <= 32
    assert record.bits is None or 1 <= record.bits <= 64
    assert record.bitrate_bps is None or 0 < record.bitrate_bps <= 10**9
    assert is_length(record.duration_s)
    assert record.tracks
    for track in record.tracks:
        assert is_length(track.duration_s)
        assert_plausible_tags(track.tags)
    for line in record.warnings:
        assert len(line.splitlines()) == 1


def is_length(duration_s: float | None) -> bool:
    """Whether it is a length of time, or unknown."""
    return duration_s is None or (math.isfinite(duration_s) and duration_s >= 0)


def assert_plausible_tags(tags: TrackTags) -> None:
    """Texts are bounded and hold no controls; numbers are finite and within their ranges."""
    for name in (field.name for field in fields(tags)):
        value = getattr(tags, name)
        values = value if isinstance(value, tuple) else (value,)
        assert len(values) <= 64
        for one in values:
            if isinstance(one, str):
                assert 0 < len(one) <= MOST_CHARACTERS.get(name, 500), name
                assert one == one.strip()
                assert not any(ord(sign) < 32 or 127 <= ord(sign) < 160 or 0xD800 <= ord(sign) < 0xE000 for sign in one)
            elif one is not None and not isinstance(one, bool):
                low, high = RANGES[name]
                assert low <= one <= high, name
