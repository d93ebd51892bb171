"""The part of rewriting that workers do: an edited copy beside each file, and what makes its old bytes of it again.

Nothing here touches a file itself. A chunk of files shares one file of patches.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from hashlib import blake2b
from pathlib import Path

from auralis_cli.audio.content_id import content_id, is_same_audio
from auralis_cli.audio.file_window import FileWindow
from auralis_cli.audio.source_file import open_source
from auralis_cli.audio.survey import Survey
from auralis_cli.audio.tag_reading import UNREADABLE
from auralis_cli.audio.tag_set import shown
from auralis_cli.audio.track_file import opened_audio
from auralis_cli.errors import AuralisError, CancelledError, InputError, OutputError, RefusedError
from auralis_cli.model.file_rewrites import FileEdit
from auralis_cli.model.library import FileFailure
from auralis_cli.model.progress import CancelToken, ProgressSink
from auralis_cli.model.rewrite_notes import FileIdentity, RewriteNote
from auralis_cli.quick_dataclasses import dataclass
from auralis_cli.services.copy_beside import (
    NO_ROOM,
    cannot_be_written,
    copy_beside,
    dress_as,
    remove_quietly,
    sync_files,
)
from auralis_cli.services.file_patches import make_patch

_DIGEST_BYTES = 16
_BLOCK_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class FileToEdit:
    """One file, by its own name and no link's, and what is to be done to it, in order."""

    path: str
    edits: tuple[FileEdit, ...]


@dataclass(frozen=True, slots=True)
class EditingPlan:
    """What holds for a chunk of files."""

    # A new file for their patches.
    pack: str
    # How names of copies begin.
    prefix: str
    keep_mtime: bool


@dataclass(frozen=True, slots=True)
class EditedCopy:
    """What came of one file; without a `name` the file stays as it is."""

    path: str
    notes: tuple[str, ...] = ()
    failure: FileFailure | None = None
    # Whether it failed because the disk had no room for the copy, beside those of others maybe.
    lacked_room: bool = False
    # The copy that is to take its place, and the file as it was copied.
    name: str | None = None
    # Where what is needed to take it back lies.
    pack: str | None = None
    was: FileIdentity | None = None
    note: RewriteNote | None = None


def edit_chunk(
    files: Sequence[FileToEdit], plan: EditingPlan, progress: ProgressSink, cancel: CancelToken
) -> tuple[EditedCopy, ...]:
    """Job of a worker: what came of each file. Copies and patches are on the disk."""
    results: list[EditedCopy] = []
    # All are written before the first is waited for.
    written: list[tuple[int, int]] = []
    pack = -1
    try:
        pack = os.open(plan.pack, os.O_CREAT | os.O_EXCL | os.O_RDWR | os.O_CLOEXEC, 0o600)
        for number, file in enumerate(files):
            cancel.raise_if_cancelled()
            progress.step("editing", number / len(files))
            results.append(_result(file, plan, pack, lambda copy: written.append((len(results), os.dup(copy)))))
        try:
            sync_files([pack, *(copy for _, copy in written)])
        except OSError:
            # One of them is to blame.
            for number, copy in written:
                results[number] = _on_disk(results[number], copy)
            os.fsync(pack)
        if os.fstat(pack).st_size == 0:
            remove_quietly(plan.pack)
    except BaseException as error:
        for result in results:
            if result.name is not None:
                remove_quietly(result.name)
        if isinstance(error, OSError):
            raise cannot_be_written(plan.pack, error) from error
        raise
    finally:
        for descriptor in (pack, *(copy for _, copy in written)):
            if descriptor >= 0:
                os.close(descriptor)
    return tuple(results)


def digest_of(parts: Iterable[bytes]) -> str:
    """What bytes are told by."""
    digest = blake2b(digest_size=_DIGEST_BYTES)
    for part in parts:
        digest.update(part)
    return digest.hexdigest()


def blocks_of(file: int) -> Iterator[bytes]:
    """All of an open file, from its beginning."""
    place = 0
    while block := os.pread(file, _BLOCK_BYTES, place):
        yield block
        place += len(block)


def identity_of(status: os.stat_result) -> FileIdentity:
    """A file as the system sees it now."""
    return FileIdentity(status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns)


def failure_of(path: str, error: AuralisError) -> FileFailure:
    """A failure as a value."""
    return FileFailure(None, path, error.code, error.why, error.hint)


def _result(file: FileToEdit, plan: EditingPlan, pack: int, keep: Callable[[int], None]) -> EditedCopy:
    """One file; what cannot be done is a value."""
    try:
        source = open_source(Path(file.path))
        try:
            return _edited(file, source, plan, pack, keep)
        finally:
            os.close(source)
    except CancelledError:
        raise
    except AuralisError as error:
        return EditedCopy(file.path, failure=failure_of(file.path, error))
    except OSError as error:
        return _not_written(file.path, error)
    except UNREADABLE as error:
        cause = error.__cause__ or error.__context__
        if isinstance(cause, OSError) and cause.errno in NO_ROOM:
            return _not_written(file.path, cause)
        why = f"its tags cannot be changed ({shown(str(error)) or type(error).__name__})"
        return EditedCopy(file.path, failure=FileFailure(None, file.path, InputError.code, why))


def _edited(file: FileToEdit, source: int, plan: EditingPlan, pack: int, keep: Callable[[int], None]) -> EditedCopy:
    was = identity_of(os.fstat(source))
    if os.fstatvfs(source).f_flag & os.ST_RDONLY:
        raise OSError(errno.EROFS, "")
    if not os.access(file.path, os.W_OK):
        # Replacing it would do; but somebody does not want it changed.
        raise OutputError(file.path, "may not be written to (permission denied)")
    with copy_beside(file.path, source, plan.prefix) as (copy, name):
        with opened_audio(file.path) as (window, row, survey):
            notes = [note for edit in file.edits for note in edit.apply(copy, row.key)]
            copy.flush()
            shift = _checked_shift(file.path, name, (window, row.key, survey))
        old_digest, new_digest = digest_of(blocks_of(source)), digest_of(blocks_of(copy.fileno()))
        if old_digest == new_digest:
            remove_quietly(name)
            return EditedCopy(file.path, tuple(notes))
        dress_as(file.path, name, mtime_ns=was.mtime_ns if plan.keep_mtime else None)
        patch = make_patch(source, copy.fileno(), (shift,))
        at = _append(pack, patch)
        size = os.fstat(copy.fileno()).st_size
        note = RewriteNote(was.size_bytes, was.mtime_ns, old_digest, size, new_digest, at, len(patch))
        keep(copy.fileno())
        if os.fstat(source).st_nlink > 1:
            notes.append("it has another name as well (a hard link), under which it stays as it was")
        return EditedCopy(file.path, tuple(notes), name=name, pack=plan.pack, was=was, note=note)


def _checked_shift(path: str, name: str, old: tuple[FileWindow, str, Survey]) -> int:
    """By how much the audio lies further on in the copy; RefusedError where it is not the same."""
    window, key, survey = old
    try:
        with opened_audio(name) as (new_window, new_row, new_survey):
            is_same = (
                new_row.key == key
                and is_same_audio(window, survey, new_window, new_survey)
                and content_id(window, survey, key) == content_id(new_window, new_survey, key)
            )
            if is_same:
                return new_survey.audio[0][0] - survey.audio[0][0]
    except InputError as error:
        raise RefusedError(path, f"would not be sound any more ({error.why})") from error
    raise RefusedError(path, "would not hold the same audio any more")


def _append(pack: int, data: bytes) -> int:
    """Puts a patch at the end; where that is."""
    at = os.lseek(pack, 0, os.SEEK_END)
    try:
        rest = memoryview(data)
        while rest:
            rest = rest[os.write(pack, rest) :]
    except OSError as error:
        os.ftruncate(pack, at)
        raise OutputError("undo", f"what is needed to take a change back cannot be kept ({error.strerror})") from error
    return at


def _on_disk(result: EditedCopy, copy: int) -> EditedCopy:
    try:
        os.fsync(copy)
    except OSError as error:
        assert result.name is not None
        remove_quietly(result.name)
        return _not_written(result.path, error)
    return result


def _not_written(path: str, error: OSError) -> EditedCopy:
    failure = failure_of(path, cannot_be_written(path, error))
    return EditedCopy(path, failure=failure, lacked_room=error.errno in NO_ROOM)
