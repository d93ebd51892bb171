"""What other programs say is taken over: found by path or by the audio, merged, and taken back."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import library_of
import numpy as np
import pytest
import soundfile
from library_of import NOW
from mutagen import id3

from auralis_cli.db.store import Store
from auralis_cli.errors import InputError
from auralis_cli.model.plays import Liking, LikingWish, PastPlay, PlayData, PlayOutcome
from auralis_cli.model.progress import CancelToken, SilentProgress
from auralis_cli.model.query import EVERYTHING
from auralis_cli.services.play_import import (
    PlayImporting,
    PlayImportReport,
    PlayPart,
    import_plays,
    merged,
    tagged_plays,
)
from auralis_cli.services.play_records import exported_plays, line_of, read_plays
from auralis_cli.services.rating import rate_tracks
from auralis_cli.services.undo import undo

HOW = PlayImporting("test")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "library.db", program="test", now=1) as store:
        library_of.put(store, [library_of.record(f"/m/{name}.flac") for name in ("a", "b", "caf\udce9")])
        library_of.put(store, library_of.divided("/m/whole.flac", "/m/whole.cue", ("first", "second")))
        yield store


def taken(store: Store, *data: PlayData | InputError, how: PlayImporting = HOW) -> PlayImportReport:
    return import_plays(store, data, how, lambda: NOW, CancelToken())


def test_tracks_are_rated_in_one_change_that_can_be_taken_back(store: Store) -> None:
    tracks = list(store.tracks.select())
    rated = rate_tracks(store, tracks, LikingWish(rates=True, rating=4.5, favourite=True), lambda: NOW)
    assert all(one.is_changed for one in rated)
    assert {one.rating for one in store.tracks.select()} == {4.5}
    rate_tracks(store, tracks[:1], LikingWish(toggles_favourite=True), lambda: NOW)
    rate_tracks(store, tracks[:1], LikingWish(rates=True, rating=None), lambda: NOW)
    first = store.tracks.get(tracks[0].id)
    assert first is not None
    assert (first.rating, first.favourite) == (None, False)
    # What is so already is no change.
    rate_tracks(store, tracks[:1], LikingWish(rates=True, rating=None, favourite=False), lambda: NOW)
    entries = store.journal.entries()
    assert [entry.summary for entry in entries] == [
        f"{tracks[0].title}: no rating",
        f"{tracks[0].title}: favourite or not",
        "5 tracks: 4.5, favourite",
    ]
    for entry in entries:
        undo(store, entry.id, NOW)
    assert store.plays.liked() == {}


def test_undoing_a_rating_takes_back_no_play_that_was_counted_since(store: Store) -> None:
    """✗ the rating makes the row in which plays are counted, and takes it along."""
    rate_tracks(store, store.tracks.by_ids([1]), LikingWish(rates=True, rating=4.0), lambda: NOW)
    store.plays.record(1, started_at=NOW, played_s=9.0, outcome=PlayOutcome.FINISHED)
    undo(store, store.journal.entries(1)[0].id, NOW)
    assert store.plays.liked() == {1: Liking(play_count=1, last_played_at=NOW)}


def test_undoing_imported_counts_takes_back_no_play_that_was_counted_since(store: Store) -> None:
    store.plays.record(1, started_at=1, played_s=9.0, outcome=PlayOutcome.FINISHED)
    (track,) = store.tracks.by_ids([1])
    taken(store, PlayData(track.path, play_count=30, last_played_at=5))
    store.plays.record(1, started_at=NOW, played_s=9.0, outcome=PlayOutcome.FINISHED)
    undo(store, store.journal.entries(1)[0].id, NOW)
    assert store.plays.liked() == {1: Liking(play_count=2, last_played_at=NOW)}


def test_a_file_is_found_by_its_path_alone_to_the_byte(store: Store) -> None:
    report = taken(
        store,
        PlayData("/m/a.flac", rating=4.0),
        PlayData("/m/caf\udce9.flac", play_count=3),
        PlayData("/m/A.flac", rating=1.0),
        PlayData("/n/a.flac", rating=1.0),
        PlayData("/m/whole.cue", 2, rating=2.0),
        PlayData("/m/whole.cue", 7, rating=2.0),
        InputError("x", "broken"),
    )
    assert [(one.track.path, one.track.cue_number) for one in report.tracks] == [
        ("/m/a.flac", 0),
        ("/m/caf\udce9.flac", 0),
        ("/m/whole.flac", 2),
    ]
    assert report.changed == 3
    assert report.unmatched == ("/m/A.flac", "/n/a.flac", "/m/whole.cue#7")
    assert len(report.failures) == 1
    entry = store.journal.entries(1)[0]
    assert (entry.verb, entry.summary) == ("plays import", "test: 3 tracks")
    undo(store, entry.id, NOW)
    assert store.plays.liked() == {}


@pytest.mark.parametrize(
    ("data", "replaced", "kept"),
    [
        (PlayData("", rating=1.0), Liking(1.0, True, 5, 2, 100), Liking(4.0, True, 5, 2, 100)),
        (PlayData("", favourite=False), Liking(4.0, False, 5, 2, 100), Liking(4.0, True, 5, 2, 100)),
        (PlayData("", play_count=3, skip_count=9), Liking(4.0, True, 3, 9, 100), Liking(4.0, True, 5, 9, 100)),
        (PlayData("", last_played_at=50), Liking(4.0, True, 5, 2, 50), Liking(4.0, True, 5, 2, 100)),
        (PlayData(""), Liking(4.0, True, 5, 2, 100), Liking(4.0, True, 5, 2, 100)),
    ],
)
def test_counts_never_go_down_and_ratings_stay_unless_it_is_wished(
    data: PlayData, replaced: Liking, kept: Liking
) -> None:
    known = Liking(4.0, True, 5, 2, 100)
    assert merged(known, data, HOW) == kept
    assert merged(known, data, PlayImporting("test", replace=True)) == replaced
    assert merged(known, data, PlayImporting("test", frozenset(), replace=True)) == known
    assert merged(Liking(), PlayData("", rating=2.0, favourite=True), HOW) == Liking(2.0, True)


def test_only_what_is_asked_for_is_taken_and_a_dry_run_takes_nothing(store: Store) -> None:
    data = PlayData("/m/a.flac", rating=4.0, favourite=True, play_count=9)
    report = taken(store, data, how=PlayImporting("test", dry_run=True))
    assert report.changed == 1
    assert store.plays.liked() == {}
    assert store.journal.entries() == []
    taken(store, data, how=PlayImporting("test", frozenset([PlayPart.COUNTS])))
    assert store.plays.liked() == {1: Liking(play_count=9)}


def test_an_export_makes_another_library_know_the_same(store: Store, tmp_path: Path) -> None:
    for number in (1, 3, 5):
        store.plays.record(number, started_at=NOW + number, played_s=1.25, outcome=PlayOutcome.FINISHED)
    store.plays.record(1, started_at=NOW, played_s=0.5, outcome=PlayOutcome.SKIPPED)
    rate_tracks(store, store.tracks.by_ids([2]), LikingWish(rates=True, rating=3.3, favourite=True), lambda: NOW)
    lines = b"".join(line_of(one) for one in exported_plays(store, EVERYTHING))
    assert lines.isascii()
    with Store.open(tmp_path / "other.db", program="test", now=1) as other:
        library_of.put(other, [library_of.record(f"/m/{name}.flac") for name in ("x", "b", "a", "caf\udce9")])
        library_of.put(other, library_of.divided("/m/whole.flac", "/m/whole.cue", ("first", "second")))
        for again in range(2):
            report = taken(other, *read_plays(io.BytesIO(lines), "plays.jsonl"))
            assert (report.unmatched, report.failures) == ((), ())
            assert (report.changed, report.plays) == ((4, 4) if not again else (0, 0))
        assert b"".join(sorted(line_of(one) for one in exported_plays(other, EVERYTHING))) == b"".join(
            sorted(lines.splitlines(keepends=True))
        )


def test_a_file_that_has_another_name_now_is_known_by_its_audio_where_it_is_one(store: Store) -> None:
    moved = PlayData("/old/a.flac", content_id="test:a", rating=4.0)
    assert taken(store, moved).changed == 1
    assert store.plays.liked() == {1: Liking(rating=4.0)}
    # Of two copies nobody can say which.
    library_of.put(store, [library_of.record("/m/copy/b.flac")])
    report = taken(store, PlayData("/old/b.flac", content_id="test:b", rating=4.0))
    assert report.unmatched == ("/old/b.flac",)


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("{", "no JSON"),
        ("[]", "no object"),
        ('{"rating": 3}', "no whole path"),
        ('{"path": "a.flac"}', "no whole path"),
        ('{"path": "/a\\u0000"}', "no whole path"),
        ('{"path": "/a", "rating": 5.5}', "rating"),
        ('{"path": "/a", "rating": NaN}', "rating"),
        ('{"path": "/a", "rating": true}', "rating"),
        ('{"path": "/a", "play_count": -1}', "play_count"),
        ('{"path": "/a", "play_count": 1.5}', "play_count"),
        ('{"path": "/a", "favourite": 1}', "favourite"),
        ('{"path": "/a", "plays": [3]}', "no object"),
        ('{"path": "/a", "plays": 7}', "iterable"),
        ('{"path": "/a", "plays": [{"started_at": 1}]}', "played_s"),
        ('{"path": "/a", "plays": [{"started_at": 1, "played_s": 1, "outcome": "x"}]}', "x"),
        ("[" * 100_000, ""),
        ('{"path": "/\udcff"}', "no JSON"),
        ('{"path": "/\\ud800"}', "no JSON"),
        ('{"path": "/a", "content_id": "\\udc80"}', "no JSON"),
    ],
)
def test_a_line_that_cannot_be_is_told_and_the_others_are_read(line: str, why: str) -> None:
    data = line.encode("utf-8", "surrogateescape") + b'\n\n{"path": "/b", "rating": 2}\n'
    bad, good = read_plays(io.BytesIO(data), "plays.jsonl")
    assert good == PlayData("/b", rating=2.0)
    assert isinstance(bad, InputError)
    assert bad.what == "plays.jsonl:1"
    assert why in bad.why


def test_what_tags_say_is_taken_over(tmp_path: Path) -> None:
    folder = tmp_path / "m"
    folder.mkdir()
    for name in ("a", "b", "none"):
        soundfile.write(folder / f"{name}.mp3", np.zeros((44_100, 1), np.float32), 44_100)
    for name, frames in (
        ("a", [id3.POPM(email="Windows Media Player 9 Series", rating=196, count=7)]),
        ("b", [id3.TXXX(encoding=3, desc="FMPS_Rating", text=["0.9"]), id3.PCNT(count=3)]),
    ):
        tags = id3.ID3()
        for frame in frames:
            tags.add(frame)
        tags.save(folder / f"{name}.mp3")
    with Store.open(tmp_path / "library.db", program="test", now=1) as store:
        names = ("a", "b", "gone", "none")
        library_of.put(store, [library_of.record(f"{folder}/{name}.mp3") for name in names], root=str(folder))
        found = list(tagged_plays(list(store.tracks.select()), SilentProgress(), CancelToken()))
        report = taken(store, *found)
        assert [(one.after.rating, one.after.play_count) for one in report.tracks] == [(4.0, 7), (4.5, 3)]
        assert [Path(error.what).name for error in report.failures] == ["gone.mp3"]


def test_a_play_that_is_told_twice_is_one(store: Store) -> None:
    play = PastPlay(NOW, 10.0, PlayOutcome.FINISHED)
    # The second comes in another chunk, and with other plays.
    filler = [PlayData(f"/none/{number}") for number in range(600)]
    report = taken(store, PlayData("/m/a.flac", rating=1.0), *filler, PlayData("/m/a.flac", plays=(play, play)))
    assert report.plays == 1
    assert taken(store, PlayData("/m/a.flac", plays=(play,))).plays == 0
