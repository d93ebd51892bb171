"""Cleanup tells what is gone from what is out of sight, in constant memory, and mends what undo can bring back."""

from __future__ import annotations

import os
import shutil
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import pytest
from library_of import NOW
from random_changes import check_search, dump
from scanned_folders import Scans, music, read_here, scans, song

from auralis_cli.audio import track_file
from auralis_cli.audio.sheet_finding import SheetFinder
from auralis_cli.db.store import Store
from auralis_cli.errors import CancelledError, InputError, UnsupportedError
from auralis_cli.model.cleanup import USUAL_KINDS, CleanupAction, Finding, FindingKind
from auralis_cli.model.library import FileRecord, FileStat, FileStatus, MeasuredLoudness
from auralis_cli.model.progress import CancelToken, SilentProgress
from auralis_cli.services import cleanup as cleanup_module
from auralis_cli.services.cleanup import CleanupRequest, cleanup
from auralis_cli.services.scan_absence import is_there
from auralis_cli.services.undo import undo

__all__ = ["music", "scans"]


class Notes(SilentProgress):
    def __init__(self) -> None:
        self.notes: list[str] = []

    def note(self, message: str) -> None:
        self.notes.append(message)


@pytest.fixture(autouse=True)
def _trash_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setattr(cleanup_module, "read_files", read_here)


def found(
    store: Store, *kinds: FindingKind, apply: bool = False, trash_corrupt: bool = False, notes: Notes | None = None
) -> list[Finding]:
    request = CleanupRequest(frozenset(kinds) or USUAL_KINDS, apply=apply, trash_corrupt=trash_corrupt)
    return list(cleanup(store, request, notes or Notes(), CancelToken(), lambda: NOW))


def names(findings: list[Finding]) -> list[str]:
    return sorted(os.path.basename(finding.path or "") for finding in findings)


@pytest.fixture
def library(scans: Scans, music: Path) -> Scans:
    """Two albums of three songs, scanned."""
    for number in range(6):
        song(music / f"album{number % 2}" / f"{number}.wav", number)
    scans(music)
    return scans


def test_what_is_gone_is_forgotten_only_when_that_is_asked_for(library: Scans, music: Path) -> None:
    (music / "album0" / "2.wav").unlink()
    before = dump(library.store.database)
    expected = ["2.wav"]
    assert names(found(library.store)) == expected
    assert dump(library.store.database) == before
    assert names(found(library.store, apply=True)) == expected
    assert sorted(library.ids()) == ["0.wav", "1.wav", "3.wav", "4.wav", "5.wav"]
    check_search(library.store.database)
    assert found(library.store, apply=True) == []
    entry = library.store.journal.entries()[0]
    assert (entry.verb, entry.summary) == ("cleanup", "1 missing")
    undo(library.store, entry.id, NOW)
    assert dump(library.store.database) == before


def test_a_file_that_came_back_is_not_missing(library: Scans, music: Path) -> None:
    path = music / "album0" / "2.wav"
    content = path.read_bytes()
    path.unlink()
    library(music)
    assert library.files()[str(path)][1] == "missing"
    path.write_bytes(content)
    assert found(library.store, apply=True) == []


def test_a_playlist_keeps_the_entry_of_a_file_that_is_forgotten(library: Scans, music: Path) -> None:
    database, path = library.store.database, music / "album0" / "2.wav"
    row = database.one("SELECT t.id FROM tracks t JOIN files f ON f.id = t.file_id WHERE f.path = ?", (bytes(path),))
    assert row is not None
    database.run("INSERT INTO playlists (key, name, kind, created_at, updated_at) VALUES ('a', 'a', 'static', 1, 1)")
    database.run(
        "INSERT INTO playlist_entries (playlist_id, position, track_id, path) VALUES (1, 1, ?, ?)",
        (row[0], bytes(path)),
    )
    path.unlink()
    found(library.store, apply=True)
    assert database.one("SELECT track_id, path, title FROM playlist_entries") == (None, bytes(path), "2")


@pytest.mark.parametrize("how", ["gone", "empty", "a file", "bare folders"])
def test_a_root_that_is_away_loses_nothing(library: Scans, music: Path, tmp_path: Path, how: str) -> None:
    music.rename(tmp_path / "elsewhere")
    if how == "empty":
        music.mkdir()
    elif how == "bare folders":
        (music / "album0").mkdir(parents=True)
    elif how == "a file":
        music.write_text("x")
    notes = Notes()
    assert found(library.store, FindingKind.MISSING, apply=True, notes=notes) == []
    assert len(library.ids()) == 6
    assert notes.notes == [f"{music}: is offline, or empty; nothing about it is changed"]


@pytest.mark.invariant("S3-ENG-14")
@pytest.mark.parametrize("returns", [True, False])
def test_a_root_that_is_renamed_in_the_middle_loses_nothing(
    library: Scans,
    music: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    *,
    returns: bool,
) -> None:
    (music / "album0" / "2.wav").unlink()
    asked: list[str] = []

    def renamed_meanwhile(path: str) -> bool:
        asked.append(path)
        if len(asked) == 3:  # the first is whether the root holds anything known
            music.rename(tmp_path / "elsewhere")
            if returns:
                song(music / "other.wav", 99)
        return is_there(path)

    monkeypatch.setattr(cleanup_module, "is_there", renamed_meanwhile)
    assert found(library.store, FindingKind.MISSING, apply=True) == []
    assert len(library.ids()) == 6
    assert len(asked) == 7


@pytest.mark.invariant("S3-ENG-14")
def test_a_volume_that_is_not_mounted_loses_nothing(library: Scans, music: Path) -> None:
    store, folder = library.store, music / "album1"
    shutil.rmtree(folder)
    # As if the folder had been where another disk was mounted.
    mounted = f"{folder}/".encode()
    store.database.run("UPDATE files SET device = device + 7 WHERE substr(path, 1, ?) = ?", (len(mounted), mounted))
    assert found(store, FindingKind.MISSING, apply=True) == []
    # A number that no file has any more is one of before a restart: what was missing then is so now.
    store.files.mark_missing([row.id for row in store.files.page(FileStatus.PRESENT) if "album1" in row.path], now=NOW)
    assert names(found(store, FindingKind.MISSING, apply=True)) == ["1.wav", "3.wav", "5.wav"]


def test_what_cannot_be_asked_for_is_not_missing(
    library: Scans,
    music: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ask = os.lstat

    def refuse(path: str) -> os.stat_result:
        if str(path).endswith(".wav"):
            raise PermissionError(13, "Permission denied")
        return ask(path)

    monkeypatch.setattr("os.lstat", refuse)
    assert found(library.store, FindingKind.MISSING, apply=True) == []


def many_files(store: Store, folder: Path, count: int) -> int:
    """`count` files of the library, of which every other one is there; how many are not."""
    store.roots.add(str(folder), now=NOW)
    device = os.stat(folder).st_dev
    for number in range(0, count, 1000):
        (folder / str(number)).mkdir()
    with store.database.write():
        store.database.run_many(
            "INSERT INTO files (root_id, path, size_bytes, mtime_ns, device, inode, content_id, read_at) "
            "VALUES (1, ?, 0, 1, ?, ?, 'x', 1)",
            ((bytes(folder / str(n - n % 1000) / f"{n}.flac"), device, n) for n in range(count)),
        )
        store.database.run(
            "INSERT INTO tracks (file_id, content_key, title, title_key, added_at) "
            "SELECT id, 'x', 'Song ' || id, 'song ' || id, 1 FROM files"
        )
    for number in range(0, count, 2):
        (folder / str(number - number % 1000) / f"{number}.flac").touch()
    return count // 2


@pytest.fixture
def many(tmp_path: Path) -> Iterator[tuple[Store, Path]]:
    (tmp_path / "music").mkdir()
    with Store.open(tmp_path / "library.db", program="test", now=NOW) as store:
        yield store, tmp_path / "music"


@pytest.mark.invariant("S1-M-24")
def test_deleting_while_paging_skips_nothing(many: tuple[Store, Path]) -> None:
    store, folder = many
    gone = many_files(store, folder, 10_000)
    assert len(found(store, FindingKind.MISSING, apply=True)) == gone
    left = store.database.all("SELECT path FROM files")
    assert sorted(os.fsdecode(path) for (path,) in left) == sorted(map(str, folder.rglob("*.flac")))


def peak_of(store: Store) -> tuple[int, int]:
    """How many files were missing, and how many bytes that took at most."""
    request = CleanupRequest(frozenset({FindingKind.MISSING}), apply=True)
    tracemalloc.start()
    try:
        count = sum(1 for _ in cleanup(store, request, SilentProgress(), CancelToken(), lambda: NOW))
        return count, tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.invariant("S0-C02")
def test_memory_does_not_grow_with_the_library(many: tuple[Store, Path]) -> None:
    store, folder = many
    gone = many_files(store, folder, 20_000)
    count, peak_bytes = peak_of(store)
    assert count == gone
    assert peak_bytes < 2_000_000


@pytest.mark.soak
@pytest.mark.invariant("S0-C02")
def test_two_hundred_thousand_files_take_less_than_20_megabytes(many: tuple[Store, Path]) -> None:
    store, folder = many
    gone = many_files(store, folder, 200_000)
    count, peak_bytes = peak_of(store)
    assert count == gone
    assert peak_bytes < 20_000_000


def test_a_cleanup_that_is_stopped_stands_in_the_journal(many: tuple[Store, Path]) -> None:
    store, folder = many
    many_files(store, folder, 3_000)
    before = dump(store.database)
    cancel = CancelToken()
    request = CleanupRequest(frozenset({FindingKind.MISSING}), apply=True)
    findings = cleanup(store, request, SilentProgress(), cancel, lambda: NOW)
    next(findings)
    cancel.cancel()
    with pytest.raises(CancelledError):
        list(findings)
    (entry,) = store.journal.entries()
    assert 0 < entry.rows < 3_000
    undo(store, entry.id, NOW)
    assert dump(store.database) == before


def test_orphans_are_what_nothing_refers_to(library: Scans) -> None:
    store = library.store
    keys = [row[0] for row in store.database.all("SELECT content_key FROM tracks")]
    nothing = MeasuredLoudness(*[None] * 9)
    store.loudness.put([(keys[0], nothing), ("of nothing", nothing)], now=NOW)
    store.database.run("INSERT INTO artists (key, name, sort_key) VALUES ('n', 'Nobody', 'n')")
    store.database.run("INSERT INTO genres (key, name) VALUES ('s', 'Silence')")
    before = dump(store.database)
    expected = ["loudness of of nothing", "artist Nobody", "genre Silence"]
    assert [finding.detail for finding in found(store)] == expected
    assert [finding.detail for finding in found(store, FindingKind.ORPHAN, apply=True)] == expected
    assert found(store) == []
    assert store.loudness.get(keys[0]) == nothing
    undo(store, store.journal.entries()[0].id, NOW)
    assert dump(store.database) == before


@pytest.fixture
def damaged(library: Scans, music: Path, monkeypatch: pytest.MonkeyPatch) -> Scans:
    """Files that can be read no more, in four ways."""
    reasons = {
        "0.wav": InputError("", "is damaged"),
        "1.wav": UnsupportedError("", "is of a strange kind"),
        "2.wav": InputError("", "may not be read"),
    }
    reasons["2.wav"].__cause__ = PermissionError(13, "Permission denied")
    read = track_file.read_track_file

    def fail(stat: FileStat, root: str | None, sheets: SheetFinder) -> FileRecord:
        if reason := reasons.get(os.path.basename(stat.path)):
            raise reason
        return read(stat, root, sheets)

    store = library.store
    for name in ("0.wav", "1.wav", "2.wav", "3.wav"):
        path = next(music.rglob(name))
        store.database.run(
            "UPDATE files SET status = 'unreadable', error_code = ?, error_message = 'was damaged' WHERE path = ?",
            ("unsupported" if name == "1.wav" else "unreadable", bytes(path)),
        )
    monkeypatch.setattr(track_file, "read_track_file", fail)
    return library


@pytest.mark.invariant("S1-M-28")
def test_a_file_that_cannot_be_read_keeps_its_row_unless_its_going_is_asked_for(damaged: Scans) -> None:
    before = dump(damaged.store.database)
    findings = found(damaged.store, apply=True)
    assert {(finding.kind, finding.action) for finding in findings} == {(FindingKind.CORRUPT, CleanupAction.KEEP)}
    assert names(findings) == ["0.wav", "1.wav", "2.wav", "3.wav"]
    assert dump(damaged.store.database) == before


def test_only_what_is_still_damaged_goes_to_the_trash_and_undo_brings_it_back(
    damaged: Scans,
    music: Path,
) -> None:
    before, path = dump(damaged.store.database), next(music.rglob("0.wav"))
    content = path.read_bytes()
    previewed = found(damaged.store, FindingKind.CORRUPT, trash_corrupt=True)
    assert [finding.action for finding in previewed].count(CleanupAction.KEEP) == 1
    findings = found(damaged.store, FindingKind.CORRUPT, apply=True, trash_corrupt=True)
    told = {os.path.basename(str(finding.path)): (str(finding.action), finding.detail) for finding in findings}
    assert told == {
        "0.wav": ("trash", "is damaged"),
        "1.wav": ("keep", "is of a strange kind"),
        "2.wav": ("keep", "may not be read"),
        "3.wav": ("keep", "can be read again: auralis scan takes it up"),
    }
    assert not path.exists()
    assert "0.wav" not in damaged.ids()
    undo(damaged.store, damaged.store.journal.entries()[0].id, NOW)
    assert dump(damaged.store.database) == before
    assert path.read_bytes() == content


def test_what_cannot_be_moved_to_the_trash_stays_and_is_told(
    damaged: Scans,
    music: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    before = dump(damaged.store.database)

    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("os.rename", refuse)
    findings = found(damaged.store, FindingKind.CORRUPT, apply=True, trash_corrupt=True)
    assert [str(finding.error) for finding in findings if finding.error] == [
        f"{next(music.rglob('0.wav'))}: cannot be moved to the trash: Permission denied"
    ]
    assert {finding.action for finding in findings} == {CleanupAction.KEEP}
    assert dump(damaged.store.database) == before
