"""Files as scans and cleanup ask for them: in order, in pages, in little memory."""

from __future__ import annotations

import os
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import music_records
import pytest

from auralis_cli.db.bulk import insert_rows
from auralis_cli.db.store import Store
from auralis_cli.model.library import FileRecord, FileStatus


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "library.db", program="test", now=1) as store:
        store.roots.add("/music", now=1)
        yield store


def add(store: Store, *paths: str) -> list[int]:
    """Files of these paths; their ids."""
    root = store.roots.all()[0].id
    made = [music_records.record(path, number=number) for number, path in enumerate(paths)]
    store.files.apply(made, root_id=root, now=2)
    return [file.id for path in paths if (file := store.files.get(path)) is not None]


def fill(store: Store, count: int, root: str = "/music") -> None:
    """Many files without tracks; every second one is missing."""
    root_id = store.roots.all()[0].id
    columns = (
        "id",
        "root_id",
        "path",
        "size_bytes",
        "mtime_ns",
        "device",
        "inode",
        "status",
        "missing_since",
        "read_at",
    )
    for start in range(1, count + 1, 20_000):
        rows = [
            (number, root_id, f"{root}/{number % 97}/{number}.flac".encode(), 1, 1, 1, number)
            + (("missing", 5) if number % 2 else ("present", None))
            + (1,)
            for number in range(start, min(start + 20_000, count + 1))
        ]
        with store.database.write():
            insert_rows(store.database, "files", columns, rows)


def test_files_stream_in_the_byte_order_of_their_paths(store: Store) -> None:
    names = [
        "/music/a/1",
        "/music/a.flac",
        "/music/a",
        "/music/a/é",
        "/music/a/\udcff",
        "/music/a0",
        "/music/Z",
        "/musical/x",
    ]
    add(store, *names)
    below = sorted((name for name in names if name.startswith("/music/")), key=os.fsencode)
    assert [file.path for file in store.files.stream_below("/music")] == below
    assert [file.path for file in store.files.stream_below("/music/a")] == [
        "/music/a/1",
        "/music/a/é",
        "/music/a/\udcff",
    ]
    assert [file.path for file in store.files.stream_below("/")] == sorted(names, key=os.fsencode)


def test_files_may_change_while_they_are_streamed(store: Store) -> None:
    fill(store, 5000)
    seen = 0
    for file in store.files.stream_below("/music"):
        store.files.mark_missing([file.id], now=9)
        seen += 1
    assert seen == 5000
    assert store.files.counts()[FileStatus.MISSING] == 5000


@pytest.mark.invariant("S0-C02")
def test_pruning_a_large_library_takes_little_memory(store: Store) -> None:
    fill(store, 200_000)
    tracemalloc.start()
    removed, after = 0, 0
    while page := store.files.page(FileStatus.MISSING, after=after):
        after = page[-1].id
        store.files.remove([file.id for file in page])
        removed += len(page)
    streamed = sum(1 for _ in store.files.stream_below("/music"))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert (removed, streamed) == (100_000, 100_000)
    assert peak < 20_000_000


@pytest.mark.invariant("S1-M-24")
def test_deleting_while_paging_skips_nothing(store: Store) -> None:
    fill(store, 10_000)
    present = {file.id for file in store.files.stream_below("/music") if file.status is FileStatus.PRESENT}
    after = 0
    while page := store.files.page(FileStatus.MISSING, after=after, limit=300):
        after = page[-1].id
        store.files.remove([file.id for file in page])
    assert {file.id for file in store.files.stream_below("/music")} == present
    assert store.files.counts() == {FileStatus.PRESENT: 5000, FileStatus.MISSING: 0, FileStatus.UNREADABLE: 0}


def test_files_are_found_by_content_in_the_order_of_their_paths(store: Store) -> None:
    root = store.roots.all()[0].id
    same = [music_records.record(f"/music/{name}", content="flac:same") for name in ("b", "a", "c")]
    store.files.apply([*same, music_records.record("/music/d", content="flac:other")], root_id=root, now=2)
    found = store.files.by_content(["flac:same", "flac:none"])
    assert {content: [file.path for file in files] for content, files in found.items()} == {
        "flac:same": ["/music/a", "/music/b", "/music/c"]
    }


def test_two_files_may_swap_their_places(store: Store) -> None:
    first, second, third = add(store, "/music/a", "/music/b", "/music/c")
    store.files.mark_missing([third], now=7)
    moves = [(first, "/music/b"), (second, "/music/a"), (third, "/music/new/c")]
    store.files.move([(number, music_records.stat(path, number)) for number, path in moves])
    assert [(file.path, file.id, file.status) for file in store.files.stream_below("/music")] == [
        ("/music/a", second, FileStatus.PRESENT),
        ("/music/b", first, FileStatus.PRESENT),
        ("/music/new/c", third, FileStatus.PRESENT),
    ]


def test_a_missing_file_keeps_since_when_and_comes_back(store: Store) -> None:
    [number] = add(store, "/music/a")
    store.files.mark_missing([number], now=5)
    store.files.mark_missing([number], now=6)
    assert store.database.one("SELECT missing_since FROM files") == (5,)
    assert [file.id for file in store.files.page(FileStatus.MISSING)] == [number]
    assert store.tracks.by_path("/music/a")[0].status is FileStatus.MISSING
    store.files.mark_present([number])
    assert store.files.page(FileStatus.MISSING) == ()


def test_removing_a_file_removes_what_hangs_on_it(store: Store) -> None:
    records: list[FileRecord] = list(music_records.records(30))
    store.files.apply(records, root_id=store.roots.all()[0].id, now=2)
    gone = [file.id for file in store.files.stream_below("/music/Artist 0/Album 0")]
    store.files.remove(gone)
    assert store.tracks.count() == 20
    assert [album.title for album in store.listings.albums()] == ["Album 1", "Album 2"]
