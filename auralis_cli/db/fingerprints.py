"""Fingerprints, by content: they stay when files move or are tagged anew."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Iterator, Sequence

from auralis_cli.db.connection import LibraryDatabase, Row
from auralis_cli.db.in_lists import rows_in
from auralis_cli.db.landmarks import LandmarkRepository, without_landmarks
from auralis_cli.db.sql import Sql
from auralis_cli.db.track_places import EVERY_CONTENT, places_below, places_of, without
from auralis_cli.model.fingerprint import (
    DIMENSIONS,
    FINGERPRINT_VERSION,
    Fingerprint,
    FingerprintedTrack,
    FingerprintFlag,
)
from auralis_cli.model.landmarks import Landmarks
from auralis_cli.model.library import FileFailure, TrackPlace

_NAMES = tuple(dimension.name for dimension in DIMENSIONS)
_VALUES = (*_NAMES, "tempo_confidence", "flags", "version")
_READ = ", ".join(f"p.{name}" for name in _VALUES)
# What is as it was is not written: the revision that likeness is computed for stays.
_PUT = f"""
INSERT INTO fingerprints (content_key, {", ".join(_VALUES)}, computed_at)
VALUES (?, {", ".join("?" * len(_VALUES))}, ?)
ON CONFLICT (content_key) DO UPDATE SET
    {", ".join(f"{name} = excluded.{name}" for name in (*_VALUES, "computed_at"))}
WHERE ({", ".join(_VALUES)}) IS NOT ({", ".join(f"excluded.{name}" for name in _VALUES)})
"""
_FAIL = """
INSERT INTO fingerprint_failures (content_key, version, code, why, hint, failed_at) VALUES (?, ?, ?, ?, ?, ?)
ON CONFLICT (content_key) DO UPDATE SET
    version = excluded.version, code = excluded.code, why = excluded.why, hint = excluded.hint,
    failed_at = excluded.failed_at
"""
_FAILURES = """
SELECT min(f.path), x.code, x.why, x.hint
FROM fingerprint_failures AS x JOIN tracks AS t ON t.content_key = x.content_key JOIN files AS f ON f.id = t.file_id
WHERE x.version = ? GROUP BY x.content_key ORDER BY 1
"""
_FLAGS = {flag.value: flag for flag in FingerprintFlag}
_LONGEST_WORDS = 4000

Fingerprinted = tuple[str, FingerprintedTrack, Landmarks | None]


class FingerprintRepository:
    """What tracks sound like. Only what the current definitions computed is ever given out."""

    def __init__(self, database: LibraryDatabase) -> None:
        self._database = database
        self._landmarks = LandmarkRepository(database)

    def put(self, items: Iterable[Fingerprinted], *, now: int) -> None:
        """Stores what was computed of each content key; where no landmarks are given, those that are known stay.

        A failure of that content is forgotten.
        """
        listed = list(items)
        rows = [
            (key, *track.fingerprint.values(), track.tempo_confidence, " ".join(track.flags), track.version, now)
            for key, track, _ in listed
        ]
        with self._database.write():
            self._database.run_many(_PUT, rows)
            self._landmarks.put(((key, marks) for key, _, marks in listed if marks is not None), now=now)
            self._database.run_many(
                "DELETE FROM fingerprint_failures WHERE content_key = ?", [(key,) for key, _, _ in listed]
            )

    def get(self, content_key: str) -> FingerprintedTrack | None:
        """What is known of a content, None where nothing is or by older definitions."""
        row = self._database.one(
            f"SELECT {_READ} FROM fingerprints AS p WHERE p.content_key = ? AND p.version = ?",
            (content_key, FINGERPRINT_VERSION),
        )
        return None if row is None else _fingerprinted(row)

    def known(self, keys: Sequence[str]) -> set[str]:
        """Those of the contents that have a fingerprint."""
        asked = "SELECT content_key FROM fingerprints WHERE content_key IN ({marks}) AND version = ?"
        return {key for (key,) in rows_in(self._database, asked, keys, then=(FINGERPRINT_VERSION,))}

    def of_tracks(self, ids: Sequence[int]) -> dict[int, FingerprintedTrack]:
        """The fingerprints of tracks, of those that have one."""
        rows = rows_in(
            self._database,
            f"SELECT t.id, {_READ} FROM tracks AS t JOIN fingerprints AS p ON p.content_key = t.content_key "
            "WHERE t.id IN ({marks}) AND p.version = ?",
            ids,
            then=(FINGERPRINT_VERSION,),
        )
        found = {row[0]: _fingerprinted(row[1:]) for row in rows}
        return {number: found[number] for number in ids if number in found}

    def keys_of(self, ids: Sequence[int]) -> dict[int, str]:
        """The content keys of tracks."""
        return dict(rows_in(self._database, "SELECT id, content_key FROM tracks WHERE id IN ({marks})", ids))

    def tracks_of(self, keys: Sequence[str]) -> dict[str, list[int]]:
        """The tracks that have each content, by id; a content without any is left out."""
        found: dict[str, list[int]] = {}
        for key, number in rows_in(
            self._database, "SELECT content_key, id FROM tracks WHERE content_key IN ({marks}) ORDER BY id", keys
        ):
            found.setdefault(key, []).append(number)
        return found

    def places(
        self, ids: Collection[int] | None = None, *, below: str | None = None, again: bool = False
    ) -> list[TrackPlace]:
        """Where the contents lie that are still to be fingerprinted, each once, in the order of paths.

        Of these tracks, of those `below` a folder, or of all. What could not be done is left out, and what is done;
        `again`: nothing is. Only what is there: neither missing nor unreadable.
        """
        due = EVERY_CONTENT if again else _due()
        return places_below(self._database, below, due) if ids is None else places_of(self._database, ids, due)

    def vectors(self) -> Iterator[tuple[str, tuple[float, ...]]]:
        """Each content key with its 25 values, in the order of keys; silence is like nothing and left out.

        Also of contents that no track has at the moment, so that `revision` alone says whether what was made of these
        is still right: `tracks_of` tells them.
        """
        rows = self._database.stream(
            f"SELECT content_key, {', '.join(_NAMES)} FROM fingerprints WHERE version = ? "
            "AND instr(' ' || flags || ' ', ?) = 0 ORDER BY content_key",
            (FINGERPRINT_VERSION, f" {FingerprintFlag.SILENT} "),
        )
        return ((row[0], row[1:]) for row in rows)

    def revision(self) -> int:
        """Another number than before whenever a fingerprint came, changed or went."""
        row = self._database.one("SELECT revision FROM similarity_state")
        return int(row[0]) if row else 0

    def fail(self, content_key: str, failure: FileFailure, *, now: int) -> None:
        """Notes that a content cannot be fingerprinted; what an earlier run found of it stays."""
        why, hint = failure.message[:_LONGEST_WORDS], failure.hint and failure.hint[:_LONGEST_WORDS]
        self._database.run(_FAIL, (content_key, FINGERPRINT_VERSION, failure.code, why, hint, now))

    def failures(self) -> list[FileFailure]:
        """What could not be fingerprinted by the current definitions, by path, each content once."""
        rows = self._database.all(_FAILURES, (FINGERPRINT_VERSION,))
        return [FileFailure(None, os.fsdecode(path), code, why, hint) for path, code, why, hint in rows]

    def failures_of(self, keys: Sequence[str]) -> dict[str, FileFailure]:
        """Why contents could not be fingerprinted by the current definitions; their paths are left empty."""
        rows = rows_in(
            self._database,
            "SELECT content_key, code, why, hint FROM fingerprint_failures "
            "WHERE content_key IN ({marks}) AND version = ?",
            keys,
            then=(FINGERPRINT_VERSION,),
        )
        return {key: FileFailure(None, "", code, why, hint) for key, code, why, hint in rows}


def _due() -> Sql:
    fingerprint = without("fingerprints", FINGERPRINT_VERSION)
    missing = Sql.any_of([fingerprint, without_landmarks()])
    return Sql.all_of([missing, without("fingerprint_failures", FINGERPRINT_VERSION)])


def _fingerprinted(row: Row) -> FingerprintedTrack:
    *values, confidence, words, version = row
    flags = tuple(_FLAGS[word] for word in words.split() if word in _FLAGS)
    return FingerprintedTrack(Fingerprint(*values), flags, confidence, version)
