"""What beets and MPD keep of plays, in files as they write them."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterable
from pathlib import Path

import pytest

from auralis_cli.db.foreign_plays import beets_plays, mpd_plays
from auralis_cli.errors import InputError
from auralis_cli.model.plays import PlayData


def beets(file: Path, *items: tuple[str, dict[str, str]]) -> Path:
    """As beets 1.6 makes it: paths are bytes, what plugins add are texts."""
    with sqlite3.connect(file) as made:
        made.execute("CREATE TABLE items (id INTEGER PRIMARY KEY, path BLOB, title TEXT)")
        made.execute(
            "CREATE TABLE item_attributes (id INTEGER PRIMARY KEY, entity_id INTEGER, key TEXT, value TEXT, "
            "UNIQUE (entity_id, key) ON CONFLICT REPLACE)"
        )
        for number, (path, values) in enumerate(items, 1):
            made.execute("INSERT INTO items VALUES (?, ?, 'x')", (number, os.fsencode(path)))
            rows = [(number, key, value) for key, value in values.items()]
            made.executemany("INSERT INTO item_attributes (entity_id, key, value) VALUES (?, ?, ?)", rows)
    made.close()
    return file


def stickers(file: Path, *rows: tuple[str, str, str]) -> Path:
    """As MPD makes it."""
    with sqlite3.connect(file) as made:
        made.execute(
            "CREATE TABLE sticker (type VARCHAR NOT NULL, uri VARCHAR NOT NULL, name VARCHAR NOT NULL, "
            "value VARCHAR NOT NULL)"
        )
        made.executemany(
            "INSERT INTO sticker VALUES ('song', CAST(? AS TEXT), ?, ?)", [(os.fsencode(u), n, v) for u, n, v in rows]
        )
    made.close()
    return file


def said(found: Iterable[PlayData | InputError]) -> list[PlayData]:
    return [one for one in found if isinstance(one, PlayData)]


def test_beets_tells_what_mpdstats_counted(tmp_path: Path) -> None:
    library = beets(
        tmp_path / "library #1?.db",
        ("/m/a.flac", {"rating": "0.75", "play_count": "12", "skip_count": "3", "last_played": "1700000000"}),
        ("/m/caf\udce9.flac", {"play_count": "2", "data_source": "MusicBrainz"}),
        ("/m/c.flac", {"data_source": "MusicBrainz"}),
        ("d.flac", {"rating": "1.0"}),
        ("/m/e.flac", {"rating": "4"}),
        ("/m/f.flac", {"rating": "nan", "play_count": "-3", "last_played": "soon"}),
    )
    before = library.read_bytes()
    found = list(beets_plays(library, None, 1.0))
    assert found[0] == PlayData("/m/a.flac", rating=3.75, play_count=12, skip_count=3, last_played_at=1_700_000_000)
    assert found[1] == PlayData("/m/caf\udce9.flac", play_count=2)
    assert ["no whole path" in str(found[2]), "beyond 1" in str(found[3])] == [True, True]
    assert found[4:] == [PlayData("/m/f.flac")]
    (with_root,) = [one for one in said(beets_plays(library, "/music", 5.0)) if one.path == "/music/d.flac"]
    assert with_root.rating == 1.0
    assert library.read_bytes() == before
    assert [one.name for one in tmp_path.iterdir()] == [library.name]


def test_mpd_tells_what_its_clients_stuck_on_songs(tmp_path: Path) -> None:
    database = stickers(
        tmp_path / "sticker.sql",
        ("x/a.flac", "rating", "9"),
        ("x/a.flac", "playCount", "12"),
        ("x/a.flac", "lastPlayed", "1700000000"),
        ("x/a.flac", "like", "2"),
        ("x/caf\udce9.flac", "like", "0"),
        ("x/caf\udce9.flac", "skipCount", "4"),
        ("x/disc.cue/track0003", "rating", "10"),
        ("../out.flac", "rating", "2"),
        ("x/none.flac", "rating", "0"),
        ("x/y.flac", "elapsed", "17"),
    )
    assert sorted(said(mpd_plays(database, "/music", 10.0)), key=lambda one: one.path) == [
        PlayData("/music/x/a.flac", rating=4.5, favourite=True, play_count=12, last_played_at=1_700_000_000),
        PlayData("/music/x/caf\udce9.flac", skip_count=4),
        PlayData("/music/x/disc.cue", 3, rating=5.0),
        PlayData("/music/x/none.flac"),
        PlayData("/out.flac", rating=1.0),
    ]


def test_what_is_no_such_database_is_refused_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "text").write_text("no database")
    sqlite3.connect(tmp_path / "empty.db").close()
    for name, why in (
        ("text", "not a database"),
        ("empty.db", "cannot be read"),
        ("none", "does not exist"),
        ("", "no file"),
    ):
        with pytest.raises(InputError, match=why) as caught:
            list(beets_plays(tmp_path / name, None, 1.0))
        assert "\n" not in str(caught.value)
