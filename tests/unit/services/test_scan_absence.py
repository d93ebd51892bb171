"""What a scan did not come by is not gone for that: roots offline, folders that cannot be read, renames under way."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from scanned_folders import Scans, music, nonzero, read_here, scans, song

from auralis_cli.services import scan as scan_module

__all__ = ["music", "scans"]


@pytest.fixture
def filled(scans: Scans, music: Path) -> Path:
    """A scanned root of three songs."""
    for number in range(3):
        song(music / "a" / f"{number}.wav", number)
    scans(music)
    return music


@pytest.mark.invariant("S3-ENG-14")
@pytest.mark.parametrize("how", ["gone", "empty", "file", "other files"])
def test_a_root_that_is_away_is_offline_and_nothing_about_it_changes(how: str, scans: Scans, filled: Path) -> None:
    before = scans.files()
    filled.rename(filled.parent / "aside")
    if how == "empty":
        filled.mkdir()
    elif how == "file":
        filled.write_text("")
    elif how == "other files":
        (filled / "lost+found").mkdir(parents=True)
        (filled / "readme.txt").write_text("nothing is mounted here")
    report = scans()
    assert report.offline == (str(filled),)
    assert nonzero(report.counts) == {}
    assert report.failures == ()
    assert scans.files() == before
    assert scans.store.roots.all()[0].offline_since is not None
    if how != "gone":
        shutil.rmtree(filled) if filled.is_dir() else filled.unlink()
    (filled.parent / "aside").rename(filled)
    assert scans.counts() == {"unchanged": 3}
    assert scans.store.roots.all()[0].offline_since is None


@pytest.mark.invariant("S3-ENG-14")
def test_a_root_inside_another_may_be_away_while_that_is_there(scans: Scans, filled: Path) -> None:
    song(filled / "b.wav", 9)
    scans()
    scans.store.roots.add(str(filled / "a"), now=1, separate=True)
    before = scans.files()
    (filled / "a").rename(filled.parent / "aside")
    report = scans()
    assert (report.offline, nonzero(report.counts)) == ((str(filled / "a"),), {"unchanged": 1})
    assert scans.files() == before


@pytest.mark.invariant("S3-ENG-14")
def test_one_root_that_is_away_does_not_keep_another_from_its_scan(scans: Scans, filled: Path) -> None:
    other = filled.parent / "other"
    song(other / "8.wav", 8)
    song(other / "9.wav", 9)
    scans(other)
    filled.rename(filled.parent / "aside")
    (other / "8.wav").unlink()
    report = scans()
    assert report.offline == (str(filled),)
    assert nonzero(report.counts) == {"missing": 1, "unchanged": 1}


@pytest.mark.invariant("S3-ENG-14")
def test_a_file_on_a_root_that_is_away_is_not_where_its_copy_is(scans: Scans, filled: Path) -> None:
    before = scans.files()
    other = filled.parent / "other"
    song(other / "copy.wav", 1)
    filled.rename(filled.parent / "aside")
    assert scans.counts(other) == {"added": 1}
    assert before.items() <= scans.files().items()


@pytest.mark.invariant("S3-ENG-14")
@pytest.mark.parametrize("when", ["before reading", "after reading"])
def test_a_root_renamed_while_it_is_scanned_loses_no_row(
    when: str, scans: Scans, filled: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = scans.files()
    (filled / "a" / "0.wav").unlink()
    song(filled / "b.wav", 7)

    def renaming(*arguments: object, **options: object) -> object:
        if when == "before reading":
            filled.rename(filled.parent / "aside")
        yield from read_here(*arguments, **options)  # type: ignore[arg-type]
        if when == "after reading":
            filled.rename(filled.parent / "aside")
            song(filled / "decoy.wav", 8)

    monkeypatch.setattr(scan_module, "read_files", renaming)
    report = scans()
    assert report.counts.missing == 0
    assert {path: row for path, row in scans.files().items() if path in before} == before


def test_a_folder_that_cannot_be_read_keeps_its_files(
    scans: Scans, filled: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    song(filled / "b.wav", 9)
    scans()
    before = scans.files()
    scandir = os.scandir

    def guarded(folder: str) -> object:
        if str(folder).endswith("/a"):
            raise PermissionError(13, "Permission denied")
        return scandir(folder)

    monkeypatch.setattr(os, "scandir", guarded)
    report = scans()
    assert nonzero(report.counts) == {"failed": 1, "unchanged": 1}
    assert [(one.path, one.message) for one in report.failures] == [
        (str(filled / "a"), "cannot be read (permission denied)")
    ]
    assert scans.files() == before


def test_a_volume_inside_a_root_that_is_not_mounted_keeps_its_files(scans: Scans, filled: Path) -> None:
    """As the place where it was mounted is an empty folder then, on another device."""
    song(filled / "b.wav", 9)
    scans()
    scans.store.database.run("UPDATE files SET device = device + 1 WHERE instr(path, ?)", (b"/a/",))
    before = scans.files()
    shutil.rmtree(filled / "a")
    (filled / "a").mkdir()
    report = scans()
    assert nonzero(report.counts) == {"unchanged": 1}
    assert report.warnings == (f"{filled}/a: its volume is not mounted; what is known of it is kept",)
    assert scans.files() == before


def test_devices_that_are_numbered_anew_make_nothing_offline(scans: Scans, filled: Path) -> None:
    scans.store.database.run("UPDATE files SET device = device + 1")
    (filled / "a" / "0.wav").unlink()
    assert scans.counts() == {"missing": 1, "unchanged": 2}


def test_a_file_removed_while_it_is_scanned_is_reported(
    scans: Scans, filled: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    song(filled / "new.wav", 5)

    def removing(*arguments: object, **options: object) -> object:
        (filled / "new.wav").unlink()
        yield from read_here(*arguments, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(scan_module, "read_files", removing)
    report = scans()
    assert nonzero(report.counts) == {"unchanged": 3, "failed": 1}
    assert report.failures[0].message == "was removed while it was scanned"
    assert str(filled / "new.wav") not in scans.files()
