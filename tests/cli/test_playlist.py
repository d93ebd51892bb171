"""`auralis playlist …` as commands: made, changed, taken back, from files and into files."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import library_of
import pytest
from command_line import Finished, auralis, auralis_process
from players_lists import LISTS

from auralis_cli.db.row_recorder import journalled_tables
from auralis_cli.db.store import Store

Run = Callable[..., Finished]


@pytest.fixture
def music(tmp_path: Path) -> Path:
    folder = tmp_path / "Music"
    folder.mkdir()
    return folder


@pytest.fixture
def library(tmp_path: Path, music: Path) -> Path:
    """Six tracks by two artists, of files that are there."""
    records = []
    for number, letter in enumerate("abcdef"):
        path = music / f"{letter}.flac"
        path.touch()
        records.append(
            library_of.record(str(path), artist="Air" if number < 4 else "Björk", year=1990 + number, duration_s=100.0)
        )
    with Store.open(tmp_path / "library.db", program="test", now=1) as store:
        library_of.put(store, records, root=str(music))
    return tmp_path / "library.db"


@pytest.fixture
def run(library: Path, tmp_path: Path) -> Run:
    places = {"AURALIS_HOME": str(tmp_path / "home"), "XDG_DATA_HOME": str(tmp_path / "data")}
    return lambda *words, terminal=False, **variables: auralis(
        "--library", library, *words, terminal=terminal, variables={**places, **variables}
    )


def dump(library: Path) -> dict[str, list[object]]:
    """All of the user's data."""
    with Store.open(library, program="test", now=1) as store:
        tables = journalled_tables(store.database)
        return {table: sorted(store.database.all(f"SELECT * FROM {table}"), key=repr) for table in tables}


def titles(run: Run, name: str) -> str:
    return "".join(str(item["title"] or "?") for item in run("playlist", "show", name, "--json").document["items"])


def test_a_playlist_of_what_a_query_finds(run: Run) -> None:
    done = run("playlist", "create", "Air", "artist:air", "year-")
    assert (done.code, done.out, done.err) == (0, "Air: 4 added, 4 entries\n", "")
    assert titles(run, "air") == "dcba"
    shown = run("playlist", "list", "--json").document["items"]
    assert [(one["name"], one["kind"], one["tracks"], one["duration_s"]) for one in shown] == [
        ("Air", "static", 4, 400.0)
    ]


def test_a_smart_playlist_finds_what_there_is_when_it_is_asked(run: Run, library: Path, music: Path) -> None:
    assert run("playlist", "create", "Björk", "--smart", "artist:björk", "^title:e").code == 0
    assert titles(run, "björk") == "f"
    with Store.open(library, program="test", now=1) as store:
        library_of.put(store, [library_of.record(str(music / "g.flac"), artist="Bjork")], root=str(music))
    assert titles(run, "björk") == "fg"
    listed = run("playlist", "list").out
    assert "artist:björk ^title:e" in listed
    assert "      2" in listed
    assert run("playlist", "create", "Here", "--smart", music).code == 0
    assert len(titles(run, "here")) == 7
    for words in (("add", "Björk", "x"), ("remove", "Björk", "1"), ("move", "Björk", "1", "2")):
        refused = run("playlist", *words)
        assert (refused.code, refused.err.count("\n")) == (2, 1)
        assert "smart playlist" in refused.err


def test_a_query_that_cannot_be_parsed_is_not_kept(run: Run) -> None:
    for words in (["nofield:1"], ["like:3"], ["title::("], []):
        done = run("playlist", "create", "Bad", "--smart", *words)
        assert done.code == 2
        assert len(done.err.splitlines()) == 1
    assert run("playlist", "list", "--json").document["items"] == []


def test_files_are_added_also_those_that_the_library_does_not_have(run: Run, music: Path, tmp_path: Path) -> None:
    run("playlist", "create", "List")
    outside = tmp_path / os.fsdecode(b"out \xff.mp3")
    outside.touch()
    done = run("playlist", "add", "List", music / "b.flac", outside, music / "b.flac", "--json")
    assert done.document == {
        "name": "List",
        "kind": "static",
        "added": 3,
        "removed": 0,
        "moved": 0,
        "tracks": 3,
        "missing": 1,
        "dry_run": False,
    }
    run("playlist", "add", "List", music, "--at", "2")
    items = run("playlist", "show", "List", "--json").document["items"]
    assert [item["title"] for item in items] == ["b", *"abcdef", None, "b"]
    assert items[7]["path"] == str(outside)
    assert [item["missing"] for item in items].count(True) == 1
    shown = run("playlist", "show", "List")
    assert "\\xff.mp3" in shown.out
    assert "missing" in shown.out


def test_lists_of_paths_are_added_whatever_is_in_the_names(run: Run, tmp_path: Path, music: Path) -> None:
    run("playlist", "create", "List")
    names = tmp_path / "names"
    names.write_bytes(os.fsencode(music / "a.flac") + b"\0/gone/new\nline\xff.flac\0")
    assert run("playlist", "add", "List", "--files-from", names, "-0").out == "List: 2 added, 2 entries, 1 missing\n"
    assert run("playlist", "show", "List", "--print0").out.split("\0")[1] == os.fsdecode(b"/gone/new\nline\xff.flac")


def test_entries_are_removed_by_position_path_or_query(run: Run, music: Path) -> None:
    run("playlist", "create", "List", music)
    assert run("playlist", "remove", "List", "1", "3-4").out == "List: 3 removed, 3 entries\n"
    assert titles(run, "list") == "bef"
    run("playlist", "add", "List", music / "b.flac")
    run("playlist", "remove", "List", music / "b.flac")
    assert titles(run, "list") == "ef"
    run("playlist", "remove", "List", "title:e")
    assert titles(run, "list") == "f"
    nothing = run("playlist", "remove", "List", "title:nothing")
    assert (nothing.out, nothing.err) == ("List: 1 entry\n", "nothing was found to remove\n")
    nothing = run("playlist", "add", "List", "title:nothing")
    assert (nothing.out, nothing.err) == ("List: 1 entry\n", "nothing was found to add\n")
    for position in ("0", "2", "1-2", "2-1"):
        assert run("playlist", "remove", "List", position).code == 2


def test_an_entry_is_moved(run: Run, music: Path) -> None:
    run("playlist", "create", "List", music)
    run("playlist", "move", "List", "6", "1")
    run("playlist", "move", "List", "2", "4")
    assert titles(run, "list") == "fbcade"
    assert run("playlist", "move", "List", "7", "1").code == 2
    assert run("playlist", "move", "List", "1", "x").code == 2


def test_playlists_are_renamed_described_and_deleted(run: Run) -> None:
    run("playlist", "create", "One", "--description", "first")
    run("playlist", "create", "Two")
    assert run("playlist", "rename", "one", "Uno").code == 0
    assert run("playlist", "rename", "uno", "TWO").code == 2
    assert run("playlist", "describe", "Uno", "second").code == 0
    assert [one["description"] for one in run("playlist", "list", "--json").document["items"]] == [None, "second"]
    assert run("playlist", "delete", "Two", "Three").code == 2
    assert run("playlist", "delete", "two", "UNO").code == 0
    assert run("playlist", "list").err == "no playlists\n"
    unknown = run("playlist", "show", "Uno")
    assert (unknown.code, unknown.err.count("\n")) == (2, 1)


CHANGES = [
    ("create", "New", "artist:air"),
    ("create", "New", "--smart", "artist:air"),
    ("add", "List", "artist:air"),
    ("add", "List", "artist:air", "--at", "1"),
    ("remove", "List", "2-3"),
    ("move", "List", "1", "6"),
    ("rename", "List", "Other"),
    ("describe", "List", "text"),
    ("delete", "List"),
    ("import", "{folder}/in.m3u"),
    ("export", "List", "{folder}/new.xspf"),
    ("export", "List", "{folder}/in.m3u", "--force"),
]


@pytest.mark.parametrize("words", CHANGES, ids=" ".join)
def test_every_change_is_tried_done_and_taken_back(
    words: tuple[str, ...], run: Run, library: Path, music: Path, tmp_path: Path
) -> None:
    (tmp_path / "in.m3u").write_text(f"#EXTM3U\n#PLAYLIST:Mine\n{music}/a.flac\n/gone.mp3\n")
    run("playlist", "create", "List", music)
    words = tuple(word.format(folder=tmp_path) for word in words)

    def state() -> object:
        files = {path.name: path.read_bytes() for path in tmp_path.glob("*.*") if "library" not in path.name}
        return dump(library), files

    before = state()
    tried = run("playlist", *words, "-n", "--json")
    assert tried.code == 0
    assert state() == before
    done = run("playlist", *words, "--json")
    assert done.code == 0
    assert state() != before
    assert tried.document["dry_run"]
    assert {**tried.document, "dry_run": False} == done.document
    entry = run("history", "--json").document["items"][0]
    assert entry["verb"] == "playlist"
    assert run("undo", "-y").code == 0
    assert state() == before


def test_an_imported_playlist_is_called_as_it_or_its_file_is(run: Run, tmp_path: Path, music: Path) -> None:
    (tmp_path / "My list.m3u").write_text("Music/a.flac\r\nMusic/zz.flac\r\nhttp://radio.example/\r\n")
    done = run("playlist", "import", tmp_path / "My list.m3u")
    assert (done.code, done.out) == (0, "My list: 2 added, 2 entries, 1 missing\n")
    assert "http://radio.example/" in done.err
    assert titles(run, "my list") == "a?"
    again = run("playlist", "import", tmp_path / "My list.m3u")
    assert again.code == 2
    assert run("playlist", "import", tmp_path / "My list.m3u", "--name", "Second").code == 0


def test_of_several_files_those_that_cannot_be_read_are_named(run: Run, tmp_path: Path) -> None:
    (tmp_path / "good.m3u").write_text("a.flac\n")
    (tmp_path / "bad.xspf").write_text("<!DOCTYPE x><playlist/>")
    done = run("playlist", "import", tmp_path / "good.m3u", tmp_path / "bad.xspf", tmp_path / "gone.pls", "--json")
    assert done.code == 3
    good, bad, gone = done.document["items"]
    assert (good["name"], good["tracks"]) == ("good", 1)
    assert bad["error"]["code"] == "unreadable"
    assert gone["path"].endswith("gone.pls")
    assert run("playlist", "import", tmp_path / "bad.xspf").code == 4
    assert run("playlist", "import", tmp_path / "bad.xspf", tmp_path / "gone.pls").code == 4
    assert run("playlist", "import", tmp_path / "good.m3u", tmp_path / "bad.xspf", "--name", "x").code == 2


@pytest.mark.invariant("S0-L06")
def test_hostile_titles_inject_no_entries_and_are_shown_not_obeyed(run: Run, library: Path, tmp_path: Path) -> None:
    hostile = "[red]\x1b]0;x\x07\n/etc/passwd"
    run("playlist", "create", "List", "title:a")
    with Store.open(library, program="test", now=1) as store:
        store.database.run("UPDATE tracks SET title = ?", (hostile,))
    shown = run("playlist", "show", "List", terminal=True, TERM="xterm")
    assert "\\x1b]0;x\\x07\\n/etc/passwd" in shown.out
    for kind in ("m3u", "m3u8", "pls", "xspf"):
        written = run("playlist", "export", "List", "-", "--format", kind)
        assert "\x1b" not in written.out
        (tmp_path / f"x.{kind}").write_text(written.out)
        run("playlist", "import", tmp_path / f"x.{kind}", "--name", kind)
        items = run("playlist", "show", kind, "--json").document["items"]
        assert [item["path"].endswith("/a.flac") for item in items] == [True]


def test_an_export_is_whole_relative_if_asked_and_never_over_another_file(
    run: Run, tmp_path: Path, music: Path
) -> None:
    run("playlist", "create", "List", "title:a")
    target = tmp_path / "out.m3u"
    done = run("playlist", "export", "List", target, "--relative")
    assert (done.code, done.out) == (0, f"{target}: 1 entry of List, m3u\n")
    assert target.read_text().splitlines()[-1] == "Music/a.flac"
    refused = run("playlist", "export", "List", target)
    assert refused.code == 2
    assert "--force" in refused.err
    assert run("playlist", "export", "List", target, "--force").code == 0
    assert target.read_text().splitlines()[-1] == f"{music}/a.flac"
    assert run("playlist", "export", "List", tmp_path / "out.txt").code == 2
    assert run("playlist", "export", "List", tmp_path / "no folder" / "out.m3u").code == 1
    assert sorted(path.name for path in tmp_path.glob("out*")) == ["out.m3u"]


@pytest.mark.invariant("S3-ENG-14")
@pytest.mark.parametrize("dry_run", [(), ("--dry-run",)])
@pytest.mark.parametrize(
    "words",
    [
        ("playlist", "export", "List", "{folder}", "--format", "m3u"),
        ("plays", "export", "{folder}"),
        ("prefs", "export", "--to", "{folder}"),
        ("fingerprint", "--export", "{folder}"),
    ],
)
def test_no_export_takes_the_place_of_a_folder(
    run: Run, tmp_path: Path, words: tuple[str, ...], dry_run: tuple[str, ...]
) -> None:
    run("playlist", "create", "List", "title:a")
    folder = tmp_path / "albums"
    folder.mkdir()
    (folder / "song.flac").write_bytes(b"precious")
    refused = run(*(word.format(folder=folder) for word in words), "--force", *dry_run)
    assert (refused.code, refused.err.count("\n")) == (2, 1)
    assert "is a folder" in refused.err
    assert (folder / "song.flac").read_bytes() == b"precious"


def test_a_track_of_a_cue_sheet_stands_in_a_file_as_its_file(run: Run, library: Path, music: Path) -> None:
    with Store.open(library, program="test", now=1) as store:
        library_of.put(
            store, library_of.divided(f"{music}/whole.flac", f"{music}/whole.cue", ["One", "Two"]), root=str(music)
        )
    (music / "whole.flac").touch()
    run("playlist", "create", "List", music / "whole.flac")
    assert titles(run, "List") == "OneTwo"
    done = run("playlist", "export", "List", "-")
    assert done.out.count("whole.flac") == 1
    assert "2 tracks of cue sheets" in done.err


def test_names_that_are_not_utf_8_go_through_pipes_byte_by_byte(library: Path, tmp_path: Path) -> None:
    name = os.fsdecode(b"/gone/\xff\xe9 .flac")
    (tmp_path / "in.m3u").write_bytes(os.fsencode(name) + b"\n")
    assert auralis_process("--library", library, "playlist", "import", tmp_path / "in.m3u").code == 0
    command: list[str | Path] = [sys.executable, "-m", "auralis_cli", "--library", library, "playlist"]
    exported = subprocess.run([*command, "export", "in", "-"], capture_output=True, check=True).stdout
    assert exported.endswith(b"/gone/\xff\xe9 .flac\n")
    piped = subprocess.run([*command, "import", "-", "--name", "again"], input=exported, check=True)
    assert piped.returncode == 0
    shown = subprocess.run([*command, "show", "again", "--print0"], capture_output=True, check=True).stdout
    assert shown == b"/gone/\xff\xe9 .flac\0"


def test_a_format_of_ones_own_and_lines_of_json(run: Run, music: Path) -> None:
    run("playlist", "create", "List", music)
    assert run("playlist", "show", "List", "-f", "$position $artist: $title $duration").out.splitlines()[4:] == [
        "5 Björk: e 1:40",
        "6 Björk: f 1:40",
    ]
    lines = run("playlist", "show", "List", "--jsonl").lines
    assert [(line["position"], line["title"]) for line in lines[:2]] == [(1, "a"), (2, "b")]
    assert run("playlist", "list", "--jsonl").lines[0]["name"] == "List"
    assert run("playlist", "show", "List", "-f", "$nothing").code == 2
    assert run("playlist", "show", "List", "--json", "--jsonl").code == 2


def test_without_a_library_there_are_no_playlists_and_none_is_made_for_looking(tmp_path: Path) -> None:
    library = tmp_path / "none.db"
    assert auralis("--library", library, "playlist", "list").code == 0
    assert auralis("--library", library, "playlist", "show", "x").code == 2
    assert auralis("--library", library, "playlist", "create", "x", "-n").code == 0
    assert not library.exists()
    assert auralis("--library", library, "playlist", "create", "x").code == 0
    assert library.exists()
    library.write_bytes(b"no library" * 1000)
    assert auralis("--library", library, "playlist", "list").code == 5


def test_playlists_of_other_players_come_in_go_out_and_come_in_as_they_were(run: Run, tmp_path: Path) -> None:
    chosen = [one for one in LISTS if one.name in ("vlc.m3u", "winamp.pls", "strawberry.xspf")]
    for kind, players in zip(("xspf", "m3u8", "pls"), chosen, strict=True):
        folder, again = tmp_path / players.program, f"{players.program} again"
        come = run("playlist", "import", players.put(folder), "--name", players.program)
        assert (come.code, all(one in come.err for one in players.left_out)) == (0, True)
        assert run("playlist", "export", players.program, folder / f"again.{kind}", "--relative").code == 0
        run("playlist", "import", folder / f"again.{kind}", "--name", again)
        lists = [run("playlist", "show", one, "--json").document["items"] for one in (players.program, again)]
        assert [item["path"] for item in lists[0]] == [str(folder / file) for file in players.files]
        keys = ("position", "path", "title", "artist")
        assert [[item[key] for key in keys] for item in lists[0]] == [[item[key] for key in keys] for item in lists[1]]
