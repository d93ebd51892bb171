"""The library as one thing: a file, opened in one place, with a repository for each subject.

A repository is imported when it is first asked for: a listing needs few of them, and is to be there at once.
"""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from auralis_cli.db.complaints import damaged
from auralis_cli.db.connection import BUSY_TIMEOUT_S, LibraryDatabase
from auralis_cli.db.filesystem import network_filesystem, on_network
from auralis_cli.db.library_lock import LibraryLock
from auralis_cli.db.migration import apply_migrations
from auralis_cli.db.migrations.all import MIGRATIONS
from auralis_cli.db.opening import Opening, open_database
from auralis_cli.errors import AuralisError
from auralis_cli.model.progress import CancelToken
from auralis_cli.model.upkeep import Backup

if TYPE_CHECKING:
    from auralis_cli.db.analyses import AnalysisRepository
    from auralis_cli.db.audio_hashes import AudioHashRepository
    from auralis_cli.db.copies import CopyRepository
    from auralis_cli.db.files import FileRepository
    from auralis_cli.db.fingerprints import FingerprintRepository
    from auralis_cli.db.journal import Journal
    from auralis_cli.db.kinds import KindRepository
    from auralis_cli.db.landmarks import LandmarkRepository
    from auralis_cli.db.listens import ListenRepository
    from auralis_cli.db.listings import ListingRepository
    from auralis_cli.db.loudness import LoudnessRepository
    from auralis_cli.db.not_duplicates import NotDuplicateRepository
    from auralis_cli.db.orphans import OrphanRepository
    from auralis_cli.db.player_settings import PlayerSettingsRepository
    from auralis_cli.db.playlists import PlaylistRepository
    from auralis_cli.db.plays import PlayRepository
    from auralis_cli.db.preferences import PreferenceRepository
    from auralis_cli.db.queue import QueueRepository
    from auralis_cli.db.queue_templates import QueueTemplateRepository
    from auralis_cli.db.roots import RootRepository
    from auralis_cli.db.scans import ScanRepository
    from auralis_cli.db.settings import SettingRepository
    from auralis_cli.db.similarity import SimilarityRepository
    from auralis_cli.db.stats import StatsRepository
    from auralis_cli.db.tracks import TrackRepository


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
        from auralis_cli.db.backups import make_backup

        return make_backup(self.database, to, cancel=cancel)

    @cached_property
    def roots(self) -> RootRepository:
        """The folders that are scanned."""
        from auralis_cli.db.roots import RootRepository

        return RootRepository(self.database)

    @cached_property
    def files(self) -> FileRepository:
        """The files below them."""
        from auralis_cli.db.files import FileRepository

        return FileRepository(self.database)

    @cached_property
    def tracks(self) -> TrackRepository:
        """The music in the files, one by one."""
        from auralis_cli.db.tracks import TrackRepository

        return TrackRepository(self.database)

    @cached_property
    def listings(self) -> ListingRepository:
        """Tracks, albums, artists and genres by query."""
        from auralis_cli.db.listings import ListingRepository

        return ListingRepository(self.database)

    @cached_property
    def loudness(self) -> LoudnessRepository:
        """What was measured, by content."""
        from auralis_cli.db.loudness import LoudnessRepository

        return LoudnessRepository(self.database)

    @cached_property
    def fingerprints(self) -> FingerprintRepository:
        """What tracks sound like, by content."""
        from auralis_cli.db.fingerprints import FingerprintRepository

        return FingerprintRepository(self.database)

    @cached_property
    def kinds(self) -> KindRepository:
        """What kind of music it is, as tagged, by fingerprint."""
        from auralis_cli.db.kinds import KindRepository

        return KindRepository(self.database)

    @cached_property
    def landmarks(self) -> LandmarkRepository:
        """By what recordings are known again, by content."""
        from auralis_cli.db.landmarks import LandmarkRepository

        return LandmarkRepository(self.database)

    @cached_property
    def analyses(self) -> AnalysisRepository:
        """All that was measured, by content."""
        from auralis_cli.db.analyses import AnalysisRepository

        return AnalysisRepository(self.database)

    @cached_property
    def audio_hashes(self) -> AudioHashRepository:
        """What proves that audio is the same."""
        from auralis_cli.db.audio_hashes import AudioHashRepository

        return AudioHashRepository(self.database)

    @cached_property
    def similarity(self) -> SimilarityRepository:
        """What is near to what."""
        from auralis_cli.db.similarity import SimilarityRepository

        return SimilarityRepository(self.database)

    @cached_property
    def not_duplicates(self) -> NotDuplicateRepository:
        """What was said to be no duplicate."""
        from auralis_cli.db.not_duplicates import NotDuplicateRepository

        return NotDuplicateRepository(self.database)

    @cached_property
    def copies(self) -> CopyRepository:
        """What may be there more than once."""
        from auralis_cli.db.copies import CopyRepository

        return CopyRepository(self.database)

    @cached_property
    def settings(self) -> SettingRepository:
        """What the library keeps of itself."""
        from auralis_cli.db.settings import SettingRepository

        return SettingRepository(self.database)

    @cached_property
    def scans(self) -> ScanRepository:
        """Scans and what they met."""
        from auralis_cli.db.scans import ScanRepository

        return ScanRepository(self.database)

    @cached_property
    def orphans(self) -> OrphanRepository:
        """What nothing stands on any more."""
        from auralis_cli.db.orphans import OrphanRepository

        return OrphanRepository(self.database)

    @cached_property
    def journal(self) -> Journal:
        """What was done, and its undoing."""
        from auralis_cli.db.journal import Journal

        return Journal(self.database)

    @cached_property
    def queue(self) -> QueueRepository:
        """What is to be played."""
        from auralis_cli.db.queue import QueueRepository

        return QueueRepository(self.database)

    @cached_property
    def queue_templates(self) -> QueueTemplateRepository:
        """Queues that were kept under a name."""
        from auralis_cli.db.queue_templates import QueueTemplateRepository

        return QueueTemplateRepository(self.database)

    @cached_property
    def player_settings(self) -> PlayerSettingsRepository:
        """How the player was left."""
        from auralis_cli.db.player_settings import PlayerSettingsRepository

        return PlayerSettingsRepository(self.database)

    @cached_property
    def playlists(self) -> PlaylistRepository:
        """Playlists and their entries."""
        from auralis_cli.db.playlists import PlaylistRepository

        return PlaylistRepository(self.database)

    @cached_property
    def plays(self) -> PlayRepository:
        """What was played, and how it was liked."""
        from auralis_cli.db.plays import PlayRepository

        return PlayRepository(self.database)

    @cached_property
    def listens(self) -> ListenRepository:
        """What a server is still to hear of."""
        from auralis_cli.db.listens import ListenRepository

        return ListenRepository(self.database)

    @cached_property
    def preferences(self) -> PreferenceRepository:
        """What was chosen for masters."""
        from auralis_cli.db.preferences import PreferenceRepository

        return PreferenceRepository(self.database)

    @cached_property
    def stats(self) -> StatsRepository:
        """The library in numbers."""
        from auralis_cli.db.stats import StatsRepository

        return StatsRepository(self.database)

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
        try:
            if isinstance(error, Exception) and not isinstance(error, AuralisError) and self._is_damaged():
                # A defect it seems, of ours; but no row is as rows are made.
                raise damaged(self.database.path) from error
        finally:
            self.close()

    def _is_damaged(self) -> bool:
        from auralis_cli.db.integrity import damage_of

        return bool(damage_of(self.database, CancelToken()))
