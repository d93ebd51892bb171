"""Tracks come out whole and once; only named fields can be changed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import FrozenInstanceError, fields, replace
from typing import Any

import music_records
import pytest

from auralis_cli.db.connection import LibraryDatabase
from auralis_cli.db.store import Store
from auralis_cli.db.track_listing import TRACK_FIELDS
from auralis_cli.errors import UsageError
from auralis_cli.model.library import Track


@pytest.fixture
def store() -> Iterator[Store]:
    with Store.empty(program="test", now=1) as store:
        root = store.roots.add("/music", now=1)
        store.files.apply(list(music_records.records(60)), root_id=root.id, now=2)
        yield store


def dump(store: Store) -> list[tuple[Any, ...]]:
    tables = ("tracks", "albums", "artists", "genres", "track_artists", "track_genres", "album_artists")
    return [row for table in tables for row in store.database.all(f"SELECT * FROM {table} ORDER BY id")]


def test_the_columns_of_a_listing_are_the_fields_of_a_track() -> None:
    assert tuple(field.name for field in fields(Track)) == TRACK_FIELDS


def test_tracks_stand_album_by_album(store: Store) -> None:
    tracks = list(store.tracks.select())
    assert len({track.id for track in tracks}) == store.tracks.count() == 60
    assert [(track.artist, track.album, track.track) for track in tracks] == [
        (f"Artist {number // 30}", f"Album {number // 10}", number % 10 + 1) for number in range(60)
    ]


def test_tracks_are_found_by_id_and_by_place(store: Store) -> None:
    first, second = list(store.tracks.select(limit=2))
    assert store.tracks.get(first.id) == first
    assert store.tracks.get(0) is None
    assert store.tracks.by_ids([second.id, 999, first.id]) == (second, first)
    assert store.tracks.by_path(first.path) == (first,)


def test_a_changed_field_takes_along_what_hangs_on_it(store: Store) -> None:
    track = next(store.tracks.select(limit=1))
    changed = store.tracks.update_fields(
        track.id, {"title": "Other", "artist": "Someone", "genres": ("New", "Newer"), "album": "Mine", "year": 1971}
    )
    assert (changed.id, changed.title, changed.artist, changed.genre, changed.year) == (
        (track.id, "Other", "Someone", "New; Newer", 1971)
    )
    assert [album.title for album in store.listings.albums() if album.year == 1971] == ["Mine"]
    assert "Someone" in [artist.name for artist in store.listings.artists()]
    assert store.tracks.count() == 60
    assert changed.added_at == track.added_at


def test_moods_are_one_text_of_a_track_and_stay_when_another_field_changes(store: Store) -> None:
    track = next(store.tracks.select(limit=1))
    assert store.tracks.update_fields(track.id, {"moods": ("Calm", "Far away")}).mood == "Calm; Far away"
    assert store.tracks.update_fields(track.id, {"year": 1971}).mood == "Calm; Far away"
    assert store.tracks.update_fields(track.id, {"moods": ()}).mood is None


@pytest.mark.invariant("S1-M-22")
@pytest.mark.parametrize(
    "name",
    ["id", "_meta", "__class__", "save", "file_id", "content_key", "title = 'x' --", "path", "", "Title", "añadir"],
)
def test_only_fields_of_tags_can_be_changed_by_name(store: Store, name: str) -> None:
    before = dump(store)
    with pytest.raises(UsageError):
        store.tracks.update_fields(1, {"title": "Other", name: "x"})
    assert dump(store) == before


@pytest.mark.parametrize(("name", "value"), [("year", -1), ("track", "7"), ("title", 5), ("bpm", float("nan"))])
def test_a_value_that_cannot_be_is_refused(store: Store, name: str, value: object) -> None:
    before = dump(store)
    with pytest.raises(UsageError):
        store.tracks.update_fields(1, {name: value})
    assert dump(store) == before


def test_fields_of_a_track_that_is_not_there_cannot_be_changed(store: Store) -> None:
    with pytest.raises(UsageError):
        store.tracks.update_fields(999, {"title": "Other"})


@pytest.mark.invariant("S0-M01")
@pytest.mark.parametrize(
    "text", ["'; DROP TABLE tracks; --", '"; DELETE FROM files', "` OR 1=1", "ø\u0000'\u202e", "%_*?"]
)
def test_what_files_say_is_never_part_of_a_statement(store: Store, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    statements: list[str] = []
    for method in ("run", "run_many", "insert", "one", "all", "stream"):
        _note_statements(monkeypatch, method, statements)
    expected = store.tracks.count() + 1
    root = store.roots.add(f"/{text}".replace("\0", ""), now=3)
    hostile = music_records.record(f"{root.path}/{text}".replace("\0", ""), number=70, album=text, genres=(text,),
                                   artist=text, artists=(text, "B"), albumartist=text, content=text)  # fmt: skip
    store.files.apply([hostile], root_id=root.id, now=3)
    [track] = store.tracks.by_path(hostile.stat.path)
    store.tracks.update_fields(track.id, {"title": text.replace("\0", "")})
    store.settings.put(text, text)
    assert store.settings.get(text) == text
    store.settings.remove(text)
    assert store.tracks.count() == expected
    assert len(statements) > 20
    assert not [statement for statement in statements if text[:6] in statement]


def _note_statements(monkeypatch: pytest.MonkeyPatch, method: str, statements: list[str]) -> None:
    asked: Callable[..., Any] = getattr(LibraryDatabase, method)

    def noting(database: LibraryDatabase, statement: str, *values: Any) -> Any:
        statements.append(statement)
        return asked(database, statement, *values)

    monkeypatch.setattr(LibraryDatabase, method, noting)


@pytest.mark.invariant("S4-D4.5")
def test_a_scan_that_rewrites_a_track_leaves_the_value_a_player_holds_alone(store: Store) -> None:
    held = next(store.tracks.select())
    before = {field.name: getattr(held, field.name) for field in fields(Track)}
    (root,) = store.roots.all()
    read_again = [
        replace(one, tracks=tuple(replace(track, tags=replace(track.tags, title="Another")) for track in one.tracks))
        for one in music_records.records(60)
    ]
    store.files.apply(read_again, root_id=root.id, now=3)
    assert store.tracks.by_ids([held.id])[0].title == "Another"
    assert {field.name: getattr(held, field.name) for field in fields(Track)} == before
    with pytest.raises(FrozenInstanceError):
        held.title = "Another"  # type: ignore[misc]
