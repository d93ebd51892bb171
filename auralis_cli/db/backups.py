"""Copies of a library that stand alone: made by SQLite while others work, proven, and put back."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from auralis_cli.db.complaints import system_error
from auralis_cli.db.connection import Access, LibraryDatabase
from auralis_cli.db.filesystem import make_folder
from auralis_cli.db.integrity import damage_of, require_library, schema_version
from auralis_cli.db.library_lock import LibraryLock
from auralis_cli.errors import LibraryError, RefusedError
from auralis_cli.model.progress import CancelToken
from auralis_cli.model.upkeep import Backup, Restoration

# Of those made before something was done; those that were asked for are the user's.
KEPT_BACKUPS = 5
_BEFORE = "before-"
# Some 30 MiB at a time, between which a Ctrl-C is heard.
_PAGES_AT_A_TIME = 8192
_SIDE_FILES = ("-wal", "-shm")


def backup_folder(library: Path) -> Path:
    """Where the backups of a library are kept unless another place is named: beside it."""
    return library.with_name(library.name + ".backups")


def list_backups(library: Path) -> list[Backup]:
    """The backups in its folder, the newest first."""
    found = []
    for path in _newest_first(backup_folder(library), "*.db"):
        with suppress(LibraryError, OSError):
            found.append(describe_backup(path))
    return found


def describe_backup(path: Path) -> Backup:
    """What a backup is. Raises LibraryError where it is no library, nor one of a program as old as this."""
    with _frozen(path) as database:
        version = require_library(database)
        status = path.stat()
        return Backup(str(path), status.st_size, int(status.st_mtime), version)


def make_backup(database: LibraryDatabase, to: Path, *, cancel: CancelToken) -> Backup:
    """Copies every committed row to the new file `to`, whole and proven or not at all; others may go on writing.

    Raises LibraryError where the library cannot be read or the copy not be written, RefusedError where `to` exists.
    """
    try:
        version = schema_version(database)
        with _copied(database, to, version, cancel) as copy:
            _claim(to)
            copy.replace(to)
            _flush(to.parent)
        status = to.stat()
        return Backup(str(to), status.st_size, int(status.st_mtime), version)
    except FileExistsError:
        raise RefusedError(str(to), "exists", "name another file") from None
    except OSError as error:
        raise system_error(to, error) from error


def make_backup_before(database: LibraryDatabase, event: str, *, now: int, cancel: CancelToken) -> Backup:
    """Copies the library into its folder of backups because of what is about to happen; the oldest such ones go."""
    make_folder(backup_folder(database.path))
    to = new_name(database.path, f"{_BEFORE}{event}", now)
    backup = make_backup(database, to, cancel=cancel)
    _forget_old(to.parent)
    return backup


def new_name(library: Path, word: str, now: int, folder: Path | None = None) -> Path:
    """A name that is not taken, by default in the library's folder of backups."""
    folder = folder or backup_folder(library)
    stem = f"{word}-{datetime.fromtimestamp(now, UTC):%Y%m%d-%H%M%S}"
    names = (folder / f"{stem}{'' if number == 1 else f'-{number}'}.db" for number in range(1, 10_000))
    return next(name for name in names if not name.exists())


def put_back(library: Path, backup: Path, *, now: int, wait_s: float, cancel: CancelToken) -> Restoration:
    """Puts a copy of `backup` in the place of the library, which nobody may have open, and keeps what stood there.

    Raises LibraryError where the backup is no whole library or the library is in use; nothing is changed then.
    """
    with _frozen(backup) as source:
        restored = describe_backup(backup)
        make_folder(library.parent)
        lock = LibraryLock(library)
        try:
            lock.take(wait_s)
            with _copied(source, library, restored.version, cancel) as copy:
                kept = _keep(library, now, cancel)
                # Its log would be taken for that of the file that comes.
                for side in _SIDE_FILES:
                    library.with_name(library.name + side).unlink(missing_ok=True)
                copy.replace(library)
                _flush(library.parent)
        except OSError as error:
            raise system_error(library, error) from error
        finally:
            lock.close()
        return Restoration(str(library), restored, None if kept is None else str(kept))


def _keep(library: Path, now: int, cancel: CancelToken) -> Path | None:
    """Keeps what stands at the library's place: as a backup, or byte by byte where it is damaged."""
    if not library.exists():
        return None
    database = LibraryDatabase(library, access=Access.READ)
    try:
        kept = Path(make_backup_before(database, "restore", now=now, cancel=cancel).path)
    except LibraryError:
        database.close_all()
        return _keep_bytes(library, now)
    finally:
        database.close_all()
    # The last to close a library takes the log away.
    if library.with_name(library.name + "-wal").exists():
        raise LibraryError(str(library), "is in use by another program", "try again when it is done")
    return kept


def _keep_bytes(library: Path, now: int) -> Path:
    make_folder(backup_folder(library))
    to = new_name(library, "replaced", now)
    try:
        for side in ("", *_SIDE_FILES):
            part = library.with_name(library.name + side)
            if part.exists():
                shutil.copy2(part, to.with_name(to.name + side))
    except OSError:
        for side in ("", *_SIDE_FILES):
            to.with_name(to.name + side).unlink(missing_ok=True)
        raise
    return to


@contextmanager
def _copied(database: LibraryDatabase, to: Path, version: int, cancel: CancelToken) -> Iterator[Path]:
    """A proven copy of the library, on the disk under another name than that which it is to have."""
    temporary = _new_file_in(to.parent)
    try:
        try:
            _copy(database, temporary, cancel)
            _prove(temporary, version, cancel)
        except LibraryError as error:
            # The name of a temporary file tells nobody anything.
            raise LibraryError(error.what.replace(str(temporary), str(to)), error.why, error.hint) from error
        _flush(temporary)
        yield temporary
    finally:
        temporary.unlink(missing_ok=True)


def _copy(database: LibraryDatabase, to: Path, cancel: CancelToken) -> None:
    target = LibraryDatabase(to, access=Access.FILL)
    try:
        # Within one snapshot, lest it begin anew whenever another program writes.
        with database.snapshot():
            database.one("SELECT count(*) FROM sqlite_master")
            database.copy_to(target, pages_at_a_time=_PAGES_AT_A_TIME, between=cancel.raise_if_cancelled)
    finally:
        target.close_all()


def _prove(copy: Path, version: int, cancel: CancelToken) -> None:
    with _frozen(copy) as database:
        if version == 0 or schema_version(database) != version:
            raise LibraryError(str(copy), "would be no copy of a library", "auralis db check")
        if damage := damage_of(database, cancel):
            raise LibraryError(str(copy), f"would be damaged ({damage[0]})", "auralis db check")


@contextmanager
def _frozen(path: Path) -> Iterator[LibraryDatabase]:
    """A file that nobody else writes to, to be read."""
    # A library that was copied by hand may have come with its log.
    log = path.with_name(path.name + "-wal")
    has_log = log.exists() and log.stat().st_size > 0
    database = LibraryDatabase(path, access=Access.READ if has_log else Access.FROZEN)
    try:
        yield database
    finally:
        database.close_all()


def _new_file_in(folder: Path) -> Path:
    """An empty file that only its owner may read."""
    handle, name = tempfile.mkstemp(prefix=".auralis-", suffix=".db", dir=folder)
    os.close(handle)
    return Path(name)


def _claim(path: Path) -> None:
    """Takes the name, so that nobody else's file is replaced."""
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))


def _flush(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _forget_old(folder: Path) -> None:
    for path in _newest_first(folder, f"{_BEFORE}*.db")[KEPT_BACKUPS:]:
        path.unlink(missing_ok=True)


def _newest_first(folder: Path, pattern: str) -> list[Path]:
    return sorted(folder.glob(pattern), key=lambda path: (path.stat().st_mtime_ns, path.name), reverse=True)
