"""Exports: what of the music is put into another folder, as what, and what came of it."""

from __future__ import annotations

from enum import StrEnum

from auralis_cli.errors import AuralisError
from auralis_cli.quick_dataclasses import dataclass

# Where a track of a cue sheet goes that is not to be encoded: whatever it is cut from, no sample is lost.
CUT_FORMAT = "flac"


class ExportAction(StrEnum):
    """What is done to one file of an export."""

    COPY = "copy"
    TRANSCODE = "transcode"
    # It is there already, as it would be made.
    KEEP = "keep"
    PLAYLIST = "playlist"
    # It was exported once and is not wanted any more: to the trash.
    REMOVE = "remove"


class NameKind(StrEnum):
    """On which file systems names have to be names."""

    # By the one that the folder lies on.
    AUTO = "auto"
    # FAT, exFAT and Windows take them.
    VFAT = "vfat"
    POSIX = "posix"


@dataclass(frozen=True, slots=True)
class ExportWish:
    """What files become."""

    # A key of the format registry; None: each stays what it is.
    format: str | None = None
    # Of a lossy format, all channels together.
    bitrate_bps: int | None = None
    # Whether also what is lossy already is encoded, once more.
    force_transcode: bool = False


@dataclass(frozen=True, slots=True)
class ExportOutcome:
    """What became of one file."""

    action: ExportAction
    # In the folder that is exported into, whole paths.
    target: str
    # None for what is made of no file.
    source: str | None = None
    track_id: int | None = None
    # As made; where it is only planned, about.
    size_bytes: int | None = None
    warnings: tuple[str, ...] = ()
    error: AuralisError | None = None
