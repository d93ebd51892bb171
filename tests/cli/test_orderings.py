"""Smooth orders and ways from one track to another, as commands: of lists and of playlists."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

import library_of
import pytest
from command_line import Finished, Run

from auralis_cli.analysis.scale import restored, typical
from auralis_cli.db.store import Store
from auralis_cli.model.fingerprint import DIMENSIONS, Fingerprint, FingerprintedTrack, FingerprintFlag

# Fewer than a scale of their own is made of.
COUNT = 25
LAST = str(COUNT - 1)
SCALE = typical()


def sound(place: float) -> FingerprintedTrack:
    """Music at a place, 0…1, of a line from one kind to another."""
    ends = zip(SCALE.lowest, SCALE.highest, DIMENSIONS, strict=True)
    values = [restored(low + (high - low) * (0.1 + 0.8 * place), one.transform) for low, high, one in ends]
    return FingerprintedTrack(Fingerprint(*values))


@pytest.fixture
def library(tmp_path: Path) -> Path:
    """Tracks called after their place, 0 to 24, found in another order; and one of silence, one without fingerprint."""
    path = tmp_path / "library.db"
    places = random.Random(5).sample(range(COUNT), COUNT)
    with Store.open(path, program="test", now=1) as store:
        records = [
            library_of.record(f"/m/{number:02}.flac", title=str(place), duration_s=60.0 + place, genres=("Rock",))
            for number, place in enumerate(places)
        ]
        others = [library_of.record(f"/m/{name}.flac", duration_s=10.0) for name in ("silence", "unknown")]
        # The same audio once more.
        copy = replace(library_of.record("/m/copy.flac", title="copy", genres=("Rock",)), content_id="test:00")
        library_of.put(store, [*records, *others, copy])
        silence = replace(sound(0.0), flags=(FingerprintFlag.SILENT,))
        known = [(f"test:{number:02}", sound(place / (COUNT - 1)), None) for number, place in enumerate(places)]
        store.fingerprints.put([*known, ("test:silence", silence, None)], now=1)
    return path


@pytest.fixture
def ids(run: Run) -> dict[str, int]:
    return {track["title"]: track["id"] for track in run("list", "--json").document["items"]}


def titles(done: Finished) -> list[str]:
    assert done.code == 0, done.err
    return [track["title"] for track in done.lines]


def entries(run: Run, name: str) -> list[str]:
    return [entry["title"] for entry in run("playlist", "show", name, "--jsonl").lines]


def test_a_smooth_list_goes_from_like_to_like_and_ends_with_what_is_not_known(run: Run) -> None:
    done = run("list", "^title:copy", "--smooth", "--jsonl", "-v")
    found = titles(done)
    known = [int(title) for title in found[:COUNT]]
    assert known in (list(range(COUNT)), list(range(COUNT))[::-1])
    assert set(found[COUNT:]) == {"silence", "unknown"}
    assert "1 track without a fingerprint stands at the end" in done.err
    assert "1 silent track stands at the end" in done.err
    assert "on average" in done.err
    assert "steps" not in run("list", "--smooth").err
    # Everything a list can be printed as.
    assert run("list", "^title:copy", "--smooth", "-f", "$title", "genre:rock").out.split() == found[:COUNT]


def test_sort_keys_and_limit_say_which_tracks_are_put_in_order(run: Run) -> None:
    found = titles(run("list", "genre:rock", "duration-", "--limit", "5", "--smooth", "--jsonl"))
    assert found in (["20", "21", "22", "23", "24"], ["24", "23", "22", "21", "20"])


def test_a_way_begins_and_ends_where_it_is_to_in_even_steps(run: Run, ids: dict[str, int]) -> None:
    way = titles(run("list", "--from", ids["0"], "--to", ids[LAST], "--songs", "9", "--jsonl"))
    assert way == [str(place) for place in range(0, 25, 3)]
    back = titles(run("list", "--from", ids[LAST], "--to", ids["0"], "--songs", "9", "--jsonl"))
    assert back == way[::-1]
    assert len(titles(run("list", "--from", ids["0"], "--to", ids[LAST], "--jsonl"))) == 12
    two = run("list", "--from", f"{ids['3']}", "--to", ids["9"], "--songs", "2", "--jsonl")
    assert titles(two) == ["3", "9"]


def test_ends_may_be_named_by_their_paths_and_the_way_leads_through_what_is_found(run: Run) -> None:
    paths = {track["title"]: track["path"] for track in run("list", "--json").document["items"]}
    ends = ("--from", paths["0"], "--to", paths[LAST])
    way = titles(run("list", "duration:1:15..1:20", *ends, "--songs", "8", "--jsonl"))
    assert way == ["0", "15", "16", "17", "18", "19", "20", LAST]


def test_the_ends_of_a_way_may_be_what_a_query_finds_alone(run: Run, ids: dict[str, int]) -> None:
    by_id = titles(run("list", "--from", ids["3"], "--to", ids["9"], "--songs", "3", "--jsonl"))
    ends = ("--from", "title:=3", "--to", "title:=9")
    assert titles(run("list", *ends, "--songs", "3", "--jsonl")) == by_id == ["3", "6", "9"]
    assert run("playlist", "create", "Way", *ends, "--songs", "3").code == 0
    assert entries(run, "Way") == by_id


def test_no_recording_is_met_twice_and_no_file_that_is_gone(run: Run, library: Path, ids: dict[str, int]) -> None:
    with Store.open(library, program="test", now=2) as store:
        path = next(track.path for track in store.tracks.select() if track.title == "20")
        file = store.files.get(path)
        assert file is not None
        store.files.mark_missing([file.id], now=2)
    copied = next(title for title, number in ids.items() if number == 1)
    for words in ((), ("genre:rock",)):
        way = titles(run("list", *words, "--from", ids["0"], "--to", ids[LAST], "--songs", str(COUNT - 1), "--jsonl"))
        assert set(way) - {"copy", copied} == {str(place) for place in range(COUNT)} - {"20", copied}
        assert ("copy" in way) is not (copied in way)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--smooth", "--albums"], "--smooth: is for tracks"),
        (["--smooth", "--count"], "--smooth: is for tracks"),
        (["--smooth", "--sort", "year"], "--smooth: takes the place of sorting"),
        (["--smooth", "year-"], "--smooth: takes the place of sorting"),
        (["--smooth", "--from", "1", "--to", "2"], "--smooth: excludes --from"),
        (["--from", "1"], "give --from and --to"),
        (["--to", "1"], "give --from and --to"),
        (["--songs", "5"], "--songs: says how many"),
        (["--from", "1", "--to", "2", "--songs", "1"], "--songs"),
        (["--from", "1", "--to", "2", "--songs", "201"], "--songs"),
        (["--from", "1", "--to", "2", "--limit", "3"], "--from: says itself"),
        (["--from", "1", "--to", "2", "year+"], "--from: says itself"),
        (["--from", "1", "--to", "2", "--artists"], "--from: is for tracks"),
        (["--from", "1", "--to", "1"], "is the same recording"),
        (["--from", "1", "--to", "99"], "--to 99: no track has this id"),
        (["--from", "1", "--to", "9" * 40], "no track has this id"),
        (["--from", "/m/none.flac", "--to", "1"], "--from /m/none.flac: is no track of the library"),
        (["--from", "title:none", "--to", "1"], "--from title:none: is no track of the library"),
        (["--from", "genre:rock", "--to", "1"], "--from genre:rock: is more than one track (name one by its id: "),
        (["--from", "1", "--to", "titel:copy"], "titel:copy: tracks have no field 'titel'"),
        (["--from", "/m/unknown.flac", "--to", "1"], "has no fingerprint yet"),
        (["--from", "1", "--to", "/m/silence.flac"], "is silence"),
        (["--from", "/m/copy.flac", "--to", "/m/00.flac"], "is the same recording"),
        (["--from", "1", "--to", "2", "--songs", "50"], "--songs: there are not 50 recordings"),
        (["title:=unknown", "--smooth"], "none of these tracks has a fingerprint"),
    ],
)
def test_what_cannot_be_is_refused_in_one_line(run: Run, words: list[str], said: str) -> None:
    done = run("list", *words)
    assert (done.code, done.out) == (2, "")
    assert said in done.err
    assert len(done.err.splitlines()) == 1


def test_nothing_found_is_nothing_in_order(run: Run) -> None:
    done = run("list", "title:nowhere", "--smooth", "--json")
    assert (done.code, done.document["items"]) == (0, [])


def test_a_playlist_is_made_in_a_smooth_order_or_as_a_way(run: Run, ids: dict[str, int]) -> None:
    made = run("playlist", "create", "Smooth", "duration:1:10..1:20", "--smooth", "--json").document
    assert made["added"] == 11
    straight = [str(place) for place in range(10, 21)]
    assert entries(run, "Smooth") in (straight, straight[::-1])
    run("playlist", "create", "Way", "--from", ids["0"], "--to", ids[LAST], "--songs", "9")
    assert entries(run, "Way") == [str(place) for place in range(0, 25, 3)]
    assert run("undo", "-y").code == 0
    assert run("playlist", "show", "Way").code == 2


def test_what_is_added_is_put_in_order_and_what_is_there_stays(run: Run, ids: dict[str, int], tmp_path: Path) -> None:
    run("playlist", "create", "P", "title:=20")
    run("playlist", "add", "P", "--from", ids["8"], "--to", ids["0"], "--songs", "3")
    assert entries(run, "P") == ["20", "8", "4", "0"]
    names = tmp_path / "names"
    paths = {track["title"]: track["path"] for track in run("list", "--json").document["items"]}
    names.write_text("\n".join(["/m/elsewhere.flac", paths["5"], paths["7"], paths["6"]]))
    assert run("playlist", "add", "P", "--files-from", names, "--smooth", "--at", "1").code == 0
    assert entries(run, "P")[:3] in (["5", "6", "7"], ["7", "6", "5"])
    shown = run("playlist", "show", "P", "--jsonl").lines
    assert shown[3]["path"] == "/m/elsewhere.flac"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["create", "New", "--smart", "genre:rock", "--smooth"], "--smart: excludes --smooth"),
        (["create", "New", "--smart", "genre:rock", "--from", "1", "--to", "2"], "--smart: excludes --from"),
        (["create", "New", "--smooth"], "--smooth: what is to be put in order?"),
        (["create", "New", "--from", "1"], "give --from and --to"),
        (["create", "New", "title:unknown", "--smooth"], "none of these tracks has a fingerprint"),
        (["add", "P", "--from", "1", "--to", "2", "--files-from", "-"], "--from: excludes --files-from"),
        (["add", "P", "--smooth"], "what is to be added?"),
        (["add", "P", "year-", "--from", "1", "--to", "2"], "--from: says itself"),
    ],
)
def test_a_playlist_that_cannot_be_so_is_not_touched(run: Run, words: list[str], said: str) -> None:
    run("playlist", "create", "P", "title:=20")
    done = run("playlist", *words)
    assert done.code == 2
    assert said in done.err
    assert run("playlist", "show", "New").code == 2
    assert entries(run, "P") == ["20"]
