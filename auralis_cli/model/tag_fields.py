"""The one table of tags that can be edited: what each is called, what its values may be, and how many there may be.

A field that the library has too bears the library's name (`model/fields.py`); `vorbis` is what Vorbis comments, and
therefore `audio/tag_names.py`, call it. Whatever is not in this table is refused, whatever a file calls it.
"""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from enum import StrEnum

from auralis_cli.errors import UsageError
from auralis_cli.quick_dataclasses import dataclass


class TagKind(StrEnum):
    """What the values of a field may be."""

    TEXT = "text"
    # May have several lines.
    LONG_TEXT = "long text"
    WHOLE = "whole number"
    REAL = "number"
    DATE = "date"
    FLAG = "yes or no"


@dataclass(frozen=True, slots=True)
class TagField:
    """One tag that can be edited."""

    name: str
    kind: TagKind
    # Whether it may have several values: artists, genres.
    is_several: bool
    vorbis: str
    aliases: tuple[str, ...]
    help: str


_TEXT, _LONG, _WHOLE, _REAL, _DATE, _FLAG = (
    TagKind.TEXT,
    TagKind.LONG_TEXT,
    TagKind.WHOLE,
    TagKind.REAL,
    TagKind.DATE,
    TagKind.FLAG,
)
_ONE, _SEVERAL = False, True

TAG_FIELDS: tuple[TagField, ...] = tuple(
    TagField(name, kind, is_several, vorbis or name, tuple(aliases.split()), text)
    for name, kind, is_several, vorbis, aliases, text in (
        ("title", _TEXT, _ONE, "", "", "The title."),
        ("artist", _TEXT, _SEVERAL, "", "", "Whom it is by, as credited."),
        ("artists", _TEXT, _SEVERAL, "", "", "The single artists of the credit."),
        ("album", _TEXT, _ONE, "", "", "The title of its album."),
        ("albumartist", _TEXT, _SEVERAL, "", "album_artist", "Whom the album is by."),
        ("track", _WHOLE, _ONE, "tracknumber", "tracknumber", "The number on its disc."),
        ("track_total", _WHOLE, _ONE, "tracktotal", "tracktotal totaltracks", "How many tracks the disc has."),
        ("disc", _WHOLE, _ONE, "discnumber", "discnumber", "The number of the disc."),
        ("disc_total", _WHOLE, _ONE, "disctotal", "disctotal totaldiscs", "How many discs the album has."),
        ("disc_title", _TEXT, _ONE, "discsubtitle", "discsubtitle", "The title of the disc."),
        ("date", _DATE, _ONE, "", "year", "When it came out: 1984, 1984-05 or 1984-05-03."),
        ("original_date", _DATE, _ONE, "originaldate", "originaldate original_year", "When it first came out."),
        ("genre", _TEXT, _SEVERAL, "", "genres", "Its genres."),
        ("mood", _TEXT, _SEVERAL, "", "moods", "Its moods."),
        ("grouping", _TEXT, _SEVERAL, "", "", "What it belongs to."),
        ("composer", _TEXT, _SEVERAL, "", "", "Who wrote the music."),
        ("lyricist", _TEXT, _SEVERAL, "", "", "Who wrote the words."),
        ("conductor", _TEXT, _SEVERAL, "", "", "Who conducted."),
        ("performer", _TEXT, _SEVERAL, "", "", "Who played what: Name (instrument)."),
        ("remixer", _TEXT, _SEVERAL, "", "", "Who remixed it."),
        ("producer", _TEXT, _SEVERAL, "", "", "Who produced it."),
        ("label", _TEXT, _SEVERAL, "", "publisher organization", "The record label."),
        ("catalog_number", _TEXT, _ONE, "catalognumber", "catalognumber", "The label's number for it."),
        ("barcode", _TEXT, _ONE, "", "", "The barcode of the release."),
        ("isrc", _TEXT, _ONE, "", "", "International Standard Recording Code."),
        ("bpm", _REAL, _ONE, "", "", "Beats per minute."),
        ("key", _TEXT, _ONE, "", "initialkey", "The musical key: Am, F#."),
        ("language", _TEXT, _SEVERAL, "", "", "The language of the words, as ISO 639-2: eng."),
        ("media", _TEXT, _ONE, "", "", "What it came on: CD, Vinyl."),
        ("compilation", _FLAG, _ONE, "", "comp", "Whether its album is by many."),
        ("subtitle", _TEXT, _ONE, "", "", "What stands below the title."),
        ("work", _TEXT, _ONE, "", "", "The work it is a part of."),
        ("movement_name", _TEXT, _ONE, "movementname", "movementname", "The name of the movement."),
        ("movement", _WHOLE, _ONE, "", "", "The number of the movement."),
        ("comment", _LONG, _ONE, "", "comments", "A comment."),
        ("copyright", _TEXT, _ONE, "", "", "Whose it is."),
        ("license", _TEXT, _ONE, "", "", "Under which license it stands; an address."),
        ("website", _TEXT, _ONE, "", "", "The artist's address."),
        ("lyrics", _LONG, _ONE, "", "unsyncedlyrics", "The words."),
        ("title_sort", _TEXT, _ONE, "titlesort", "titlesort", "The title for sorting."),
        ("artist_sort", _TEXT, _ONE, "artistsort", "artistsort", "The artist for sorting."),
        ("album_sort", _TEXT, _ONE, "albumsort", "albumsort", "The album for sorting."),
        ("albumartist_sort", _TEXT, _ONE, "albumartistsort", "albumartistsort", "The album's artist for sorting."),
        ("composer_sort", _TEXT, _ONE, "composersort", "composersort", "The composer for sorting."),
        ("mb_recording_id", _TEXT, _ONE, "musicbrainz_trackid", "musicbrainz_trackid", "MusicBrainz: the recording."),
        (
            "mb_track_id",
            _TEXT,
            _ONE,
            "musicbrainz_releasetrackid",
            "musicbrainz_releasetrackid",
            "MusicBrainz: the track of the release.",
        ),
        ("mb_album_id", _TEXT, _ONE, "musicbrainz_albumid", "musicbrainz_albumid", "MusicBrainz: the release."),
        (
            "mb_release_group_id",
            _TEXT,
            _ONE,
            "musicbrainz_releasegroupid",
            "musicbrainz_releasegroupid",
            "MusicBrainz: the release group.",
        ),
        ("mb_artist_id", _TEXT, _SEVERAL, "musicbrainz_artistid", "musicbrainz_artistid", "MusicBrainz: the artists."),
        (
            "mb_albumartist_id",
            _TEXT,
            _SEVERAL,
            "musicbrainz_albumartistid",
            "musicbrainz_albumartistid",
            "MusicBrainz: the album's artists.",
        ),
    )
)
TAG_FIELD_OF: Mapping[str, TagField] = {word: field for field in TAG_FIELDS for word in (field.name, *field.aliases)}
TAG_FIELD_OF_VORBIS: Mapping[str, TagField] = {field.vorbis: field for field in TAG_FIELDS}


def tag_field(name: str) -> TagField:
    """The field of any of its names, whatever their case; UsageError for a name that is none."""
    found = TAG_FIELD_OF.get(name.lower())
    if found is None:
        close = get_close_matches(name.lower(), TAG_FIELD_OF, n=3, cutoff=0.6)
        everywhere = "auralis tag fields lists all"
        hint = f"did you mean {', '.join(close)}? {everywhere}" if close else everywhere
        raise UsageError(repr(name), "is no tag that can be edited", hint)
    return found
