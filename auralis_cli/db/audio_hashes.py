"""Hashes of all of the audio that figures are of: the proof that a file holds the same, whatever it looks like."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable
from typing import LiteralString

from auralis_cli.db.connection import LibraryDatabase
from auralis_cli.db.content_keys import content_of_key, quick_id
from auralis_cli.db.in_lists import rows_in
from auralis_cli.db.plausible import signed
from auralis_cli.model.library import FileStat

_MEASURED = ("loudness", "fingerprints", "landmarks", "analyses", "fingerprint_failures")


class AudioHashRepository:
    """One hash for each content id of which it is known."""

    def __init__(self, database: LibraryDatabase) -> None:
        self._database = database

    def put(self, hashes: Iterable[tuple[str, str]]) -> None:
        """Notes the hash of each content id; one that is known stays."""
        self._database.run_many(
            "INSERT INTO audio_hashes (content_id, quick_id, audio_hash) VALUES (?, ?, ?) "
            "ON CONFLICT (content_id) DO NOTHING",
            [(content_id, quick_id(content_id), audio_hash) for content_id, audio_hash in hashes],
        )

    def of_quick(self, quick_ids: Collection[str]) -> dict[str, dict[str, str]]:
        """By quick ids the content ids that share them, each with its hash."""
        found: dict[str, dict[str, str]] = {}
        if self._is_empty("audio_hashes"):
            return found
        select = "SELECT quick_id, content_id, audio_hash FROM audio_hashes WHERE quick_id IN ({marks}) ORDER BY id"
        for quick, content_id, audio_hash in rows_in(self._database, select, quick_ids):
            found.setdefault(quick, {})[content_id] = audio_hash
        return found

    def of_keys(self, keys: Collection[str]) -> dict[str, str]:
        """The hashes of content keys, of those of which one is known."""
        wanted = {key: content_of_key(key) for key in keys}
        select = "SELECT content_id, audio_hash FROM audio_hashes WHERE content_id IN ({marks})"
        known: dict[str, str] = dict(rows_in(self._database, select, sorted(set(wanted.values()))))
        return {key: known[content_id] for key, content_id in wanted.items() if content_id in known}

    def measured(self, keys: Collection[str]) -> set[str]:
        """Those of the content keys of which anything was measured, or could not be."""
        found: set[str] = set()
        for table in _MEASURED:
            if self._is_empty(table):
                continue
            select = f"SELECT content_key FROM {table} WHERE content_key IN ({{marks}})"
            found.update(key for (key,) in rows_in(self._database, select, keys))
        return found

    def ids_of_files(self, numbers: Collection[int]) -> dict[int, str]:
        """The content ids of files, by the numbers of their rows."""
        select = "SELECT id, content_id FROM files WHERE id IN ({marks}) AND content_id IS NOT NULL"
        return dict(rows_in(self._database, select, numbers))

    def _is_empty(self, table: LiteralString) -> bool:
        """A first scan asks for every file, and need not."""
        return self._database.one(f"SELECT 1 FROM {table} LIMIT 1") is None

    def id_of_file(self, stat: FileStat) -> str | None:
        """The content id of a file that is as the last scan saw it; None where it is not, or unknown."""
        row = self._database.one(
            "SELECT content_id FROM files WHERE path = ? AND size_bytes = ? AND mtime_ns = ? AND inode = ? "
            "AND status = 'present'",
            (os.fsencode(stat.path), stat.size_bytes, stat.mtime_ns, signed(stat.inode)),
        )
        return None if row is None else row[0]
