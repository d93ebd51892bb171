"""The library as one thing: a file, opened in one place, with a repository for each subject."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType
from typing import Self

from auralis_cli.db.backups import make_backup
from auralis_cli.db.connection import BUSY_TIMEOUT_S, LibraryDatabase
from auralis_cli.db.files import FileRepository
from auralis_cli.db.filesystem import network_filesystem, on_network
from auralis_cli.db.journal import Journal
from auralis_cli.db.library_lock import LibraryLock
from auralis_cli.db.listings import ListingRepository
from auralis_cli.db.loudness import LoudnessRepository
from auralis_cli.db.migration import apply_migrations
from auralis_cli.db.migrations.all import MIGRATIONS
from auralis_cli.db.opening import Opening, open_database
from auralis_cli.db.orphans import OrphanRepository
from auralis_cli.db.playlists import PlaylistRepository
from auralis_cli.db.plays import PlayRepository
from auralis_cli.db.queue import QueueRepository
from auralis_cli.db.roots import RootRepository
from auralis_cli.db.scans import ScanRepository
from auralis_cli.db.settings import SettingRepository
from auralis_cli.db.stats import StatsRepository
from auralis_cli.db.tracks import TrackRepository
from auralis_cli.model.progress import CancelToken
from auralis_cli.model.upkeep import Backup


class Store:
    """An open library. What its repositories return are complete frozen values; close it when done."""

    def __init__(
        self, database: LibraryDatabase, lock: LibraryLock | None = None, warnings: tuple[str, ...] = ()
    ) -> None:
        self.database = database
        # Held as long as the library is open, so that nobody remakes the file meanwhile.
        self._lock = lock
        # What the user should know of where the library lies.
        self.warnings = warnings
        self.roots = RootRepository(database)
        self.files = FileRepository(database)
        self.tracks = TrackRepository(database)
        self.listings = ListingRepository(database)
        self.loudness = LoudnessRepository(database)
        self.settings = SettingRepository(database)
        self.scans = ScanRepository(database)
        self.orphans = OrphanRepository(database)
        self.journal = Journal(database)
        self.queue = QueueRepository(database)
        self.playlists = PlaylistRepository(database)
        self.plays = PlayRepository(database)
        self.stats = StatsRepository(database)

    @classmethod
    def open(
        cls, path: Path, *, program: str, now: int, read_only: bool = False, wait_s: float = BUSY_TIMEOUT_S
    ) -> Self:
        """Opens the library at `path`, makes it where there is none and migrates it where it is old.

        With `read_only` nothing can be written through it, and the library may lie where nothing can be. Another
        program that is in the way is waited for. Raises LibraryError where it is locked, damaged, read-only or from a
        newer program; nothing is changed then.
        """
        database, lock = open_database(path, Opening(program, now, read_only=read_only, wait_s=wait_s))
        kind = None if read_only else network_filesystem(database.path.parent)
        return cls(database, lock, () if kind is None else (f"{path}: {on_network(kind)}",))

    @classmethod
    def empty(cls, *, program: str, now: int) -> Self:
        """A library of nothing that is kept nowhere."""
        database = LibraryDatabase(Path(":memory:"))
        apply_migrations(database, MIGRATIONS, program=program, now=now)
        return cls(database)

    def backup(self, to: Path, cancel: CancelToken) -> Backup:
        """Copies every committed row to the new file `to`, while others may go on writing."""
        return make_backup(self.database, to, cancel=cancel)

    def close(self) -> None:
        """Ends the connections of all threads; the last one takes the write-ahead log into the file."""
        self.database.close_all()
        if self._lock is not None:
            self._lock.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
