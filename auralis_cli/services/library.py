"""Upkeep of the library's file: what state it is in, whether it is whole, its backups."""

from __future__ import annotations

from pathlib import Path

from auralis_cli.db import backups
from auralis_cli.db.connection import BUSY_TIMEOUT_S
from auralis_cli.db.filesystem import make_folder, network_filesystem, on_network
from auralis_cli.db.integrity import check_contents
from auralis_cli.db.opening import look_at, opened_as_it_is, real_path
from auralis_cli.db.store import Store
from auralis_cli.errors import LibraryError
from auralis_cli.model.progress import CancelToken, ProgressSink
from auralis_cli.model.upkeep import Backup, LibraryCheck, LibraryReport, LibraryState, Restoration


def library_state(library: Path) -> LibraryState:
    """What can be told of a library without changing anything; LibraryError where it cannot be read."""
    return look_at(library)


def list_backups(library: Path) -> list[Backup]:
    """The backups beside the library, the newest first."""
    return backups.list_backups(real_path(library))


def check_library(library: Path, progress: ProgressSink, cancel: CancelToken) -> LibraryReport:
    """Reads the whole library and asks it everything that it promises; nothing is changed."""
    progress.step("checking", None)
    checks: list[LibraryCheck] = []
    with opened_as_it_is(library) as database:
        for check in check_contents(database, cancel):
            checks.append(check)
            cancel.raise_if_cancelled()
        kind = network_filesystem(database.path.parent)
    where = "a local disk" if kind is None else on_network(kind)
    place = LibraryCheck("place", kind is None, where, is_damage=False)
    return LibraryReport(str(library), (*checks, place))


def back_up_library(library: Path, to: Path, cancel: CancelToken) -> Backup:
    """Copies the library to the new file `to`, proven; others may go on writing."""
    with opened_as_it_is(library) as database:
        if to.parent == backups.backup_folder(database.path):
            make_folder(to.parent)
        return backups.make_backup(database, to.absolute(), cancel=cancel)


def name_backup(library: Path, to: Path | None, *, now: int) -> Path:
    """Where a backup goes: to the file that is named, into the folder that is named, else beside the library."""
    if to is not None and not to.is_dir():
        return to
    return backups.new_name(real_path(library), "backup", now, to)


def find_backup(library: Path, named: Path | None) -> Backup:
    """The backup that is named, else the newest beside the library; LibraryError where it is none."""
    if named is not None:
        return backups.describe_backup(named)
    found = list_backups(library)
    if not found:
        folder = backups.backup_folder(real_path(library))
        raise LibraryError(str(folder), "holds no backup", "name the file of one")
    return found[0]


def restore_library(
    library: Path, backup: Backup, cancel: CancelToken, *, now: int, wait_s: float = BUSY_TIMEOUT_S
) -> Restoration:
    """Puts a copy of the backup in the place of the library, once nobody uses it; what stood there is kept."""
    return backups.put_back(real_path(library), Path(backup.path), now=now, wait_s=wait_s, cancel=cancel)


def migrate_library(library: Path, *, program: str, now: int) -> Backup | None:
    """Brings the library to this program's version now instead of with the next command; returns its backup."""
    if not library_state(library).is_old:
        return None
    before = {backup.path for backup in list_backups(library)}
    Store.open(library, program=program, now=now).close()
    return next((backup for backup in list_backups(library) if backup.path not in before), None)
