"""What the library knows: roots, files, tracks and what their tags say, as complete frozen values.

Paths are `str` as `os.fsdecode` makes them: names that are not UTF-8 survive. Times `_at` are seconds since 1970.
"""

from __future__ import annotations

from dataclasses import field
from enum import StrEnum
from typing import NamedTuple

from auralis_cli.quick_dataclasses import dataclass


class FileKind(StrEnum):
    """What a file of the library is read as."""

    AUDIO = "audio"
    # A cue sheet: it has no tracks of its own, those of its audio files name it.
    SHEET = "sheet"


class FileStatus(StrEnum):
    """What the last scan that came by found."""

    PRESENT = "present"
    # Gone while its root was there. A file below a root that is offline keeps the status it had.
    MISSING = "missing"
    UNREADABLE = "unreadable"


class FileStat(NamedTuple):
    """A file as one stat sees it; another size, time or inode means it has to be read again.

    A tuple, since a walk makes one of every file there is.
    """

    path: str
    size_bytes: int
    mtime_ns: int
    device: int
    inode: int


@dataclass(frozen=True, slots=True)
class Root:
    """A folder that was scanned, and is scanned again when none is named."""

    id: int
    path: str
    added_at: int
    scanned_at: int | None
    # Since when it is gone, or empty where it was full; None while it is there.
    offline_since: int | None


@dataclass(frozen=True, slots=True)
class TrackTags:
    """What a file's tags say of one track, cleaned and within bounds; None or empty where they are silent."""

    title: str | None = None
    # As credited, "A feat. B"; the single artists beside it.
    artist: str | None = None
    artists: tuple[str, ...] = ()
    artist_sort: str | None = None
    album: str | None = None
    album_sort: str | None = None
    albumartist: str | None = None
    albumartists: tuple[str, ...] = ()
    albumartist_sort: str | None = None
    genres: tuple[str, ...] = ()
    moods: tuple[str, ...] = ()
    track: int | None = None
    track_total: int | None = None
    disc: int | None = None
    disc_total: int | None = None
    disc_title: str | None = None
    year: int | None = None
    # As it is written, "1984-05-03".
    date: str | None = None
    original_year: int | None = None
    compilation: bool = False
    composer: str | None = None
    comment: str | None = None
    bpm: float | None = None
    label: str | None = None
    copyright: str | None = None
    isrc: str | None = None
    mb_recording_id: str | None = None
    mb_track_id: str | None = None
    mb_album_id: str | None = None
    mb_release_group_id: str | None = None
    mb_artist_ids: tuple[str, ...] = ()
    mb_albumartist_ids: tuple[str, ...] = ()
    # ReplayGain 2 (−18 LUFS); R128 tags of Opus are given 5 dB less and stand here as well.
    replaygain_track_gain_db: float | None = None
    replaygain_track_peak: float | None = None
    replaygain_album_gain_db: float | None = None
    replaygain_album_peak: float | None = None


@dataclass(frozen=True, slots=True)
class MeasuredLoudness:
    """What a stored measurement holds; None where there is none (silence, too short)."""

    integrated_lufs: float | None
    momentary_max_lufs: float | None
    short_term_max_lufs: float | None
    lra_lu: float | None
    true_peak_dbtp: float | None
    sample_peak_dbfs: float | None
    plr_db: float | None
    crest_db: float | None
    dc_offset: float | None


@dataclass(frozen=True, slots=True)
class TrackRecord:
    """One track found in a file: the whole of it, or what a cue sheet says."""

    tags: TrackTags
    duration_s: float | None
    # 0 for the whole file, else the number in the sheet.
    cue_number: int = 0
    sheet_path: str | None = None
    start_frame: int | None = None
    end_frame: int | None = None
    loudness: MeasuredLoudness | None = None


@dataclass(frozen=True, slots=True)
class FileRecord:
    """What reading one file found: what a worker hands back, and what the store is given."""

    stat: FileStat
    kind: FileKind
    # What the audio is, whatever the file is called and however it is tagged.
    content_id: str
    # Key of the format registry, and the codec's own name; None for a sheet.
    format: str | None = None
    codec: str | None = None
    sample_rate_hz: int | None = None
    channels: int | None = None
    bits: int | None = None
    bitrate_bps: int | None = None
    duration_s: float | None = None
    lossless: bool | None = None
    tracks: tuple[TrackRecord, ...] = ()
    # One line for each thing that could not be used as it was found.
    warnings: tuple[str, ...] = ()
    # Of all of the audio, where it was asked for: it proves what `content_id` guesses.
    audio_hash: str | None = None


@dataclass(frozen=True, slots=True)
class FileFailure:
    """A file that could not be read, with the parts of its error."""

    # None where not even a stat could be had.
    stat: FileStat | None
    path: str
    code: str
    message: str
    hint: str | None = None


class StoredFile(NamedTuple):
    """A file as the library knows it: what a scan compares with its stat."""

    path: str
    size_bytes: int
    mtime_ns: int
    device: int
    inode: int
    id: int
    status: FileStatus
    kind: FileKind


@dataclass(frozen=True, slots=True)
class StoredFailure:
    """A file of the library that could not be read when it was last tried."""

    id: int
    path: str
    code: str
    message: str
    hint: str | None


@dataclass(frozen=True, slots=True)
class TrackPlace:
    """Where a track's audio lies: what is needed to decode it."""

    content_key: str
    path: str
    # Of a track of a cue sheet.
    cue_number: int
    sheet_path: str | None
    start_frame: int | None
    end_frame: int | None
    sample_rate_hz: int | None
    # Of all of the file's audio, where that is known.
    audio_hash: str | None = None


@dataclass(frozen=True, slots=True)
class Track:
    """A track as listings give it: the keys of `list --json`, in order (`model/fields.py` has their table)."""

    id: int
    path: str
    title: str
    artist: str | None
    album: str | None
    albumartist: str | None
    track: int | None
    track_total: int | None
    disc: int | None
    disc_total: int | None
    year: int | None
    date: str | None
    genre: str | None
    mood: str | None
    composer: str | None
    comment: str | None
    label: str | None
    bpm: float | None
    compilation: bool
    duration_s: float | None
    sample_rate_hz: int | None
    channels: int | None
    bits: int | None
    format: str | None
    codec: str | None
    bitrate_bps: int | None
    lossless: bool | None
    size_bytes: int
    modified_at: int
    integrated_lufs: float | None
    momentary_max_lufs: float | None
    short_term_max_lufs: float | None
    lra_lu: float | None
    true_peak_dbtp: float | None
    sample_peak_dbfs: float | None
    plr_db: float | None
    crest_db: float | None
    dc_offset: float | None
    tempo_bpm: float | None
    replaygain_track_gain_db: float | None
    replaygain_track_peak: float | None
    replaygain_album_gain_db: float | None
    replaygain_album_peak: float | None
    mb_recording_id: str | None
    mb_album_id: str | None
    isrc: str | None
    added_at: int
    play_count: int
    skip_count: int
    last_played_at: int | None
    rating: float | None
    favourite: bool
    status: FileStatus
    # Of a track of a cue sheet: its number there, the sheet, and where it lies in the file.
    cue_number: int
    sheet_path: str | None
    start_frame: int | None
    end_frame: int | None
    content_id: str | None


@dataclass(frozen=True, slots=True)
class Album:
    """An album as `list --albums` gives it."""

    id: int
    title: str
    albumartist: str | None
    year: int | None
    tracks: int
    discs: int
    duration_s: float
    compilation: bool
    added_at: int


@dataclass(frozen=True, slots=True)
class Artist:
    """An artist as `list --artists` gives it: named by tracks, or by albums."""

    id: int
    name: str
    sort_name: str | None
    albums: int
    tracks: int


@dataclass(frozen=True, slots=True)
class Genre:
    """A genre as `list --genres` gives it."""

    id: int
    name: str
    tracks: int


@dataclass(frozen=True, slots=True)
class ScanCounts:
    """What a scan did, by file."""

    added: int = 0
    updated: int = 0
    unchanged: int = 0
    moved: int = 0
    missing: int = 0
    failed: int = 0
    skipped: int = 0


@dataclass(frozen=True, slots=True)
class ScanReport:
    """One scan from start to end."""

    counts: ScanCounts
    failures: tuple[FileFailure, ...]
    # Roots that were offline and therefore left alone.
    offline: tuple[str, ...]
    seconds: float
    warnings: tuple[str, ...] = field(default=())
    # Tracks whose loudness was measured.
    measured: int = 0
    # Files that have their place below another folder now.
    relocated: int = 0
    # Names that are no folders, whose failures are the first; the others were scanned.
    no_folders: tuple[str, ...] = ()


class ScanOutcome(StrEnum):
    """How a scan ended."""

    RUNNING = "running"
    DONE = "done"
    INTERRUPTED = "interrupted"


@dataclass(frozen=True, slots=True)
class ScanRun:
    """A scan as the library remembers it."""

    id: int
    started_at: int
    finished_at: int | None
    outcome: ScanOutcome
    counts: ScanCounts
    seconds: float | None
