"""Texts as files have them, by the names of Vorbis comments, made into the clean values of the library."""

from __future__ import annotations

import re

from auralis_cli.audio.artist_credits import artists_of, distinct
from auralis_cli.audio.survey import Texts
from auralis_cli.audio.tag_names import ALIASES
from auralis_cli.model.library import TrackTags
from auralis_cli.model.plausible import (
    MAX_BPM,
    MAX_COMMENT_CHARACTERS,
    MAX_DATE_CHARACTERS,
    MAX_GAIN_DB,
    MAX_NAME_CHARACTERS,
    MAX_NUMBER,
    MAX_PEAK,
    MAX_SHORT_CHARACTERS,
    MAX_VALUES,
    plain_text,
    plausible_year,
    real_number,
    whole_number,
    within,
)

_TRUE = ("1", "true", "yes")
_KINDS = re.compile(r"\s*;\s*|\s+/\s+|\s*\0\s*")
_KIND_LIST = re.compile(r",\s+")
_IDS = re.compile(r"[/;,\s\0]+")
# R128 aims at −23 LUFS, ReplayGain 2 at −18.
_R128_TO_REPLAYGAIN_DB = 5.0
_R128_UNITS = 256.0
_MAX_R128 = 1 << 15


def track_tags(texts: Texts) -> TrackTags:
    """The tags of one track; what is implausible is left out."""
    texts = _by_usual_names(texts)
    get = texts.get
    artist, artists = _credits(get("artist"), get("artists"))
    albumartist, albumartists = _credits(get("albumartist"), get("albumartists"))
    track, track_total = _pair(get("tracknumber"), get("tracktotal"))
    disc, disc_total = _pair(get("discnumber"), get("disctotal"))
    date = _date(get("date")) or _date(get("releasedate"))
    gain, peak = _level(texts, "track")
    album_gain, album_peak = _level(texts, "album")
    return TrackTags(
        title=_text(get("title")),
        artist=artist,
        artists=artists,
        artist_sort=_text(get("artistsort")),
        album=_text(get("album")),
        album_sort=_text(get("albumsort")),
        albumartist=albumartist,
        albumartists=albumartists,
        albumartist_sort=_text(get("albumartistsort")),
        genres=_kinds(get("genre")),
        moods=_kinds(get("mood")),
        track=track,
        track_total=track_total,
        disc=disc,
        disc_total=disc_total,
        disc_title=_text(get("discsubtitle")),
        year=plausible_year(date),
        date=date,
        original_year=plausible_year(_short(get("originaldate")) or _short(get("originalyear"))),
        compilation=(_short(get("compilation")) or "").lower() in _TRUE,
        composer=_listed(get("composer")),
        comment=_text(get("comment"), MAX_COMMENT_CHARACTERS),
        bpm=(real_number(texts["bpm"][0], 0.0, MAX_BPM) or None) if "bpm" in texts else None,
        label=_text(get("label")),
        copyright=_text(get("copyright")),
        isrc=_short(get("isrc")),
        mb_recording_id=_short(get("musicbrainz_trackid")),
        mb_track_id=_short(get("musicbrainz_releasetrackid")),
        mb_album_id=_short(get("musicbrainz_albumid")),
        mb_release_group_id=_short(get("musicbrainz_releasegroupid")),
        mb_artist_ids=_ids(get("musicbrainz_artistid")),
        mb_albumartist_ids=_ids(get("musicbrainz_albumartistid")),
        replaygain_track_gain_db=gain,
        replaygain_track_peak=peak,
        replaygain_album_gain_db=album_gain,
        replaygain_album_peak=album_peak,
    )


def _by_usual_names(texts: Texts) -> Texts:
    """Another name for a thing means it only where the thing itself is missing."""
    if texts.keys().isdisjoint(ALIASES):
        return texts
    found = dict(texts)
    for alias, usual in ALIASES.items():
        if alias in found:
            found.setdefault(usual, found[alias])
    return found


def _text(values: list[str] | None, max_characters: int = MAX_NAME_CHARACTERS) -> str | None:
    """The first that says anything."""
    if values is not None:
        for value in values:
            if text := plain_text(value, max_characters):
                return text
    return None


def _short(values: list[str] | None) -> str | None:
    return _text(values, MAX_SHORT_CHARACTERS) if values else None


def _date(values: list[str] | None) -> str | None:
    """A text with a digit that is not 0."""
    text = _text(values, MAX_DATE_CHARACTERS)
    return text if text is not None and any("1" <= sign <= "9" for sign in text) else None


def _all(values: list[str] | None) -> list[str]:
    return [text for value in (values or ())[:MAX_VALUES] if (text := plain_text(value))]


def _listed(values: list[str] | None) -> str | None:
    return plain_text(", ".join(distinct(_all(values)))) if values else None


def _credits(values: list[str] | None, singles: list[str] | None) -> tuple[str | None, tuple[str, ...]]:
    """The credit as it is shown, and the artists in it."""
    if values is None and singles is None:
        return None, ()
    credited, known = _all(values), _all(singles)
    if not credited:
        credited = known
    if not credited:
        return None, ()
    if known:
        return plain_text(", ".join(distinct(credited))), distinct(known)
    if len(credited) == 1:
        return credited[0], artists_of(credited[0])[:MAX_VALUES]
    return plain_text(", ".join(distinct(credited))), distinct(credited)


def _kinds(values: list[str] | None) -> tuple[str, ...]:
    """Each a genre or a mood of its own; `Folk, World, & Country` is one of Discogs'."""
    found: list[str] = []
    for value in _all(values):
        parts = _KINDS.split(value) if ";" in value or "/" in value else [value]
        for part in parts:
            found.extend(_KIND_LIST.split(part) if "," in part and "&" not in part else [part])
    return distinct(found)[:MAX_VALUES]


def _pair(numbers: list[str] | None, totals: list[str] | None) -> tuple[int | None, int | None]:
    """A number and the total, which may be written as one: `3/12`."""
    if numbers is None and totals is None:
        return None, None
    first, _, last = numbers[0].partition("/") if numbers else ("", "", "")
    total = totals[0] if totals else last
    return whole_number(first, 1, MAX_NUMBER), whole_number(total, 1, MAX_NUMBER)


def _ids(values: list[str] | None) -> tuple[str, ...]:
    if not values:
        return ()
    return distinct(id_ for value in _all(values) for id_ in _IDS.split(value[: MAX_SHORT_CHARACTERS * 8]))[:MAX_VALUES]


def _level(texts: Texts, of: str) -> tuple[float | None, float | None]:
    """Gain in dB and peak by ReplayGain, else the gain by R128."""
    gain = peak = None
    if values := texts.get(f"replaygain_{of}_gain"):
        gain = real_number(values[0].lower().removesuffix("db"), -MAX_GAIN_DB, MAX_GAIN_DB)
    if values := texts.get(f"replaygain_{of}_peak"):
        peak = real_number(values[0], 0.0, MAX_PEAK)
    if gain is None and (values := texts.get(f"r128_{of}_gain")):
        units = real_number(values[0], -_MAX_R128, _MAX_R128)
        gain = (
            None if units is None else within(units / _R128_UNITS + _R128_TO_REPLAYGAIN_DB, -MAX_GAIN_DB, MAX_GAIN_DB)
        )
    return gain, peak
