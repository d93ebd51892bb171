"""New names for files by what their tags say, found out for all of them before the first is renamed."""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing

from auralis_cli.db.store import Store
from auralis_cli.errors import AuralisError, InputError, RefusedError
from auralis_cli.model.file_moves import FileMove, MovedFile
from auralis_cli.model.library import FileFailure
from auralis_cli.model.progress import BatchProgressSink, CancelToken
from auralis_cli.model.tag_changes import TagTarget
from auralis_cli.model.tagged_files import row_of
from auralis_cli.model.templates import Template
from auralis_cli.quick_dataclasses import dataclass
from auralis_cli.services.changes import changes
from auralis_cli.services.file_moving import check_moves, move_files
from auralis_cli.services.file_tags import failure_at, read_tagged_file
from auralis_cli.services.name_templates import NameRules, filled_path
from auralis_cli.units import count_in_words

_VERB = "tag rename-files"


@dataclass(frozen=True, slots=True)
class RenameRequest:
    """Which files, and what they are to be called."""

    # What could not even be named stands in its place.
    targets: Sequence[TagTarget | FileFailure]
    template: Template
    rules: NameRules
    # Below which folder the names of the template are; None: folders are below the root of the library that the file is
    # in, a name alone is beside the file.
    folder: str | None = None
    dry_run: bool = False


def rename_files(
    store: Store, request: RenameRequest, sink: BatchProgressSink, cancel: CancelToken, clock: Callable[[], int]
) -> Generator[MovedFile]:
    """What came of each file, in order; one that is called so already has its own name as the new one.

    Raises LibraryError where the store cannot be used, CancelledError when asked to stop: what was renamed by then
    stands in the journal.
    """
    planned = _planned(store, request, sink, cancel)
    moves = [one for one in planned if isinstance(one, FileMove)]
    if request.dry_run:
        yield from _in_order(planned, iter(check_moves(store, moves)))
        return
    with (
        changes(store, _VERB, count_in_words(len(moves), "file"), clock) as change,
        closing(move_files(store, change, moves, sink, cancel)) as moved,
    ):
        count = 0
        for one in _in_order(planned, moved):
            count += one.failure is None and one.path != one.new_path
            change.summary = f"{count_in_words(count, 'file')} renamed"
            yield one


def _planned(
    store: Store, request: RenameRequest, sink: BatchProgressSink, cancel: CancelToken
) -> list[FileMove | FileFailure]:
    parts = "".join(piece for piece in request.template.pieces if isinstance(piece, str))
    has_folders = "/" in parts
    planned: list[FileMove | FileFailure] = []
    for number, target in enumerate(request.targets, 1):
        cancel.raise_if_cancelled()
        planned.append(_move(store, request, target, has_folders=has_folders))
        sink.overall(number, len(request.targets), target.path)
    return list(_told_apart(planned)) if request.rules.portable else planned


def _move(
    store: Store, request: RenameRequest, target: TagTarget | FileFailure, *, has_folders: bool
) -> FileMove | FileFailure:
    if isinstance(target, FileFailure):
        return target
    try:
        file = read_tagged_file(target)
        extension = os.path.splitext(target.path)[1]
        name = filled_path(request.template, row_of(file), request.rules, extension)
        is_beside = not has_folders and request.folder is None
        folder = os.path.dirname(target.path) if is_beside else _folder(store, request, target.path)
    except AuralisError as error:
        return failure_at(target.path, error)
    return FileMove(target.path, os.path.join(folder, name))


def _folder(store: Store, request: RenameRequest, path: str) -> str:
    if request.folder is not None:
        return request.folder
    root = store.roots.above(os.path.abspath(path))
    if root is None:
        raise InputError(path, "is below no root of the library", "--to DIR says where the template's folders are")
    return root.path


def _told_apart(planned: Sequence[FileMove | FileFailure]) -> Iterator[FileMove | FileFailure]:
    """The same; of names that case alone tells apart, which some file systems take for one, only the first."""
    taken: dict[str, FileMove] = {}
    for one in planned:
        if isinstance(one, FileFailure):
            yield one
            continue
        key = unicodedata.normalize("NFC", one.new_path).casefold()
        other = taken.setdefault(key, one)
        if other.new_path == one.new_path:
            yield one
        else:
            why = f"would be told from {os.path.basename(other.new_path)} by its case alone"
            yield failure_at(one.path, RefusedError(one.path, why, "--names posix takes that for two names"))


def _in_order(planned: Sequence[FileMove | FileFailure], moved: Iterator[MovedFile]) -> Iterator[MovedFile]:
    for one in planned:
        yield MovedFile(one.path, one.path, failure=one) if isinstance(one, FileFailure) else next(moved)
