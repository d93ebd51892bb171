"""Rewritten files become what they were: made of what they are now and the patch that was kept of them.

Each is looked at before any is touched. Then they come back some at a time, beside their files first. One that is what
it was already is left alone, so that who was cut short may begin again.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from typing import IO

from auralis_cli.errors import RefusedError
from auralis_cli.model.journal import FileChange
from auralis_cli.model.rewrite_notes import FileIdentity, RewriteNote
from auralis_cli.quick_dataclasses import dataclass
from auralis_cli.services.copy_beside import (
    NO_ROOM,
    cannot_be_written,
    copy_prefix,
    dress_as,
    new_file_beside,
    remove_left_copies,
    remove_quietly,
    sync_files,
    sync_folders,
)
from auralis_cli.services.file_patches import DamagedPatchError, old_bytes
from auralis_cli.services.rewriting_job import blocks_of, digest_of, identity_of

_CHUNK_FILES = 64
_CHUNK_BYTES = 256 << 20


def to_restore(changes: Sequence[FileChange], at: str) -> list[FileChange]:
    """Of all that an entry did to a file, the last first, what is still to be taken back; the file lies at `at`.

    Raises RefusedError where it is neither as it was left nor as it was at any time before.
    """
    notes = [note_of(change) for change in changes]
    left = list(changes[_undone(changes[0].path, notes, at) :])
    for change in left:
        _check_kept(change, note_of(change))
    return left


def restore_files(files: Sequence[FileChange]) -> None:
    """Makes files what they were before, those that are not; none may be named twice.

    Raises RefusedError where one was changed at this moment or what is needed is damaged, OutputError where the disk
    fails: the chunks before it are done then.
    """
    for folder in {os.path.dirname(file.path) for file in files}:
        remove_left_copies(folder)
    for chunk in _chunks(files):
        while chunk:
            del chunk[: _restore_some(chunk)]


def note_of(file: FileChange) -> RewriteNote:
    """What the journal keeps of a rewritten file; RefusedError where that is none."""
    try:
        return RewriteNote.unpacked(file.before or "")
    except ValueError as error:
        raise RefusedError(file.path, "cannot be what it was: the journal does not tell") from error


def _undone(path: str, notes: Sequence[RewriteNote], at: str) -> int:
    """How many of the changes of a file, the last first, are not to be found in it."""
    try:
        with open(at, "rb") as file:
            status = os.fstat(file.fileno())
            if identity_of(status) == notes[0].left:
                return 0
            sizes = {notes[0].new_size_bytes, *(note.old_size_bytes for note in notes)}
            digest = digest_of(blocks_of(file.fileno())) if status.st_size in sizes else ""
    except FileNotFoundError as error:
        raise RefusedError(path, "is not there any more", "put it back, then undo") from error
    except OSError as error:
        raise RefusedError(path, f"cannot be read ({error.strerror})") from error
    for number in range(len(notes), 0, -1):
        if digest == notes[number - 1].old_digest:
            return number
    if digest == notes[0].new_digest:
        return 0
    raise _changed_since(path)


def _check_kept(file: FileChange, note: RewriteNote) -> None:
    """Raises RefusedError where what is needed is not there."""
    try:
        size = os.stat(file.place or "").st_size
    except OSError:
        size = -1
    if size < note.patch_at + note.patch_bytes:
        raise RefusedError(file.path, "cannot be what it was: what is needed is gone", f"it was {file.place}")


@dataclass(frozen=True, slots=True)
class _Old:
    """The old bytes of a file, beside it."""

    path: str
    name: str
    file: IO[bytes]
    # What is at `path` until then.
    now: FileIdentity


def _restore_some(files: Sequence[FileChange]) -> int:
    """Restores the first of the files, as many as there is room for at a time; how many."""
    made: list[_Old] = []
    path = ""
    try:
        with ExitStack() as open_files:
            for change in files:
                path = change.path
                try:
                    made.append(_make_old(change, open_files))
                except OSError as error:
                    if error.errno not in NO_ROOM or not made:
                        raise
                    # There is some again when these are in place.
                    break
            # All are written before the first is waited for.
            sync_files([old.file.fileno() for old in made])
        for old in made:
            path = old.path
            if identity_of(os.stat(path)) != old.now:
                raise _changed_since(path)
            os.replace(old.name, path)
    except OSError as error:
        raise cannot_be_written(path, error) from error
    finally:
        for old in made:
            remove_quietly(old.name)
        sync_folders({os.path.dirname(old.path) for old in made})
    return len(made)


def _make_old(change: FileChange, open_files: ExitStack) -> _Old:
    note = note_of(change)
    with open(change.path, "rb") as new:
        now = identity_of(os.fstat(new.fileno()))
        if digest_of(blocks_of(new.fileno())) != note.new_digest:
            raise _changed_since(change.path)
        with ExitStack() as until_made:
            file, name = until_made.enter_context(new_file_beside(change.path, copy_prefix(os.getpid(), "undo-")))
            try:
                file.writelines(_old_parts(change, note, new.fileno()))
            except DamagedPatchError as error:
                raise RefusedError(
                    change.path, f"cannot be what it was: what was kept is not right ({error})"
                ) from error
            file.flush()
            if digest_of(blocks_of(file.fileno())) != note.old_digest:
                raise RefusedError(change.path, "cannot be what it was: what was kept makes another file of it")
            dress_as(change.path, name, mtime_ns=note.old_mtime_ns)
            open_files.push(until_made.pop_all())
    return _Old(change.path, name, file, now)


def _old_parts(change: FileChange, note: RewriteNote, new: int) -> Iterator[bytes]:
    with open(change.place or "", "rb") as kept:
        yield from old_bytes(os.pread(kept.fileno(), note.patch_bytes, note.patch_at), new)


def _chunks(files: Sequence[FileChange]) -> Iterator[list[FileChange]]:
    chunk: list[FileChange] = []
    size_bytes = 0
    for file in files:
        chunk.append(file)
        size_bytes += note_of(file).old_size_bytes
        if len(chunk) >= _CHUNK_FILES or size_bytes >= _CHUNK_BYTES:
            yield chunk
            chunk, size_bytes = [], 0
    if chunk:
        yield chunk


def _changed_since(path: str) -> RefusedError:
    return RefusedError(path, "was changed since", "auralis undo takes back only what is as it was left")
