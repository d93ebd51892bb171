"""Cue sheets in the library: a sheet is a file without tracks of its own; the audio file it names has them."""

from __future__ import annotations

import os
from dataclasses import replace
from hashlib import blake2b
from pathlib import Path

from auralis_cli.audio.cue import tracks_of
from auralis_cli.audio.sheet_finding import Described
from auralis_cli.audio.survey import Texts
from auralis_cli.audio.tag_names import OF_THE_WHOLE, OF_THE_WHOLE_PREFIXES
from auralis_cli.audio.track_tags import track_tags
from auralis_cli.model.library import FileKind, FileRecord, FileStat, TrackRecord, TrackTags
from auralis_cli.model.source import AudioSource, frame_of_sector

_DIGEST_BYTES = 16
# Of a file of many tracks, this is their album's.
_LEVELS_OF_THE_WHOLE = ("replaygain_track_gain", "replaygain_track_peak", "r128_track_gain")


def read_sheet(stat: FileStat) -> FileRecord:
    """The record of a cue sheet; raises InputError where it cannot be read or is none."""
    sources = tracks_of(Path(stat.path))
    with open(stat.path, "rb") as file:
        content = file.read()
    missing = dict.fromkeys(_name(source) for source in sources if not os.path.isfile(source.path or ""))
    warnings = [f"it names {name}, which is not there" for name in missing]
    digest = blake2b(content, digest_size=_DIGEST_BYTES).hexdigest()
    return FileRecord(stat, FileKind.SHEET, f"cue:{digest}", warnings=tuple(warnings))


def _name(source: AudioSource) -> str:
    return os.path.basename(source.path or "")


def records_of(
    described: Described, texts: Texts, whole: TrackRecord, sample_rate_hz: int
) -> tuple[tuple[TrackRecord, ...], tuple[str, ...]]:
    """The tracks of a file by its sheet, and a line for each thing that does not fit; `whole` is what it is without.

    A sheet whose one track is all of the file only adds what the file's own tags do not say.
    """
    tracks = described.tracks
    if len(tracks) == 1 and tracks[0].is_whole_file:
        said = {name: [value] for name, value in tracks[0].tags}
        return (replace(whole, tags=_completed(whole.tags, track_tags(said | texts))),), described.warnings
    records, beyond = [], []
    shared = _of_the_album(texts)
    for track in tracks:
        start = frame_of_sector(track.start_sector, sample_rate_hz)
        end = None if track.end_sector is None else frame_of_sector(track.end_sector, sample_rate_hz)
        length = whole.duration_s
        if length is not None and start >= length * sample_rate_hz:
            beyond.append(track.number)
            continue
        if length is not None and end is not None and end >= length * sample_rate_hz:
            end = None
        stop_s = length if end is None else end / sample_rate_hz
        said = {name: [value] for name, value in track.tags}
        said.setdefault("title", [f"Track {track.number:02d}"])
        records.append(
            TrackRecord(
                track_tags(shared | said),
                None if stop_s is None else stop_s - start / sample_rate_hz,
                cue_number=track.number,
                sheet_path=described.sheet,
                start_frame=start,
                end_frame=end,
            )
        )
    lines = [f"{os.path.basename(described.sheet)}: track {number} begins behind the end" for number in beyond]
    return tuple(records) or (whole,), (*described.warnings, *lines)


def _of_the_album(texts: Texts) -> Texts:
    return {
        name: values
        for name, values in texts.items()
        if name not in OF_THE_WHOLE and name not in _LEVELS_OF_THE_WHOLE and not name.startswith(OF_THE_WHOLE_PREFIXES)
    }


def _completed(own: TrackTags, both: TrackTags) -> TrackTags:
    """Tags of the file and the sheet together, but for a title that only the file's name gave."""
    return both if both.title else replace(both, title=own.title)
