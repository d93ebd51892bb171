"""One stored analysis, asked for in passing: whoever asks is never kept waiting, and never fails for it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import peewee

from auralis_cli.db.analyses import AnalysisRepository
from auralis_cli.db.audio_hashes import AudioHashRepository
from auralis_cli.db.migrations.all import SCHEMA_VERSION
from auralis_cli.db.opening import opened_as_it_is
from auralis_cli.errors import LibraryError


def find_analysis(
    library: Path, content_key: Callable[[AudioHashRepository], str | None], *, version: int
) -> bytes | None:
    """The analysis that a library has of a content, which is told with its help; None where it has none of this
    `version`.

    None also where the library is missing, old, damaged or in somebody's hands. It is neither made nor migrated.
    """
    try:
        with opened_as_it_is(library, wait_s=0.0, version=SCHEMA_VERSION) as database:
            key = content_key(AudioHashRepository(database))
            return None if key is None else AnalysisRepository(database).get(key, version=version)
    except (LibraryError, peewee.DatabaseError):
        # The latter where its tables are not those of its version.
        return None
