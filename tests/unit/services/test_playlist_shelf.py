"""Playlists as a screen handles them: each change is one of the journal, each word says what was done."""

from __future__ import annotations

from pathlib import Path

import library_of
import pytest

from auralis_cli.db.store import Store
from auralis_cli.errors import RefusedError, UsageError
from auralis_cli.model.playlists import NewEntry
from auralis_cli.model.queue import Queue, QueueTrack
from auralis_cli.services.playlist_shelf import PlaylistShelf, playlist_path


@pytest.fixture
def shelf(tmp_path: Path) -> PlaylistShelf:
    records = [
        library_of.record(f"/music/{letter}.flac", title=letter, artist="Air" if letter < "c" else "Björk")
        for letter in "abcd"
    ]
    with Store.open(tmp_path / "library.db", program="test", now=1) as store:
        library_of.put(store, records, root="/music")
    return PlaylistShelf(tmp_path / "library.db", lambda: 100.0)


def titles(shelf: PlaylistShelf, name: str) -> str:
    return "".join(one.title or "?" for one in shelf.entries(name))


def test_lists_are_filled_put_in_order_and_taken_back(shelf: PlaylistShelf) -> None:
    assert shelf.add("Evening", [NewEntry(f"/music/{one}.flac") for one in "abc"]) == "3 tracks put into Evening"
    assert shelf.move("Evening", shelf.entries("Evening")[2], 1) == "Evening: 3 is 1 now"
    assert titles(shelf, "Evening") == "cab"
    as_read = shelf.entries("Evening")[1:2]
    assert shelf.remove("Evening", as_read) == "1 track taken out of Evening"
    assert titles(shelf, "Evening") == "cb"
    change = shelf.last_change()
    assert change is not None
    assert change[1] == "playlist: Evening: 1 removed"
    assert shelf.undo(change[0]) == "undone: playlist: Evening: 1 removed"
    assert titles(shelf, "Evening") == "cab"
    shelf.move("Evening", shelf.entries("Evening")[0], 3)
    with pytest.raises(UsageError, match="changed meanwhile"):
        shelf.remove("Evening", as_read)
    with pytest.raises(UsageError, match="changed meanwhile"):
        shelf.move("Evening", as_read[0], 1)
    assert titles(shelf, "Evening") == "abc"


def test_smart_lists_are_what_their_query_finds(shelf: PlaylistShelf) -> None:
    assert shelf.create("Icy", 'artist:"Björk" title-') == "Icy: 2 tracks"
    assert titles(shelf, "Icy") == "dc"
    with pytest.raises(UsageError, match="smart"):
        shelf.add("Icy", [NewEntry("/music/a.flac")])
    with pytest.raises(UsageError):
        shelf.create("None", "year:abc")
    assert [one.name for one in shelf.all()] == ["Icy"]


def test_names_change_and_go_and_files_come_in_and_go_out(shelf: PlaylistShelf, tmp_path: Path) -> None:
    shelf.add("Old", [NewEntry("/music/a.flac")])
    assert shelf.rename("Old", "New") == "Old is called New"
    file = tmp_path / "New.m3u8"
    assert shelf.export("New", file) == f"New: 1 track in {file}"
    with pytest.raises(RefusedError):
        shelf.export("New", file)
    assert shelf.delete("New") == "New is deleted"
    file.write_text(file.read_text() + "/nowhere/b.flac\n")
    assert shelf.import_file(file) == "New: 2 tracks, 1 not in the library"


def test_a_queue_is_kept_once_under_a_name(shelf: PlaylistShelf) -> None:
    queue = Queue().set([QueueTrack("/music/a.flac")])
    assert shelf.keep_queue("Party", queue) == "Party: 1 track kept"
    with pytest.raises(RefusedError):
        shelf.keep_queue("Party", queue)
    assert shelf.keep_queue("Party", queue, replace=True) == "Party: 1 track kept"
    assert shelf.kept_queues() == ["Party"]
    assert [item.track.path for item in shelf.kept_queue("party").items] == ["/music/a.flac"]
    with pytest.raises(UsageError):
        shelf.kept_queue("Wake")


def test_without_a_library_there_are_none_and_the_first_makes_it(tmp_path: Path) -> None:
    shelf = PlaylistShelf(tmp_path / "data" / "library.db", lambda: 100.0)
    assert shelf.all() == ()
    assert shelf.last_change() is None
    assert not (tmp_path / "data").exists()
    shelf.add("First", [NewEntry("/nowhere/a.flac")])
    assert [one.missing for one in shelf.all()] == [1]


def test_a_tilde_is_the_home_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/me")
    assert playlist_path(" ~/a.m3u ") == Path("/home/me/a.m3u")
