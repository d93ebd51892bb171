"""A change is one entry, rows and files alike, and undo takes back all of it or nothing."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from library_of import NOW, put, record
from random_changes import dump

from auralis_cli.db.store import Store
from auralis_cli.errors import OutputError, RefusedError
from auralis_cli.model.journal import EntryState, FileOperation, FileState
from auralis_cli.services.changes import Change, changes
from auralis_cli.services.trash import move_to_trash, reserve_place
from auralis_cli.services.undo import last_change, preview_undo, undo


def clock() -> int:
    return NOW


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    with Store.open(tmp_path / "library.db", program="test", now=NOW) as opened:
        put(opened, [record(f"/m/{number}.flac") for number in range(3)])
        yield opened


@pytest.fixture
def music(tmp_path: Path) -> Path:
    folder = tmp_path / os.fsdecode(b"m\xfcsic")
    folder.mkdir()
    for number in range(3):
        (folder / f"{number}.flac").write_bytes(bytes([number]) * 100)
        os.utime(folder / f"{number}.flac", ns=(1, 1_234_567_890_123_456_780 + number))
    (folder / "1.flac").chmod(0o600)
    return folder


def state_of(folder: Path) -> list[tuple[str, int, int, str]]:
    """Names, modes, times and hashes of all files."""
    return [
        (str(path), path.stat().st_mode, path.stat().st_mtime_ns, hashlib.sha256(path.read_bytes()).hexdigest())
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    ]


def removed(store: Store, change: Change, number: int) -> None:
    file = store.files.get(f"/m/{number}.flac")
    assert file is not None
    with change.transaction():
        store.files.remove([file.id])


def test_rows_and_files_are_what_they_were(store: Store, music: Path) -> None:
    rows, files = dump(store.database), state_of(music)
    with changes(store, "cleanup", "begun", clock) as change:
        removed(store, change, 0)
        change.trash(str(music / "0.flac"))
        change.trash(str(music / "1.flac"))
        (music / "new.flac").write_bytes(b"new")
        change.created(str(music / "new.flac"))
        removed(store, change, 1)
        change.summary = "cleaned"
    assert sorted(path.name for path in music.iterdir()) == ["2.flac", "new.flac"]
    (entry,) = store.journal.entries()
    assert (entry.verb, entry.summary, entry.state, entry.files) == ("cleanup", "cleaned", EntryState.DONE, 3)
    preview = preview_undo(store, entry.id)
    assert undo(store, entry.id, NOW) == preview
    assert preview.returned == (str(music / "1.flac"), str(music / "0.flac"))
    assert preview.discarded == (str(music / "new.flac"),)
    assert (dump(store.database), state_of(music)) == (rows, files)
    assert {file.state for file in store.journal.files(entry.id)} == {FileState.UNDONE}
    with pytest.raises(RefusedError, match="undone already"):
        undo(store, entry.id, NOW)


def test_a_replaced_file_comes_back_into_its_place(store: Store, music: Path) -> None:
    files, path = state_of(music), music / "0.flac"
    with changes(store, "master", "replaced", clock) as change:
        change.trash(str(path))
        path.write_bytes(b"mastered")
        change.created(str(path))
    (entry,) = store.journal.entries()
    undo(store, entry.id, NOW)
    assert state_of(music) == files


@pytest.mark.parametrize("obstacle", ["taken", "emptied", "changed"])
def test_where_a_file_cannot_go_back_nothing_does(store: Store, music: Path, tmp_path: Path, obstacle: str) -> None:
    with changes(store, "test", "several", clock) as change:
        removed(store, change, 0)
        change.trash(str(music / "0.flac"))
        (music / "new.flac").write_bytes(b"new")
        change.created(str(music / "new.flac"))
    (entry,) = store.journal.entries()
    if obstacle == "taken":
        (music / "0.flac").write_bytes(b"somebody else's")
    elif obstacle == "emptied":
        for path in (tmp_path / "data" / "Trash" / "files").iterdir():
            path.unlink()
    else:
        (music / "new.flac").write_bytes(b"edited since")
    rows, files = dump(store.database), (state_of(music), state_of(tmp_path / "data"))
    with pytest.raises(RefusedError):
        undo(store, entry.id, NOW)
    assert dump(store.database) == rows
    assert (state_of(music), state_of(tmp_path / "data")) == files


def test_what_was_made_and_removed_since_need_not_go(store: Store, music: Path) -> None:
    with changes(store, "test", "made", clock) as change:
        (music / "new.flac").write_bytes(b"new")
        change.created(str(music / "new.flac"))
    (music / "new.flac").unlink()
    (entry,) = store.journal.entries()
    assert undo(store, entry.id, NOW).discarded == ()


def test_a_file_that_cannot_be_moved_leaves_no_entry(store: Store, music: Path) -> None:
    with pytest.raises(OutputError), changes(store, "test", "fails", clock) as change:
        change.trash(str(music / "not there"))
    assert store.journal.entries() == []


def test_what_was_done_before_a_failure_is_journalled(store: Store, music: Path) -> None:
    files = state_of(music)
    with pytest.raises(RuntimeError), changes(store, "test", "fails", clock) as change:
        change.trash(str(music / "0.flac"))
        raise RuntimeError
    (entry,) = store.journal.entries()
    assert entry.state is EntryState.DONE
    undo(store, entry.id, NOW)
    assert state_of(music) == files


@pytest.mark.parametrize("was_moved", [True, False])
def test_a_move_that_was_only_intended_when_the_process_ended_is_undone(
    store: Store, music: Path, *, was_moved: bool
) -> None:
    files = state_of(music)
    entry = store.journal.begin("test", "killed", NOW)
    path = music / "0.flac"
    place = move_to_trash(path)
    store.journal.intend_file(entry, FileOperation.TRASHED, str(path), str(place.file))
    if not was_moved:
        place.file.rename(path)
    undo(store, entry, NOW)
    assert state_of(music) == files


@pytest.mark.parametrize("copied", [0, 60, 100])
def test_a_copy_to_another_volume_that_was_cut_short_is_undone(store: Store, music: Path, copied: int) -> None:
    files = state_of(music)
    entry = store.journal.begin("test", "killed", NOW)
    path = music / "0.flac"
    place = reserve_place(path, NOW)
    store.journal.intend_file(entry, FileOperation.TRASHED, str(path), str(place.file))
    place.file.write_bytes(path.read_bytes()[:copied])
    undo(store, entry, NOW)
    assert state_of(music) == files


def test_a_file_that_took_the_place_of_one_in_the_trash_is_kept(store: Store, music: Path) -> None:
    entry = store.journal.begin("test", "killed", NOW)
    path = music / "0.flac"
    place = move_to_trash(path)
    store.journal.intend_file(entry, FileOperation.TRASHED, str(path), str(place.file))
    path.write_bytes(b"another")
    with pytest.raises(RefusedError, match="in the place of the file"):
        undo(store, entry, NOW)
    assert path.read_bytes() == b"another"
    assert place.file.read_bytes() == bytes(100)


def test_an_undo_that_was_cut_short_is_taken_up_again(
    store: Store, music: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows, files, path = dump(store.database), state_of(music), music / "0.flac"
    with changes(store, "test", "several", clock) as change:
        removed(store, change, 0)
        change.trash(str(music / "1.flac"))
        change.trash(str(path))
        path.write_bytes(b"mastered")
        change.created(str(path))
    (entry,) = store.journal.entries()
    after, moved = dump(store.database), os.link

    def fail_for_the_last(source: Path, destination: Path, **options: bool) -> None:
        if destination.name == "1.flac":
            raise OSError(5, "Input/output error")
        moved(source, destination, **options)

    monkeypatch.setattr("os.link", fail_for_the_last)
    with pytest.raises(OutputError, match="Input/output"):
        undo(store, entry.id, NOW)
    assert dump(store.database) == after
    assert path.read_bytes() == bytes(100)
    monkeypatch.undo()
    undo(store, entry.id, NOW)
    assert (dump(store.database), state_of(music)) == (rows, files)


@pytest.mark.invariant("S1-M-21")
@pytest.mark.parametrize("is_far", [False, True])
def test_an_undo_that_was_cut_short_before_a_file_left_the_trash_goes_on(
    store: Store, music: Path, tmp_path: Path, is_far: bool
) -> None:
    rows, files, path = dump(store.database), state_of(music), music / "0.flac"
    with changes(store, "test", "replaced", clock) as change:
        removed(store, change, 0)
        change.trash(str(path))
        path.write_bytes(b"mastered")
        change.created(str(path))
        change.trash(str(music / "1.flac"))
    (entry,) = store.journal.entries()
    # As far as an undo comes that is killed: what was made went, both are back, and one is in the trash still.
    path.unlink()
    for file in store.journal.files(entry.id):
        if file.operation is FileOperation.TRASHED:
            assert file.place is not None
            if is_far:
                shutil.copy2(file.place, file.path)
            else:
                os.link(file.place, file.path)
    undo(store, entry.id, NOW)
    assert (dump(store.database), state_of(music)) == (rows, files)
    assert path.stat().st_nlink == 1
    assert list((tmp_path / "data" / "Trash" / "info").iterdir()) == []


def test_what_is_like_a_file_in_the_trash_but_not_the_same_stays(store: Store, music: Path) -> None:
    path = music / "0.flac"
    with changes(store, "test", "trashed", clock) as change:
        change.trash(str(path))
    (entry,) = store.journal.entries()
    path.write_bytes(bytes(99) + b"x")
    os.utime(path, ns=(1, 1_234_567_890_123_456_780))
    with pytest.raises(RefusedError, match="in the place of the file"):
        undo(store, entry.id, NOW)
    assert path.read_bytes() == bytes(99) + b"x"


def test_a_file_is_touched_only_when_that_is_noted_for_good(store: Store, music: Path) -> None:
    with (
        pytest.raises(ValueError, match="outside of transactions"),
        changes(store, "test", "wrong", clock) as change,
        change.transaction(),
    ):
        change.trash(str(music / "0.flac"))
    assert (music / "0.flac").exists()


def test_the_last_change_is_undone_first_and_one_under_way_is_left_alone(store: Store, music: Path) -> None:
    assert last_change(store) is None
    for number in (0, 1):
        with changes(store, "test", str(number), clock) as change:
            removed(store, change, number)
    found = [last_change(store)]
    assert found[0] is not None
    undo(store, found[0].id, NOW)
    found.append(last_change(store))
    assert [entry.summary for entry in found if entry is not None] == ["1", "0"]
    under_way = store.journal.begin("scan", "long", NOW)
    assert last_change(store) == found[1]
    with store.journal.change(under_way):
        store.database.run("UPDATE tracks SET year = 1999")
    with pytest.raises(RefusedError, match=f"auralis undo {under_way}"):
        last_change(store)
