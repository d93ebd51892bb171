"""`auralis stats` as a command: numbers that are those of the library, and bars that fit."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import library_of
import pytest
from command_line import Run

from auralis_cli.db.store import Store
from auralis_cli.model.library import MeasuredLoudness, TrackRecord
from auralis_cli.model.plays import PlayOutcome

QUIET = MeasuredLoudness(-23.0, None, None, None, None, None, None, None, None)


@pytest.fixture
def filled(library: Path) -> Path:
    """Nine tracks: three decades, two genres, one artist with more than others, loudness of four."""
    records = []
    for number in range(8):
        record = library_of.record(
            f"/m/{number}.flac",
            artist="Often" if number < 5 else f"Artist {number}",
            album=f"Album {number % 2}",
            genres=("Jazz",) if number % 4 else ("Pop", "Jazz"),
            year=(1959, 1961, 1984, None)[number % 4],
        )
        track = record.tracks[0]
        if number < 4:
            track = TrackRecord(track.tags, 60.0, loudness=replace(QUIET, integrated_lufs=-10.0 - 5.0 * number))
        records.append(replace(record, tracks=(track,), bits=24 if number == 7 else 16))
    with Store.open(library, program="test", now=1) as store:
        library_of.put(
            store, [*records, replace(library_of.record("/m/9.mp3"), format="mp3", bits=None, lossless=False)]
        )
        store.plays.record(1, started_at=5, played_s=30.0, outcome=PlayOutcome.FINISHED)
        store.plays.rate(2, 4.0)
        store.playlists.create("List", now=1)
        missing = store.files.get("/m/7.flac")
        assert missing is not None
        store.files.mark_missing([missing.id], now=2)
    return library


def test_the_numbers_are_those_of_the_library(run: Run, filled: Path) -> None:
    done = run("stats", "--json")
    assert (done.code, done.err) == (0, "")
    numbers = done.document
    assert {key: numbers[key] for key in ("tracks", "files", "albums", "artists", "genres", "playlists")} == {
        "tracks": 9,
        "files": 9,
        "albums": 2,
        "artists": 4,
        "genres": 2,
        "playlists": 1,
    }
    assert (numbers["duration_s"], numbers["size_bytes"]) == (540.0, 9_000_000)
    assert numbers["formats"][1] == {"format": "mp3", "files": 1, "size_bytes": 1_000_000}
    assert [(one["bits"], one["files"]) for one in numbers["bits"]] == [(16, 7), (24, 1), (None, 1)]
    assert [(one["year"], one["tracks"]) for one in numbers["years"]] == [(1959, 2), (1961, 2), (1984, 2), (None, 3)]
    assert numbers["top_genres"] == [{"genre": "Jazz", "tracks": 8}, {"genre": "Pop", "tracks": 2}]
    assert numbers["top_artists"][0] == {"artist": "Often", "tracks": 5}
    assert (numbers["measured_tracks"], numbers["median_lufs"]) == (4, -20.0)
    assert (numbers["missing_files"], numbers["unreadable_files"], numbers["lossless_files"]) == (1, 0, 8)
    assert numbers["plays"] == {"plays": 1, "tracks": 1, "played_s": 30.0, "rated": 1}


def test_a_query_confines_them(run: Run, filled: Path) -> None:
    numbers = run("stats", "genre:pop", "--json").document
    assert (numbers["tracks"], numbers["files"], numbers["albums"], numbers["artists"]) == (2, 2, 1, 1)
    assert [(one["year"], one["tracks"]) for one in numbers["years"]] == [(1959, 2)]
    assert numbers["loudness"] == [{"integrated_lufs": -10.0, "recordings": 1}]
    assert numbers["top_artists"] == [{"artist": "Often", "tracks": 2}]
    nothing = run("stats", "genre:none", "--json").document
    assert (nothing["tracks"], nothing["files"], nothing["median_lufs"], nothing["top_genres"]) == (0, 0, None, [])


def test_a_query_for_everything_says_what_no_query_does(run: Run, filled: Path) -> None:
    assert run("stats", "--json").document == run("stats", "duration:0..", "--json").document


def test_bars_stand_in_eighty_columns_and_tags_are_shown_not_obeyed(run: Run, filled: Path) -> None:
    done = run("stats", "--top", "2")
    assert done.code == 0
    assert max(map(len, done.out.splitlines())) <= 80
    assert done.out.startswith("9 tracks, 2 albums, 4 artists, 2 genres, 1 playlist\n9:00 in 9 files, 8.58 MiB, 89 % ")
    assert re.search(r"decades +1950s +2 +22.2 %  █", done.out)
    assert re.search(r"\n +1970s +0 +0.0 %\n", done.out)
    assert re.search(r"no year +3 +33.3 %", done.out)
    assert "median -20.0" in done.out
    assert re.search(r"trouble +missing +1 +11.1 %", done.out)
    assert "1 play of 1 track, 0:30; 1 rated" in done.out
    with Store.open(filled, program="test", now=1) as store:
        store.database.run("UPDATE artists SET name = ? WHERE name = 'Often'", ("\x1b[31mred",))
    assert "\x1b" not in run("stats").out
    assert "\\x1b[31mred" in run("stats").out
    assert "\x1b[36m" in run("stats", terminal=True, variables={"TERM": "xterm"}).out


def test_an_empty_library_has_numbers_too(run: Run, library: Path) -> None:
    done = run("stats")
    assert (done.code, done.out.splitlines()[0]) == (0, "0 tracks, 0 albums, 0 artists, 0 genres, 0 playlists")
    assert "auralis scan DIR" in done.err
    assert not library.exists()
    assert run("stats", "--json").document["tracks"] == 0


def test_what_cannot_be_served_is_refused_in_one_line(run: Run, filled: Path) -> None:
    for words in (["nofield:1"], ["--top", "0"], ["--nothing"]):
        done = run("stats", *words)
        assert done.code == 2
        assert len(done.err.splitlines()) == 1
    filled.write_bytes(b"no library" * 1000)
    assert run("stats").code == 5


def test_the_number_of_questions_does_not_grow(filled: Path) -> None:
    def questions() -> int:
        asked: list[str] = []
        with Store.open(filled, program="test", now=1) as store:
            store.database.of_this_thread().set_trace_callback(asked.append)
            store.stats.library(top=10)
            store.database.of_this_thread().set_trace_callback(None)
        return len(asked)

    few = questions()
    with Store.open(filled, program="test", now=1) as store:
        many = (library_of.record(f"/m/x{n}.flac", artist=f"A{n}", genres=(f"G{n}",), year=1900 + n) for n in range(99))
        library_of.put(store, many)
    assert questions() == few
