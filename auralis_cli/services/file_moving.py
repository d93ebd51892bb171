"""Gives files other names, in one change: never one that is taken, in an order in which swaps and chains come out.

    with changes(store, "tag rename-files", "12 files", clock) as change:
        for moved in move_files(store, change, moves, sink, cancel):
            …

The rows of the library go along with their ids, what lies beside a file under its name, and the covers in the folder
of an album that goes as a whole. Noted before and after in the journal, so that it can be undone, also where it was cut
short.
"""

from __future__ import annotations

import os
from collections.abc import Generator, Iterator, Sequence
from dataclasses import replace

from auralis_cli.db.store import Store
from auralis_cli.model.file_moves import FileMove, MovedFile
from auralis_cli.model.library import FileFailure
from auralis_cli.model.progress import BatchProgressSink, CancelToken
from auralis_cli.services.album_images import AlbumImages
from auralis_cli.services.changes import Change
from auralis_cli.services.companions import Companions
from auralis_cli.services.move_checks import MoveChecks
from auralis_cli.services.move_order import MoveStep, aside, moves_in_order
from auralis_cli.services.move_steps import MoveSteps
from auralis_cli.services.scan_lock import one_scan_at_a_time

_CHUNK_MOVES = 64


def move_files(
    store: Store, change: Change, moves: Sequence[FileMove], sink: BatchProgressSink, cancel: CancelToken
) -> Generator[MovedFile]:
    """Makes the moves and tells of them in their order; what cannot be done is a value with a failure, and that file
    is where it was. Who calls this must not hold the lock of scans.

    Raises LibraryError where the store cannot be used, CancelledError when asked to stop: what was done by then stands
    in the journal.
    """
    with one_scan_at_a_time(store.database.path, sink.note, cancel):
        yield from _Moving(store, change, sink, cancel).results(moves)


def check_moves(store: Store, moves: Sequence[FileMove]) -> list[MovedFile]:
    """What `move_files` would make of the moves, as far as can be told: for a dry run."""
    failures = MoveChecks(store).failures(_absolute(moves))
    return [_moved(move, failures.get(number)) for number, move in enumerate(moves)]


class _Moving:
    """One run."""

    def __init__(self, store: Store, change: Change, sink: BatchProgressSink, cancel: CancelToken) -> None:
        self._store, self._sink, self._cancel = store, sink, cancel
        self._steps = MoveSteps(store, change)
        self._companions, self._images = Companions(), AlbumImages(())

    def results(self, moves: Sequence[FileMove]) -> Generator[MovedFile]:
        """What came of each move, in their order."""
        absolute = _absolute(moves)
        failures = MoveChecks(self._store).failures(absolute)
        self._images = AlbumImages(absolute)
        done = {number: _moved(moves[number], failure) for number, failure in failures.items()}
        done |= {number: _moved(moves[number]) for number, move in enumerate(absolute) if move.path == move.new_path}
        told = 0
        for some in self._chunks(absolute, [number for number in range(len(moves)) if number not in done]):
            while told in done:
                yield self._told(done.pop(told), told, len(moves))
                told += 1
            self._cancel.raise_if_cancelled()
            done |= self._moved(moves, absolute, some)
        while told in done:
            yield self._told(done.pop(told), told, len(moves))
            told += 1

    def _told(self, moved: MovedFile, number: int, total: int) -> MovedFile:
        self._sink.overall(number + 1, total, moved.path)
        return moved

    def _chunks(self, moves: Sequence[FileMove], numbers: Sequence[int]) -> Iterator[list[list[MoveStep]]]:
        """Groups of steps, many that stand in nobody's way at once."""
        pairs = [(moves[number].path, moves[number].new_path) for number in numbers]
        chunk: list[list[MoveStep]] = []
        for group in moves_in_order(pairs, aside):
            chunk.append([replace(step, move=numbers[step.move]) for step in group])
            if len(chunk) >= _CHUNK_MOVES:
                yield chunk
                chunk = []
        yield chunk

    def _moved(
        self, moves: Sequence[FileMove], absolute: Sequence[FileMove], groups: Sequence[list[MoveStep]]
    ) -> dict[int, MovedFile]:
        companions = {step.move: self._companions.of(absolute[step.move].path) for group in groups for step in group}
        failures = self._steps.take(groups)
        found: dict[int, MovedFile] = {}
        along: list[tuple[int, str, str]] = []
        for number, names in companions.items():
            failure = failures.get(number)
            found[number] = _moved(moves[number], failure)
            if failure is None:
                stem = os.path.splitext(absolute[number].new_path)[0]
                along.extend((number, name, stem + os.path.splitext(name)[1]) for name in names)
        self._take_along(found, [(number, old, new) for number, old, new in along if old != new])
        gone = {number: absolute[number] for number, moved in found.items() if moved.failure is None}
        self._take_along(found, self._images.following(gone))
        return found

    def _take_along(self, found: dict[int, MovedFile], along: Sequence[tuple[int, str, str]]) -> None:
        """Moves what goes with moves, by their numbers; what cannot be moved stays, with a note."""
        failed = self._steps.take(list(moves_in_order([(old, new) for _, old, new in along], aside)))
        for place, (number, old, new) in enumerate(along):
            moved = found[number]
            if (failure := failed.get(place)) is None:
                found[number] = replace(moved, companions=(*moved.companions, new))
            else:
                note = f"{os.path.basename(old)} stays where it is: its new name {failure.message}"
                found[number] = replace(moved, notes=(*moved.notes, note))


def _absolute(moves: Sequence[FileMove]) -> list[FileMove]:
    return [FileMove(os.path.abspath(move.path), os.path.abspath(move.new_path)) for move in moves]


def _moved(move: FileMove, failure: FileFailure | None = None) -> MovedFile:
    if failure is not None:
        # Under the name by which it was asked for.
        failure = replace(failure, path=move.path)
    return MovedFile(move.path, move.new_path, failure=failure)
