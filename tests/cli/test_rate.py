"""`auralis rate`: how tracks are liked, by query, by file, and of what plays."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from command_line import Finished, auralis
from controlled_player import Controlled, controlled, short_home
from library_of import NOW, put, record

from auralis_cli.db.store import Store
from auralis_cli.model.plays import LikingWish
from auralis_cli.model.queue import QueueTrack


@pytest.fixture
def library(tmp_path: Path) -> Path:
    file = tmp_path / "library.db"
    with Store.open(file, program="test", now=NOW) as store:
        put(
            store,
            [
                record(f"/m/{name}.flac", artist=artist)
                for name, artist in zip("abc", ("Ann", "Ann", "Bob"), strict=True)
            ],
        )
    return file


@pytest.fixture
def home() -> Iterator[dict[str, str]]:
    with short_home() as environ:
        yield environ


@pytest.fixture
def playing(home: dict[str, str]) -> Iterator[Controlled]:
    with controlled(home) as one:
        one.player.set_queue([QueueTrack("/m/b.flac", track_id=2), QueueTrack("/elsewhere.flac")])
        yield one


def liked(library: Path, *query: str) -> list[str]:
    words = ("list", *query, "-f", "$title $rating $favourite")
    return auralis("--library", library, *words).out.splitlines()


def rate(library: Path, *words: str, **how: object) -> Finished:
    return auralis("--library", library, "rate", *words, **how)  # type: ignore[arg-type]


def test_what_a_query_finds_is_rated_and_shown(library: Path) -> None:
    done = rate(library, "4.5", "artist:ann")
    assert (done.code, done.out.splitlines()) == (0, [" 4.5             Ann - a", " 4.5             Ann - b"])
    assert done.err == "2 tracks changed\n"
    assert "0 tracks changed, 2 as they were" in rate(library, "4.5", "artist:ann").err
    assert rate(library, "--favourite", "title:a").code == 0
    assert rate(library, "2", "--no-favourite", "title:c").code == 0
    assert liked(library, "rating-") == ["a 4.5 true", "b 4.5 false", "c 2.0 false"]
    assert liked(library, "favourite:yes") == ["a 4.5 true"]
    assert liked(library, "fav:no", "rating:4..") == ["b 4.5 false"]
    assert rate(library, "none", "artist:ann").code == 0
    assert liked(library, "rating:0..") == ["c 2.0 false"]
    assert rate(library, "0", "title:b").code == 0
    assert liked(library, "rating:..1") == ["b 0.0 false"]


def test_a_rating_is_a_change_that_is_previewed_and_taken_back(library: Path) -> None:
    tried = rate(library, "3", "artist:ann", "-n", "--json").document["items"]
    assert liked(library, "rating:0..") == []
    done = rate(library, "3", "artist:ann", "--json").document["items"]
    assert [{**item, "dry_run": True} for item in done] == tried
    assert done[0] == {
        "id": 1, "path": "/m/a.flac", "title": "a", "artist": "Ann", "rating": 3.0, "favourite": False,
        "rating_before": None, "favourite_before": False, "changed": True, "dry_run": False,
    }  # fmt: skip
    assert "2 tracks: 3" in auralis("--library", library, "history").out
    assert auralis("--library", library, "undo", "-y").code == 0
    assert liked(library, "rating:0..") == []


def test_files_are_rated_by_name_and_what_the_library_lacks_is_told(library: Path, tmp_path: Path) -> None:
    names = tmp_path / "names"
    names.write_bytes(b"/m/a.flac\0/m/caf\xe9.flac\0/m/c.flac\0/m/a.flac\0")
    done = rate(library, "5", "--files-from", str(names), "-0", "--jsonl")
    assert (done.code, [line.get("rating") for line in done.lines]) == (3, [5.0, 5.0, None])
    assert done.lines[-1]["error"] == {
        "code": "unreadable", "message": "is not in the library", "hint": "auralis scan adds it",
    }  # fmt: skip
    stranger = tmp_path / "stranger.flac"
    stranger.write_bytes(b"x")
    assert rate(library, "5", str(stranger)).code == 4
    assert rate(library, "5", "artist:nobody").err == "no track is found\n"


def test_without_a_query_it_is_what_plays(library: Path, playing: Controlled, home: dict[str, str]) -> None:
    assert rate(library, "5", "--favourite", variables=home).code == 0
    assert liked(library, "favourite:yes") == ["b 5.0 true"]
    playing.player.jump(1)
    stranger = rate(library, "5", variables=home)
    assert (stranger.code, "/elsewhere.flac: is not in the library" in stranger.err) == (4, True)
    playing.player.clear()
    assert "its queue is empty" in rate(library, "5", variables=home).err
    assert rate(library, "5", "--player", "other", variables=home).code == 6


def test_the_player_is_told_by_ctl(playing: Controlled, home: dict[str, str]) -> None:
    for words, wish in (
        (("rate", "4.5"), LikingWish(rates=True, rating=4.5)),
        (("rate", "none"), LikingWish(rates=True)),
        (("favourite",), LikingWish(toggles_favourite=True)),
        (("favourite", "on"), LikingWish(favourite=True)),
        (("favourite", "off"), LikingWish(favourite=False)),
    ):
        assert auralis("ctl", *words, variables=home).code == 0
        assert playing.player.likings.pop() == wish
    assert auralis("ctl", "rate", "7", variables=home).code == 2


@pytest.mark.parametrize(
    "words",
    [(), ("5.1", "title:a"), ("-1", "title:a"), ("nan", "title:a"), ("title:a",), ("5", "--player", "x", "title:a"),
     ("5", "x:", "nofield:x"), ("5", "-0"), ("5", "a", "--files-from", os.devnull), ("5", "--json", "--jsonl")],
)  # fmt: skip
def test_usage_is_checked_and_nothing_is_changed(library: Path, words: tuple[str, ...]) -> None:
    assert rate(library, *words).code == 2
    assert liked(library, "rating:0..") == []


@pytest.mark.invariant("S0-L06")
def test_hostile_titles_are_shown_and_not_obeyed(library: Path) -> None:
    with Store.open(library, program="test", now=NOW) as store:
        # A scan would not let it in.
        hostile = ("[red]\x1b]0;x\x07\n/etc/passwd", "\x1b[31mX")
        store.database.run("UPDATE tracks SET title = ?, artist = ?, words = 'hostile' WHERE id = 1", hostile)
    done = rate(library, "5", "id:1", terminal=True)
    assert done.code == 0
    # The colours of our own are not those of the title.
    assert "\x1b]0" not in done.out
    assert "\x1b[31mX" not in done.out
    assert len(done.out.splitlines()) == 1
