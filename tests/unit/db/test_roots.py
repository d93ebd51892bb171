"""Roots lie in one another without a file being there twice."""

from __future__ import annotations

from collections.abc import Iterator

import music_records
import pytest

from auralis_cli.db.store import Store
from auralis_cli.errors import RefusedError


@pytest.fixture
def store() -> Iterator[Store]:
    with Store.empty(program="test", now=1) as store:
        yield store


def owners(store: Store) -> dict[str, str]:
    """The root of each file."""
    rows = store.database.all("SELECT f.path, r.path FROM files AS f JOIN roots AS r ON r.id = f.root_id")
    return {path.decode(): root.decode() for path, root in rows}


@pytest.mark.invariant("S4-D4.3")
def test_a_folder_below_a_root_is_no_new_root_unless_it_is_separate(store: Store) -> None:
    music = store.roots.add("/music", now=1)
    assert store.roots.add("/music/new", now=2) == music
    assert store.roots.add("/music", now=2) == music
    store.files.apply([music_records.record("/music/usb/a"), music_records.record("/music/b")], root_id=music.id, now=3)
    stick = store.roots.add("/music/usb", now=4, separate=True)
    assert [root.path for root in store.roots.all()] == ["/music", "/music/usb"]
    assert owners(store) == {"/music/usb/a": "/music/usb", "/music/b": "/music"}
    # Whichever of the two is scanned, a file has one row.
    records = [music_records.record("/music/usb/a"), music_records.record("/music/b")]
    store.files.apply(records, root_id=music.id, now=5)
    store.files.apply(records[:1], root_id=stick.id, now=5)
    assert owners(store) == {"/music/usb/a": "/music/usb", "/music/b": "/music"}
    assert (store.roots.above("/music/usb/x"), store.roots.above("/musical")) == (stick, None)


def test_a_root_around_others_leaves_them_their_files(store: Store) -> None:
    inner = store.roots.add("/disk/music", now=1)
    store.files.apply([music_records.record("/disk/music/a")], root_id=inner.id, now=1)
    outer = store.roots.add("/disk", now=2)
    store.files.apply([music_records.record("/disk/music/a"), music_records.record("/disk/b")], root_id=outer.id, now=3)
    assert owners(store) == {"/disk/music/a": "/disk/music", "/disk/b": "/disk"}
    store.roots.remove(inner.id)
    assert owners(store) == {"/disk/music/a": "/disk", "/disk/b": "/disk"}


def test_a_root_remembers_since_when_it_is_gone(store: Store) -> None:
    root = store.roots.add("/music", now=1)
    store.roots.mark_offline(root.id, now=5)
    store.roots.mark_offline(root.id, now=6)
    assert [known.offline_since for known in store.roots.all()] == [5]
    store.roots.mark_scanned(root.id, now=9)
    [known] = store.roots.all()
    assert (known.scanned_at, known.offline_since) == (9, None)


@pytest.mark.parametrize(
    ("old", "new"),
    [("/music", "/mnt/other"), ("/music", "/music/all"), ("/music/in", "/music"), ("/music", "/m\udcffsic")],
)
def test_relocating_rewrites_the_paths_and_keeps_rows_and_albums(store: Store, old: str, new: str) -> None:
    root = store.roots.add(old, now=1)
    names = ["a.mp3", "in/a.mp3", "in/in/caf\udce9.mp3", "in/b.mp3"]
    records = [music_records.record(f"{old}/{name}", album="Hits", artist=name, artists=(name,)) for name in names]
    store.files.apply(records, root_id=root.id, now=1)
    ids = {file.path: file.id for file in store.files.stream_below("/")}
    albums = [album.id for album in store.listings.albums()]
    assert store.roots.relocate(old, new) == len(names)
    assert {file.path: file.id for file in store.files.stream_below("/")} == {
        new + path.removeprefix(old): number for path, number in ids.items()
    }
    assert [root.path for root in store.roots.all()] == [new]
    # Albums without an album artist go by their folder: reading the files again finds the same ones.
    moved = [music_records.record(f"{new}/{name}", album="Hits", artist=name, artists=(name,)) for name in names]
    store.files.apply(moved[:1], root_id=root.id, now=1)
    store.files.apply(moved, root_id=root.id, now=1)
    assert [album.id for album in store.listings.albums()] == albums


def test_relocating_onto_files_of_the_library_is_refused(store: Store) -> None:
    root = store.roots.add("/music", now=1)
    other = store.roots.add("/other", now=1)
    store.files.apply([music_records.record("/music/a"), music_records.record("/music/b")], root_id=root.id, now=1)
    store.files.apply([music_records.record("/other/a")], root_id=other.id, now=1)
    with pytest.raises(RefusedError):
        store.roots.relocate("/music", "/other")
    assert sorted(owners(store)) == ["/music/a", "/music/b", "/other/a"]
