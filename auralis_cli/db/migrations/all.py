"""The migrations in order: the one list from which every library is made."""

from __future__ import annotations

from auralis_cli.db.migration import Migration
from auralis_cli.db.migrations.m0001_music import MUSIC
from auralis_cli.db.migrations.m0002_search import SEARCH
from auralis_cli.db.migrations.m0003_playlists import PLAYLISTS
from auralis_cli.db.migrations.m0004_journal import JOURNAL
from auralis_cli.db.migrations.m0005_likeness import LIKENESS
from auralis_cli.db.migrations.m0006_player import PLAYER
from auralis_cli.db.migrations.m0007_collection import COLLECTION
from auralis_cli.db.migrations.m0008_preferences import PREFERENCES
from auralis_cli.db.migrations.m0009_audio_hashes import AUDIO_HASHES

MIGRATIONS: tuple[Migration, ...] = (
    MUSIC,
    SEARCH,
    PLAYLISTS,
    JOURNAL,
    LIKENESS,
    PLAYER,
    COLLECTION,
    PREFERENCES,
    AUDIO_HASHES,
)
SCHEMA_VERSION = MIGRATIONS[-1].version
