"""What may be there more than once, and how one track takes the place of another."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import replace
from pathlib import Path

import pytest
from library_of import NOW, divided, put, record
from random_changes import dump

from auralis_cli.db.store import Store
from auralis_cli.model.library import MeasuredLoudness
from auralis_cli.model.playlists import NewEntry
from auralis_cli.model.plays import PlayOutcome


@pytest.fixture
def store(tmp_path: Path) -> Generator[Store]:
    with Store.open(tmp_path / "library.db", program="test", now=NOW) as opened:
        yield opened


def ids(store: Store) -> dict[str, int]:
    return {track.path.rpartition("/")[2]: track.id for track in store.tracks.select()}


def loudness(peak: float | None, crest: float = 12.25) -> MeasuredLoudness:
    return MeasuredLoudness(-14.0, -12.0, -13.0, 5.0, peak, peak, 13.0, crest, 1e-5)


def test_tracks_of_one_content_are_those_whose_files_are_there(store: Store) -> None:
    records = [record(f"/m/{name}.flac") for name in "abcd"]
    put(store, [replace(one, content_id="test:same") for one in records[:3]] + records[3:])
    known = ids(store)
    store.files.mark_missing([store.files.get("/m/c.flac").id], now=NOW)  # type: ignore[union-attr]
    assert store.copies.of_one_content() == {"test:same": [known["a.flac"], known["b.flac"]]}
    store.files.mark_missing([store.files.get("/m/b.flac").id], now=NOW)  # type: ignore[union-attr]
    assert store.copies.of_one_content() == {}


def test_contents_are_measured_alike_to_the_last_digit_and_silence_is_not(store: Store) -> None:
    peaks = {"a": -1.0, "b": -1.0, "c": -1.0000000001, "d": None, "e": None}
    store.loudness.put([(key, loudness(peak)) for key, peak in peaks.items()], now=NOW)
    assert store.copies.measured_alike() == [("a", "b")]


def test_how_many_tracks_a_file_holds(store: Store) -> None:
    put(store, [record("/m/a.flac"), *divided("/m/b.flac", "/m/b.cue", ["One", "Two"])])
    assert store.copies.tracks_in_files(["/m/a.flac", "/m/b.flac", "/m/none"]) == {"/m/a.flac": 1, "/m/b.flac": 2}


def test_places_plays_and_ratings_go_to_the_heir_and_undo_takes_them_back(store: Store) -> None:
    put(store, [record("/m/a.flac"), record("/m/b.flac")])
    a, b = ids(store)["a.flac"], ids(store)["b.flac"]
    playlist = store.playlists.create("mine", now=NOW)
    store.playlists.add(playlist, [NewEntry("/m/a.flac"), NewEntry("/m/b.flac")], now=NOW)
    for number, started_at, outcome in (
        (a, 100, PlayOutcome.FINISHED),
        (a, 300, PlayOutcome.SKIPPED),
        (b, 200, PlayOutcome.FINISHED),
    ):
        store.plays.record(number, started_at=started_at, played_s=60.0, outcome=outcome)
    store.plays.rate(a, 4.0)
    liking = store.plays.likings([a])[a]
    store.plays.like({a: (liking, replace(liking, favourite=True))})
    before = dump(store.database)
    entry = store.journal.begin("duplicates", "", NOW)
    with store.journal.change(entry):
        store.copies.hand_over(a, b)
    store.journal.finish(entry, "", NOW)

    assert [one.track.id for one in store.playlists.entries(playlist) if one.track] == [b, b]
    assert [one.path for one in store.playlists.entries(playlist)] == ["/m/b.flac", "/m/b.flac"]
    heir = store.tracks.get(b)
    assert heir is not None
    assert (heir.play_count, heir.last_played_at, heir.rating, heir.favourite) == (2, 300, 4.0, True)
    assert [play.track.id for play in store.plays.history(limit=9)] == [b, b, b]
    store.journal.undo(entry, NOW)
    assert dump(store.database) == before


def test_what_the_heir_was_played_since_stays_counted_when_the_handing_over_is_undone(store: Store) -> None:
    put(store, [record("/m/a.flac"), record("/m/b.flac")])
    a, b = ids(store)["a.flac"], ids(store)["b.flac"]
    for number, started_at in ((a, 100), (a, 300), (b, 200)):
        store.plays.record(number, started_at=started_at, played_s=60.0, outcome=PlayOutcome.FINISHED)
    entry = store.journal.begin("duplicates", "", NOW)
    with store.journal.change(entry):
        store.copies.hand_over(a, b)
    store.journal.finish(entry, "", NOW)
    store.plays.record(b, started_at=400, played_s=60.0, outcome=PlayOutcome.FINISHED)
    store.plays.record(b, started_at=500, played_s=6.0, outcome=PlayOutcome.SKIPPED)
    store.journal.undo(entry, NOW)
    known = store.plays.likings([a, b])
    assert (known[a].play_count, known[a].last_played_at) == (2, 300)
    assert (known[b].play_count, known[b].skip_count, known[b].last_played_at) == (2, 1, 500)


def test_the_heir_keeps_its_own_rating_and_what_was_never_played_brings_nothing(store: Store) -> None:
    put(store, [record("/m/a.flac"), record("/m/b.flac"), record("/m/c.flac")])
    a, b, c = (ids(store)[f"{name}.flac"] for name in "abc")
    store.plays.rate(a, 4.0)
    store.plays.rate(b, 2.0)
    store.copies.hand_over(a, b)
    store.copies.hand_over(c, b)
    heir = store.tracks.get(b)
    assert heir is not None
    assert (heir.play_count, heir.last_played_at, heir.rating) == (0, None, 2.0)


def test_what_is_no_duplicate_of_a_copy_is_none_of_the_kept_one(store: Store) -> None:
    put(store, [record(f"/m/{name}.flac") for name in "abc"])
    a, b, c = (ids(store)[f"{name}.flac"] for name in "abc")
    keys = store.fingerprints.keys_of([a, b, c])
    store.not_duplicates.add(keys[a], keys[c], now=NOW)
    store.not_duplicates.add(keys[a], keys[b], now=NOW)
    before = dump(store.database)
    entry = store.journal.begin("duplicates", "", NOW)
    with store.journal.change(entry):
        store.copies.hand_over(a, b)
    store.journal.finish(entry, "", NOW)
    assert frozenset((keys[b], keys[c])) in store.not_duplicates.all()
    assert len(store.not_duplicates.all()) == 3
    store.journal.undo(entry, NOW)
    assert dump(store.database) == before
