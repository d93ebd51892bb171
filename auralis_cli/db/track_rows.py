"""A track as a row of the store: what a record's tags become."""

from __future__ import annotations

import json
from operator import attrgetter
from typing import Any, NamedTuple

from auralis_cli.db import plausible
from auralis_cli.db.content_keys import content_key
from auralis_cli.db.name_rows import Credit, credit_of
from auralis_cli.db.text_functions import searched_words
from auralis_cli.model.album_grouping import album_credit, album_key, sort_key
from auralis_cli.model.library import FileRecord, TrackRecord, TrackTags
from auralis_cli.model.plausible import MAX_DURATION_S

# Columns that hold what the tags say, by the same names; 0 where a number of the second group is not said.
TAG_COLUMNS = (
    "artist",
    "artist_sort",
    "album",
    "album_sort",
    "albumartist",
    "albumartist_sort",
    "track_total",
    "disc_total",
    "disc_title",
    "year",
    "date",
    "original_year",
    "composer",
    "comment",
    "bpm",
    "label",
    "copyright",
    "isrc",
    "mb_recording_id",
    "mb_track_id",
    "mb_album_id",
    "mb_release_group_id",
    "replaygain_track_gain_db",
    "replaygain_track_peak",
    "replaygain_album_gain_db",
    "replaygain_album_peak",
)
# All that a re-read may change, in the order of a row's values.
TRACK_COLUMNS = (
    "cue_number",
    "file_id",
    "sheet_id",
    "start_frame",
    "end_frame",
    "content_key",
    "duration_s",
    "title",
    "title_key",
    "words",
    "artist_key",
    "album_key",
    "albumartists",
    "genre",
    "mood",
    "track",
    "disc",
    "compilation",
    *TAG_COLUMNS,
    "album_id",
    "albumartist_key",
)
_tag_values = attrgetter(*TAG_COLUMNS)
_CUE_MAX = 999
_FRAME_MAX = 2**53
_KINDS_CHARS = 2000
# Between the genres, and between the moods, of a track where they are one text.
BETWEEN_KINDS = "; "
_LIST_CHARS = 20_000


class NewTrack(NamedTuple):
    """A row that is to be, with what it names; the album's row and the artist's key come last, when they are known."""

    file_id: int
    cue_number: int
    # TRACK_COLUMNS without the last two.
    values: tuple[Any, ...]
    album_key: str | None
    album: str | None
    albumartist_key: str
    artists: tuple[Credit, ...]
    genres: tuple[Credit, ...]


class TrackRows:
    """Makes rows, and remembers the keys of the names that come again and again."""

    def __init__(self) -> None:
        self._credits: dict[tuple[str, str | None], Credit] = {}
        self._sort_keys: dict[tuple[str | None, str | None], str] = {}

    def of(self, record: FileRecord, file_id: int, sheets: dict[str, int]) -> list[NewTrack]:
        """The rows of a file's tracks, one for each number."""
        rows: dict[int, NewTrack] = {}
        for track in record.tracks:
            number = plausible.integer(track.cue_number, 0, _CUE_MAX)
            if number is not None and number not in rows:
                sheet = sheets.get(track.sheet_path) if track.sheet_path else None
                rows[number] = self._row(record, track, number, file_id, sheet)
        return list(rows.values())

    def _row(self, record: FileRecord, track: TrackRecord, number: int, file_id: int, sheet: int | None) -> NewTrack:
        tags = plausible.tags(track.tags)
        path = record.stat.path
        title = tags.title or plausible.title_of_name(path)
        start = plausible.integer(track.start_frame, 0, _FRAME_MAX)
        artists = self._artists(tags)
        genres = self._credits_of(tags.genres, None)
        genre = _kinds(tags.genres)
        key = album_key(tags, track.sheet_path or path)
        values = (
            number,
            file_id,
            sheet,
            start,
            plausible.integer(track.end_frame, start or 0, _FRAME_MAX),
            content_key(plausible.content(record.content_id, path), number),
            plausible.real(track.duration_s, 0.0, MAX_DURATION_S),
            title,
            sort_key(title)[: plausible.KEY_CHARACTERS],
            searched_words(title, tags.artist, tags.album, tags.albumartist, tags.composer, genre),
            self._sort_key(tags.artist, tags.artist_sort),
            self._sort_key(tags.album, tags.album_sort),
            _listed(tags.albumartists),
            genre,
            _kinds(tags.moods),
            tags.track or 0,
            tags.disc or 0,
            int(album_credit((tags,)).compilation),
            *_tag_values(tags),
        )
        return NewTrack(file_id, number, values, key, tags.album, self._albumartist_key(tags), artists, genres)

    def _artists(self, tags: TrackTags) -> tuple[Credit, ...]:
        names = tags.artists or ((tags.artist,) if tags.artist else ())
        return self._credits_of(names, tags.artist_sort if len(names) == 1 else None)

    def _credits_of(self, names: tuple[str, ...], sort_name: str | None) -> tuple[Credit, ...]:
        """Each name once, also where it is spelt in two ways."""
        credits_of = [self._credit(name, sort_name) for name in names]
        if len(credits_of) < 2:
            return tuple(credits_of)
        return tuple({credit.key: credit for credit in reversed(credits_of)}.values())[::-1]

    def _albumartist_key(self, tags: TrackTags) -> str:
        if tags.albumartist:
            return self._sort_key(tags.albumartist, tags.albumartist_sort)
        return self._sort_key(tags.artist, tags.artist_sort)

    def _credit(self, name: str, sort_name: str | None) -> Credit:
        known = self._credits.get((name, sort_name))
        if known is None:
            known = self._credits[name, sort_name] = credit_of(name, sort_name)
        return known

    def _sort_key(self, name: str | None, sort_name: str | None) -> str:
        known = self._sort_keys.get((name, sort_name))
        if known is None:
            known = sort_key(name, sort_name)[: plausible.KEY_CHARACTERS]
            self._sort_keys[name, sort_name] = known
        return known


def _kinds(names: tuple[str, ...]) -> str | None:
    return BETWEEN_KINDS.join(names)[:_KINDS_CHARS] or None


def _listed(names: tuple[str, ...]) -> str | None:
    if len(names) < 2:
        return None
    written = json.dumps(names, ensure_ascii=False)
    return written if len(written) <= _LIST_CHARS else None
