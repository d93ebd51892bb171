"""What reading files found is stored whole, in any order, and never anything implausible."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator, Sequence
from dataclasses import fields, replace
from typing import Any

import music_records
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from auralis_cli.db import plausible
from auralis_cli.db.store import Store
from auralis_cli.model.library import (
    FileFailure,
    FileKind,
    FileRecord,
    FileStat,
    FileStatus,
    MeasuredLoudness,
    TrackRecord,
    TrackTags,
)
from auralis_cli.model.plausible import MAX_NAME_CHARACTERS, MAX_VALUES, REAL_BOUNDS, TEXT_CHARACTERS, WHOLE_BOUNDS


@pytest.fixture
def store() -> Iterator[Store]:
    with Store.empty(program="test", now=1) as store:
        store.roots.add("/music", now=1)
        yield store


def apply(store: Store, records: Sequence[FileRecord | FileFailure], now: int = 2) -> None:
    store.files.apply(records, root_id=store.roots.all()[0].id, now=now)


def contents(store: Store) -> dict[str, list[Any]]:
    """All that scans put there, without ids."""
    queries = {
        "tracks": "SELECT f.path, t.cue_number, t.title_key, t.artist_key, t.album_key, t.albumartist_key, t.genre,"
        " t.compilation, sheet.path, a.key, t.content_key FROM tracks AS t JOIN files AS f ON f.id = t.file_id"
        " LEFT JOIN albums AS a ON a.id = t.album_id LEFT JOIN files AS sheet ON sheet.id = t.sheet_id",
        "albums": "SELECT key, title, title_key, albumartist, artist_key, year, compilation, added_at FROM albums",
        "album artists": "SELECT a.key, l.position, r.key, l.name FROM album_artists AS l"
        " JOIN albums AS a ON a.id = l.album_id JOIN artists AS r ON r.id = l.artist_id",
        "artists": "SELECT key, name, sort_name, sort_key FROM artists",
        "genres": "SELECT key, name FROM genres",
        "credits": "SELECT f.path, t.cue_number, l.position, r.key, l.name FROM track_artists AS l"
        " JOIN tracks AS t ON t.id = l.track_id JOIN files AS f ON f.id = t.file_id"
        " JOIN artists AS r ON r.id = l.artist_id",
        "track genres": "SELECT f.path, l.position, g.key, l.name FROM track_genres AS l JOIN tracks AS t"
        " ON t.id = l.track_id JOIN files AS f ON f.id = t.file_id JOIN genres AS g ON g.id = l.genre_id",
        "files": "SELECT path, size_bytes, status, content_id FROM files",
    }
    return {name: sorted(store.database.all(query), key=repr) for name, query in queries.items()}


def cue_file(path: str, numbers: Sequence[int], sheet: str | None = None, **tags: Any) -> FileRecord:
    one = music_records.record(path, **tags)
    tracks = tuple(
        TrackRecord(replace(one.tracks[0].tags, title=f"Part {n}", track=n), 10.0, n, sheet, n * 100, n * 100 + 100)
        for n in numbers
    )
    return replace(one, tracks=tracks)


def untidy_library() -> list[FileRecord | FileFailure]:
    """Compilations without an album artist, discs in folders, names spelt in several ways, sheets, failures."""
    made: list[FileRecord | FileFailure] = list(music_records.records(60))
    spellings = ("Beyoncé", "BEYONCE", "Beyonce", "Beyoncé", "beyoncé")
    for number, name in enumerate(spellings):
        sort_name = ("Knowles, Beyoncé", None, "Knowles", "Knowles", None)[number]
        made.append(
            music_records.record(f"/music/b/{number}.mp3", artist=name, artists=(name,), artist_sort=sort_name,
                                 album="4", genres=(("R&B", "r&b")[number % 2],), albumartist=None)
        )  # fmt: skip
    for number in range(12):
        folder = f"/music/Summer Hits/CD{number // 6 + 1}"
        artist = f"Singer {number % 5}"
        made.append(
            music_records.record(f"{folder}/{number:02}.mp3", artist=artist, artists=(artist,), album="Summer Hits",
                                 track=number % 6 + 1, disc=number // 6 + 1, year=2000 + number % 3)
        )  # fmt: skip
    both = ("Left", "Right")
    made += [
        music_records.record(f"/music/duo/{number}.flac", artist="Left & Right", artists=both, album="Duo",
                             albumartist="Left & Right", albumartists=both, year=1999)
        for number in range(3)
    ]  # fmt: skip
    made.append(cue_file("/music/live/a.flac", (1, 2, 3), "/music/live/a.cue", album="Live"))
    sheet = FileRecord(music_records.stat("/music/live/a.cue", 900), FileKind.SHEET, "sheet:1")
    made += [sheet, music_records.failure("/music/broken.mp3", 901)]
    return made


@pytest.mark.parametrize("seed", range(6))
def test_the_order_and_the_batches_in_which_files_are_read_do_not_matter(store: Store, seed: int) -> None:
    apply(store, untidy_library())
    expected = contents(store)
    shuffled = untidy_library()
    chance = random.Random(seed)
    chance.shuffle(shuffled)
    with Store.empty(program="test", now=1) as other:
        other.roots.add("/music", now=1)
        while shuffled:
            count = chance.randint(1, 30)
            apply(other, shuffled[:count])
            del shuffled[:count]
        assert contents(other) == expected
    hits = [album for album in store.listings.albums() if album.title == "Summer Hits"]
    assert [(album.albumartist, album.compilation, album.tracks, album.discs) for album in hits] == [
        ("Various Artists", True, 12, 2)
    ]


def test_reading_files_again_writes_nothing(store: Store) -> None:
    apply(store, untidy_library())
    # A failure is noted anew each time.
    again = [record for record in untidy_library() if isinstance(record, FileRecord)]
    before = store.database.one("SELECT total_changes()")
    apply(store, [record for record in again if "live" not in record.stat.path], now=9)
    after = store.database.one("SELECT total_changes()")
    # What is gathered on the way stands in tables of its own and is taken out again.
    assert after == before


def test_a_track_keeps_its_row_when_its_file_is_read_again(store: Store) -> None:
    apply(store, [cue_file("/music/a.flac", (1, 2, 3), album="One")])
    ids = {track.cue_number: track.id for track in store.tracks.by_path("/music/a.flac")}
    apply(store, [cue_file("/music/a.flac", (1, 3, 4), album="Another", genres=("New",))], now=5)
    tracks = {track.cue_number: track for track in store.tracks.by_path("/music/a.flac")}
    assert tracks.keys() == {1, 3, 4}
    assert (tracks[1].id, tracks[3].id) == (ids[1], ids[3])
    assert [tracks[number].added_at for number in (1, 3, 4)] == [2, 2, 5]
    assert [album.title for album in store.listings.albums()] == ["Another"]


def test_what_nothing_names_any_more_goes(store: Store) -> None:
    apply(store, [music_records.record("/music/a.mp3", album="Old", genres=("Old",), artist="Old", artists=("Old",))])
    apply(store, [music_records.record("/music/a.mp3", album="New", genres=("New",), artist="New", artists=("New",))])
    assert [album.title for album in store.listings.albums()] == ["New"]
    assert [artist.name for artist in store.listings.artists()] == ["New"]
    assert [genre.name for genre in store.listings.genres()] == ["New"]
    track = store.tracks.by_path("/music/a.mp3")[0]
    store.tracks.remove([track.id])
    assert [*store.listings.albums(), *store.listings.artists(), *store.listings.genres()] == []
    assert store.files.get("/music/a.mp3") is not None


@pytest.mark.invariant("S1-M-28")
def test_a_file_that_is_damaged_now_keeps_its_row_and_tracks_flagged(store: Store) -> None:
    apply(store, [music_records.record("/music/a.mp3", album="Album")])
    before = store.tracks.by_path("/music/a.mp3")[0]
    apply(store, [music_records.failure("/music/a.mp3", 7), music_records.failure("/music/new.mp3", 8)])
    after = store.tracks.by_path("/music/a.mp3")[0]
    assert (after.id, after.title, after.status) == (before.id, before.title, FileStatus.UNREADABLE)
    assert [(bad.path, bad.code, bad.message, bad.hint) for bad in store.files.failures()] == [
        (path, "unreadable", "is no audio", "look at it") for path in ("/music/a.mp3", "/music/new.mp3")
    ]
    apply(store, [music_records.record("/music/a.mp3", album="Album")])
    assert store.tracks.by_path("/music/a.mp3")[0].status is FileStatus.PRESENT


def test_names_that_are_no_text_survive(store: Store) -> None:
    path = "/music/caf\udce9/\udcff.mp3"
    apply(store, [music_records.record(path, title=None)])
    [track] = store.tracks.by_path(path)
    assert track.path == path
    assert track.title == "?"
    assert [file.path for file in store.files.stream_below("/music/caf\udce9")] == [path]


def test_an_inode_of_64_bits_is_kept(store: Store) -> None:
    one = music_records.record("/music/a.mp3")
    stat = FileStat("/music/a.mp3", 10, -5, 2**64 - 2, 2**63 + 1)
    apply(store, [replace(one, stat=stat)])
    stored = store.files.get("/music/a.mp3")
    assert stored is not None
    assert (stored.mtime_ns, stored.device, stored.inode) == (-5, 2**64 - 2, 2**63 + 1)


_HOSTILE_TEXT = st.one_of(
    st.text(max_size=40),
    st.sampled_from(["x" * 10_000_000, "\x00", "\x1b[31m", "a\nb", "\ud800", "", "'; DROP TABLE x; --", "ﷺ" * 999]),
    st.integers(),
    st.none(),
    st.binary(max_size=5),
)  # fmt: skip
_HOSTILE_NUMBER = st.one_of(
    st.integers(),
    st.sampled_from([math.nan, math.inf, -math.inf, -1, 2**70, True, "7", 1e300, 0, 44_100, -0.0]),
    st.floats(),
    st.none(),
)
_LISTS = ("artists", "albumartists", "genres", "moods", "mb_artist_ids", "mb_albumartist_ids")
_NUMBERS = {
    field.name
    for field in fields(TrackTags)
    if str(field.type).startswith(("int", "float")) and field.name not in _LISTS
}
_TAGS = st.fixed_dictionaries(
    {},
    optional={
        field.name: st.lists(_HOSTILE_TEXT, max_size=60).map(tuple)
        if field.name in _LISTS
        else _HOSTILE_NUMBER
        if field.name in _NUMBERS
        else st.booleans()
        if field.name == "compilation"
        else _HOSTILE_TEXT
        for field in fields(TrackTags)
    },
)


@pytest.mark.invariant("S0-H06")
@settings(max_examples=150)
@given(tags=_TAGS, number=_HOSTILE_NUMBER, rate=_HOSTILE_NUMBER, channels=_HOSTILE_NUMBER, text=_HOSTILE_TEXT)
@example(tags={"title": "a\0b"}, number=math.nan, rate=-1, channels=-1, text="a\0b")
def test_nothing_implausible_is_stored_and_no_batch_fails_for_it(
    tags: dict[str, Any], number: Any, rate: Any, channels: Any, text: Any
) -> None:
    loudness = MeasuredLoudness(*[number] * len(fields(MeasuredLoudness)))
    track = TrackRecord(TrackTags(**tags), number, cue_number=0, start_frame=number, end_frame=rate, loudness=loudness)
    one = music_records.record("/music/hostile.mp3")
    hostile = replace(
        one, content_id=text, format=text, codec=text, sample_rate_hz=rate, channels=channels, bits=number,
        bitrate_bps=rate, duration_s=number, tracks=(track,),
    )  # fmt: skip
    with Store.empty(program="test", now=1) as store:
        store.roots.add("/music", now=1)
        neighbour = music_records.record("/music/neighbour.mp3", number=2)
        apply(store, [hostile, FileFailure(None, "/music/x", text, text, text), neighbour])
        tracks = list(store.tracks.select())
        assert len(tracks) == 2
        for stored in tracks:
            _assert_plausible(stored)
        for table in ("artists", "albums", "genres", "track_artists", "loudness", "files"):
            for row in store.database.all(f"SELECT * FROM {table}"):
                _assert_values_plausible(row)


@pytest.mark.parametrize("end", [0, 1])
def test_what_is_just_within_its_bounds_is_stored_as_it_is(store: Store, end: int) -> None:
    said: dict[str, Any] = {name: "é" * most for name, most in TEXT_CHARACTERS.items()}
    said |= {name: bounds[end] for name, bounds in (WHOLE_BOUNDS | REAL_BOUNDS).items()}
    longest = tuple(f"{number:0{MAX_NAME_CHARACTERS}d}" for number in range(MAX_VALUES))
    lists: dict[str, Any] = dict.fromkeys(("artists", "albumartists", "genres", "moods", "mb_artist_ids"), longest)
    tags = TrackTags(**said, **lists)
    assert plausible.tags(tags) is tags
    one = music_records.record("/music/a.flac")
    apply(store, [replace(one, tracks=(replace(one.tracks[0], tags=tags),))])
    columns = ", ".join(said)
    assert store.database.one(f"SELECT {columns} FROM tracks") == tuple(said.values())
    assert store.database.all("SELECT name FROM track_artists ORDER BY position") == [(name,) for name in longest]


def _assert_plausible(track: Any) -> None:
    values = {field.name: getattr(track, field.name) for field in fields(track)}
    _assert_values_plausible(list(values.values()))
    assert track.duration_s is None or 0 <= track.duration_s <= 1e9
    assert track.sample_rate_hz is None or 1000 <= track.sample_rate_hz <= 384_000
    assert track.channels is None or 1 <= track.channels <= 32
    assert track.year is None or 1 <= track.year <= 9999
    assert track.title


def _assert_values_plausible(values: Sequence[Any]) -> None:
    for value in values:
        if isinstance(value, float):
            assert math.isfinite(value)
        if isinstance(value, str):
            assert len(value) <= 20_000
            assert not any(ord(letter) < 32 or 127 <= ord(letter) < 160 for letter in value)
            value.encode("utf-8")


def test_loudness_stays_with_the_content(store: Store) -> None:
    one = music_records.record("/music/a.flac", content="flac:1")
    apply(store, [replace(one, tracks=(replace(one.tracks[0], loudness=music_records.LOUD),))])
    assert store.tracks.by_path("/music/a.flac")[0].integrated_lufs == -9.5
    assert store.loudness.get("flac:1") == music_records.LOUD
    apply(store, [music_records.record("/music/elsewhere.mp3", content="flac:1")])
    assert store.tracks.by_path("/music/elsewhere.mp3")[0].true_peak_dbtp == -0.5


def test_tracks_of_a_sheet_name_it_whichever_is_read_first(store: Store) -> None:
    apply(store, [cue_file("/music/a.flac", (1, 2), "/music/z.cue")])
    [first, _] = store.tracks.by_path("/music/a.flac")
    assert (first.sheet_path, first.start_frame, first.end_frame) == ("/music/z.cue", 100, 200)
    sheet = store.files.get("/music/z.cue")
    assert sheet is not None
    assert sheet.kind is FileKind.SHEET
    assert [file.path for file in store.files.naming_sheets([sheet.id])] == ["/music/a.flac"]
