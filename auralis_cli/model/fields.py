"""The one table of fields: what can be asked for, listed, formatted and sorted by, under which names.

A field's name is its key in JSON and the attribute of `Track`, `Album`, `Artist` or `Genre`. Its aliases are short
names of it in queries and for sorting; in a format the name gives the value as JSON has it, an alias as people read it.
"""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from enum import StrEnum

from auralis_cli.errors import UsageError
from auralis_cli.quick_dataclasses import dataclass

# What is asked for like a field of tracks, and where it is.
_ELSEWHERE = {
    "playlist": "auralis playlist show NAME lists one, auralis play --playlist NAME plays it",
}


class FieldKind(StrEnum):
    """What the values of a field are, and therefore how they are asked for and read."""

    TEXT = "text"
    PATH = "path"
    NUMBER = "number"
    WHOLE = "whole number"
    SIZE = "size"
    DURATION = "duration"
    TIME = "time"
    FLAG = "flag"


@dataclass(frozen=True, slots=True)
class Field:
    """One field: its name, what its values are, what else it is called, and what it means."""

    name: str
    kind: FieldKind
    aliases: tuple[str, ...]
    help: str


@dataclass(frozen=True, slots=True)
class FieldTable:
    """The fields of one kind of thing, found by any of their names."""

    # "track": what has these fields.
    subject: str
    fields: tuple[Field, ...]
    by_name: Mapping[str, Field]
    # Which command names them all.
    listed_by: str = "auralis list --fields shows all"

    def find(self, name: str) -> Field | None:
        """The field called `name`, whatever its case."""
        return self.by_name.get(name.lower())

    def named(self, name: str, what: str) -> Field:
        """The field called `name`; UsageError about `what`, with names that are near and where all stand."""
        found = self.find(name)
        if found is None:
            raise UsageError(what, f"{self.subject}s have no field {name!r}", self._hint(name))
        return found

    def sortable(self, name: str, what: str) -> Field:
        """The field to sort by; UsageError, which lists all there are, near ones first, for a name that is none."""
        found = self.find(name)
        if found is None:
            keys = ", ".join(field.name for field in self.fields)
            near = f"did you mean {', '.join(close)}? " if (close := self._near(name)) else ""
            raise UsageError(what, f"nothing is sorted by {name!r}", f"{near}one of {keys}")
        return found

    def _near(self, name: str) -> list[str]:
        return get_close_matches(name.lower(), self.by_name, n=3, cutoff=0.6)

    def _hint(self, name: str) -> str:
        if self.subject == "track" and name.lower() in _ELSEWHERE:
            return _ELSEWHERE[name.lower()]
        close = self._near(name)
        return f"did you mean {', '.join(close)}? {self.listed_by}" if close else self.listed_by


def _table(subject: str, *rows: tuple[str, FieldKind, str, str]) -> FieldTable:
    fields = tuple(Field(name, kind, tuple(aliases.split()), text) for name, kind, aliases, text in rows)
    by_name = {word: field for field in fields for word in (field.name, *field.aliases)}
    return FieldTable(subject, fields, by_name)


def _wider(table: FieldTable, *rows: tuple[str, FieldKind, str, str]) -> FieldTable:
    """The table with fields that only some of its things have."""
    more = _table(table.subject, *rows)
    return FieldTable(table.subject, (*table.fields, *more.fields), {**table.by_name, **more.by_name}, table.listed_by)


_TEXT, _PATH, _NUMBER, _WHOLE = FieldKind.TEXT, FieldKind.PATH, FieldKind.NUMBER, FieldKind.WHOLE
_SIZE, _DURATION, _TIME, _FLAG = FieldKind.SIZE, FieldKind.DURATION, FieldKind.TIME, FieldKind.FLAG

TRACK_FIELDS = _table(
    "track",
    ("id", _WHOLE, "", "The track's number in the library."),
    ("path", _PATH, "file folder", "The file, or all below a folder."),
    ("title", _TEXT, "", "The title; without one, the name of the file."),
    ("artist", _TEXT, "artists", "Any of its artists, or the words as credited."),
    ("album", _TEXT, "", "The title of its album."),
    ("albumartist", _TEXT, "albumartists", "Whom the album is by."),
    ("track", _WHOLE, "tracknumber", "The number on its disc."),
    ("track_total", _WHOLE, "tracktotal", "How many tracks the disc has."),
    ("disc", _WHOLE, "discnumber", "The number of the disc."),
    ("disc_total", _WHOLE, "disctotal", "How many discs the album has."),
    ("year", _WHOLE, "", "The year it came out."),
    ("date", _TEXT, "", "The date it came out, as written."),
    ("genre", _TEXT, "genres", "Any of its genres."),
    ("mood", _TEXT, "moods", "Any of its moods, as tagged."),
    ("composer", _TEXT, "", "Who wrote it."),
    ("comment", _TEXT, "comments", "The comment."),
    ("label", _TEXT, "", "The record label."),
    ("bpm", _NUMBER, "", "Beats per minute, as tagged."),
    ("compilation", _FLAG, "comp", "Whether its album is by many."),
    ("duration_s", _DURATION, "duration length", "How long it lasts, in seconds."),
    ("sample_rate_hz", _WHOLE, "samplerate rate", "Sample rate in Hz."),
    ("channels", _WHOLE, "", "How many channels."),
    ("bits", _WHOLE, "bitdepth", "Bits a sample, where the format has them."),
    ("format", _TEXT, "", "The format of the file."),
    ("codec", _TEXT, "", "What the audio is coded with."),
    ("bitrate_bps", _WHOLE, "bitrate", "Bits per second."),
    ("lossless", _FLAG, "", "Whether the coding loses nothing."),
    ("size_bytes", _SIZE, "size filesize", "Size of the file in bytes."),
    ("modified_at", _TIME, "modified mtime", "When the file was last changed."),
    ("integrated_lufs", _NUMBER, "lufs loudness", "Integrated loudness in LUFS."),
    ("momentary_max_lufs", _NUMBER, "momentary", "Highest momentary loudness in LUFS."),
    ("short_term_max_lufs", _NUMBER, "short_term", "Highest short-term loudness in LUFS."),
    ("lra_lu", _NUMBER, "lra", "Loudness range in LU."),
    ("true_peak_dbtp", _NUMBER, "true_peak tp", "True peak in dBTP."),
    ("sample_peak_dbfs", _NUMBER, "sample_peak peak", "Sample peak in dBFS."),
    ("plr_db", _NUMBER, "plr", "True peak less loudness, in dB."),
    ("crest_db", _NUMBER, "crest", "Sample peak less RMS, in dB."),
    ("dc_offset", _NUMBER, "dc", "Mean of the samples; full scale is 1."),
    ("tempo_bpm", _NUMBER, "tempo", "Beats per minute, as measured."),
    ("replaygain_track_gain_db", _NUMBER, "track_gain", "ReplayGain of the track in dB."),
    ("replaygain_track_peak", _NUMBER, "track_peak", "ReplayGain's peak of the track."),
    ("replaygain_album_gain_db", _NUMBER, "album_gain", "ReplayGain of the album in dB."),
    ("replaygain_album_peak", _NUMBER, "album_peak", "ReplayGain's peak of the album."),
    ("mb_recording_id", _TEXT, "mb_trackid", "MusicBrainz' id of the recording."),
    ("mb_album_id", _TEXT, "mb_albumid", "MusicBrainz' id of the release."),
    ("isrc", _TEXT, "", "International Standard Recording Code."),
    ("added_at", _TIME, "added", "When it came into the library."),
    ("play_count", _WHOLE, "plays", "How often it was played."),
    ("skip_count", _WHOLE, "skips", "How often something else was wanted before half of it was heard."),
    ("last_played_at", _TIME, "last_played played", "When it was last played."),
    ("rating", _NUMBER, "", "What you gave it, 0 to 5."),
    ("favourite", _FLAG, "favorite fav loved", "Whether it is a favourite of yours."),
    ("status", _TEXT, "", "The file is present, missing or unreadable."),
    ("cue_number", _WHOLE, "cue", "Its number in a cue sheet; 0 for a whole file."),
    ("sheet_path", _PATH, "sheet", "The cue sheet."),
    ("start_frame", _WHOLE, "start", "Where it begins in its file, in samples."),
    ("end_frame", _WHOLE, "end", "Where it ends in its file, in samples."),
    ("content_id", _TEXT, "content", "What the audio is, whatever the file is called."),
)

# Of a track that is near another.
NEIGHBOUR_FIELDS = _wider(
    TRACK_FIELDS,
    ("distance", _NUMBER, "", "How far it is, 0 to 1."),
    ("score", _NUMBER, "", "How near it is: 1 - distance."),
)

ALBUM_FIELDS = _table(
    "album",
    ("id", _WHOLE, "", "The album's number in the library."),
    ("title", _TEXT, "album", "The title."),
    ("albumartist", _TEXT, "artist", "Whom it is by."),
    ("year", _WHOLE, "", "The year it came out."),
    ("tracks", _WHOLE, "", "How many tracks are here."),
    ("discs", _WHOLE, "", "How many discs are here."),
    ("duration_s", _DURATION, "duration length", "How long it lasts, in seconds."),
    ("compilation", _FLAG, "comp", "Whether it is by many."),
    ("added_at", _TIME, "added", "When it came into the library."),
)

ARTIST_FIELDS = _table(
    "artist",
    ("id", _WHOLE, "", "The artist's number in the library."),
    ("name", _TEXT, "artist", "The name."),
    ("sort_name", _TEXT, "sort", "The name for sorting."),
    ("albums", _WHOLE, "", "How many albums are here."),
    ("tracks", _WHOLE, "", "How many tracks are here."),
)

GENRE_FIELDS = _table(
    "genre",
    ("id", _WHOLE, "", "The genre's number in the library."),
    ("name", _TEXT, "genre", "The name."),
    ("tracks", _WHOLE, "", "How many tracks are here."),
)
