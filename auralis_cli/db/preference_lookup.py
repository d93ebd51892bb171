"""What was chosen before, asked for in passing: whoever asks is never kept waiting, and never fails for it."""

from __future__ import annotations

from pathlib import Path

import peewee

from auralis_cli.db.migrations.all import SCHEMA_VERSION
from auralis_cli.db.opening import opened_as_it_is
from auralis_cli.db.preferences import PreferenceRepository
from auralis_cli.errors import LibraryError
from auralis_cli.model.preferences import Observation


def find_observations(library: Path, *, now: int) -> tuple[Observation, ...]:
    """All that counts; none where the library is missing, old, damaged or in somebody's hands."""
    try:
        with opened_as_it_is(library, wait_s=0.0, version=SCHEMA_VERSION) as database:
            return PreferenceRepository(database).all(now=now)
    except (LibraryError, peewee.DatabaseError):
        return ()
