"""Sidecars: beside the audio, of that audio, and never taken for that of another."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import music_records
import pytest
from fingerprints import fingerprinted, landmarks

from auralis_cli.db.store import Store
from auralis_cli.model.journal import FileOperation
from auralis_cli.model.progress import CancelToken, SilentProgress
from auralis_cli.model.query import EVERYTHING
from auralis_cli.services.fingerprint_exchange import Importing, ImportReport
from auralis_cli.services.fingerprint_sidecars import SidecarReport, import_sidecars, write_sidecars

NAMES = ("a.flac", os.fsdecode(b"b \xff.flac"), "c.flac")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """Three files, two of them fingerprinted."""
    with Store.empty(program="test", now=1) as store:
        root = store.roots.add(str(tmp_path), now=1)
        records = [
            music_records.record(str(tmp_path / name), number=number, content=f"flac:{number}")
            for number, name in enumerate(NAMES)
        ]
        store.files.apply(records, root_id=root.id, now=2)
        store.fingerprints.put([(f"flac:{n}", fingerprinted(n), landmarks(9, n)) for n in range(2)], now=3)
        yield store


def write(store: Store, *, dry_run: bool = False) -> SidecarReport:
    return write_sidecars(store, EVERYTHING, SilentProgress(), CancelToken(), dry_run=dry_run, now=4)


def take(store: Store, place: Path, *, dry_run: bool = False) -> ImportReport:
    return import_sidecars(store, place, Importing(False, dry_run, 5), SilentProgress(), CancelToken())


def forget(store: Store) -> None:
    store.database.run("DELETE FROM fingerprints")
    store.database.run("DELETE FROM landmarks")


def names(folder: Path) -> list[bytes]:
    return sorted(os.listdir(os.fsencode(folder)))


def test_a_sidecar_lies_beside_each_file_that_has_a_fingerprint(store: Store, tmp_path: Path) -> None:
    assert write(store, dry_run=True) == SidecarReport(2, 0, ())
    assert names(tmp_path) == []
    assert write(store) == SidecarReport(2, 0, ())
    assert names(tmp_path) == [b"a.flac.25d", b"b \xff.flac.25d"]
    assert write(store) == SidecarReport(0, 2, ())


def test_what_sidecars_say_is_taken_over_to_the_last_bit(store: Store, tmp_path: Path) -> None:
    write(store)
    forget(store)
    assert take(store, tmp_path, dry_run=True) == ImportReport(imported=2)
    assert store.fingerprints.get("flac:0") is None
    assert take(store, tmp_path) == ImportReport(imported=2)
    assert store.fingerprints.get("flac:1") == fingerprinted(1)
    assert store.landmarks.get(["flac:1"]) == {"flac:1": landmarks(9, 1)}
    assert take(store, tmp_path / "a.flac.25d") == ImportReport(known=1)


def test_a_sidecar_of_what_the_file_was_is_refused(store: Store, tmp_path: Path) -> None:
    write(store)
    forget(store)
    store.files.apply(
        [music_records.record(str(tmp_path / "a.flac"), number=50, content="flac:other")], root_id=1, now=6
    )
    report = take(store, tmp_path)
    assert report.imported == 1
    ((path, error),) = report.failures
    assert path == str(tmp_path / "a.flac.25d")
    assert "is of other audio than the file beside it" in str(error)
    assert list(dict(store.fingerprints.vectors())) == ["flac:1"]


def test_sidecars_that_were_swapped_are_refused(store: Store, tmp_path: Path) -> None:
    write(store)
    forget(store)
    os.rename(tmp_path / "a.flac.25d", tmp_path / "c.flac.25d")
    assert len(take(store, tmp_path / "c.flac.25d").failures) == 1


@pytest.mark.parametrize("data", [b"", b"no JSON", b'{"auralis": 1}', b"\xff\xfe"])
def test_what_is_no_sidecar_is_named(store: Store, tmp_path: Path, data: bytes) -> None:
    (tmp_path / "a.flac.25d").write_bytes(data)
    report = take(store, tmp_path)
    assert [path for path, _ in report.failures] == [str(tmp_path / "a.flac.25d")]
    assert report.imported == 0


def test_what_lies_beside_nothing_known_is_named(store: Store, tmp_path: Path) -> None:
    (tmp_path / "x.flac.25d").write_bytes(b"{}")
    ((_, error),) = take(store, tmp_path).failures
    assert error.why == "lies beside no file of the library"
    assert len(take(store, tmp_path / "nothing.25d").failures) == 1


def test_another_file_of_that_name_goes_to_the_trash_and_comes_back(store: Store, tmp_path: Path) -> None:
    (tmp_path / "a.flac.25d").write_bytes(b"of the user")
    assert write(store).written == 2
    assert (tmp_path / "a.flac.25d").read_bytes() != b"of the user"
    assert [file.operation for file in store.journal.files(store.journal.entries()[0].id)].count(
        FileOperation.TRASHED
    ) == 1


@pytest.mark.parametrize("is_link", [False, True])
def test_a_folder_of_that_name_stays_and_nobody_waits_for_a_pipe(store: Store, tmp_path: Path, is_link: bool) -> None:
    if is_link:
        (tmp_path / "elsewhere").mkdir()
        (tmp_path / "a.flac.25d").symlink_to("elsewhere")
    else:
        (tmp_path / "a.flac.25d").mkdir()
    os.mkfifo(tmp_path / (NAMES[1] + ".25d"))
    report = write(store)
    assert [error.what for error in report.failures] == [str(tmp_path / "a.flac.25d")]
    assert (tmp_path / "a.flac.25d").is_dir()
    assert report.written == 1
    assert (tmp_path / (NAMES[1] + ".25d")).is_file()


def test_a_folder_that_takes_no_files_is_a_failure_of_its_own(store: Store, tmp_path: Path) -> None:
    gone = music_records.record(str(tmp_path / "nowhere" / "d.flac"), number=60, content="flac:1")
    store.files.apply([gone], root_id=1, now=6)
    report = write(store)
    assert report.written == 2
    assert [error.what for error in report.failures] == [str(tmp_path / "nowhere" / "d.flac.25d")]
