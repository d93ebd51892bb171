"""The library in numbers."""

from __future__ import annotations

from auralis_cli.model.library import ScanRun
from auralis_cli.model.plays import PlayCounts
from auralis_cli.quick_dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FileShare:
    """Files that have something in common; None where a file does not say."""

    value: str | int | None
    files: int
    size_bytes: int


@dataclass(frozen=True, slots=True)
class NamedShare:
    """An artist or a genre with its tracks."""

    name: str
    tracks: int


@dataclass(frozen=True, slots=True)
class YearShare:
    """The tracks of a year; None for those that name none."""

    year: int | None
    tracks: int


@dataclass(frozen=True, slots=True)
class LoudnessBin:
    """Recordings of about one loudness."""

    integrated_lufs: float
    recordings: int


@dataclass(frozen=True, slots=True)
class LibraryStats:
    """A library, or some of its tracks, in numbers."""

    tracks: int
    duration_s: float
    files: int
    size_bytes: int
    albums: int
    artists: int
    genres: int
    playlists: int
    # Files.
    formats: tuple[FileShare, ...]
    sample_rates_hz: tuple[FileShare, ...]
    bits: tuple[FileShare, ...]
    lossless: int
    missing: int
    unreadable: int
    # In order; the tracks without one last.
    years: tuple[YearShare, ...]
    # By tenths of a LU, in order; silence has none. The same audio twice is one recording.
    loudness: tuple[LoudnessBin, ...]
    # Tracks.
    measured: int
    fingerprinted: int
    # Those with the most tracks.
    top_genres: tuple[NamedShare, ...]
    top_artists: tuple[NamedShare, ...]
    plays: PlayCounts
    last_scan: ScanRun | None

    @property
    def median_lufs(self) -> float | None:
        """The loudness that half of the recordings exceed, to a tenth; None where nothing is measured."""
        half = sum(one.recordings for one in self.loudness) / 2.0
        passed = 0
        for one in self.loudness:
            passed += one.recordings
            if passed >= half:
                return one.integrated_lufs
        return None
