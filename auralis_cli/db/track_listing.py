"""How a row becomes a Track: one list of columns, one set of joins, each row once."""

from __future__ import annotations

import os

from auralis_cli.db.connection import Row
from auralis_cli.model.library import FileStatus, Track

# One expression for each field of Track, in their order. The tables go by `t` (tracks), `f` (files), `l` (loudness),
# `p` (fingerprints), `s` (track_stats) and `sheet` (files).
TRACK_EXPRESSIONS = {
    "id": "t.id",
    "path": "f.path",
    "title": "t.title",
    "artist": "t.artist",
    "album": "t.album",
    "albumartist": "t.albumartist",
    "track": "nullif(t.track, 0)",
    "track_total": "t.track_total",
    "disc": "nullif(t.disc, 0)",
    "disc_total": "t.disc_total",
    "year": "t.year",
    "date": "t.date",
    "genre": "t.genre",
    "mood": "t.mood",
    "composer": "t.composer",
    "comment": "t.comment",
    "label": "t.label",
    "bpm": "t.bpm",
    "compilation": "t.compilation",
    "duration_s": "t.duration_s",
    "sample_rate_hz": "f.sample_rate_hz",
    "channels": "f.channels",
    "bits": "f.bits",
    "format": "f.format",
    "codec": "f.codec",
    "bitrate_bps": "f.bitrate_bps",
    "lossless": "f.lossless",
    "size_bytes": "f.size_bytes",
    "modified_at": "f.mtime_ns / 1000000000",
    "integrated_lufs": "l.integrated_lufs",
    "momentary_max_lufs": "l.momentary_max_lufs",
    "short_term_max_lufs": "l.short_term_max_lufs",
    "lra_lu": "l.lra_lu",
    "true_peak_dbtp": "l.true_peak_dbtp",
    "sample_peak_dbfs": "l.sample_peak_dbfs",
    "plr_db": "l.plr_db",
    "crest_db": "l.crest_db",
    "dc_offset": "l.dc_offset",
    "tempo_bpm": "p.tempo_bpm",
    "replaygain_track_gain_db": "t.replaygain_track_gain_db",
    "replaygain_track_peak": "t.replaygain_track_peak",
    "replaygain_album_gain_db": "t.replaygain_album_gain_db",
    "replaygain_album_peak": "t.replaygain_album_peak",
    "mb_recording_id": "t.mb_recording_id",
    "mb_album_id": "t.mb_album_id",
    "isrc": "t.isrc",
    "added_at": "t.added_at",
    "play_count": "coalesce(s.play_count, 0)",
    "skip_count": "coalesce(s.skip_count, 0)",
    "last_played_at": "s.last_played_at",
    "rating": "s.rating",
    "favourite": "coalesce(s.is_favourite, 0)",
    "status": "f.status",
    "cue_number": "t.cue_number",
    "sheet_path": "sheet.path",
    "start_frame": "t.start_frame",
    "end_frame": "t.end_frame",
    "content_id": "f.content_id",
}
TRACK_FIELDS = tuple(TRACK_EXPRESSIONS)
TRACK_COLUMNS = ", ".join(TRACK_EXPRESSIONS.values())
# Every join finds one row or none by a unique index: a track is never listed twice, and what is not asked for costs
# nothing. Every track has its file: the join to it is a LEFT one for the latter's sake.
_FILES = "LEFT JOIN files AS f ON f.id = t.file_id LEFT JOIN files AS sheet ON sheet.id = t.sheet_id"
_MEASURED = "LEFT JOIN loudness AS l ON l.content_key = t.content_key LEFT JOIN track_stats AS s ON s.track_id = t.id"
_FINGERPRINT = "LEFT JOIN fingerprints AS p ON p.content_key = t.content_key"
TRACK_TABLES = f"tracks AS t {_FILES} {_MEASURED} {_FINGERPRINT}"
# The same, of fingerprints in the order of a JSON list of their ids.
RANKED_TABLES = (
    "json_each(?) AS ranking CROSS JOIN fingerprints AS p ON p.id = ranking.value "
    f"CROSS JOIN tracks AS t ON t.content_key = p.content_key {_FILES} {_MEASURED}"
)
# As albums stand on a shelf; the index `tracks_order` has it.
DEFAULT_ORDER = ("t.albumartist_key", "t.album_key", "t.disc", "t.track", "t.title_key", "t.id")

_STATUSES = {str(status): status for status in FileStatus}
_PATH, _COMPILATION, _LOSSLESS, _FAVOURITE, _STATUS, _SHEET = map(
    TRACK_FIELDS.index, ("path", "compilation", "lossless", "favourite", "status", "sheet_path")
)


def track_of(row: Row) -> Track:
    """The track of a row of TRACK_COLUMNS."""
    values = list(row)
    values[_PATH] = os.fsdecode(values[_PATH])
    values[_COMPILATION] = bool(values[_COMPILATION])
    if values[_LOSSLESS] is not None:
        values[_LOSSLESS] = bool(values[_LOSSLESS])
    values[_FAVOURITE] = bool(values[_FAVOURITE])
    values[_STATUS] = _STATUSES[values[_STATUS]]
    if values[_SHEET] is not None:
        values[_SHEET] = os.fsdecode(values[_SHEET])
    return Track(*values)
