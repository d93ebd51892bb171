"""Playlists: entries in the order they were given, whatever becomes of their tracks."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import library_of
import pytest
from hypothesis import given
from hypothesis import strategies as st

from auralis_cli.db.store import Store
from auralis_cli.errors import RefusedError, UsageError
from auralis_cli.model.playlists import NewEntry, Playlist, PlaylistKind

PATHS = [f"/m/{letter}.flac" for letter in "abcdef"]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "library.db", program="test", now=1) as store:
        library_of.put(store, [library_of.record(path, artist="Artist") for path in PATHS])
        yield store


def named(store: Store, playlist: Playlist) -> str:
    return "".join(os.path.basename(entry.path)[0] for entry in store.playlists.entries(playlist))


def listed(store: Store, letters: str) -> Playlist:
    playlist = store.playlists.create("List", now=1)
    store.playlists.add(playlist, [NewEntry(f"/m/{letter}.flac") for letter in letters], now=2)
    return playlist


def test_a_playlist_is_found_by_its_name_whatever_the_case(store: Store) -> None:
    created = store.playlists.create("Für Élise ", description="piano", now=5)
    assert store.playlists.find("FÜR  ÉLISE") == store.playlists.named("für élise") == created
    assert (created.kind, created.description, created.tracks, created.created_at) == (
        PlaylistKind.STATIC,
        "piano",
        0,
        5,
    )
    with pytest.raises(RefusedError, match="there is a playlist"):
        store.playlists.create("für élise", now=6)
    with pytest.raises(UsageError, match="did you mean Für Élise"):
        store.playlists.named("fur elise")
    for name in ("", " \t", "a\nb", "x" * 256):
        with pytest.raises(UsageError):
            store.playlists.create(name, now=6)


def test_a_playlist_is_renamed_described_and_deleted(store: Store) -> None:
    playlist, other = listed(store, "ab"), store.playlists.create("Other", now=1)
    store.playlists.rename(playlist, "LIST", now=7)
    assert store.playlists.named("list").name == "LIST"
    with pytest.raises(RefusedError):
        store.playlists.rename(playlist, "other", now=8)
    store.playlists.describe(playlist, "what for", now=9)
    assert (store.playlists.named("list").description, store.playlists.named("list").updated_at) == ("what for", 9)
    with pytest.raises(UsageError):
        store.playlists.describe(playlist, "x" * 4001, now=9)
    store.playlists.delete(playlist)
    assert store.playlists.all() == (other,)
    assert store.database.one("SELECT count(*) FROM playlist_entries") == (0,)


def test_a_listing_counts_what_is_there_and_what_is_not(store: Store) -> None:
    playlist = listed(store, "abaxy")
    store.playlists.add(playlist, [NewEntry("/elsewhere/z.mp3", None, "Z", "Zed", 30.5)], now=3)
    store.playlists.create("Empty", now=1)
    store.playlists.create("Smart", query="year:1990..", now=1)
    assert [(one.name, one.tracks, one.missing, one.duration_s) for one in store.playlists.all()] == [
        ("Empty", 0, 0, 0.0),
        ("List", 6, 3, 210.5),
        ("Smart", 0, 0, 0.0),
    ]


def test_listings_ask_the_same_number_of_questions_however_much_there_is(store: Store) -> None:
    def questions() -> int:
        asked: list[str] = []
        store.database.of_this_thread().set_trace_callback(asked.append)
        for playlist in store.playlists.all()[:1]:
            store.playlists.entries(playlist)
        store.database.of_this_thread().set_trace_callback(None)
        return len(asked)

    listed(store, "a")
    few = questions()
    for number in range(20):
        one = store.playlists.create(f"More {number}", now=1)
        store.playlists.add(one, [NewEntry(path) for path in PATHS * 5], now=1)
    assert questions() == few


@given(
    edits=st.lists(
        st.tuples(st.sampled_from(["add", "remove", "move"]), st.integers(0, 99), st.integers(0, 99)), max_size=30
    )
)
def test_entries_are_where_they_were_put(edits: list[tuple[str, int, int]]) -> None:
    with Store.empty(program="test", now=1) as store:
        playlist = store.playlists.create("List", now=1)
        plain: list[str] = []
        for kind, first, second in edits:
            place = first % (len(plain) + (kind == "add")) if plain or kind == "add" else None
            if place is None:
                continue
            if kind == "add":
                new = [f"/m/{first}", f"/m/{second}", f"/m/{first}"][: second % 4]
                store.playlists.add(playlist, map(NewEntry, new), at=place + 1, now=1)
                plain[place:place] = new
            elif kind == "remove":
                gone = {place, second % len(plain)}
                store.playlists.remove(playlist, [one + 1 for one in gone], now=1)
                plain = [path for one, path in enumerate(plain) if one not in gone]
            else:
                store.playlists.move(playlist, place + 1, second % len(plain) + 1, now=1)
                plain.insert(second % len(plain), plain.pop(place))
            assert [entry.path for entry in store.playlists.entries(playlist)] == plain
            assert [entry.position for entry in store.playlists.entries(playlist)] == list(range(1, len(plain) + 1))


def test_there_is_always_room_between_two_entries(store: Store) -> None:
    playlist = listed(store, "af")
    for number in range(60):
        store.playlists.add(playlist, [NewEntry("/m/b.flac")], at=2, now=1)
        store.playlists.move(playlist, 2, number % 3 + 1, now=1)
    assert sorted(named(store, playlist)) == ["a", *"b" * 60, "f"]
    store.playlists.move(playlist, 62, 1, now=1)
    store.playlists.move(playlist, 1, 62, now=1)


@pytest.mark.parametrize("position", [0, 4, -1])
def test_a_position_that_is_not_there_is_refused_and_nothing_is_changed(store: Store, position: int) -> None:
    playlist = listed(store, "abc")
    for refused in (
        lambda: store.playlists.remove(playlist, [1, position], now=1),
        lambda: store.playlists.move(playlist, position, 1, now=1),
        lambda: store.playlists.move(playlist, 1, position, now=1),
        lambda: store.playlists.add(playlist, [NewEntry("/m/d.flac")], at=position + (position > 0), now=1),
    ):
        with pytest.raises(UsageError, match="no such position"):
            refused()
    assert named(store, playlist) == "abc"


def test_an_entry_outlives_its_track_and_is_found_again(store: Store) -> None:
    playlist = listed(store, "ab")
    file = store.files.get(PATHS[0])
    assert file is not None
    # It moves, and the entry with it.
    store.files.move([(file.id, library_of.record("/m/moved.flac").stat)])
    entry = store.playlists.entries(playlist)[0]
    assert entry.path == "/m/moved.flac"
    assert entry.track is not None
    assert entry.track.path == "/m/moved.flac"
    # It is missing, and still known.
    store.files.mark_missing([file.id], now=2)
    entry = store.playlists.entries(playlist)[0]
    assert entry.is_missing
    assert entry.track is not None
    # The library forgets it, the playlist does not.
    store.files.remove([file.id])
    entry = store.playlists.entries(playlist)[0]
    assert (entry.path, entry.title, entry.artist, entry.duration_s) == ("/m/moved.flac", "a", "Artist", 60.0)
    assert entry.is_missing
    assert entry.track is None
    # It comes back.
    library_of.put(store, [library_of.record("/m/moved.flac", title="New title")])
    entry = store.playlists.entries(playlist)[0]
    assert not entry.is_missing
    assert entry.title == "New title"


def test_an_entry_without_a_track_is_found_when_a_file_moves_there(store: Store) -> None:
    playlist = store.playlists.create("List", now=1)
    store.playlists.add(playlist, [NewEntry("/m/new place.flac", None, "Was")], now=1)
    file = store.files.get(PATHS[0])
    assert file is not None
    store.files.move([(file.id, library_of.record("/m/new place.flac").stat)])
    (entry,) = store.playlists.entries(playlist)
    assert (entry.title, entry.is_missing) == ("a", False)


def test_names_that_are_not_utf_8_are_entries_byte_by_byte(store: Store) -> None:
    path = os.fsdecode(b"/m/\xff \xe9.flac")
    playlist = store.playlists.create("List", now=1)
    store.playlists.add(playlist, [NewEntry(path), NewEntry("/m/a\nb.flac")], now=1)
    library_of.put(store, [library_of.record(path)])
    first, second = store.playlists.entries(playlist)
    assert (first.path, first.is_missing) == (path, False)
    assert (second.path, second.is_missing) == ("/m/a\nb.flac", True)


def test_a_file_that_a_sheet_divides_is_all_its_tracks(store: Store) -> None:
    library_of.put(store, library_of.divided("/m/whole.flac", "/m/whole.cue", ["One", "Two"]))
    playlist = store.playlists.create("List", now=1)
    files = [NewEntry("/m/whole.flac"), NewEntry("/m/whole.cue"), NewEntry("/m/whole.flac", 2)]
    assert store.playlists.add(playlist, files, now=1) == 5
    assert [(entry.title, entry.cue_number) for entry in store.playlists.entries(playlist)] == [
        ("One", 1),
        ("Two", 2),
        ("One", 1),
        ("Two", 2),
        ("Two", 2),
    ]


@pytest.mark.invariant("S0-H03")
def test_what_is_returned_is_whole_when_the_library_is_closed(tmp_path: Path) -> None:
    from auralis_cli.json_form import json_text
    from auralis_cli.model.plays import PlayOutcome
    from auralis_cli.model.queue import Queue, QueueEdit, QueueTrack

    with Store.open(tmp_path / "library.db", program="test", now=1) as store:
        library_of.put(store, [library_of.record(path) for path in PATHS])
        playlist = listed(store, "abx")
        store.plays.record(1, started_at=5, played_s=60.0, outcome=PlayOutcome.FINISHED)
        store.queue.save(Queue().set([QueueTrack(PATHS[0])]), QueueEdit.SET, now=1)
        store.queue_templates.save("One", store.queue.load(), now=1, tags=["mild"])
        returned = [
            store.playlists.all(),
            store.playlists.find("list"),
            store.playlists.entries(playlist),
            store.plays.history(limit=5),
            store.plays.counts(),
            store.queue.load(),
            store.queue.history(),
            store.queue_templates.all(),
            store.player_settings.load(),
        ]
    assert all(isinstance(value, tuple) or hasattr(value, "__dataclass_fields__") for value in returned)
    for value in returned:
        assert len(json_text(value)) > 2
