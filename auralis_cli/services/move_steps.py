"""Renamings are made and noted, and the rows of the library follow."""

from __future__ import annotations

import os
from collections.abc import Collection, Sequence
from contextlib import suppress

from auralis_cli.audio.sheet_finding import SheetFinder
from auralis_cli.audio.track_file import read_track_file
from auralis_cli.db.store import Store
from auralis_cli.errors import AuralisError, InputError, RefusedError
from auralis_cli.model.journal import DoneFile, FileOperation, IntendedFile
from auralis_cli.model.library import FileFailure, FileRecord, FileStat
from auralis_cli.quick_dataclasses import dataclass
from auralis_cli.services.audio_proofs import proved
from auralis_cli.services.changes import Change
from auralis_cli.services.move_order import MoveStep
from auralis_cli.services.renaming import rename
from auralis_cli.services.rewriting_job import failure_of
from auralis_cli.services.scan_roots import innermost
from auralis_cli.services.scan_work import stat_now

# Every file that the library knows lies in a root, and is filed there.
_NO_ROOT = 0


@dataclass(frozen=True, slots=True)
class _Made:
    """A step that was made, and the note of it."""

    step: MoveStep
    done: DoneFile


class MoveSteps:
    """Makes steps."""

    def __init__(self, store: Store, change: Change) -> None:
        self._store, self._change = store, change
        self._roots = [root.path for root in store.roots.all()]

    def take(self, groups: Sequence[Sequence[MoveStep]]) -> dict[int, FileFailure]:
        """Makes the steps of all groups; of the moves that failed, by number, why."""
        failures: dict[int, FileFailure] = {}
        singles = [group[0] for group in groups if len(group) == 1]
        made = self._together(singles, failures)
        self._settle(made, {step.move: step for step in singles if step.move not in failures})
        for group in groups:
            if len(group) > 1:
                self._in_turn(group, failures)
        return failures

    def _together(self, steps: Sequence[MoveStep], failures: dict[int, FileFailure]) -> list[_Made]:
        if not steps:
            return []
        intended = [_intended(step) for step in steps]
        noted = self._store.journal.intend_files(self._change.entry_id, FileOperation.MOVED, intended)
        made: list[_Made] = []
        not_made: list[int] = []
        for number, step in zip(noted, steps, strict=True):
            try:
                made.append(_make(number, step))
            except AuralisError as error:
                failures[step.move] = failure_of(step.path, error)
                not_made.append(number)
        if not_made:
            self._store.journal.files_not_done(not_made)
        return made

    def _in_turn(self, group: Sequence[MoveStep], failures: dict[int, FileFailure]) -> None:
        """Steps that need each other: each is noted when the one before it is made, so that its name is free then."""
        made: list[_Made] = []
        is_circle = group[0].move == group[-1].move
        for place, step in enumerate(group):
            done = self._together([step], failures)
            if not done:
                why = f"cannot be renamed before {step.path}: {failures[step.move].message}"
                for other in group[place + 1 :]:
                    failures.setdefault(other.move, FileFailure(None, other.path, RefusedError.code, why))
                if is_circle:
                    self._step_back(made, failures)
                    return
                break
            # For good, should the next one be cut short.
            self._store.journal.files_done([done[0].done])
            made += done
        last = {one.step.move: one.step for one in made}
        first = {one.step.move: one.step.path for one in reversed(made)}
        moved = {number: MoveStep(first[number], step.new_path, number) for number, step in last.items()}
        self._settle([], {number: step for number, step in moved.items() if number not in failures})

    def _step_back(self, made: Sequence[_Made], failures: dict[int, FileFailure]) -> None:
        """Of a circle all is made or nothing."""
        for one in reversed(made):
            rename(one.step.new_path, one.step.path)
            self._store.journal.files_not_done([one.done.id])
            why = "cannot be renamed, since another one cannot"
            failures.setdefault(one.step.move, FileFailure(None, one.step.path, RefusedError.code, why))

    def _settle(self, made: Sequence[_Made], moved: dict[int, MoveStep]) -> None:
        """Notes what was made; the library's rows follow, and are read again: names may tell what tags do not."""
        rows: list[tuple[int, FileStat]] = []
        unchanged: set[str] = set()
        for step in moved.values():
            # One that is gone once more is for the next scan.
            with suppress(InputError):
                if (row := self._store.files.get(step.path)) is not None:
                    rows.append((row.id, now := stat_now(step.new_path)))
                    if (row.size_bytes, row.mtime_ns) == (now.size_bytes, now.mtime_ns):
                        unchanged.add(step.new_path)
        records = self._read([stat for _, stat in rows])
        if not made and not rows:
            return
        with self._change.transaction():
            self._store.journal.files_done([one.done for one in made])
            if rows:
                self._store.files.move(rows)
                records = self._proved(records, unchanged)
                self._store.files.apply(records, root_id=_NO_ROOT, now=self._change.now())

    def _proved(self, records: Sequence[FileRecord], unchanged: Collection[str]) -> list[FileRecord]:
        found: list[FileRecord] = []
        for record in records:
            # Gone once more: for the next scan.
            with suppress(InputError):
                found += proved(self._store, [record], unchanged)
        return found

    def _read(self, stats: Sequence[FileStat]) -> list[FileRecord]:
        sheets = SheetFinder()
        records: list[FileRecord] = []
        for stat in stats:
            try:
                records.append(read_track_file(stat, innermost(stat.path, self._roots), sheets))
            except InputError:
                # As unreadable as before.
                continue
        return records


def _intended(step: MoveStep) -> IntendedFile:
    try:
        status = os.lstat(step.path)
    except OSError:
        # Gone just now, as renaming it will tell.
        return IntendedFile(step.path, step.new_path)
    return IntendedFile(step.path, step.new_path, None, status.st_size, status.st_mtime_ns)


def _make(noted: int, step: MoveStep) -> _Made:
    rename(step.path, step.new_path)
    status = os.lstat(step.new_path)
    return _Made(step, DoneFile(noted, status.st_size, status.st_mtime_ns))
