"""Folders of small files to scan, a library to scan them into, and what stands in it afterwards."""

from __future__ import annotations

import os
from collections.abc import Generator, Sequence
from pathlib import Path
from typing import Any

import pytest
from wav_bytes import wav

from auralis_cli.db.store import Store
from auralis_cli.model.library import FileFailure, FileRecord, FileStat, ScanCounts, ScanReport
from auralis_cli.model.progress import CancelToken, SilentProgress
from auralis_cli.services import scan as scan_module
from auralis_cli.services.scan import ScanRequest, scan
from auralis_cli.services.scan_work import read_chunk

NOW = 1_700_000_000
# What a scan may change though nothing has changed: when it was, and the journal that was opened and forgotten.
_NO_CONTENT = {"scan_runs", "scan_failures", "journal", "journal_rows", "journal_files", "sqlite_sequence"}


class SilentBatchProgress(SilentProgress):
    """A sink for many items that keeps what was noted."""

    def __init__(self) -> None:
        self.notes: list[str] = []

    def note(self, message: str) -> None:
        self.notes.append(message)

    def item(self, name: str, task: str, done: float | None) -> None:
        pass

    def overall(self, done: int, total: int, finished: str | None) -> None:
        pass


def song(path: Path, number: int, *, mtime_s: float | None = None) -> Path:
    """A short WAV with sound of its own at `path`; equal numbers sound alike."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(wav(number.to_bytes(4, "little") * 500))
    if mtime_s is not None:
        os.utime(path, (mtime_s, mtime_s))
    return path


def read_here(
    stats: Sequence[FileStat],
    roots: Sequence[str],
    *,
    jobs: int,
    stall_s: float,
    cancel: CancelToken,
    whole: bool = False,
) -> Generator[tuple[FileRecord | FileFailure, ...]]:
    """As `read_files`, in this process: where worker processes are not the point."""
    for start in range(0, len(stats), 64):
        yield read_chunk(stats[start : start + 64], roots, SilentProgress(), cancel, whole=whole)


class Scans:
    """A library in a folder of its own, with the scans of it."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.now = NOW

    def __call__(self, *folders: Path, **options: Any) -> ScanReport:
        """One scan."""
        self.now += 10
        request = ScanRequest(folders=folders, **options)
        return scan(self.store, request, SilentBatchProgress(), CancelToken(), now=self.now)

    def counts(self, *folders: Path, **options: Any) -> dict[str, int]:
        """What one scan counted, without zeros; nothing may have failed."""
        report = self(*folders, **options)
        assert report.failures == ()
        return nonzero(report.counts)

    def files(self) -> dict[str, tuple[int, str]]:
        """Id and status of every file by its path."""
        rows = self.store.database.all("SELECT path, id, status FROM files")
        return {os.fsdecode(path): (number, status) for path, number, status in rows}

    def ids(self) -> dict[str, int]:
        """Id of every file by its name."""
        return {os.path.basename(path): number for path, (number, _) in self.files().items()}

    def dump(self) -> dict[str, list[tuple[Any, ...]]]:
        """All that the library holds."""
        tables = self.store.database.all("SELECT name FROM sqlite_schema WHERE type = 'table'")
        kept = sorted(name for (name,) in tables if name not in _NO_CONTENT and not name.startswith("track_search_"))
        dumped = {name: self.store.database.all(f"SELECT * FROM {name} ORDER BY 1") for name in kept}
        dumped["roots"] = [(row[0], row[1], row[4]) for row in dumped["roots"]]
        return dumped


def nonzero(counts: ScanCounts) -> dict[str, int]:
    return {name: getattr(counts, name) for name in counts.__slots__ if getattr(counts, name)}


@pytest.fixture
def scans(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Generator[Scans]:
    """An empty library; files are read in this process."""
    monkeypatch.setattr(scan_module, "read_files", read_here)
    with Store.open(tmp_path / "home" / "library.db", program="test", now=NOW) as store:
        yield Scans(store)


@pytest.fixture
def music(tmp_path: Path) -> Path:
    """A folder to be filled."""
    folder = tmp_path / "music"
    folder.mkdir()
    return folder
