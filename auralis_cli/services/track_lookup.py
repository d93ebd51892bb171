"""What it takes to play a track of the queue: of the library where that knows it, else of the file's own tags.

Nothing is held between two questions: what a scan does to the row of the track that plays changes nothing of it.
"""

from __future__ import annotations

import math
import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from auralis_cli.audio.downmix import two_channels
from auralis_cli.audio.opening import open_audio
from auralis_cli.audio.reader import AudioReader
from auralis_cli.audio.sheet_finding import Described, SheetFinder
from auralis_cli.audio.track_file import read_track_file
from auralis_cli.db.queued_tracks import AlbumPart, QueuedTrack, find_queued
from auralis_cli.errors import InputError
from auralis_cli.model.library import FileStat, Track, TrackPlace
from auralis_cli.model.playback import PlayableTrack, TrackLevels
from auralis_cli.model.queue import QueueTrack
from auralis_cli.model.source import AudioSource, CueTrack, DecodeLimits, is_cue_sheet
from auralis_cli.player.normalization import levels_of_tags
from auralis_cli.services.track_work import source_of

_GATE_LU = 10.0
# By so much the mean of tracks may miss what a meter over all of them says.
_NEAR_LU = 1.0


class LibraryTrackLookup:
    """Finds tracks and opens them; as many threads as there are may ask at once."""

    def __init__(self, library: Path | None, limits: DecodeLimits | None = None) -> None:
        self._library = library
        self._limits = limits or DecodeLimits()

    def look_up(self, track: QueueTrack) -> PlayableTrack:
        """All that playing it asks for. Raises InputError where the file is missing or nothing that is played."""
        known = None if self._library is None else find_queued(self._library, track)
        playable = _of_file(track) if known is None else _of_library(known)
        return replace(playable, source=replace(playable.source, limits=self._limits))

    def open(self, track: PlayableTrack) -> AudioReader:
        """Its audio in one or two channels, at its own rate; raises InputError."""
        return two_channels(open_audio(track.source))


def album_levels(parts: Sequence[AlbumPart]) -> TrackLevels | None:
    """How loud an album is as a whole; None unless each of its tracks was measured.

    The loudness is the mean of the tracks' energies, each for as long as it lasts. The blocks that a meter gates over
    the whole album are not stored, so whole tracks are gated instead: those more than 10 LU below the mean of all are
    left out. Each track was gated by itself before. The peak is the highest of all.
    """
    if not parts or not all(part.is_measured for part in parts):
        return None
    heard = [
        (part.integrated_lufs, part.duration_s)
        for part in parts
        if part.integrated_lufs is not None and part.duration_s is not None and part.duration_s > 0.0
    ]
    peaks = [part.true_peak_dbtp for part in parts if part.true_peak_dbtp is not None]
    if not heard:
        return None
    gate_lufs = _mean_lufs(heard) - _GATE_LU
    loudness = _mean_lufs([one for one in heard if one[0] >= gate_lufs])
    return TrackLevels(loudness, max(peaks, default=None))


def _album_levels(track: Track, parts: Sequence[AlbumPart]) -> TrackLevels | None:
    """As measured; but how loud the album is its tags know better, which may be of a meter that gated all of it.

    Tags that are far from what was measured are of other audio, or of a scale of their own.
    """
    said = levels_of_tags(track.replaygain_album_gain_db, track.replaygain_album_peak)
    measured = album_levels(parts)
    if said is None or said.integrated_lufs is None or measured is None or measured.integrated_lufs is None:
        return measured or said
    is_near = abs(said.integrated_lufs - measured.integrated_lufs) <= _NEAR_LU
    return replace(measured, integrated_lufs=said.integrated_lufs) if is_near else measured


def _mean_lufs(heard: Sequence[tuple[float, float]]) -> float:
    energy = sum(10.0 ** (lufs / 10.0) * seconds for lufs, seconds in heard)
    return 10.0 * math.log10(energy / sum(seconds for _, seconds in heard))


def _of_library(found: QueuedTrack) -> PlayableTrack:
    track = found.track
    _there(track.path)
    playable = PlayableTrack(
        source=source_of(_place_of(track)),
        title=track.title,
        artist=track.artist,
        album=track.album,
        album_key=None if found.album_id is None else f"album {found.album_id}",
        disc=track.disc,
        track=track.track,
        duration_s=track.duration_s,
        track_id=track.id,
        levels=_stored_levels(track) or levels_of_tags(track.replaygain_track_gain_db, track.replaygain_track_peak),
        album_levels=_album_levels(track, found.album),
    )
    return _as_heard(playable, track.channels)


def _as_heard(track: PlayableTrack, channels: int | None) -> PlayableTrack:
    """What was measured of more than two channels is not the level of the two they are mixed down to."""
    return replace(track, levels=None, album_levels=None) if channels is not None and channels > 2 else track


def _place_of(track: Track) -> TrackPlace:
    return TrackPlace(
        content_key="",
        path=track.path,
        cue_number=track.cue_number,
        sheet_path=track.sheet_path,
        start_frame=track.start_frame,
        end_frame=track.end_frame,
        sample_rate_hz=track.sample_rate_hz,
    )


def _stored_levels(track: Track) -> TrackLevels | None:
    if track.integrated_lufs is None and track.true_peak_dbtp is None:
        return None
    return TrackLevels(track.integrated_lufs, track.true_peak_dbtp)


def _of_file(wanted: QueueTrack) -> PlayableTrack:
    """By the file itself: of its tags, and of the sheet where it is a track of one."""
    if not is_cue_sheet(wanted.path):
        return _told(AudioSource(Path(wanted.path)), ())
    from auralis_cli.audio.cue import tracks_of

    tracks = [source for source in tracks_of(Path(wanted.path)) if source.cue is not None]
    for source in tracks:
        if source.cue is not None and source.cue.number == wanted.cue_number:
            beside = [one.cue for one in tracks if one.cue is not None and one.path == source.path]
            return _told(source, beside)
    raise InputError(f"{wanted.path}#{wanted.cue_number}", "is not in the cue sheet")


def _told(source: AudioSource, sheet: Sequence[CueTrack]) -> PlayableTrack:
    """What the file of a source says of it, with the tracks that its sheet has in it."""
    path = str(source.path)
    file = read_track_file(_there(path), sheets=_OneSheet(sheet))
    records = file.tracks
    number = 0 if source.cue is None else source.cue.number
    record = next((one for one in records if one.cue_number == number), records[0])
    tags = record.tags
    playable = PlayableTrack(
        source=source,
        title=tags.title or os.path.basename(path),
        artist=tags.artist,
        album=tags.album,
        album_key=None if tags.album is None else f"{os.path.dirname(path)}: {tags.album.casefold()}",
        disc=tags.disc,
        track=tags.track,
        duration_s=record.duration_s,
        levels=levels_of_tags(tags.replaygain_track_gain_db, tags.replaygain_track_peak),
        album_levels=levels_of_tags(tags.replaygain_album_gain_db, tags.replaygain_album_peak),
    )
    return _as_heard(playable, file.channels)


class _OneSheet(SheetFinder):
    """Finds only the sheet that is asked about; a file that is queued as such is described by none."""

    def __init__(self, tracks: Sequence[CueTrack]) -> None:
        super().__init__()
        self._tracks = tuple(tracks)

    def describing(self, path: str) -> Described | None:
        """That sheet, whatever file it is of."""
        return Described(str(self._tracks[0].sheet), self._tracks) if self._tracks else None


def _there(path: str) -> FileStat:
    try:
        status = os.stat(path)
    except FileNotFoundError as error:
        raise InputError(path, "does not exist") from error
    except (OSError, ValueError) as error:
        raise InputError(path, f"cannot be reached ({getattr(error, 'strerror', None) or error})") from error
    return FileStat(path, status.st_size, status.st_mtime_ns, status.st_dev, status.st_ino)
