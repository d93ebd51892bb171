"""What SQL finds is what looking at every track finds; whatever is asked, it is data and never SQL."""

from __future__ import annotations

import itertools
import random
import re
from collections.abc import Iterator
from dataclasses import replace
from functools import cmp_to_key
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from music_records import record
from slow_queries import KnownTrack, found

from auralis_cli.db import query_sql, query_text
from auralis_cli.db.listings import ListingRepository
from auralis_cli.db.query_sql import conditions_of, order_of
from auralis_cli.db.store import Store
from auralis_cli.db.text_functions import TextFunctions
from auralis_cli.db.track_listing import TRACK_EXPRESSIONS
from auralis_cli.errors import UsageError
from auralis_cli.model.fields import ALBUM_FIELDS, ARTIST_FIELDS, GENRE_FIELDS, TRACK_FIELDS, FieldKind, FieldTable
from auralis_cli.model.library import FileFailure, FileRecord, FileStat, MeasuredLoudness, Track, TrackRecord
from auralis_cli.model.query import EVERYTHING, Query, SortKey
from auralis_cli.model.query_words import Surroundings, parse_query

NOW = 1_700_000_000
ARTISTS = ("Air", "AC/DC", "Björk", "The Beatles", "Sigur Rós", "!!!", "100% Pure", "a_b", "東京事変", 'The "Q"', "AIR")
WORDS = ("love", "Me", "do", "night", "Ágætis", "byrjun", "50%", "a_b", "東京", "rock'n'roll", "Vol.2", "éa", "ß", "x")
MOODS = ("Calm", "calm", "Äerie", "So so", "C")
GENRES = ("Rock", "Hip Hop", "Électronique", "rock", "R&B")


def made_record(number: int, dice: random.Random) -> FileRecord:
    """A file whose tags are as uneven as those of real ones."""

    def perhaps(value: Any) -> Any:
        return value if dice.random() < 0.8 else None

    names = tuple(dict.fromkeys(dice.choices(ARTISTS, k=dice.choice((1, 1, 1, 2, 3)))))
    folder = dice.choice(("a", "a b", "b", "%", "b/c", "é"))
    made = record(
        f"/music/{folder}/{number:03}.flac",
        number=number,
        title=" ".join(dice.choices(WORDS, k=dice.randint(1, 3))),
        artist=perhaps(" feat. ".join(names)),
        artists=names if dice.random() < 0.9 else (),
        album=perhaps(" ".join(dice.choices(WORDS, k=2))),
        albumartist=perhaps(dice.choice(ARTISTS)),
        genres=tuple(dict.fromkeys(dice.choices(GENRES, k=dice.randint(0, 2)))),
        moods=tuple(dict.fromkeys(dice.choices(MOODS, k=dice.randint(0, 2)))),
        composer=perhaps(dice.choice(ARTISTS)),
        comment=perhaps(dice.choice(WORDS)),
        label=perhaps(dice.choice(WORDS)),
        track=perhaps(dice.randint(1, 12)),
        year=perhaps(dice.randint(1960, 2020)),
        compilation=dice.random() < 0.2,
        bpm=perhaps(dice.choice((90.0, 120.5, 128.0))),
        isrc=None,
    )
    level = perhaps(round(dice.uniform(-20, -5), 2))
    loud = MeasuredLoudness(
        level, -6.0, -7.0, perhaps(5.0), perhaps(round(dice.uniform(-3, 1), 2)), -0.8, 9.0, 12.0, 0.0
    )
    track = TrackRecord(made.tracks[0].tags, perhaps(dice.uniform(30, 600)), loudness=perhaps(loud))
    return replace(made, tracks=(track,), bitrate_bps=perhaps(dice.choice((256_000, 320_000, 900_000))))


@pytest.fixture(scope="module")
def store() -> Iterator[Store]:
    dice = random.Random(4)
    with Store.empty(program="test", now=NOW) as store:
        root = store.roots.add("/music", now=NOW).id
        records: list[FileRecord | FileFailure] = [made_record(number, dice) for number in range(120)]
        for day in range(3):
            store.files.apply(records[day::3], root_id=root, now=NOW - day * 86_400)
        store.files.mark_missing([5, 6], now=NOW)
        track_ids = [track.id for track in store.listings.tracks()]
        for number, track_id in enumerate(dice.sample(track_ids, 40)):
            store.database.run(
                "INSERT INTO track_stats (track_id, rating, play_count, skip_count, last_played_at, is_favourite) "
                "VALUES (?, ?, ?, ?, ?, ?)",
                (track_id, number % 6 or None, number % 4, number % 3, NOW - number * 3600, int(number % 5 == 0)),
            )
        yield store


@pytest.fixture(scope="module")
def known(store: Store) -> list[KnownTrack]:
    def names(statement: str, number: int) -> tuple[str, ...]:
        return tuple(row[0] for row in store.database.all(statement, (number,)))

    return [
        KnownTrack(
            track,
            names("SELECT name FROM track_artists WHERE track_id = ?", track.id),
            names("SELECT name FROM track_genres WHERE track_id = ?", track.id),
            names("SELECT a.title FROM tracks t JOIN albums a ON a.id = t.album_id WHERE t.id = ?", track.id),
            names(
                "SELECT k.name FROM tracks t JOIN album_artists k ON k.album_id = t.album_id WHERE t.id = ?", track.id
            ),
        )
        for track in store.listings.tracks()
    ]


def parse(*words: str, fields: FieldTable = TRACK_FIELDS) -> Query:
    return parse_query(words, Surroundings(NOW, lambda word: word.startswith("/"), sorted_fields=fields))


def ids(store: Store, query: Query) -> list[int]:
    return [track.id for track in store.listings.tracks(query)]


# The same as the slow way

TEXT_FIELDS = [field.name for field in TRACK_FIELDS.fields if field.kind is FieldKind.TEXT]
NUMBER_FIELDS = [
    field.name for field in TRACK_FIELDS.fields if field.kind in (FieldKind.NUMBER, FieldKind.WHOLE, FieldKind.SIZE)
]
NEEDLES = (
    *ARTISTS,
    *WORDS,
    *GENRES,
    *MOODS,
    "calm; c",
    "",
    "feat",
    "a feat",
    "ai",
    "BJORK",
    "bjo",
    "%",
    "_",
    "love me",
    "the",
    "50",
    "no",
)
PATTERNS = ("^A", "(?i)love", "^$", r"\d", "b.", "%|_", "[Éé]")
needles = st.sampled_from(NEEDLES)
text_terms = st.builds("{}:{}{}".format, st.sampled_from(TEXT_FIELDS), st.sampled_from(["", "=", "=~"]), needles)
patterns = st.builds("{}::{}".format, st.sampled_from([*TEXT_FIELDS, "year", "path"]), st.sampled_from(PATTERNS))
numbers = st.sampled_from(
    ["-9", "0", "1", "3", "5", "90", "120.5", "128", "1980", "1990", "2000", "300k", "900k", "-14.5"]
)
number_terms = st.builds("{}:{}{}".format, st.sampled_from(NUMBER_FIELDS), st.sampled_from(["", "="]), numbers)
ranges = st.builds(
    "{}:{}..{}".format, st.sampled_from(NUMBER_FIELDS), st.just("") | numbers, st.just("") | numbers
).filter(lambda word: "size" not in word or "-" not in word)
others = st.sampled_from(
    [
        "favourite:yes", "fav:no",
        "comp:yes", "comp:no", "lossless:true", "duration:..3:00", "duration:200..", "duration:..", "added:-1d..",
        "added:2023", "added:2023-11-13", "mtime:2020", "status:missing", "status:=present", "status:e",
        "path:/music/a", "path:/music/b", "path:/music/%", "path:/", "path:=/music/a/001.flac", "path:/music/b/",
        ":^Lo", "=Air", "=~air", "cue:0", "sheet:/x.cue", "channels:2", "format:flac",
    ]
)  # fmt: skip
terms = st.builds(
    "{}{}".format,
    st.sampled_from(["", "", "^"]),
    st.one_of(
        needles.filter(lambda word: word and not re.match(r"[-^:=]|\w+[-+]$|.*,$", word)),
        text_terms,
        patterns,
        number_terms.filter(lambda word: "size" not in word or "-" not in word),
        ranges,
        others,
    ),
)
places = st.sampled_from(["/music/a", "/music/b", "/music/a/001.flac", "/x.cue", "/"])
# Nothing is few; all are walked past; all are fetched.
WAYS = (
    {"_FEW": -1, "_SAMPLE_HELD": 1, "_SELECTED_COST": 1e12},
    {"_WALKED_COST": 0.0, "_SAMPLE_HELD": 1},
    {"_WALKED_COST": 1e12, "_SELECTED_COST": 0.0},
)
queries = st.lists(st.one_of(terms, terms, terms, places, st.just(",")), max_size=5)


@pytest.mark.invariant("S1-M-16")
@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(words=queries)
def test_sql_finds_what_looking_at_every_track_finds(
    store: Store, known: list[KnownTrack], words: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    query = parse(*words)
    expected = found(query, known)
    by_index = ids(store, query)
    assert sorted(by_index) == sorted(expected), words
    assert store.listings.count_tracks(query) == len(expected)
    assert [track.id for track in store.listings.tracks(query, limit=999)] == by_index, words
    # The other ways, which large results take.
    for limits in WAYS:
        with monkeypatch.context() as patched:
            for name, limit in limits.items():
                patched.setattr(f"auralis_cli.db.listings.{name}", limit)
            assert ids(store, query) == by_index, words
            assert [track.id for track in store.listings.tracks(query, limit=999)] == by_index, words
            check_things(store, query, expected)
    check_things(store, query, expected)


@pytest.mark.invariant("S1-M-16")
@pytest.mark.parametrize("field", ["artist", "albumartist", "album", "genre", "mood", "title"])
def test_every_way_to_ask_for_a_name_finds_what_the_slow_way_finds(
    store: Store, known: list[KnownTrack], field: str
) -> None:
    for needle, way in itertools.product(dict.fromkeys(NEEDLES), ("", "=", "=~")):
        query = parse(f"{field}:{way}{needle}")
        expected = found(query, known)
        assert set(ids(store, query)) == expected, (needle, way)
        # A page of what is not few is found by looking at each track.
        (condition,) = conditions_of(query.alternatives[0])
        assert {track.id for track in store.tracks.select(condition.test.text, condition.test.values)} == expected, (
            needle,
            way,
        )


def check_things(store: Store, query: Query, track_ids: set[int]) -> None:
    """Albums, artists and genres are those of the tracks found."""
    if not query.alternatives:
        return
    marks = ",".join("?" * len(track_ids))

    def expected(statement: str) -> set[int]:
        wanted = list(track_ids) * statement.count("{}")
        return {row[0] for row in store.database.all(statement.replace("{}", marks), wanted)}

    of_tracks = "SELECT artist_id FROM track_artists WHERE track_id IN ({})"
    of_albums = "SELECT artist_id FROM album_artists JOIN tracks USING (album_id) WHERE tracks.id IN ({})"
    albums = expected("SELECT album_id FROM tracks WHERE id IN ({}) AND album_id IS NOT NULL")
    artists = expected(f"{of_tracks} UNION {of_albums}")
    genres = expected("SELECT genre_id FROM track_genres WHERE track_id IN ({})")
    unsorted = Query(query.alternatives)
    assert {one.id for one in store.listings.albums(unsorted)} == albums
    assert {one.id for one in store.listings.artists(unsorted)} == artists
    assert {one.id for one in store.listings.genres(unsorted)} == genres
    assert store.listings.count_albums(unsorted) == len(albums)
    assert store.listings.count_artists(unsorted) == len(artists)
    assert store.listings.count_genres(unsorted) == len(genres)


ODD_TITLES = (
    "Straße", "ﬁn", "½ time", "Ⅳ", "x²", "日本語", "ｆｕｌｌ", "Ωmega", "naïve", "İstanbul", "ſun", "Æon", "1٣", "n̈a",
    "가나", "e\u0301a", "foo_bar", "don’t", "O'Neil", "ℌi", "µ", "Ǆ", "ǆ", "Σας", "ΣΑΣ", "ok🎵go", "क्षि", "ไทย",
    "Å", "ª", "٣٤",
)  # fmt: skip


@pytest.mark.invariant("S1-M-16")
def test_a_page_and_the_whole_agree_on_letters_of_all_kinds(monkeypatch: pytest.MonkeyPatch) -> None:
    beginnings = {title[:length] for title in ODD_TITLES for length in (1, 2, 3)}
    words = beginnings | {
        "ss",
        "fi",
        "fin",
        "1",
        "iv",
        "x2",
        "full",
        "i",
        "s",
        "ae",
        "t",
        "neil",
        "hi",
        "dz",
        "go",
        "k",
    }
    with Store.empty(program="test", now=1) as store:
        root = store.roots.add("/m", now=1).id
        made = [record(f"/m/{number}.flac", number=number, title=title) for number, title in enumerate(ODD_TITLES)]
        store.files.apply(made, root_id=root, now=1)
        by_index = {word: ids(store, parse(word)) for word in words if word.strip()}
        for limits in WAYS:
            with monkeypatch.context() as patched:
                for name, limit in limits.items():
                    patched.setattr(f"auralis_cli.db.listings.{name}", limit)
                for word, expected in by_index.items():
                    assert [track.id for track in store.listings.tracks(parse(word), limit=99)] == expected, word
                    assert ids(store, parse(word)) == expected, word


# Whatever is asked


@pytest.mark.invariant("S0-M01")
@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    words=st.lists(
        st.one_of(
            st.text(max_size=30),
            st.builds("{}:{}".format, st.sampled_from(sorted(TRACK_FIELDS.by_name)), st.text(max_size=30)),
            st.sampled_from(
                [
                    "'; DROP TABLE tracks; --", '" OR 1=1 --', "title:' OR '1'='1", 'artist:") UNION SELECT 1',
                    '"', '""', "*", "NEAR(a b)", "a AND", "title : x", "-", "^", "{title}", "a*b", "()", "\ud800",
                    "title:%", "title:_", "title:\\", "title:[a-z]", "album:^*", "\U0001fae0", "\u200b", "ﬁ", "İ", "K",
                    "year:" + "9" * 18, "lufs:-999999999999..", "path:/" + "x" * 3000, "x" * 4000, "a " * 1900, ":",
                ]
            ),
        ),
        max_size=6,
    )
)  # fmt: skip
def test_whatever_is_asked_is_answered_or_refused_and_harms_nothing(store: Store, words: list[str]) -> None:
    before = store.database.one("SELECT count(*), total_changes() FROM tracks")
    try:
        query = parse(*words)
        list(store.listings.tracks(query, limit=5))
        list(store.listings.albums(Query(query.alternatives), limit=2))
    except UsageError:
        pass
    assert store.database.one("SELECT count(*), total_changes() FROM tracks") == before


@pytest.mark.invariant("S0-M01")
@settings(max_examples=200)
@given(words=st.lists(st.text(max_size=20) | queries.map(" ".join), max_size=4), secret=st.uuids().map(lambda u: u.hex))
def test_nothing_that_is_asked_stands_in_the_sql(words: list[str], secret: str) -> None:
    texts = [f"{word}{secret}" for word in words]
    named = [f"{name}:{way}{secret}" for name in TEXT_FIELDS for way in ("", "=", "=~", ":")]
    for word in (*texts, *named, f"path:/{secret}", f"path:={secret}", f"^{secret}", f":{secret}", f"={secret}"):
        try:
            query = parse(word)
        except UsageError:
            continue
        for alternative in query.alternatives:
            for condition in conditions_of(alternative):
                for piece in (condition.test, condition.ids, condition.count, condition.of_all):
                    if piece is not None:
                        assert secret not in piece.text
                        assert piece.text.count("?") == len(piece.values)


@pytest.mark.invariant("S0-M01")
@pytest.mark.invariant("S2-NEW-1")
def test_every_field_can_be_asked_for_and_sorted_by(store: Store) -> None:
    assert list(TRACK_EXPRESSIONS) == [field.name for field in TRACK_FIELDS.fields]
    for field in TRACK_FIELDS.fields:
        for descending in (False, True):
            query = Query((), (SortKey(field, descending),))
            assert len(ids(store, query)) == 120, field.name
    finders: Any = ((ALBUM_FIELDS, "albums"), (ARTIST_FIELDS, "artists"), (GENRE_FIELDS, "genres"))
    for table, name in finders:
        for field, descending in itertools.product(table.fields, (False, True)):
            finder = getattr(store.listings, name)
            query = Query((), (SortKey(field, descending),))
            assert {one.id for one in finder(query)} == {one.id for one in finder()}
            values = [getattr(one, field.name) for one in finder(query)]
            said = [value for value in values if value is not None]
            assert values == [*said, *[None] * (len(values) - len(said))]
            if field.kind is not FieldKind.TEXT:
                assert said == sorted(said, reverse=descending), (name, field.name)


@pytest.mark.invariant("S0-M01")
@pytest.mark.parametrize("sign", ["%", "_", "\\", "*", "?", "[a]", "%%", "_b", "0%", "l_ve", "%ove"])
def test_wildcards_are_letters_like_others(store: Store, known: list[KnownTrack], sign: str) -> None:
    for name in ("title", "artist", "album", "comment", "composer", "genre"):
        query = parse(f"{name}:{sign}")
        assert set(ids(store, query)) == found(query, known), name
    assert {one.title for one in store.listings.tracks(parse("title:%"))} == {
        one.track.title for one in known if "%" in one.track.title
    }
    assert list(store.listings.tracks(parse("path:/music/_"))) == []


def test_hundreds_of_terms_and_alternatives_are_no_trouble(store: Store) -> None:
    assert ids(store, parse(*["artist:air"] * 200)) == ids(store, parse("artist:air"))
    assert ids(store, parse(*["artist:air,"] * 199, "love")) == ids(store, parse("artist:air,", "love"))
    assert ids(store, parse(*["^artist:air"] * 200)) == ids(store, parse("^artist:air"))


# Order and pages


def test_sorting_has_what_is_unsaid_last_and_ends_with_the_id(store: Store) -> None:
    names = ("year", "duration_s", "integrated_lufs", "rating", "added_at", "play_count", "favourite", "size_bytes")
    everything = list(store.listings.tracks())
    shelf = {track.id: place for place, track in enumerate(everything)}
    for name, descending in itertools.product(names, (False, True)):

        def compare(one: Track, other: Track, name: str = name, descending: bool = descending) -> int:
            a, b = getattr(one, name), getattr(other, name)
            if a != b and None not in (a, b):
                return -1 if (a < b) is not descending else 1
            if a != b:
                return 1 if a is None else -1
            return shelf[one.id] - shelf[other.id]

        query = Query((), (SortKey(TRACK_FIELDS.by_name[name], descending),))
        expected = [track.id for track in sorted(everything, key=cmp_to_key(compare))]
        assert ids(store, query) == expected, name


def test_names_sort_without_case_accents_and_articles(store: Store) -> None:
    titles = [one.name for one in store.listings.artists()]
    assert titles.index("AC/DC") < titles.index("The Beatles") < titles.index("Björk") < titles.index("Sigur Rós")
    by_artist = [track.artist for track in store.listings.tracks(parse("artist+"))]
    said = [name for name in by_artist if name is not None]
    assert by_artist == [*said, *[None] * (len(by_artist) - len(said))]
    assert said.index("AC/DC") < said.index("The Beatles") < said.index("Björk")


@pytest.mark.invariant("S2-NEW-2")
def test_pages_are_the_listing_cut(store: Store) -> None:
    for words in ((), ("artist:air",), ("year:..", "year-"), ("love", ",", "me")):
        query = parse(*words)
        whole = ids(store, query)
        for limit, offset in ((0, 0), (1, 0), (7, 3), (1000, 0), (1000, len(whole)), (5, len(whole) - 2)):
            page = [track.id for track in store.listings.tracks(query, limit=limit, offset=max(offset, 0))]
            assert page == whole[max(offset, 0) : max(offset, 0) + limit]
    albums = [album.id for album in store.listings.albums()]
    assert [album.id for album in store.listings.albums(limit=3, offset=2)] == albums[2:5]


@pytest.mark.invariant("S2-NEW-2")
def test_a_listing_takes_rows_only_as_they_are_asked_for(store: Store) -> None:
    asked: list[str] = []
    connection = store.database.of_this_thread()
    connection.set_trace_callback(asked.append)
    try:
        listing = store.listings.tracks()
        assert asked == []
        first = next(listing)
        assert len(asked) == 2
        rest = list(itertools.islice(listing, 30))
        assert len(asked) == 2
    finally:
        connection.set_trace_callback(None)
    assert len({first.id, *(track.id for track in rest)}) == 31


def test_albums_artists_and_genres_are_counted_whole(store: Store) -> None:
    albums = {album.id: album for album in store.listings.albums()}
    for number, album in albums.items():
        rows = store.database.all("SELECT disc, duration_s FROM tracks WHERE album_id = ?", (number,))
        assert album.tracks == len(rows)
        assert album.discs == len({row[0] for row in rows})
        assert album.duration_s == pytest.approx(sum(row[1] or 0.0 for row in rows))
    few = next(iter(store.listings.albums(parse("love", "year:1960.."))))
    assert few == albums[few.id]
    genres = {genre.name: genre.tracks for genre in store.listings.genres()}
    assert len(genres) == 4
    assert "rock" not in genres or "Rock" not in genres


# Patterns


def test_patterns_have_their_time_and_no_more() -> None:
    with Store.empty(program="test", now=1) as store:
        root = store.roots.add("/m", now=1).id
        store.files.apply([record(f"/m/{n}.flac", number=n) for n in range(9)], root_id=root, now=1)
        ticks = itertools.count(0.0, 1.0)
        functions = TextFunctions(store.database, budget_s=2.5, clock=lambda: next(ticks))
        listings = ListingRepository(store.database, functions)
        with pytest.raises(UsageError, match="takes more than"):
            list(listings.tracks(parse("title::nothing")))
        assert len(list(listings.tracks(EVERYTHING))) == 9
        assert len(list(listings.tracks(parse("title::Title"), limit=2))) == 2


def test_a_pattern_sees_bytes_that_are_no_letters(store: Store) -> None:
    name = b"/music/caf\xe9.flac".decode("utf-8", "surrogateescape")
    with Store.empty(program="test", now=1) as odd:
        root = odd.roots.add("/music", now=1).id
        odd.files.apply([replace(record(name), stat=FileStat(name, 1, 1, 1, 1))], root_id=root, now=1)
        for words in (("path::caf.\\.flac$",), (f"path:{name}",), (f"path:={name}",), ("path:/music",)):
            assert [track.path for track in odd.listings.tracks(parse(*words))] == [name]


def test_tables_of_sql_know_only_fields_there_are() -> None:
    names = {field.name for field in TRACK_FIELDS.fields}
    assert set(query_sql._INDEXED) <= names
    assert set(query_text._NAMES) <= names
    assert set(query_text.SEARCHED) <= names
    assert order_of(())[-1] == order_of((SortKey(TRACK_FIELDS.by_name["year"]),))[-1] == "t.id"
