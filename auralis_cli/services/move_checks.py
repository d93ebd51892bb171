"""What stands against moves of files, before any is made."""

from __future__ import annotations

import os
import stat
from collections.abc import Sequence

from auralis_cli.audio.sheet_finding import SheetFinder
from auralis_cli.db.store import Store
from auralis_cli.errors import AuralisError, InputError, RefusedError
from auralis_cli.model.file_moves import FileMove
from auralis_cli.model.library import FileFailure
from auralis_cli.services.rewriting_job import failure_of
from auralis_cli.services.scan_roots import innermost


class MoveChecks:
    """Looks at moves together: names that one takes another may give away."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._sheets = SheetFinder()
        self._roots = [root.path for root in store.roots.all()]

    def failures(self, moves: Sequence[FileMove]) -> dict[int, FileFailure]:
        """Of the moves that cannot be made, by number, why."""
        given_up = {move.path for move in moves if move.path != move.new_path}
        seen: set[str] = set()
        wanted: dict[str, str] = {}
        found: dict[int, FileFailure] = {}
        for number, move in enumerate(moves):
            try:
                if move.path in seen:
                    raise RefusedError(move.path, "is named twice")
                seen.add(move.path)
                if (other := wanted.setdefault(move.new_path, move.path)) != move.path:
                    raise RefusedError(move.path, f"would have the same name as {other}")
                if move.path != move.new_path:
                    self._check(move, given_up)
            except AuralisError as error:
                found[number] = failure_of(move.path, error)
        self._add_what_waits(moves, found)
        return found

    @staticmethod
    def _add_what_waits(moves: Sequence[FileMove], found: dict[int, FileFailure]) -> None:
        """A name that was to be given up stays where it is, and so does who waits for that one's."""
        waiting = {move.new_path: number for number, move in enumerate(moves) if number not in found}
        # One that is named twice goes once.
        leaving = {moves[number].path for number in waiting.values()}
        kept = [moves[number].path for number in found]
        while kept:
            path = kept.pop()
            if path in leaving or (number := waiting.get(path)) is None:
                continue
            move = moves[number]
            found[number] = failure_of(move.path, RefusedError(move.path, f"would have a name that is taken: {path}"))
            leaving.discard(move.path)
            del waiting[path]
            kept.append(move.path)

    def _check(self, move: FileMove, given_up: set[str]) -> None:
        try:
            status = os.lstat(move.path)
        except (OSError, ValueError) as error:
            missing = isinstance(error, FileNotFoundError | NotADirectoryError)
            raise InputError(move.path, "does not exist" if missing else "cannot be reached") from error
        if not (stat.S_ISREG(status.st_mode) or stat.S_ISLNK(status.st_mode)):
            raise InputError(move.path, "is not a file")
        if not _is_possible(move.new_path):
            raise RefusedError(move.path, "would have a name that no file can have")
        if stat.S_ISLNK(status.st_mode) and not _leads_there_still(move):
            why = (
                f"is a link, {os.readlink(move.path)}, that would lead elsewhere from {os.path.dirname(move.new_path)}"
            )
            raise RefusedError(move.path, why)
        if (sheet := self._sheets.describing(move.path)) is not None:
            why = f"is named by a cue sheet, {os.path.basename(sheet.sheet)}, which would not find it any more"
            raise RefusedError(move.path, why)
        is_known = self._store.files.get(move.path) is not None
        if is_known and innermost(move.new_path, self._roots) is None:
            why = f"would lie where no scan of the library comes by: {move.new_path}"
            raise RefusedError(move.path, why, "auralis scan takes another folder into the library")
        if move.new_path in given_up:
            return
        if os.path.lexists(move.new_path) and not _is_same_file(move):
            raise RefusedError(move.path, f"would have a name that is taken: {move.new_path}")
        if is_known and self._store.files.get(move.new_path) is not None and not _is_same_file(move):
            why = f"would have the name of a file that the library knows and misses: {move.new_path}"
            raise RefusedError(move.path, why, "auralis cleanup --missing --apply forgets it")


def _is_possible(path: str) -> bool:
    try:
        return b"\0" not in os.fsencode(path)
    except ValueError:
        return False


def _leads_there_still(move: FileMove) -> bool:
    """Whether a link leads from its new name to what it leads to now: a relative one is seen from its folder."""
    now, then = (os.path.join(os.path.dirname(path), os.readlink(move.path)) for path in (move.path, move.new_path))
    return os.path.realpath(now) == os.path.realpath(then)


def _is_same_file(move: FileMove) -> bool:
    """Where names differ in case only and that does not matter to the file system."""
    if move.path.casefold() != move.new_path.casefold() or not os.path.lexists(move.new_path):
        return False
    status = os.lstat(move.path)
    return status.st_nlink == 1 and os.path.samestat(status, os.lstat(move.new_path))
