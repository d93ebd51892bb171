"""How a library is opened: made where there is none, migrated where it is old, and only read where it must be."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from auralis_cli.db.complaints import READ_ONLY, system_error
from auralis_cli.db.connection import BUSY_TIMEOUT_S, Access, LibraryDatabase
from auralis_cli.db.filesystem import make_folder, network_filesystem
from auralis_cli.db.integrity import require_not_newer, schema_version
from auralis_cli.db.library_lock import LibraryLock, Waiting
from auralis_cli.db.migration import Migration, apply_migrations
from auralis_cli.db.migrations.all import MIGRATIONS, SCHEMA_VERSION
from auralis_cli.errors import LibraryError
from auralis_cli.model.progress import CancelToken
from auralis_cli.model.upkeep import LibraryState
from auralis_cli.quick_dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Opening:
    """How a library is to be opened, and by whom."""

    program: str
    now: int
    read_only: bool = False
    wait_s: float = BUSY_TIMEOUT_S
    migrations: tuple[Migration, ...] = MIGRATIONS

    @property
    def newest(self) -> int:
        """The version that an opened library has."""
        return self.migrations[-1].version


def real_path(library: Path) -> Path:
    """Where the library itself lies: what SQLite and the lock keep beside it belongs there, whoever links to it.

    Raises LibraryError where something else than a file stands in its place.
    """
    real = Path(os.path.realpath(library))
    try:
        mode = real.stat().st_mode
    except FileNotFoundError:
        return real
    except OSError as error:
        raise system_error(library, error) from error
    if not stat.S_ISREG(mode):
        what = "a folder" if stat.S_ISDIR(mode) else "no ordinary file"
        raise LibraryError(str(library), f"is {what}", "name the file of a library")
    return real


def open_database(library: Path, opening: Opening) -> tuple[LibraryDatabase, LibraryLock | None]:
    """The library, of the newest version, with the lock that keeps others from remaking it while it is open.

    Raises LibraryError where it cannot be opened, made or migrated; it is as it was then.
    """
    path = real_path(library)
    if opening.read_only and path.exists() and not _is_writable(path):
        return open_as_it_is(path, opening.newest), None
    if path.exists() and not _is_writable(path):
        raise LibraryError(str(path), *READ_ONLY)
    make_folder(path.parent)
    lock = LibraryLock(path)
    try:
        return _open_shared(lock, opening), lock
    except BaseException:
        lock.close()
        raise


def open_as_it_is(path: Path, version: int | None = None, wait_s: float = BUSY_TIMEOUT_S) -> LibraryDatabase:
    """A library to be read that is not migrated, wherever it lies; LibraryError unless it has the `version`."""
    database = LibraryDatabase(path, access=_way_to_read(path), busy_timeout_s=wait_s)
    try:
        found = schema_version(database)
        require_not_newer(path, found)
        if version is not None and found < version:
            why = f"is read-only and has to be migrated first (version {found}, {version} is needed)"
            raise LibraryError(str(path), why, "make it and its folder writable once")
    except BaseException:
        database.close_all()
        raise
    return database


@contextmanager
def opened_as_it_is(
    library: Path, wait_s: float = BUSY_TIMEOUT_S, version: int | None = None
) -> Iterator[LibraryDatabase]:
    """A library to be read that is neither made nor migrated; while it is open, nobody remakes it.

    Raises LibraryError where there is none, or none of the `version`.
    """
    path = real_path(library)
    if not path.exists():
        raise LibraryError(str(library), "does not exist", "auralis scan DIR makes a library")
    with ExitStack() as stack:
        if _is_writable(path):
            lock = LibraryLock(path)
            stack.callback(lock.close)
            waiting = Waiting(wait_s)
            while not lock.try_to_share():
                waiting.once_more_or(lock.being_remade)
        database = open_as_it_is(path, version, wait_s)
        stack.callback(database.close_all)
        yield database


def _open_shared(lock: LibraryLock, opening: Opening) -> LibraryDatabase:
    waiting = Waiting(opening.wait_s)
    while True:
        complaint = lock.being_remade
        if lock.try_to_share():
            if database := _opened_if_new(lock.library, opening):
                return database
            # From here on it is nobody's: who gets it alone looks again whether there is something left to do.
            lock.let_go()
            complaint = lock.in_use
            if lock.try_to_take():
                _remake(lock.library, opening)
                continue
        waiting.once_more_or(complaint)


def _opened_if_new(path: Path, opening: Opening) -> LibraryDatabase | None:
    """The open library; None where it has to be made or migrated."""
    if not path.exists():
        return None
    access = Access.READ if opening.read_only else Access.WRITE
    database = LibraryDatabase(path, access=access, busy_timeout_s=opening.wait_s)
    try:
        version = schema_version(database)
        if version > opening.newest:
            require_not_newer(path, version)
        if version == opening.newest:
            return database
    except BaseException:
        database.close_all()
        raise
    database.close_all()
    return None


def _remake(path: Path, opening: Opening) -> None:
    """Makes or migrates a library that nobody else uses."""
    _make_file(path)
    # Looked at and copied without a chance to change anything: where no backup can be made, every byte stays.
    database = LibraryDatabase(path, access=Access.READ, busy_timeout_s=opening.wait_s)
    try:
        version = schema_version(database)
        if version >= opening.newest:
            return
        if version:
            _back_up(database, opening)
    finally:
        database.close_all()
    database = LibraryDatabase(path, busy_timeout_s=opening.wait_s)
    try:
        apply_migrations(database, opening.migrations, program=opening.program, now=opening.now)
    finally:
        database.close_all()


def _back_up(database: LibraryDatabase, opening: Opening) -> None:
    # Imported where a library is old, which it seldom is.
    from auralis_cli.db.backups import make_backup_before

    try:
        make_backup_before(database, f"v{opening.newest}", now=opening.now, cancel=CancelToken())
    except LibraryError as error:
        why = f"is not migrated, because no backup can be made: {error.what}: {error.why}"
        raise LibraryError(str(database.path), why, error.hint) from error


def _make_file(path: Path) -> None:
    """An empty file that only its owner may read, where there is none; SQLite gives its side files the same mode."""
    try:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
    except OSError as error:
        raise system_error(path, error) from error


def _is_writable(path: Path) -> bool:
    return os.access(path, os.W_OK) and os.access(path.parent, os.W_OK)


def _way_to_read(path: Path) -> Access:
    """With its log where there is one: what is in that is committed, though not yet in the file."""
    log = path.with_name(path.name + "-wal")
    try:
        has_log = log.stat().st_size > 0
    except OSError:
        has_log = False
    return Access.READ if has_log or _is_writable(path) else Access.FROZEN


def look_at(library: Path) -> LibraryState:
    """What can be told of a library without changing anything."""
    path = real_path(library)
    kind = network_filesystem(path.parent)
    if not path.exists():
        return LibraryState(str(path), False, None, None, SCHEMA_VERSION, kind)
    database = open_as_it_is(path)
    try:
        return LibraryState(str(path), True, path.stat().st_size, schema_version(database), SCHEMA_VERSION, kind)
    finally:
        database.close_all()
