"""`auralis plays`: ratings and counts from elsewhere, and for elsewhere."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pytest
from command_line import Finished, auralis
from library_of import NOW, put, record

from auralis_cli.db.store import Store
from auralis_cli.model.plays import PlayOutcome


@pytest.fixture
def library(tmp_path: Path) -> Path:
    file = tmp_path / "library.db"
    with Store.open(file, program="test", now=NOW) as store:
        put(store, [record(f"/m/{name}.flac") for name in "abc"])
        store.plays.record(1, started_at=NOW, played_s=9.5, outcome=PlayOutcome.FINISHED)
        store.plays.rate(2, 3.0)
    return file


@pytest.fixture
def stickers(tmp_path: Path) -> Path:
    file = tmp_path / "sticker.sql"
    with sqlite3.connect(file) as made:
        made.execute("CREATE TABLE sticker (type VARCHAR, uri VARCHAR, name VARCHAR, value VARCHAR)")
        rows = [
            ("a.flac", "rating", "9"),
            ("b.flac", "rating", "2"),
            ("gone.flac", "rating", "2"),
            ("c.flac", "rating", "99"),
        ]
        made.executemany("INSERT INTO sticker VALUES ('song', ?, ?, ?)", rows)
    made.close()
    return file


def plays(library: Path, *words: str | Path) -> Finished:
    return auralis("--library", library, "plays", *words)


def liked(library: Path) -> list[str]:
    return auralis("--library", library, "list", "-f", "$title $rating $play_count").out.splitlines()


def test_stickers_of_mpd_are_taken_over_previewed_and_taken_back(library: Path, stickers: Path) -> None:
    words = ("import", "mpd", stickers, "--root", "/m")
    before = liked(library)
    tried = plays(library, *words, "-n", "--json")
    assert (tried.code, liked(library)) == (3, before)
    done = plays(library, *words, "--json")
    assert {**done.document, "dry_run": True} == tried.document
    assert done.document["unmatched"] == ["/m/gone.flac"]
    assert done.document["failures"][0]["path"] == "c.flac"
    assert [(item["id"], item["before"]["rating"], item["after"]["rating"]) for item in done.document["items"]] == [
        (1, None, 4.5)
    ]
    assert liked(library) == ["a 4.5 1", "b 3.0 0", "c  0"]
    assert plays(library, *words, "--replace", "--only", "ratings").code == 3
    assert liked(library) == ["a 4.5 1", "b 1.0 0", "c  0"]
    for _ in range(2):
        assert auralis("--library", library, "undo", "-y").code == 0
    assert liked(library) == before
    shown = plays(library, *words, "-v")
    assert "not in the library: /m/gone.flac" in shown.err
    assert shown.out.split() == ["rating", "4.5", "a"]


def test_an_export_is_read_again_by_another_library(library: Path, tmp_path: Path) -> None:
    target = tmp_path / "plays.jsonl"
    assert plays(library, "export", target, "-n").out == "dry run: 2 tracks exported\n"
    assert not target.exists()
    assert plays(library, "export", target).out == "2 tracks exported\n"
    assert plays(library, "export", target).code == 2
    assert plays(library, "export", target, "--force", "--json").document["exported"] == 2
    assert plays(library, "export", "-").out == target.read_text()
    assert plays(library, "export", "-", "rating:1..").out.count("\n") == 1
    (first, _) = map(json.loads, target.read_text().splitlines())
    assert first["plays"] == [{"started_at": NOW, "played_s": 9.5, "outcome": "finished"}]
    other = tmp_path / "other.db"
    with Store.open(other, program="test", now=NOW) as store:
        put(store, [record("/m/b.flac"), record("/m/a.flac")])
    assert plays(other, "import", "jsonl", target).err == ("2 tracks changed, 0 as they were, 1 play for the history\n")
    assert liked(other) == ["a  1", "b 3.0 0"]
    assert "finished  a" in auralis("--library", other, "history", "--played").out
    # The export that was replaced is in the trash, and comes back.
    assert auralis("--library", library, "undo", "-y").code == 0
    assert target.exists()


def test_tags_without_ratings_change_nothing(library: Path) -> None:
    done = plays(library, "import", "tags", "title:a")
    assert (done.code, "/m/a.flac: does not exist" in done.err) == (4, True)
    assert plays(library, "import", "tags", "title:nothing").code == 0


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("import",), 2), (("import", "itunes", "x"), 2), (("import", "beets"), 2), (("import", "beets", "x", "y"), 2),
        (("import", "mpd", "x"), 2), (("import", "tags", "--root", "/"), 2),
        (("import", "jsonl", "x", "--scale", "3"), 2),
        (("import", "beets", "/nowhere.db"), 4), (("import", "jsonl", "/nowhere"), 4), (("import", "tags", "x:y:"), 2),
        (("import", "tags", "--only", "all"), 2), (("export",), 2), (("export", "-", "--json"), 2),
        (("export", "/nowhere/x.jsonl"), 1), (("import", "mpd", "/dev/null", "--root", "/"), 4),
    ],
)  # fmt: skip
def test_usage_is_checked_and_what_cannot_be_read_is_told(library: Path, words: tuple[str, ...], code: int) -> None:
    done = plays(library, *words)
    assert done.code == code, done.err
    assert done.err.count("auralis: error:") == (code != 0)
