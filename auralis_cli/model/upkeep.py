"""The library as a file: its backups, and what a check of it found."""

from __future__ import annotations

from auralis_cli.quick_dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Backup:
    """A copy of a library that stands alone."""

    path: str
    size_bytes: int
    made_at: int
    # Of its schema.
    version: int


@dataclass(frozen=True, slots=True)
class LibraryState:
    """What a look at the file of a library tells, without opening it for writing."""

    path: str
    exists: bool
    # None where there is none.
    size_bytes: int | None
    version: int | None
    # Of this program's schema.
    newest_version: int
    # `nfs4` and its like; None on a local disk.
    network_filesystem: str | None

    @property
    def is_old(self) -> bool:
        """Whether the next opening migrates it."""
        return self.version is not None and self.version < self.newest_version


@dataclass(frozen=True, slots=True)
class LibraryCheck:
    """One thing that was asked of a library."""

    name: str
    ok: bool
    detail: str
    hint: str | None = None
    # Whether the library is damaged where it is not ok; else it is only in danger.
    is_damage: bool = True


@dataclass(frozen=True, slots=True)
class LibraryReport:
    """All that was asked of a library."""

    path: str
    checks: tuple[LibraryCheck, ...]

    @property
    def ok(self) -> bool:
        """Whether nothing is wrong."""
        return all(check.ok for check in self.checks)

    @property
    def is_whole(self) -> bool:
        """Whether nothing is damaged."""
        return all(check.ok or not check.is_damage for check in self.checks)


@dataclass(frozen=True, slots=True)
class Restoration:
    """A library that was put back from a backup."""

    path: str
    backup: Backup
    # What stood there before, which can be put back in its turn; None where nothing did.
    kept: str | None
