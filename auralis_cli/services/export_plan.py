"""What an export will do: for every track what becomes of it, under which name, and whether that is there already."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from auralis_cli.audio.formats import FORMATS, AudioFormat, format_named
from auralis_cli.errors import AuralisError, InputError, OutputError, RefusedError
from auralis_cli.model.exports import CUT_FORMAT, ExportAction, ExportWish, NameKind
from auralis_cli.model.folders import is_below
from auralis_cli.model.library import Track
from auralis_cli.model.progress import CancelToken
from auralis_cli.model.source import AudioSource, DecodeLimits
from auralis_cli.quick_dataclasses import dataclass
from auralis_cli.services.export_folder import ExportFolder
from auralis_cli.services.export_manifest import ExportedFile, ExportManifest
from auralis_cli.services.export_names import NamedTrack, names_for
from auralis_cli.services.track_sources import sources_of
from auralis_cli.units import bytes_in_words

OF_NO_EXPORT = "is there already, and of no export"
IN_THE_WAY_HINT = "--force moves it to the trash"
_COPIED = "copy"
# Of samples without loss, what compressing them leaves at most of music.
_FLAC_SHARE = 0.85
# Tags and covers of a file that is made anew.
_BESIDE_AUDIO_BYTES = 1 << 18
# A disk is never filled to the last byte: there are folders to be made, and a manifest.
_SPARE_BYTES, _SPARE_SHARE = 4 << 20, 1.0 / 64.0
_USUAL_EXTENSIONS = {row.key: row.extensions for row in FORMATS}


@dataclass(frozen=True, slots=True)
class ExportPlace:
    """Where to, and how things are called there."""

    folder: ExportFolder
    template: str | None = None
    names: NameKind = NameKind.AUTO
    # What is not of an earlier export, and in the way, goes to the trash.
    replace: bool = False

    @property
    def portable(self) -> bool:
        """Whether names have to be names on FAT."""
        return self.folder.takes_portable_names_only if self.names is NameKind.AUTO else self.names is NameKind.VFAT


@dataclass(frozen=True, slots=True)
class PlannedExport:
    """One file to be made, or there already."""

    track: Track
    source: AudioSource
    action: ExportAction
    target: Path
    # As it will stand in the manifest.
    file: ExportedFile
    # About how large it will be.
    size_bytes: int
    source_status: os.stat_result
    # Of a transcoded one.
    format: str | None = None
    bitrate_bps: int | None = None
    # Whether something of ours, or to be replaced, has its name.
    displaces: bool = False


@dataclass(frozen=True, slots=True)
class UnplannedExport:
    """A track that cannot be exported, and why."""

    track: Track
    error: AuralisError
    # What it would be called, so that what an earlier export made of it stays.
    name: str | None


@dataclass(frozen=True, slots=True)
class ExportPlan:
    """All of it, in the order of the tracks."""

    items: tuple[PlannedExport | UnplannedExport, ...]
    # Tracks for which there was no room within what was allowed.
    left_out: int = 0
    # Tracks that lie in the folder itself: those are no originals.
    own: int = 0

    @property
    def files(self) -> Iterator[PlannedExport]:
        """What can be exported."""
        return (one for one in self.items if isinstance(one, PlannedExport))

    @property
    def to_write(self) -> Iterator[PlannedExport]:
        """What is not there yet."""
        return (one for one in self.files if one.action is not ExportAction.KEEP)

    @property
    def names(self) -> set[str]:
        """All names that are wanted."""
        names = (one.file.path if isinstance(one, PlannedExport) else one.name for one in self.items)
        return {name for name in names if name is not None}


def plan_export(
    tracks: Sequence[Track],
    wish: ExportWish,
    place: ExportPlace,
    manifest: ExportManifest,
    cancel: CancelToken,
    *,
    max_bytes: int | None,
) -> ExportPlan:
    """What is to be done for `tracks`; more than `max_bytes` in all are left out, in their order.

    Raises UsageError for a template that cannot be served, CancelledError when asked to stop.
    """
    folder = str(place.folder.path)
    once = {(track.path, track.cue_number): track for track in tracks}
    tracks = [track for track in once.values() if not is_below(track.path, folder)]
    treatments = [_Treatment(track, wish) for track in tracks]
    wanted = [NamedTrack(one.track, one.key, one.extension) for one in treatments]
    known = [(one.path, one.key) for one in manifest]
    names = names_for(wanted, place.template, portable=place.portable, known=known)
    sources = sources_of(tracks, DecodeLimits())
    items: list[PlannedExport | UnplannedExport] = []
    total, left_out = 0, 0
    for treatment, name, source in zip(treatments, names, sources, strict=True):
        cancel.raise_if_cancelled()
        item = _planned(treatment, name, source, place, manifest)
        if isinstance(item, PlannedExport) and max_bytes is not None:
            if total + item.size_bytes > max_bytes:
                left_out += 1
                continue
            total += item.size_bytes
        items.append(item)
    return ExportPlan(tuple(items), left_out, len(once) - len(tracks))


def check_room(plan: ExportPlan, folder: ExportFolder) -> None:
    """Raises OutputError where what is to be written has no room, before anything is."""
    needed, free = sum(one.size_bytes for one in plan.to_write), folder.free_bytes
    if needed and needed > free - min(_SPARE_BYTES, free * _SPARE_SHARE):
        why = f"has {bytes_in_words(free)} free, and about {bytes_in_words(needed)} are needed"
        raise OutputError(str(folder.path), why, "--max-total takes as much as fits; its trash may be emptied")


class _Treatment:
    """What becomes of one track."""

    def __init__(self, track: Track, wish: ExportWish) -> None:
        self.track = track
        key = track.content_id or f"path:{track.path}"
        self.key = f"{key}#{track.cue_number}" if track.cue_number else key
        self.row = _row_for(track, wish)
        if self.row is None:
            self.made = _COPIED
            self.bitrate_bps = None
            self.extension = _own_extension(track)
        else:
            self.bitrate_bps = wish.bitrate_bps if self.row.lossy is not None else None
            self.made = self.row.key if self.bitrate_bps is None else f"{self.row.key} {self.bitrate_bps}"
            self.extension = self.row.extensions[0]

    @property
    def size_bytes(self) -> int:
        """About how large it becomes; exactly, where it is copied."""
        track, row = self.track, self.row
        if row is None:
            return track.size_bytes
        duration_s, channels = track.duration_s or 0.0, track.channels or 2
        if row.lossy is not None:
            bps = self.bitrate_bps or row.lossy.default_bps_per_channel * channels
            return round(duration_s * bps / 8.0) + _BESIDE_AUDIO_BYTES
        samples = duration_s * (track.sample_rate_hz or 44_100) * channels
        share = _FLAC_SHARE if row.key == "flac" else 1.0
        return round(samples * (3 if (track.bits or 16) > 16 else 2) * share) + _BESIDE_AUDIO_BYTES


def _row_for(track: Track, wish: ExportWish) -> AudioFormat | None:
    """The format it is encoded in; None where the file is copied."""
    if track.cue_number:
        return format_named(wish.format or CUT_FORMAT)
    if wish.format is None:
        return None
    row = format_named(wish.format)
    if not track.lossless:
        return row if wish.force_transcode else None
    return None if row.lossy is None and track.format == row.key else row


def _own_extension(track: Track) -> str:
    own = os.path.splitext(track.path)[1].lower()
    usual = _USUAL_EXTENSIONS.get(track.format or "", ())
    return own if own in usual or not usual else usual[0]


def _planned(
    treatment: _Treatment,
    name: str | InputError,
    source: AudioSource | InputError,
    place: ExportPlace,
    manifest: ExportManifest,
) -> PlannedExport | UnplannedExport:
    track = treatment.track
    try:
        if isinstance(name, InputError):
            raise name
        if isinstance(source, InputError):
            raise source
        status = _status_of(track)
        file = ExportedFile(name, treatment.key, treatment.made, status.st_size, status.st_mtime_ns)
        target = place.folder.path / name
        size_bytes = treatment.size_bytes if treatment.row is not None else status.st_size
        action = ExportAction.COPY if treatment.row is None else ExportAction.TRANSCODE
        key = None if treatment.row is None else treatment.row.key
        planned = PlannedExport(track, source, action, target, file, size_bytes, status, key, treatment.bitrate_bps)
        return _beside_what_is_there(planned, place, manifest.get(name))
    except AuralisError as error:
        return UnplannedExport(track, error, name if isinstance(name, str) else None)


def _status_of(track: Track) -> os.stat_result:
    try:
        return os.stat(track.path)
    except OSError as error:
        why = "does not exist" if isinstance(error, FileNotFoundError) else error.strerror or "cannot be reached"
        raise InputError(track.path, why, "auralis scan finds it where it was moved to") from error


def _beside_what_is_there(planned: PlannedExport, place: ExportPlace, known: ExportedFile | None) -> PlannedExport:
    """The same as what its name asks for: nothing where it is there already, else something to be replaced.

    Raises RefusedError where what is there is not of an export, and is to stay.
    """
    longest, target = place.folder.longest_file_bytes, str(planned.target)
    if longest is not None and planned.size_bytes > longest:
        raise RefusedError(target, "would be larger than 4 GiB, which FAT does not hold")
    there = _lstat(planned.target)
    if there is None:
        return planned
    if os.path.samestat(there, planned.source_status) or not (
        stat.S_ISREG(there.st_mode) or stat.S_ISLNK(there.st_mode)
    ):
        raise RefusedError(
            target, "is the file that would be exported" if stat.S_ISREG(there.st_mode) else "is no file"
        )
    if known is not None and known.is_made_like(planned.file) and known.is_as_left(there):
        return replace(planned, action=ExportAction.KEEP, size_bytes=there.st_size, file=known)
    file = planned.file
    as_copied = replace(file, size_bytes=file.source_size, mtime_ns=file.source_mtime_ns)
    if known is None and file.made == _COPIED and as_copied.is_as_left(there):
        # A copy that somebody made, with its time: as good as ours.
        return replace(planned, action=ExportAction.KEEP, size_bytes=there.st_size, file=as_copied)
    is_ours = known is not None and (known.size_bytes is None or known.is_as_left(there))
    if not is_ours and not place.replace:
        why = "was changed since it was exported" if known is not None else OF_NO_EXPORT
        raise RefusedError(target, why, IN_THE_WAY_HINT)
    return replace(planned, displaces=True)


def _lstat(path: Path) -> os.stat_result | None:
    try:
        return os.lstat(path)
    except OSError:
        return None
