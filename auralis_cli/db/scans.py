"""The scans that were made: when, how they ended, what they did, and which files they could not read."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import astuple

from auralis_cli.db import plausible
from auralis_cli.db.connection import LibraryDatabase
from auralis_cli.model.library import FileFailure, ScanCounts, ScanOutcome, ScanRun

# Of so many scans what they did is kept.
_KEPT = 100
_COLUMNS = "id, started_at, finished_at, outcome, added, updated, unchanged, moved, missing, failed, skipped, seconds"


class ScanRepository:
    """The record of scans."""

    def __init__(self, database: LibraryDatabase) -> None:
        self._database = database

    def begin(self, *, now: int) -> int:
        """The id of a scan that begins. One that is still said to run was ended from outside: only one can."""
        with self._database.write():
            self._database.run("UPDATE scan_runs SET outcome = 'interrupted' WHERE outcome = 'running'")
            return self._database.insert("INSERT INTO scan_runs (started_at) VALUES (?)", (now,))

    def finish(
        self,
        scan_id: int,
        outcome: ScanOutcome,
        counts: ScanCounts,
        failures: Sequence[FileFailure],
        *,
        seconds: float,
        now: int,
    ) -> None:
        """Notes how a scan ended; what is known of the oldest ones is dropped."""
        names = " = ?, ".join(_COLUMNS.split(", ")[4:-1])
        with self._database.write():
            self._database.run(
                f"UPDATE scan_runs SET finished_at = ?, outcome = ?, seconds = ?, {names} = ? WHERE id = ?",
                (now, str(outcome), seconds, *astuple(counts), scan_id),
            )
            self._database.run_many(
                "INSERT INTO scan_failures (run_id, path, code, message, hint) VALUES (?, ?, ?, ?, ?)",
                [
                    (
                        scan_id,
                        os.fsencode(one.path),
                        one.code,
                        plausible.text(one.message) or "",
                        plausible.text(one.hint),
                    )
                    for one in failures
                ],
            )
            self._database.run("DELETE FROM scan_runs WHERE id <= ?", (scan_id - _KEPT,))

    def latest(self, limit: int = 1) -> list[ScanRun]:
        """The latest scans, the last one first."""
        rows = self._database.all(f"SELECT {_COLUMNS} FROM scan_runs ORDER BY id DESC LIMIT ?", (limit,))
        return [
            ScanRun(number, started_at, finished_at, ScanOutcome(outcome), ScanCounts(*counts), seconds)
            for number, started_at, finished_at, outcome, *counts, seconds in rows
        ]

    def failures(self, scan_id: int) -> list[FileFailure]:
        """What a scan could not read."""
        rows = self._database.all(
            "SELECT path, code, message, hint FROM scan_failures WHERE run_id = ? ORDER BY id", (scan_id,)
        )
        return [FileFailure(None, os.fsdecode(path), *rest) for path, *rest in rows]
