"""A file that is edited is the old one or the new one at any time; library and file change together, and back."""

from __future__ import annotations

import errno
import os
import random
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import pytest
from file_edits import (
    ChangedMeanwhile,
    Crashing,
    Cutting,
    Nothing,
    Refusing,
    Spoiling,
    State,
    Stumbling,
    Titled,
    rewrite,
    state_of,
    why,
)
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from random_changes import dump
from scanned_folders import Scans, music, scans, song
from wav_bytes import wav

from auralis_cli.errors import CancelledError, LibraryError, OutputError, RefusedError
from auralis_cli.model.file_rewrites import FileEdit
from auralis_cli.model.journal import EntryState
from auralis_cli.model.progress import CancelToken
from auralis_cli.paths import undo_dir
from auralis_cli.services import copy_beside, file_patches, file_restoring, undo_patches
from auralis_cli.services.scan_lock import one_scan_at_a_time
from auralis_cli.services.undo import preview_undo, undo

__all__ = ["music", "scans"]

LONG_AGO_S = 1_500_000_000


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AURALIS_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "home" / "data"))


@pytest.fixture
def songs(music: Path, scans: Scans) -> list[Path]:
    """Three songs that the library knows, one of them in a folder whose name is no text."""
    paths = [music / "a.wav", music / "b.wav", music / os.fsdecode(b"n\xfcmber") / "c.wav"]
    for number, path in enumerate(paths, 1):
        song(path, number, mtime_s=LONG_AGO_S + number)
    scans(music)
    return paths


def titles(scans: Scans) -> list[str]:
    return [row[0] for row in scans.store.database.all("SELECT title FROM tracks ORDER BY title")]


def left_overs(folder: Path) -> list[Path]:
    return list(folder.rglob(".auralis-*"))


def test_files_and_rows_change_together_and_back(scans: Scans, music: Path, songs: list[Path]) -> None:
    songs[1].chmod(0o640)
    os.setxattr(songs[1], "user.note", b"kept")
    scans.store.database.run("UPDATE track_stats SET rating = 4")
    files, rows = state_of(music), rows_of(scans)
    entry, done = rewrite(scans.store, [(path, Titled(path.stem.upper())) for path in songs])
    assert [one.path for one in done] == [str(path) for path in songs]
    assert all(one.changed and one.notes == (f"titled {Path(one.path).stem.upper()}",) for one in done)
    assert titles(scans) == ["A", "B", "C"]
    assert songs[1].stat().st_mode & 0o777 == 0o640
    assert os.getxattr(songs[1], "user.note") == b"kept"
    assert min(path.stat().st_mtime for path in songs) > LONG_AGO_S + 100
    # A scan finds nothing to do: the library knows the files as they are.
    assert scans.counts(music) == {"unchanged": 3}
    assert preview_undo(scans.store, entry).restored == tuple(str(path) for path in reversed(songs))
    undo(scans.store, entry, now=9)
    assert state_of(music) == files
    assert rows_of(scans) == rows
    assert os.getxattr(songs[1], "user.note") == b"kept"
    assert scans.counts(music) == {"unchanged": 3}
    assert list(undo_dir().rglob("*-*")) == []
    assert left_overs(music) == []


def rows_of(scans: Scans) -> dict[str, list[str]]:
    """Every row, but for the inodes, since a file that was written anew is another one to the system, and scans."""
    rows = dump(scans.store.database)
    columns = [row[1] for row in scans.store.database.all("PRAGMA table_info(files)") if row[1] != "inode"]
    rows["files"] = [
        repr(row) for row in scans.store.database.all(f"SELECT {', '.join(columns)} FROM files ORDER BY id")
    ]
    del rows["roots"]
    return rows


def test_the_time_of_the_last_change_is_kept_on_request(scans: Scans, songs: list[Path], music: Path) -> None:
    _, done = rewrite(scans.store, [(songs[0], Titled("New"))], keep_mtime=True)
    assert done[0].changed
    assert songs[0].stat().st_mtime == LONG_AGO_S + 1
    assert scans.counts(music) == {"unchanged": 3}


def test_what_comes_out_the_same_is_left_alone(scans: Scans, songs: list[Path], music: Path) -> None:
    before = {path: path.stat() for path in songs}
    entry, done = rewrite(scans.store, [(path, Nothing()) for path in songs])
    assert [(one.changed, one.notes) for one in done] == [(False, ("nothing to do",))] * 3
    assert {path: path.stat() for path in songs} == before
    assert scans.store.journal.entry(entry) is None
    assert left_overs(music) == []


@pytest.mark.parametrize(
    ("edit", "reason"),
    [
        (Spoiling(), "would not hold the same audio any more"),
        (Cutting(), "would not be sound any more (has no data chunk)"),
        (Refusing(), "cannot hold that"),
        (Stumbling(), "its tags cannot be changed (list index out of range)"),
    ],
)
def test_an_edit_that_fails_leaves_the_file_byte_for_byte(
    scans: Scans, songs: list[Path], music: Path, edit: FileEdit, reason: str
) -> None:
    files, rows = state_of(music), rows_of(scans)
    entry, done = rewrite(scans.store, [(songs[0], edit)])
    assert why(done) == [reason]
    assert not done[0].changed
    assert (state_of(music), rows_of(scans)) == (files, rows)
    assert scans.store.journal.entry(entry) is None


@pytest.mark.invariant("S2-u11")
def test_a_copy_is_nobodys_else_while_it_is_edited(scans: Scans, songs: list[Path], music: Path) -> None:
    planted: list[Path] = []

    class Looking(Titled):
        def apply(self, file: IO[bytes], format_key: str) -> tuple[str, ...]:
            (copy,) = left_overs(music)
            assert copy.parent == songs[0].parent
            assert os.fstat(file.fileno()).st_mode & 0o777 == 0o600
            planted.append(copy)
            return super().apply(file, format_key)

    for _ in range(2):
        _, done = rewrite(scans.store, [(songs[0], Looking("A"))])
        assert why(done) == [None]
    # What is foretold from the first is not the second.
    assert planted[0].name != planted[1].name


@pytest.mark.invariant("S4-D2.2")
def test_every_byte_of_the_audio_is_compared(scans: Scans, music: Path) -> None:
    path = music / "noise.wav"
    path.write_bytes(wav(random.Random(3).randbytes(400_000)))
    _, done = rewrite(scans.store, [(path, Spoiling(at=70_001))])
    assert why(done) == ["would not hold the same audio any more"]


def test_a_failure_costs_its_own_file_only(scans: Scans, songs: list[Path]) -> None:
    gone = songs[0].with_name("gone.wav")
    _, done = rewrite(
        scans.store, [(songs[0], Titled("A")), (gone, Titled("B")), (songs[1], Refusing()), (songs[2], Titled("C"))]
    )
    assert why(done) == [None, "does not exist", "cannot hold that", None]
    assert [one.changed for one in done] == [True, False, False, True]


def test_a_file_that_is_no_music_is_refused(scans: Scans, music: Path, tmp_path: Path) -> None:
    text, pipe = music / "text.txt", music / "pipe"
    text.write_text("no sound at all\n" * 50)
    os.mkfifo(pipe)
    _, done = rewrite(scans.store, [(text, Titled("A")), (pipe, Titled("A")), (music, Titled("A"))])
    assert why(done)[1:] == ["is a named pipe", "is a folder"]
    assert "is not audio" in (why(done)[0] or "")


def test_a_file_that_is_named_twice_has_both_edits(scans: Scans, songs: list[Path]) -> None:
    entry, done = rewrite(scans.store, [(songs[0], Titled("One")), (songs[1], Titled("B")), (songs[0], Titled("Two"))])
    assert [one.changed for one in done] == [True, True, True]
    assert titles(scans)[:2] == ["B", "Two"]
    assert len(scans.store.journal.files(entry)) == 2


def test_behind_a_link_the_file_is_rewritten_and_the_link_stays(scans: Scans, songs: list[Path], music: Path) -> None:
    link = music / "link.wav"
    link.symlink_to("a.wav")
    _, done = rewrite(scans.store, [(link, Titled("Linked"))])
    assert (done[0].path, done[0].changed) == (str(link), True)
    assert link.is_symlink()
    assert not songs[0].is_symlink()
    assert "Linked" in titles(scans)


def test_the_other_name_of_a_file_stays_as_it_was_and_that_is_said(
    scans: Scans, songs: list[Path], music: Path
) -> None:
    os.link(songs[0], music / "z.wav")
    before = (music / "z.wav").read_bytes()
    _, done = rewrite(scans.store, [(songs[0], Titled("A"))])
    assert "hard link" in done[0].notes[-1]
    assert (music / "z.wav").read_bytes() == before


@pytest.mark.invariant("S4-D2.2")
def test_a_file_that_is_changed_while_it_is_edited_stays_as_it_is_then(scans: Scans, songs: list[Path]) -> None:
    before = songs[0].read_bytes()
    entry, done = rewrite(scans.store, [(songs[0], ChangedMeanwhile(str(songs[0])))])
    assert why(done) == ["was changed while it was edited"]
    assert songs[0].read_bytes() == before
    assert scans.store.journal.entry(entry) is None


def test_a_file_the_library_does_not_know_is_rewritten_too(scans: Scans, tmp_path: Path) -> None:
    path = song(tmp_path / "elsewhere" / "x.wav", 9, mtime_s=LONG_AGO_S)
    before = state_of(path.parent)
    entry, done = rewrite(scans.store, [(path, Titled("X"))])
    assert done[0].changed
    assert scans.files() == {}
    undo(scans.store, entry, now=9)
    assert state_of(path.parent) == before


def test_nobody_may_add_to_a_change_that_was_undone_meanwhile(scans: Scans, songs: list[Path], music: Path) -> None:
    rewrite(scans.store, [(songs[0], Titled("A"))])
    files = state_of(music)
    with pytest.raises(LibraryError, match="was undone while it was made"):
        rewrite(scans.store, [(songs[1], _Undoing(str(scans.store.database.path)))])
    assert state_of(music) == files


class _Undoing:
    """Another process undoes the change before a row of it is noted."""

    def __init__(self, library: str) -> None:
        self.library = library

    def apply(self, file: object, format_key: str) -> tuple[str, ...]:
        import sqlite3

        with sqlite3.connect(self.library) as connection:
            connection.execute("UPDATE journal SET state = 'undone', undone_at = 1 WHERE state = 'open'")
        connection.close()
        return Titled("B").apply(file, format_key)  # type: ignore[arg-type]


# ---- undoing


@pytest.mark.invariant("S1-M-21")
@pytest.mark.parametrize("same_size", [True, False])
def test_a_file_that_was_changed_since_is_not_touched_and_neither_are_the_others(
    scans: Scans, songs: list[Path], music: Path, same_size: bool
) -> None:
    entry, _ = rewrite(scans.store, [(path, Titled("New")) for path in songs])
    left = songs[1].stat()
    data = songs[1].read_bytes()
    songs[1].write_bytes(data[:-1] + bytes([data[-1] ^ 1]) if same_size else data + b"\0\0")
    # Even where it pretends to be what it was.
    os.utime(songs[1], ns=(left.st_atime_ns, left.st_mtime_ns))
    before = state_of(music), rows_of(scans)
    with pytest.raises(RefusedError, match="was changed since"):
        preview_undo(scans.store, entry)
    with pytest.raises(RefusedError, match="was changed since"):
        undo(scans.store, entry, now=9)
    assert (state_of(music), rows_of(scans)) == before


def test_a_file_that_was_only_touched_or_copied_since_is_restored(scans: Scans, songs: list[Path], music: Path) -> None:
    before = {path: path.read_bytes() for path in songs}
    entry, _ = rewrite(scans.store, [(path, Titled("New")) for path in songs])
    songs[0].chmod(0o600)
    os.utime(songs[1])
    shutil.copy2(songs[2], music / "copy")
    os.replace(music / "copy", songs[2])
    undo(scans.store, entry, now=9)
    assert {path: path.read_bytes() for path in songs} == before
    assert songs[0].stat().st_mode & 0o777 == 0o600


def test_what_was_kept_is_needed_and_looked_at(scans: Scans, songs: list[Path], music: Path) -> None:
    entry, _ = rewrite(scans.store, [(path, Titled("New")) for path in songs])
    (pack,) = [path for path in undo_dir().rglob("*-*") if path.is_file()]
    whole, files = pack.read_bytes(), state_of(music)
    pack.write_bytes(whole[:-40] + bytes([whole[-40] ^ 255]) + whole[-39:])
    with pytest.raises(RefusedError, match="what was kept"):
        undo(scans.store, entry, now=9)
    pack.unlink()
    with pytest.raises(RefusedError, match="what is needed is gone"):
        undo(scans.store, entry, now=9)
    assert state_of(music) == files
    pack.write_bytes(whole)
    undo(scans.store, entry, now=9)


def test_an_undo_that_was_cut_short_goes_on(
    scans: Scans, songs: list[Path], music: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files, rows = state_of(music), rows_of(scans)
    entry, _ = rewrite(scans.store, [(path, Titled("New")) for path in songs])
    replace = os.replace
    calls: list[object] = []

    def fails_late(old: str, new: str) -> None:
        calls.append(new)
        if len(calls) == 2:
            raise OSError(errno.EIO, "Input/output error")
        replace(old, new)

    monkeypatch.setattr(os, "replace", fails_late)
    with pytest.raises(OutputError, match="Input/output error"):
        undo(scans.store, entry, now=9)
    assert titles(scans) == ["New"] * 3
    assert left_overs(music) == []
    undo(scans.store, entry, now=9)
    assert state_of(music) == files
    assert rows_of(scans) == rows


def test_later_changes_are_undone_first(scans: Scans, songs: list[Path], music: Path) -> None:
    files = state_of(music)
    first, _ = rewrite(scans.store, [(songs[0], Titled("One"))])
    second, _ = rewrite(scans.store, [(songs[0], Titled("Two"))])
    with pytest.raises(RefusedError, match=f"undo {second} first"):
        undo(scans.store, first, now=9)
    undo(scans.store, second, now=9)
    assert "One" in titles(scans)
    undo(scans.store, first, now=9)
    assert state_of(music) == files


def test_rows_that_cannot_go_back_keep_the_files_as_they_are(scans: Scans, songs: list[Path], music: Path) -> None:
    first, _ = rewrite(scans.store, [(path, Titled("One", "x" * 500)) for path in songs])
    rewrite(scans.store, [(songs[2], Titled("Two"))])
    files = state_of(music)
    with pytest.raises(RefusedError):
        undo(scans.store, first, now=9)
    assert state_of(music) == files


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rounds=st.lists(
        st.lists(
            st.tuples(st.integers(0, 2), st.text("ab\n", max_size=3), st.integers(0, 3000)), min_size=1, max_size=4
        ),
        min_size=1,
        max_size=3,
    )
)
def test_whatever_was_edited_comes_back_byte_for_byte(
    scans: Scans, songs: list[Path], music: Path, rounds: list[list[tuple[int, str, int]]]
) -> None:
    states: list[tuple[int, State]] = []
    for edits in rounds:
        before = state_of(music)
        entry, done = rewrite(scans.store, [(songs[at], Titled(title, "m" * more)) for at, title, more in edits])
        assert why(done) == [None] * len(edits)
        if scans.store.journal.entry(entry) is not None:
            states.append((entry, before))
    for entry, before in reversed(states):
        undo(scans.store, entry, now=9)
        assert state_of(music) == before


# ---- all or nothing


def test_all_or_nothing_changes_nothing_where_one_cannot_be(scans: Scans, songs: list[Path], music: Path) -> None:
    files, rows = state_of(music), rows_of(scans)
    tasks: list[tuple[Path, FileEdit]] = [(songs[0], Titled("A")), (songs[1], Refusing()), (songs[2], Titled("C"))]
    entry, done = rewrite(scans.store, tasks, all_or_nothing=True)
    assert why(done)[1] == "cannot hold that"
    assert why(done)[0] == why(done)[2] == f"is left as it was: {songs[1]} cannot hold that"
    assert (state_of(music), rows_of(scans)) == (files, rows)
    assert scans.store.journal.entry(entry) is None


def test_all_or_nothing_takes_back_what_was_done_when_the_last_one_fails(
    scans: Scans, songs: list[Path], music: Path
) -> None:
    files, rows = state_of(music), rows_of(scans)
    tasks: list[tuple[Path, FileEdit]] = [
        (songs[0], Titled("A")),
        (songs[1], Titled("B")),
        (songs[2], ChangedMeanwhile(str(songs[2]))),
    ]
    entry, done = rewrite(scans.store, tasks, all_or_nothing=True)
    assert why(done)[2] == "was changed while it was edited"
    assert not any(one.changed for one in done)
    assert state_of(music) == files
    assert rows_of(scans) == rows
    assert scans.store.journal.entry(entry) is None


def test_all_or_nothing_does_all(scans: Scans, songs: list[Path], music: Path) -> None:
    files = state_of(music)
    entry, done = rewrite(scans.store, [(path, Titled("New")) for path in songs], all_or_nothing=True)
    assert all(one.changed for one in done)
    undo(scans.store, entry, now=9)
    assert state_of(music) == files


def test_all_or_nothing_asks_first_whether_there_is_room(
    scans: Scans, songs: list[Path], music: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = state_of(music)
    full = list(os.statvfs(music))
    full[4] = 0
    monkeypatch.setattr(os, "statvfs", lambda _path: os.statvfs_result(full))
    with pytest.raises(OutputError, match="copies of all files take"):
        rewrite(scans.store, [(path, Titled("New")) for path in songs], all_or_nothing=True)
    assert state_of(music) == files


# ---- disks, folders, processes


def test_what_there_is_no_room_for_beside_other_copies_is_edited_alone(
    scans: Scans, songs: list[Path], music: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copied = copy_beside._copy_bytes

    def nearly_full(source: int, copy: int) -> None:
        if sum(path.name.startswith(".auralis-edit-") for path in music.iterdir()) > 1:
            raise OSError(errno.ENOSPC, "No space left on device")
        copied(source, copy)

    monkeypatch.setattr(copy_beside, "_copy_bytes", nearly_full)
    _, done = rewrite(scans.store, [(path, Titled("A")) for path in songs])

    assert why(done) == [None] * len(songs)
    assert [one.path for one in done] == [str(path) for path in songs]


def test_files_come_back_one_by_one_where_there_is_no_room_for_more(
    scans: Scans, songs: list[Path], music: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = state_of(music)
    entry, _ = rewrite(scans.store, [(path, Titled("A")) for path in songs])
    old_bytes = file_patches.old_bytes

    def nearly_full(kept: bytes, new: int) -> Iterator[bytes]:
        if sum(path.name.startswith(".auralis-edit-") for path in music.iterdir()) > 1:
            raise OSError(errno.ENOSPC, "No space left on device")
        return iter(list(old_bytes(kept, new)))

    monkeypatch.setattr(file_restoring, "old_bytes", nearly_full)
    undo(scans.store, entry, now=9)

    assert state_of(music) == files
    assert not left_overs(music)


def test_a_disk_that_is_full_leaves_the_old_file(
    scans: Scans, songs: list[Path], music: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = state_of(music)

    def full(source: int, copy: int) -> None:
        os.write(copy, b"a part")
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(copy_beside, "_copy_bytes", full)
    _, done = rewrite(scans.store, [(songs[0], Titled("A"))])
    assert why(done) == ["the disk is full"]
    assert state_of(music) == files


def test_where_the_old_bytes_cannot_be_kept_nothing_is_changed(
    scans: Scans, songs: list[Path], music: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = state_of(music)

    def full(_descriptor: int, _data: object) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "write", full)
    _, done = rewrite(scans.store, [(songs[0], Titled("A"))])
    assert why(done) == ["what is needed to take a change back cannot be kept (No space left on device)"]
    assert state_of(music) == files


def test_a_limit_on_the_size_of_files_leaves_the_old_file(scans: Scans, songs: list[Path], music: Path) -> None:
    import resource
    import signal

    files = state_of(music)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    # The library's own files are longer already.
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    limit_bytes = 1_500_000
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit_bytes, hard))
        _, done = rewrite(scans.store, [(songs[0], Titled("A", "m" * limit_bytes))])
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, handler)
    assert why(done) == ["the file grows too large"]
    assert state_of(music) == files


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_in_a_folder_that_is_read_only_nothing_changes(scans: Scans, songs: list[Path], music: Path) -> None:
    music.chmod(0o555)
    try:
        _, done = rewrite(scans.store, [(songs[0], Titled("A"))])
    finally:
        music.chmod(0o755)
    assert why(done) == ["its folder may not be written to"]


def test_a_file_that_may_not_be_written_to_is_left_alone_though_its_folder_may(
    scans: Scans, songs: list[Path], music: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = state_of(music)
    monkeypatch.setattr(os, "access", lambda path, _mode: path != str(songs[0]))
    _, done = rewrite(scans.store, [(path, Titled("A")) for path in songs[:2]])
    assert why(done) == ["may not be written to (permission denied)", None]
    assert state_of(music)[str(songs[0])] == files[str(songs[0])]


def test_names_that_leave_no_room_and_names_that_cannot_be(scans: Scans, music: Path) -> None:
    long = song(music / f"a.{'x' * 253}", 1)
    _, done = rewrite(
        scans.store, [(long, Titled("A")), (Path("no\0name"), Titled("A")), (Path("\ud800"), Titled("A"))]
    )
    assert why(done) == [None, "is no possible file name", "is no possible file name"]


def test_what_is_on_disk_is_noted_before_a_file_is_replaced(
    scans: Scans, songs: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    order: list[str] = []
    fsync, replace = os.fsync, os.replace

    def synced(descriptor: int) -> None:
        order.append("fsync")
        fsync(descriptor)

    def replaced(old: str, new: str) -> None:
        (entry,) = scans.store.journal.entries(1)
        states = [str(file.state) for file in scans.store.journal.files(entry.id)]
        order.append(f"replace {states}")
        replace(old, new)

    monkeypatch.setattr(os, "fsync", synced)
    monkeypatch.setattr(os, "replace", replaced)
    rewrite(scans.store, [(songs[0], Titled("A"))])
    # The copy and the patch; then the folder.
    assert order == ["fsync", "fsync", "replace ['intended']", "fsync"]


def test_a_stop_leaves_whole_files_and_nothing_beside_them(scans: Scans, music: Path) -> None:
    paths = [song(music / f"{number}.wav", number) for number in range(130)]
    scans(music)
    cancel = CancelToken()

    class Stopping(Titled):
        def apply(self, file: object, format_key: str) -> tuple[str, ...]:
            cancel.cancel()
            return super().apply(file, format_key)  # type: ignore[arg-type]

    tasks: list[tuple[Path, FileEdit]] = [(path, Titled("New")) for path in paths]
    tasks[100] = (paths[100], Stopping("New"))
    with pytest.raises(CancelledError):
        rewrite(scans.store, tasks, cancel)
    assert titles(scans).count("New") == 64
    assert left_overs(music) == []
    (entry,) = scans.store.journal.entries(1)
    assert entry.state is EntryState.DONE
    undo(scans.store, entry.id, now=9)
    assert "New" not in titles(scans)


def test_copies_that_a_dead_process_left_are_removed_and_others_are_not(
    scans: Scans, songs: list[Path], music: Path
) -> None:
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    (music / f".auralis-edit-{dead.pid}-0-abc.wav").write_bytes(b"left")
    (music / f".auralis-edit-{os.getppid()}-0-abc.wav").write_bytes(b"under way")
    (music / ".auralis-edit-notes.txt").write_bytes(b"somebody's own")
    rewrite(scans.store, [(songs[0], Titled("A"))])
    assert sorted(path.name for path in left_overs(music)) == [
        f".auralis-edit-{os.getppid()}-0-abc.wav",
        ".auralis-edit-notes.txt",
    ]


def test_a_file_that_crashes_its_worker_costs_no_other(scans: Scans, music: Path) -> None:
    paths = [song(music / f"{number:02}.wav", number) for number in range(20)]
    scans(music)
    before = paths[7].read_bytes()
    tasks: list[tuple[Path, FileEdit]] = [(path, Titled("New")) for path in paths]
    tasks[7] = (paths[7], Crashing())
    _, done = rewrite(scans.store, tasks, workers=2)
    assert [one.path for one in done] == [str(path) for path in paths]
    assert [number for number, one in enumerate(done) if not one.changed] == [7]
    assert why(done)[7] == "cannot be read: its process crashed (SIGKILL)"
    assert paths[7].read_bytes() == before
    assert left_overs(music) == []
    assert titles(scans).count("New") == 19


def test_patches_of_what_was_undone_are_forgotten_and_others_are_kept(scans: Scans, songs: list[Path]) -> None:
    kept, _ = rewrite(scans.store, [(songs[0], Titled("A"))])
    undone, _ = rewrite(scans.store, [(songs[1], Titled("B"))])
    folder = next(undo_dir().iterdir())
    # As if the process had ended before it could forget them.
    shutil.copytree(folder / str(undone), folder / "copy")
    undo(scans.store, undone, now=9)
    (folder / "copy").rename(folder / str(undone))
    rewrite(scans.store, [(songs[2], Titled("C"))])
    assert (folder / str(kept)).exists()
    assert not (folder / str(undone)).exists()


def test_the_oldest_patches_go_where_there_are_too_many(
    scans: Scans, songs: list[Path], music: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    entries = [rewrite(scans.store, [(path, Titled(path.stem))])[0] for path in songs]
    folder = next(undo_dir().iterdir())
    sizes = [sum(file.stat().st_size for file in (folder / str(entry)).iterdir()) for entry in entries]
    monkeypatch.setattr(undo_patches, "MAX_KEPT_BYTES", sizes[1] + sizes[2])
    notes: list[str] = []
    undo_patches.prune_patches(scans.store, entries[2], notes.append)
    assert notes == [f"change {entries[0]} cannot be undone any more: what that took ({sizes[0]} bytes) was removed"]
    with pytest.raises(RefusedError, match="what is needed is gone"):
        undo(scans.store, entries[0], now=9)
    undo(scans.store, entries[1], now=9)


def test_one_who_rewrites_waits_for_a_scan_that_is_under_way(scans: Scans, songs: list[Path], music: Path) -> None:
    cancel = CancelToken()
    cancel.cancel()
    with (
        one_scan_at_a_time(scans.store.database.path, lambda _: None, CancelToken()),
        pytest.raises(CancelledError),
    ):
        rewrite(scans.store, [(songs[0], Titled("A"))], cancel)
    assert "A" not in titles(scans)
