"""`auralis queue …` as commands: the queue that the library keeps, and that of a player that runs."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import library_of
import pytest
from command_line import Finished, auralis
from controlled_player import Controlled, controlled, short_home

from auralis_cli.db.store import Store
from auralis_cli.model.plays import PlayOutcome
from auralis_cli.model.queue import QueueTrack

Run = Callable[..., Finished]


@pytest.fixture
def music(tmp_path: Path) -> Path:
    folder = tmp_path / "Music"
    folder.mkdir()
    return folder


@pytest.fixture
def library(tmp_path: Path, music: Path) -> Path:
    """Six tracks by two artists on two albums, of files that are there."""
    records = []
    for number, letter in enumerate("abcdef"):
        path = music / f"{letter}.flac"
        path.touch()
        artist, album = ("Air", "Moon") if number < 3 else ("Björk", "Post")
        records.append(
            library_of.record(str(path), artist=artist, album=album, track=number % 3 + 1, year=1990 + number)
        )
    with Store.open(tmp_path / "library.db", program="test", now=1) as store:
        library_of.put(store, records, root=str(music))
    return tmp_path / "library.db"


@pytest.fixture
def places(tmp_path: Path) -> dict[str, str]:
    return {"AURALIS_HOME": str(tmp_path / "home"), "XDG_RUNTIME_DIR": str(tmp_path)}


@pytest.fixture
def run(library: Path, places: dict[str, str]) -> Run:
    return lambda *words, **how: auralis("--library", library, *words, variables=places, **how)


def titles(run: Run) -> str:
    return "".join(str(item["title"] or "?") for item in run("queue", "show", "--json").document["items"])


def current(run: Run) -> str:
    return "".join(item["title"] for item in run("queue", "show", "--json").document["items"] if item["current"])


def test_what_is_put_into_the_queue_stands_in_it_in_order(run: Run, music: Path) -> None:
    assert run("queue", "show").err == "the queue is empty\n"
    done = run("queue", "add", "year:..1992", "year-", "--json")
    assert (done.code, done.document) == (
        0,
        {"edit": "add", "tracks_before": 0, "tracks": 3, "position": 1, "running": False, "dry_run": False},
    )
    assert titles(run) == "cba"
    run("queue", "next", music / "f.flac")
    run("queue", "add", music / "e.flac", music / "e.flac", "--at", "2")
    assert titles(run) == "ceefba"
    assert run("queue", "set", "artist:air").code == 0
    assert titles(run) == "abc"
    assert current(run) == "a"


def test_positions_count_from_one_and_are_moved_gone_to_and_removed(run: Run, music: Path) -> None:
    run("queue", "add", music)
    run("queue", "jump", "3")
    run("queue", "move", "1", "6")
    assert (titles(run), current(run)) == ("bcdefa", "c")
    assert run("queue", "remove", "1", "4-5").out == "removed: 3 tracks, 6 before, at 1\n"
    assert (titles(run), current(run)) == ("cda", "c")
    assert run("queue", "remove", "artist:air", "title:c").out == "removed: 2 tracks, 3 before, at 1\n"
    assert run("queue", "remove", music / "d.flac").code == 0
    assert (titles(run), current(run)) == ("a", "a")
    for words in (("remove", "2"), ("move", "1", "2"), ("jump", "9"), ("add", music / "a.flac", "--at", "3")):
        done = run("queue", *words)
        assert done.code == 2
        assert "there is no such position (the queue has 1)" in done.err
    assert run("queue", "remove", "artist:nobody").err == "nothing was found to remove\n"
    assert titles(run) == "a"


EDITS: list[tuple[str, ...]] = [
    ("add", "title:a"),
    ("next", "title:a"),
    ("set", "title:a"),
    ("remove", "2"),
    ("move", "1", "3"),
    ("jump", "3"),
    ("clear",),
    ("shuffle",),
    ("shuffle", "--albums"),
    ("repeat", "all"),
    ("undo",),
    ("redo",),
    ("unshuffle",),
    ("save", "New"),
    ("load", "kept"),
    ("forget", "kept"),
]


@pytest.mark.parametrize("words", EDITS, ids=" ".join)
def test_a_dry_run_says_what_would_come_of_it_and_changes_nothing(run: Run, library: Path, words: list[str]) -> None:
    run("queue", "add", "artist:air")
    run("queue", "save", "Kept")
    run("queue", "shuffle", "--smart")
    run("queue", "move", "1", "2")
    run("queue", "undo")

    def dump() -> list[object]:
        with Store.open(library, program="test", now=1) as store:
            tables = [row[0] for row in store.database.all("SELECT name FROM sqlite_master WHERE name LIKE 'queue%'")]
            kept = [table for table in tables if "queue_items_" not in table and "templates_" not in table]
            return [store.database.all(f"SELECT * FROM {table}") for table in kept if table != "queue_item"]

    before = dump()
    dry = run("queue", *words, "-n", "--json")
    assert (dry.code, dry.document["dry_run"]) == (0, True), dry.err
    assert dump() == before
    done = run("queue", *words, "--json")
    assert {**done.document, "dry_run": True} == dry.document or words[0] == "shuffle"
    assert dump() != before


def test_shuffles_are_taken_back_by_unshuffle_with_what_came_since(run: Run) -> None:
    run("queue", "add", "artist:air,", "artist:björk", "year+")
    for options in ((), ("--smart",), ("--albums",)):
        assert run("queue", "shuffle", *options).code == 0
        assert sorted(titles(run)) == list("abcdef")
        assert titles(run)[0] == "a"
    assert titles(run) == "abcdef"
    run("queue", "shuffle", "--smart")
    assert all((one in "abc") != (other in "abc") for one, other in zip(titles(run), titles(run)[1:], strict=False))
    run("queue", "remove", "title:d")
    run("queue", "unshuffle")
    assert titles(run) == "abcef"
    assert run("queue", "unshuffle").err == "the queue is not shuffled\n"
    assert run("queue", "shuffle", "--smart", "--albums").code == 2


def test_edits_are_taken_back_and_made_again_and_told(run: Run) -> None:
    assert run("queue", "undo").err == "nothing to take back\n"
    assert run("queue", "history").err == "the queue was not edited yet\n"
    run("queue", "add", "title:a")
    run("queue", "add", "title:b")
    run("queue", "clear")
    assert run("queue", "undo").out == "taken back: 2 tracks, 0 before, at 1\n"
    run("queue", "undo")
    assert titles(run) == "a"
    assert run("queue", "redo", "--json").document["tracks"] == 2
    told = run("queue", "history", "--json").document["items"]
    assert [(one["edit"], one["tracks"], one["undone"]) for one in told] == [
        ("clear", 0, True),
        ("add", 1, False),
        ("add", 0, False),
    ]
    lines = run("queue", "history").out.splitlines()
    assert [line.split()[2:4] for line in lines] == [["clear", "undone"], ["add", "1"], ["add", "0"]]
    # The library's own journal knows nothing of it.
    assert run("history").err == "nothing was changed yet\n"
    assert run("undo", "-y").err == "nothing to undo\n"


def test_queues_are_kept_under_names_with_tags(run: Run) -> None:
    run("queue", "add", "artist:air")
    run("queue", "jump", "2")
    run("queue", "repeat", "all")
    assert run("queue", "save", "Late Night", "--tag", "Calm", "--tag", "air").out == "Late Night: 3 tracks kept\n"
    assert run("queue", "save", "late night").code == 2
    assert run("queue", "save", "late night", "--tag", "calm", "--force").code == 0
    run("queue", "set", "title:f")
    run("queue", "repeat", "off")
    assert run("queue", "load", "LATE NIGHT").out == "loaded: 3 tracks, 1 before, at 2\n"
    assert (titles(run), current(run)) == ("abc", "b")
    (kept,) = run("queue", "templates", "--tag", "CALM", "--json").document["items"]
    assert (kept["name"], kept["tracks"], kept["tags"], kept["load_count"]) == ("late night", 3, ["calm"], 1)
    assert kept["repeat"] == "all"
    assert run("queue", "templates").out.split()[:3] == ["late", "night", "3"]
    assert run("queue", "templates", "--tag", "air").err == "no templates\n"
    run("queue", "undo")
    assert titles(run) == "f"
    assert run("queue", "forget", "late night").out == "late night: 3 tracks forgotten\n"
    for verb in ("load", "forget"):
        assert run("queue", verb, "late night").code == 2


def test_it_is_shown_for_people_and_for_programs(run: Run, library: Path, music: Path, tmp_path: Path) -> None:
    odd = tmp_path / os.fsdecode(b"x\xff\x1b[1m.mp3")
    odd.touch()
    run("queue", "add", "title:a,", "title:b", "year+")
    run("queue", "add", odd)
    with Store.open(library, program="test", now=1) as store:
        store.database.run("UPDATE files SET status = 'missing', missing_since = 1 WHERE id = 2")
    shown = run("queue", "show")
    first, second, third = shown.out.splitlines()
    assert first.startswith(">")
    assert first.split() == [">", "1", "Air", "-", "a", "1:00"]
    assert second.split()[-1] == "missing"
    assert "\x1b" not in third
    # Of the third nobody knows how long it is.
    assert shown.err == "3 tracks, at least 2:00\n"
    assert run("queue", "show", "-f", "$position $title").out == "1 a\n2 b\n3 \n"
    assert run("queue", "show", "--print0").out.split("\0")[2] == str(odd)
    lines = run("queue", "show", "--jsonl").lines
    assert [line["position"] for line in lines] == [1, 2, 3]
    assert lines[2]["path"] == str(odd)
    assert lines[2]["artist"] is None
    assert run("queue", "show", "--json", "--jsonl").code == 2


def test_alone_it_shows_the_queue_in_the_form_that_is_asked_for(run: Run) -> None:
    run("queue", "add", "artist:air")
    assert run("queue").out == run("queue", "show").out
    assert run("queue", "--json").document == run("queue", "show", "--json").document
    assert run("queue", "-f", "$title", "-q").out.split() == ["a", "b", "c"]
    assert "Commands:" in run("queue", "--help").out
    assert run("queue", "shw").code == 2


def test_tracks_queued_by_their_sheet_are_shown_as_the_library_knows_them(
    run: Run, library: Path, tmp_path: Path
) -> None:
    sheet = tmp_path / "live.cue"
    sheet.write_text('FILE "live.flac" WAVE\nTRACK 01 AUDIO\nINDEX 01 00:00:00\nTRACK 02 AUDIO\nINDEX 01 01:00:00\n')
    run("queue", "add", sheet)
    assert [line.split("/")[-1] for line in run("queue").out.splitlines()] == ["live.cue#1", "live.cue#2"]
    with Store.open(library, program="test", now=1) as store:
        records = library_of.divided(str(tmp_path / "live.flac"), str(sheet), ["Opening", "End"])
        library_of.put(store, records, root=str(tmp_path))
    assert titles(run) == "OpeningEnd"


def test_names_come_through_a_pipe_byte_for_byte(library: Path, places: dict[str, str], tmp_path: Path) -> None:
    names = [os.fsencode(tmp_path / os.fsdecode(name)) for name in (b"a b.mp3", b"\xff\n.mp3")]
    for name in names:
        Path(os.fsdecode(name)).touch()
    variables = {**os.environ, **places}
    program: list[str | Path] = [sys.executable, "-m", "auralis_cli", "--library", library, "queue"]
    added = subprocess.run(
        [*program, "add", "--files-from", "-", "-0"], input=b"\0".join(names), env=variables, check=True
    )
    assert added.returncode == 0
    shown = subprocess.run([*program, "show", "--print0"], env=variables, capture_output=True, check=True)
    assert shown.stdout.split(b"\0")[:-1] == names


def test_what_cannot_be_queued_is_refused(run: Run, tmp_path: Path) -> None:
    assert run("queue", "add").code == 2
    assert run("queue", "add", "-").code == 2
    assert run("queue", "add", tmp_path / "gone.flac").code == 4
    assert run("queue", "add", "artist:nobody").code == 4
    assert run("queue", "repeat", "twice").code == 2
    assert run("queue", "show", "--player", "nobody").code == 6


def test_without_a_library_the_queue_is_empty_and_adding_makes_one(tmp_path: Path, places: dict[str, str]) -> None:
    (tmp_path / "x.mp3").touch()

    def run(*words: str | Path) -> Finished:
        return auralis("--library", tmp_path / "new.db", *words, variables=places)

    for words in (("show",), ("history",), ("templates",), ("undo",), ("clear",), ("add", tmp_path / "x.mp3", "-n")):
        assert run("queue", *words).code == 0
    assert not (tmp_path / "new.db").exists()
    assert run("queue", "add", tmp_path / "x.mp3").code == 0
    assert run("queue", "show", "--print0").out == f"{tmp_path / 'x.mp3'}\0"


def test_the_history_of_plays_lists_what_was_heard(run: Run, library: Path) -> None:
    assert run("history", "--played").err == "nothing was played yet\n"
    with Store.open(library, program="test", now=1) as store:
        for number, outcome in enumerate(PlayOutcome, 1):
            store.plays.record(number, started_at=1000 + number, played_s=30.5, outcome=outcome)
    told = run("history", "--played", "--json").document["items"]
    assert [(one["title"], one["outcome"], one["started_at"]) for one in told] == [
        ("c", "stopped", 1003),
        ("b", "skipped", 1002),
        ("a", "finished", 1001),
    ]
    assert [line.split()[2] for line in run("history", "--played", "--limit", "2").out.splitlines()] == [
        "stopped",
        "skipped",
    ]


@pytest.fixture
def running(library: Path) -> Iterator[tuple[Run, Controlled]]:
    """A player that runs, and the verb that meets it."""
    with short_home() as variables, controlled(variables) as player:
        yield lambda *words: auralis("--library", library, "queue", *words, variables=variables), player


def test_where_a_player_runs_its_queue_is_shown_and_edited(running: tuple[Run, Controlled], library: Path) -> None:
    queue, player = running
    done = queue("add", "artist:air", "--json")
    assert done.document == {
        "edit": "add",
        "tracks_before": 0,
        "tracks": 3,
        "position": 1,
        "running": True,
        "dry_run": False,
    }
    queue("next", "title:f")
    queue("add", "title:e", "--at", "1")
    shown = queue("show", "--json").document["items"]
    assert "".join(item["title"] for item in shown) == "eafbc"
    assert [item["position"] for item in shown if item["current"]] == [2]
    queue("move", "5", "1")
    queue("remove", "artist:air")
    assert [Path(item.track.path).stem for item in player.player.queue.items] == ["e", "f"]
    assert queue("remove", "3").code == 2
    assert queue("clear", "-n").out == "dry run: cleared: 0 tracks, 2 before\n"
    queue("jump", "2")
    queue("repeat", "all")
    assert (player.player.queue.index, player.player.snapshot().repeat) == (1, "all")
    queue("shuffle")
    assert queue("unshuffle").code == 0
    assert queue("save", "Kept").out == "Kept: 2 tracks kept\n"
    queue("set", "title:d")
    queue("load", "kept")
    assert sorted(Path(item.track.path).stem for item in player.player.queue.items) == ["e", "f"]
    # What is stored is the player's to write.
    with Store.open(library, program="test", now=1) as store:
        assert store.queue.load().items == ()


def test_a_query_finds_tracks_of_a_running_queue_by_what_the_library_knows_now(
    running: tuple[Run, Controlled], music: Path
) -> None:
    queue, player = running
    player.player.add([QueueTrack(str(music / "a.flac")), QueueTrack(str(music / "b.flac"), 0, 2)])
    assert [item["title"] for item in queue("show", "--json").document["items"]] == ["a", "b"]
    queue("remove", "title:a")
    assert [item.track.path for item in player.player.queue.items] == [str(music / "b.flac")]


def test_a_playlist_and_a_playlist_file_are_queued(run: Run, music: Path, tmp_path: Path) -> None:
    assert run("playlist", "create", "Last", "title:f").code == 0
    (tmp_path / "two.m3u").write_text(f"{music}/b.flac\n{music}/a.flac\n")
    assert run("queue", "add", tmp_path / "two.m3u").code == 0
    assert run("queue", "next", "--playlist", "last").code == 0
    assert [Path(one["path"]).name for one in run("queue", "show", "--json").document["items"]] == [
        "b.flac",
        "f.flac",
        "a.flac",
    ]
    refused = run("queue", "set", "--playlist", "Last", "title:a")
    assert (refused.code, refused.err.split(" (")[0]) == (2, "auralis: error: --playlist: excludes other names")
