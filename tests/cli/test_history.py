"""`auralis history`: what was done, the latest first."""

from __future__ import annotations

from pathlib import Path

import pytest
from command_line import Finished, auralis
from library_of import NOW, put, record

from auralis_cli.db.store import Store
from auralis_cli.model.plays import PlayOutcome
from auralis_cli.services.changes import changes


@pytest.fixture
def library(tmp_path: Path) -> Path:
    """A library with three changes, one of them with a file, one undone and one cut short."""
    file = tmp_path / "library.db"
    (tmp_path / "made\x1b[31m.txt").write_text("x")
    with Store.open(file, program="test", now=NOW) as store:
        put(store, [record("/m/a.flac", artist="Ann"), record("/m/b.flac")])
        for number in range(2):
            with changes(store, "scan", f"change {number}", lambda: NOW) as change, change.transaction():
                store.database.run("UPDATE tracks SET year = ?", (1990 + number,))
        with changes(store, "master", "made \x1b[31mone", lambda: NOW) as change:
            change.created(str(tmp_path / "made\x1b[31m.txt"))
        store.journal.undo(2, NOW + 60)
        entry = store.journal.begin("cleanup", "cut short", NOW + 120)
        with store.journal.change(entry):
            store.database.run("UPDATE tracks SET disc = 7")
    return file


def history(library: Path, *words: str) -> Finished:
    return auralis("--library", library, "history", *words)


def test_changes_are_listed_with_their_time_and_state(library: Path) -> None:
    shown = history(library)
    assert shown.code == 0
    assert shown.out.splitlines() == [
        "4  2023-11-14 22:15  cleanup   open    cut short",
        "3  2023-11-14 22:13  master            made \\x1b[31mone",
        "2  2023-11-14 22:13  scan      undone  change 1",
        "1  2023-11-14 22:13  scan              change 0",
    ]
    assert len(history(library, "--limit", "2").out.splitlines()) == 2


def test_a_long_verb_does_not_push_what_stands_behind_it_aside(library: Path) -> None:
    with (
        Store.open(library, program="test", now=NOW) as store,
        changes(store, "scan --relocate", "far away", lambda: NOW) as change,
        change.transaction(),
    ):
        store.database.run("UPDATE tracks SET disc = 8")
    lines = history(library).out.splitlines()
    assert lines[0].index("far") == lines[1].index("cut") == lines[2].index("made")


def test_changes_as_json(library: Path) -> None:
    items = history(library, "--json").document["items"]
    assert items == history(library, "--jsonl").lines
    assert [item["state"] for item in items] == ["open", "done", "undone", "done"]
    assert items[2] == {
        "id": 2,
        "verb": "scan",
        "summary": "change 1",
        "started_at": NOW,
        "finished_at": NOW,
        "state": "undone",
        "undone_at": NOW + 60,
        "rows": 2,
        "files": 0,
    }


def test_one_change_is_told_with_its_files(library: Path, tmp_path: Path) -> None:
    shown = history(library, "3")
    assert shown.out.splitlines()[1:] == ["  0 rows of the library", f"  made: {tmp_path}/made\\x1b[31m.txt"]
    (touched,) = history(library, "3", "--json").document["touched"]
    path = str(tmp_path / "made\x1b[31m.txt")
    assert touched == {"operation": "created", "path": path, "place": None, "state": "done"}
    assert "undone 2023-11-14 22:14" in history(library, "2").out
    unknown = history(library, "99")
    assert (unknown.code, "no such change" in unknown.err) == (2, True)


def test_what_was_played_is_listed_as_well(library: Path) -> None:
    assert "nothing was played yet" in history(library, "--played").err
    with Store.open(library, program="test", now=NOW) as store:
        store.plays.record(1, started_at=NOW, played_s=12.5, outcome=PlayOutcome.SKIPPED)
    assert history(library, "--played").out == "2023-11-14 22:13  skipped   Ann - a\n"
    (item,) = history(library, "--played", "--json").document["items"]
    assert (item["path"], item["played_s"], item["outcome"]) == ("/m/a.flac", 12.5, "skipped")


def test_what_was_played_is_asked_for_by_query_and_time(library: Path) -> None:
    with Store.open(library, program="test", now=NOW) as store:
        for day, number in enumerate((1, 2, 1)):
            store.plays.record(number, started_at=NOW + day * 86_400, played_s=9.0, outcome=PlayOutcome.FINISHED)

    def played(*words: str) -> list[str]:
        return [line.split()[-1] for line in history(library, "--played", *words).out.splitlines()]

    assert played() == ["a", "b", "a"]
    assert played("artist:ann") == ["a", "a"]
    assert played("--since", "2023-11-15") == ["a", "b"]
    assert played("--since", "2023-11-15", "title:b") == ["b"]
    assert played("--limit", "1", "artist:ann") == ["a"]
    assert "nothing of that was played" in history(library, "--played", "artist:bob").err
    assert history(library, "--played", "--since", "-1w").out == ""
    for wrong in (("--since", "2023"), ("--played", "--since", "soon"), ("--played", "nofield:x"), ("3", "4")):
        assert history(library, *wrong).code == 2


def test_without_a_library_there_is_no_history(tmp_path: Path) -> None:
    shown = history(tmp_path / "none.db")
    assert (shown.code, shown.out) == (0, "")
    assert history(tmp_path / "none.db", "--json").document == {"auralis": 1, "items": []}
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("words", [("0",), ("x",), ("--limit", "0"), ("--json", "--jsonl"), ("-1",)])
def test_usage_is_checked(library: Path, words: tuple[str, ...]) -> None:
    assert history(library, *words).code == 2
