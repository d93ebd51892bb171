"""Where audio comes from and where it goes: files, standard streams, one track of a cue sheet, raw samples."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import BinaryIO

from auralis_cli.model.audio import check_sample_rate
from auralis_cli.quick_dataclasses import dataclass

STANDARD_STREAM = "-"
SHEET_EXTENSION = ".cue"
# What cue sheets and CDs count in.
SECTORS_PER_SECOND = 75


def is_cue_sheet(name: str | Path) -> bool:
    """Whether a file of this name is read as a cue sheet."""
    return str(name).lower().endswith(SHEET_EXTENSION)


class RawEncoding(StrEnum):
    """How samples without a header are stored, in ffmpeg's names."""

    U8 = "u8"
    S8 = "s8"
    S16LE = "s16le"
    S16BE = "s16be"
    S24LE = "s24le"
    S24BE = "s24be"
    S32LE = "s32le"
    S32BE = "s32be"
    F32LE = "f32le"
    F32BE = "f32be"
    F64LE = "f64le"
    F64BE = "f64be"


@dataclass(frozen=True, slots=True)
class RawPcm:
    """What a header would say of interleaved samples that have none."""

    encoding: RawEncoding
    sample_rate_hz: int
    channels: int

    def __post_init__(self) -> None:
        check_sample_rate(self.sample_rate_hz)


@dataclass(frozen=True, slots=True)
class DecodeLimits:
    """How much of one input is read before it is refused; the user can raise both."""

    max_duration_s: float = 24 * 3600.0
    # Of the file, or of what comes through a pipe.
    max_bytes: int = 32 << 30


def frame_of_sector(sector: int, sample_rate_hz: int) -> int:
    """The frame at which `sector` begins: `round(sector · rate / 75)`, halves up, in whole numbers.

    One track's end and the next one's start are the same sector, hence the same frame.
    """
    return (2 * sector * sample_rate_hz + SECTORS_PER_SECOND) // (2 * SECTORS_PER_SECOND)


@dataclass(frozen=True, slots=True)
class CueTrack:
    """One track of a cue sheet: a span of an audio file, with what the sheet says about it."""

    sheet: Path
    number: int
    # In sectors of 1/75 s (sheets call them frames) from the start of the file.
    start_sector: int
    # None: up to the end of the file.
    end_sector: int | None
    # Names as in Vorbis comments: title, artist, album, albumartist, tracknumber, …; they win over the file's own.
    tags: tuple[tuple[str, str], ...] = ()
    # One line for each thing in the sheet that had to be guessed.
    warnings: tuple[str, ...] = ()

    @property
    def is_whole_file(self) -> bool:
        """Whether it is all there is in its file, so that the file's own tags are the track's."""
        return self.start_sector == 0 and self.end_sector is None


@dataclass(frozen=True, slots=True)
class AudioSource:
    """One thing to read: the file at `path`, or standard input where that is None."""

    path: Path | None
    raw: RawPcm | None = None
    limits: DecodeLimits = DecodeLimits()
    cue: CueTrack | None = None

    @property
    def name(self) -> str:
        """What results and errors call it: the path, `-` for standard input, `album.cue#3` for a track of a sheet."""
        if self.cue is not None:
            return f"{self.cue.sheet}#{self.cue.number}"
        return STANDARD_STREAM if self.path is None else str(self.path)

    @property
    def warnings(self) -> tuple[str, ...]:
        """What had to be guessed in finding it."""
        return () if self.cue is None else self.cue.warnings

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True)
class Destination:
    """One thing to write: the file at `path`, or standard output where that is None."""

    path: Path | None

    @property
    def name(self) -> str:
        """What results and errors call it: the path, `-` for standard output."""
        return STANDARD_STREAM if self.path is None else str(self.path)

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True)
class StandardStreams:
    """The process's own streams as bytes; None for one that is closed."""

    stdin: BinaryIO | None = None
    stdout: BinaryIO | None = None


NO_STREAMS = StandardStreams()
