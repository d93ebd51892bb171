"""What the store returns is complete, takes a constant number of questions and steps in proportion to its rows."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable
from dataclasses import fields
from pathlib import Path
from typing import Any

import music_records
import pytest
from fingerprints import fingerprinted, landmarks

from auralis_cli.db.store import Store
from auralis_cli.model.library import FileRecord, FileStatus, StoredFile

Listing = Callable[[Store], Iterable[Any]]

LISTINGS: dict[str, Listing] = {
    "roots": lambda store: store.roots.all(),
    "tracks": lambda store: store.tracks.select(),
    "tracks by id": lambda store: store.tracks.by_ids(range(1, 400)),
    "a track": lambda store: [store.tracks.get(1)],
    "tracks of a file": lambda store: store.tracks.by_path("/music/Artist 0/Album 0/01.flac"),
    "listed tracks": lambda store: store.listings.tracks(),
    "albums": lambda store: store.listings.albums(),
    "artists": lambda store: store.listings.artists(),
    "genres": lambda store: store.listings.genres(),
    "files": lambda store: store.files.stream_below("/music"),
    "files by content": lambda store: [
        file for files in store.files.by_content([f"flac:{n}" for n in range(400)]).values() for file in files
    ],
    "missing files": lambda store: store.files.page(FileStatus.MISSING),
    "failures": lambda store: store.files.failures(),
    "loudness": lambda store: [store.loudness.get("flac:1")],
    "places": lambda store: store.fingerprints.places(),
}


def fill(store: Store, count: int) -> Store:
    root = store.roots.add("/music", now=1)
    records: list[FileRecord] = list(music_records.records(count))
    store.files.apply(records, root_id=root.id, now=2)
    loud = music_records.record("/music/loud.flac", content="flac:1")
    track = loud.tracks[0]
    store.loudness.put([("flac:1", music_records.LOUD)], now=3)
    store.fingerprints.put([("flac:1", fingerprinted(1), landmarks(9))], now=3)
    assert track.cue_number == 0
    store.files.apply([loud, music_records.failure("/music/bad.mp3", 77)], root_id=root.id, now=3)
    store.files.mark_missing([1], now=4)
    return store


def connection(store: Store) -> sqlite3.Connection:
    connected: sqlite3.Connection = store.database.connection()  # type: ignore[no-untyped-call]
    return connected


@pytest.mark.invariant("S0-H03")
@pytest.mark.invariant("S3-ENG-13")
@pytest.mark.parametrize("name", LISTINGS)
def test_every_field_can_be_read_when_the_library_is_closed(tmp_path: Path, name: str) -> None:
    store = fill(Store.open(tmp_path / "library.db", program="test", now=1), 40)
    found = list(LISTINGS[name](store))
    store.close()
    assert found
    for value in found:
        names = StoredFile._fields if isinstance(value, StoredFile) else [field.name for field in fields(value)]
        for field in names:
            assert isinstance(getattr(value, field), str | int | float | None)
        with pytest.raises(AttributeError):
            setattr(value, names[0], 1)


@pytest.mark.invariant("S0-H05")
@pytest.mark.parametrize("name", LISTINGS)
def test_a_listing_asks_as_many_questions_of_few_as_of_many(name: str) -> None:
    asked = []
    for count in (10, 200):
        with fill(Store.empty(program="test", now=1), count) as store:
            statements: list[str] = []
            connection(store).set_trace_callback(statements.append)
            list(LISTINGS[name](store))
            connection(store).set_trace_callback(None)
            asked.append(len(statements))
    # Long lists come in parts of some hundred.
    assert asked[1] <= asked[0] + (1 if "listed" in name or name in ("albums", "artists") else 0)
    assert asked[1] <= 4


@pytest.mark.invariant("S3-ENG-05")
@pytest.mark.invariant("S3-ENG-11")
@pytest.mark.invariant("S3-ENG-12")
@pytest.mark.parametrize("name", ["tracks", "listed tracks", "albums", "artists", "genres"])
def test_a_listing_gives_each_row_once_and_steps_in_proportion(name: str) -> None:
    steps, counts = [], []
    for count in (300, 1200):
        with fill(Store.empty(program="test", now=1), count) as store:
            taken = 0

            def count_step() -> int:
                nonlocal taken
                taken += 1
                return 0

            connection(store).set_progress_handler(count_step, 50)
            found = list(LISTINGS[name](store))
            connection(store).set_progress_handler(None, 0)
            ids = [value.id for value in found]
            assert len(ids) == len(set(ids))
            steps.append(taken)
            counts.append(len(found))
    assert counts[1] >= counts[0]
    # Four times the tracks: about four times the steps, never their square.
    assert steps[1] <= 6 * steps[0] + 20


@pytest.mark.invariant("S1-L-09")
def test_genres_and_artists_of_tracks_are_found_by_an_index() -> None:
    with fill(Store.empty(program="test", now=1), 300) as store:
        for table, column in (("track_genres", "genre_id"), ("track_artists", "artist_id")):
            plan = store.database.all(f"EXPLAIN QUERY PLAN SELECT track_id FROM {table} WHERE {column} = ?", (1,))
            assert f"SEARCH {table} USING COVERING INDEX" in plan[0][3]
