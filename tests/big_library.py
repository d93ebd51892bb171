"""A library of a million tracks that was never scanned: the same for the same seed, in about a minute.

Names are made of syllables, so that prefixes of all lengths find something; words, artists and genres are as unevenly
spread as in real libraries (Zipf). `python -m big_library FILE [TRACKS]` makes one to try things on.
"""

from __future__ import annotations

import itertools
import random
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from auralis_cli.db.bulk import insert_rows
from auralis_cli.db.connection import LibraryDatabase
from auralis_cli.db.store import Store
from auralis_cli.db.text_functions import searched_words
from auralis_cli.model.album_grouping import album_key, fold, sort_key
from auralis_cli.model.library import TrackTags

TRACKS = 1_000_000
MADE_AT = 1_700_000_000
ROOT = "/music"
SEED = 20_250_801
_CHUNK = 20_000
_TRACKS_OF_AN_ALBUM = 10
_YEAR_S = 31_557_600
_SYLLABLES = [
    "a", "an", "ba", "be", "blu", "bo", "ca", "chi", "co", "da", "de", "do", "e", "el", "fa", "fi", "fo", "ga", "go",
    "he", "ho", "i", "in", "ja", "jo", "ka", "ki", "la", "le", "li", "lo", "lu", "ma", "me", "mi", "mo", "na", "ne",
    "ni", "no", "o", "or", "pa", "pe", "po", "qua", "ra", "re", "ri", "ro", "sa", "se", "si", "so", "sta", "ta", "te",
    "ti", "to", "tra", "u", "un", "va", "ve", "vi", "wa", "we", "xa", "ya", "yo", "za", "ze", "é", "ö", "ñu",
]  # fmt: skip
_GENRES = ("Rock", "Pop", "Jazz", "Electronic", "Classical", "Hip-Hop", "Folk", "Metal", "Blues", "Ambient")
_FORMATS = (("flac", "flac", 44_100, 16, 1), ("mp3", "mp3", 44_100, None, 0), ("flac", "flac", 96_000, 24, 1))

_FILES = (
    "id", "root_id", "path", "size_bytes", "mtime_ns", "device", "inode", "content_id", "format", "codec",
    "sample_rate_hz", "channels", "bits", "bitrate_bps", "duration_s", "lossless", "status", "missing_since", "read_at",
)  # fmt: skip
_TRACKS = (
    "id", "file_id", "content_key", "album_id", "title", "title_key", "artist", "artist_key", "album", "album_key",
    "albumartist", "albumartist_key", "genre", "track", "track_total", "disc", "disc_total", "year", "date",
    "compilation", "composer", "words", "duration_s", "added_at",
)  # fmt: skip
_LOUDNESS = (
    "content_key", "integrated_lufs", "momentary_max_lufs", "short_term_max_lufs", "lra_lu", "true_peak_dbtp",
    "sample_peak_dbfs", "plr_db", "crest_db", "dc_offset", "version", "measured_at",
)  # fmt: skip


@dataclass(slots=True)
class _Names:
    """What tracks are called, and how often each name comes."""

    random: random.Random
    words: list[str] = field(default_factory=list)
    word_weights: list[float] = field(default_factory=list)
    artists: list[str] = field(default_factory=list)
    genres: list[str] = field(default_factory=list)

    def text(self, most: int) -> str:
        count = self.random.randint(1, most)
        return " ".join(self.random.choices(self.words, cum_weights=self.word_weights, k=count)).title()


def _zipf(count: int, exponent: float = 1.0) -> list[float]:
    return list(itertools.accumulate((rank + 3) ** -exponent for rank in range(count)))


def _names(seed: int, tracks: int) -> _Names:
    chance = random.Random(seed)
    words: dict[str, None] = {}
    while len(words) < 40_000:
        words["".join(chance.choices(_SYLLABLES, k=chance.choice((1, 2, 2, 3, 3, 4))))] = None
        if len(words) % 1000 == 0:
            words[str(chance.randint(1, 2000))] = None
    names = _Names(chance, list(words), _zipf(len(words)))
    artists: dict[str, str] = {}
    while len(artists) < max(tracks // 20, 1):
        name = names.text(3)
        artists.setdefault(fold(name), name)
    names.artists = list(artists.values())
    genres = {fold(name): name for name in _GENRES}
    while len(genres) < 300:
        name = names.text(2)
        genres.setdefault(fold(name), name)
    names.genres = list(genres.values())
    return names


@dataclass(slots=True)
class _Rows:
    """Rows on their way into the library."""

    files: list[tuple[Any, ...]] = field(default_factory=list)
    tracks: list[tuple[Any, ...]] = field(default_factory=list)
    artists: list[tuple[Any, ...]] = field(default_factory=list)
    genres: list[tuple[Any, ...]] = field(default_factory=list)
    loudness: list[tuple[Any, ...]] = field(default_factory=list)
    stats: list[tuple[Any, ...]] = field(default_factory=list)

    def put(self, database: LibraryDatabase) -> None:
        insert_rows(database, "files", _FILES, self.files)
        insert_rows(database, "tracks", _TRACKS, self.tracks)
        insert_rows(database, "track_artists", ("track_id", "artist_id", "position", "name"), self.artists)
        insert_rows(database, "track_genres", ("track_id", "genre_id", "position", "name"), self.genres)
        insert_rows(database, "loudness", _LOUDNESS, self.loudness)
        columns = ("track_id", "rating", "play_count", "skip_count", "last_played_at")
        insert_rows(database, "track_stats", columns, self.stats)
        self.__init__()  # type: ignore[misc]


@dataclass(frozen=True, slots=True)
class _Album:
    id: int
    title: str
    artist: int
    year: int
    genre: int
    compilation: bool
    added_at: int


def _albums(names: _Names, tracks: int) -> Iterator[_Album]:
    chance = names.random
    weights, genre_weights = _zipf(len(names.artists), 0.6), _zipf(len(names.genres))
    count = tracks // _TRACKS_OF_AN_ALBUM
    artists = chance.choices(range(len(names.artists)), cum_weights=weights, k=count)
    # In the order of their folders, as a scan finds them.
    for number, artist in enumerate(sorted(artists, key=lambda artist: names.artists[artist]), start=1):
        genre = chance.choices(range(len(names.genres)), cum_weights=genre_weights)[0]
        year = min(2025, max(1930, round(chance.gauss(1998, 15))))
        added_at = MADE_AT - chance.randrange(5 * _YEAR_S)
        yield _Album(number, f"{names.text(4)}", artist, year, genre, number % 20 == 0, added_at)


def build(path: Path, *, tracks: int = TRACKS, seed: int = SEED) -> None:
    """Makes the library of `tracks` tracks at `path`, where there is none."""
    names = _names(seed, tracks)
    with Store.open(path, program="big_library", now=MADE_AT) as store:
        database = store.database
        root = store.roots.add(ROOT, now=MADE_AT)
        database.run("PRAGMA synchronous = off")
        database.run("PRAGMA cache_size = -400000")
        with database.write():
            _put_names(database, "artists", names.artists)
            _put_names(database, "genres", names.genres)
        rows = _Rows()
        albums = list(_albums(names, tracks))
        for start in range(0, len(albums), _CHUNK // _TRACKS_OF_AN_ALBUM):
            some = albums[start : start + _CHUNK // _TRACKS_OF_AN_ALBUM]
            for album in some:
                _fill(rows, names, album, root.id)
            with database.write():
                _put_albums(database, names, some)
                rows.put(database)
        database.run("PRAGMA wal_checkpoint(TRUNCATE)")


def _put_names(database: LibraryDatabase, table: str, named: Sequence[str]) -> None:
    columns = ("id", "key", "name", "sort_key") if table == "artists" else ("id", "key", "name")
    rows = [(number, fold(name), name, sort_key(name))[: len(columns)] for number, name in enumerate(named, start=1)]
    insert_rows(database, table, columns, rows)


def _put_albums(database: LibraryDatabase, names: _Names, albums: Sequence[_Album]) -> None:
    rows, links = [], []
    for album in albums:
        artist = "Various Artists" if album.compilation else names.artists[album.artist]
        tags = TrackTags(album=album.title, albumartist=artist, year=album.year, mb_album_id=f"album-{album.id}")
        key = album_key(tags, f"{ROOT}/{album.id}/1.flac")
        titles = (album.title, sort_key(album.title), artist, sort_key(artist))
        rows.append((album.id, key, *titles, album.year, int(album.compilation), tags.mb_album_id, album.added_at))
        if not album.compilation:
            links.append((album.id, album.artist + 1, 0, artist))
    columns = ("id", "key", "title", "title_key", "albumartist", "artist_key", "year", "compilation", "mb_album_id")
    insert_rows(database, "albums", (*columns, "added_at"), rows)
    insert_rows(database, "album_artists", ("album_id", "artist_id", "position", "name"), links)


def _fill(rows: _Rows, names: _Names, album: _Album, root_id: int) -> None:
    chance = names.random
    albumartist = "Various Artists" if album.compilation else names.artists[album.artist]
    genres = [album.genre] if chance.random() < 0.8 else [album.genre, (album.genre * 7 + 11) % len(names.genres)]
    format_, codec, rate, bits, lossless = _FORMATS[0 if chance.random() < 0.6 else chance.choice((1, 1, 2))]
    level, discs = chance.gauss(-11, 3.5), 2 if album.id % 11 == 0 else 1
    keys = (sort_key(album.title), sort_key(albumartist))
    genre_text = "; ".join(names.genres[genre] for genre in genres)
    missing = chance.random() < 0.05
    folder = f"{ROOT}/{albumartist}/{album.year} {album.title} {album.id}"
    for position in range(_TRACKS_OF_AN_ALBUM):
        number = (album.id - 1) * _TRACKS_OF_AN_ALBUM + position + 1
        artist_row = chance.randrange(len(names.artists)) if album.compilation else album.artist
        artist, title, content = names.artists[artist_row], names.text(4), f"{format_}:{number:032x}"
        disc, track = (2, position - 4) if discs == 2 and position > 4 else (1, position + 1)
        duration_s = round(max(20.0, chance.gauss(235, 80)), 2)
        stat = (int(duration_s * 110_000), (MADE_AT - number) * 10**9, 2049, number)
        file_path = f"{folder}/{disc}-{track:02} {title}.{format_}".encode()
        status = ("missing", MADE_AT) if missing else ("present", None)
        coding = (format_, codec, rate, 2, bits, 880_000, duration_s, lossless)
        rows.files.append((number, root_id, file_path, *stat, content, *coding, *status, MADE_AT))
        composer = names.artists[-1 - artist_row % 500] if chance.random() < 0.1 else None
        named = (title, sort_key(title), artist, sort_key(artist), album.title, keys[0], albumartist, keys[1])
        placed = (track, _TRACKS_OF_AN_ALBUM // discs, disc, discs, album.year, str(album.year), int(album.compilation))
        words = searched_words(title, artist, album.title, albumartist, composer, genre_text)
        last = (composer, words, duration_s, album.added_at)
        rows.tracks.append((number, number, content, album.id, *named, genre_text, *placed, *last))
        rows.artists.append((number, artist_row + 1, 0, artist))
        rows.genres.extend((number, genre + 1, place, names.genres[genre]) for place, genre in enumerate(genres))
        if chance.random() < 0.95:
            lufs = round(min(-3.0, level + chance.gauss(0, 1.2)), 1)
            peak = round(min(3.0, chance.gauss(-0.4, 0.9)), 1)
            levels = (lufs, lufs + 3, lufs + 2, round(abs(chance.gauss(7, 3)), 1), peak, peak - 0.3, peak - lufs, 12.0)
            rows.loudness.append((content, *levels, 0.0, 1, MADE_AT))
        if chance.random() < 0.2:
            rating = chance.choice((None, None, 3.0, 4.0, 5.0))
            rows.stats.append((number, rating, chance.randint(0, 60), chance.randint(0, 5), MADE_AT - number))


if __name__ == "__main__":
    started = time.perf_counter()
    build(Path(sys.argv[1]), tracks=int(sys.argv[2]) if len(sys.argv) > 2 else TRACKS)
    print(f"{time.perf_counter() - started:.0f} s")
