"""One file of an export: copied byte for byte, or decoded and encoded, with its tags and cover; whole or not at all."""

from __future__ import annotations

import errno
import os
import tempfile
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path

from auralis_cli.audio.source_file import open_source
from auralis_cli.errors import InputError, OutputError, RefusedError
from auralis_cli.model.progress import CancelToken, ProgressSink
from auralis_cli.model.published_file import PublishedFile
from auralis_cli.model.source import AudioSource
from auralis_cli.quick_dataclasses import dataclass
from auralis_cli.services.export_folder import FolderIdentity
from auralis_cli.services.trash import TrashPlace, bring_back, move_to_trash
from auralis_cli.whole_file import give_name, new_file_mode, temporary_prefix

_PIECE_BYTES = 8 << 20
_NOT_BETWEEN_THESE = (errno.EXDEV, errno.EINVAL, errno.ENOSYS, errno.EOPNOTSUPP, errno.EPERM, errno.EBADF)


@dataclass(frozen=True, slots=True)
class ExportJob:
    """What one file is made of, and what it becomes."""

    source: AudioSource
    target: Path
    # A key of the format registry; None: a copy.
    format: str | None
    bitrate_bps: int | None
    # The time it is given.
    mtime_ns: int
    # What has its name goes to the trash.
    displaces: bool
    # What the source's tags say of its loudness, gain in dB and peak, of the track and of its album: true of the same
    # samples in another format too.
    track_gain: tuple[float, float] | None = None
    album_gain: tuple[float, float] | None = None
    # The folder that is exported into; where that is another one by now, nothing is made in it.
    folder: FolderIdentity | None = None


@dataclass(frozen=True, slots=True)
class MadeFile:
    """A file that has its name."""

    published: PublishedFile
    warnings: tuple[str, ...] = ()


def make_file(job: ExportJob, progress: ProgressSink, cancel: CancelToken) -> MadeFile:
    """Makes the file, beside its place first. What has its name comes back where that fails.

    Raises InputError for a source that cannot be read, OutputError where the disk fails, RefusedError where the name
    was taken meanwhile, CancelledError when asked to stop; nothing is left behind then.
    """
    if job.folder is not None:
        job.folder.check()
    if job.format is None:
        return MadeFile(_copied(job, progress, cancel))
    # Decoders are loaded only where something is decoded.
    from auralis_cli.services.export_encoding import encoded

    return encoded(job, progress, cancel)


def _copied(job: ExportJob, progress: ProgressSink, cancel: CancelToken) -> PublishedFile:
    assert job.source.path is not None
    source = open_source(job.source.path)
    try:
        before = os.fstat(source)
        handle, name = tempfile.mkstemp(prefix=temporary_prefix(os.getpid()), suffix=".part", dir=job.target.parent)
        temporary = Path(name)
        try:
            with closing(os.fdopen(handle, "wb", buffering=0)):
                _copy_bytes(job, source, handle, before.st_size, progress, cancel)
                os.fchmod(handle, new_file_mode())
                _begin_writing(handle)
            after = os.fstat(source)
            if (after.st_size, after.st_mtime_ns) != (before.st_size, before.st_mtime_ns):
                raise InputError(job.source.name, "changed while it was copied")
            os.utime(temporary, ns=(job.mtime_ns, job.mtime_ns))
            return _named(job, temporary)
        finally:
            temporary.unlink(missing_ok=True)
    except OSError as error:
        raise OutputError(str(job.target), _reason(error)) from error
    finally:
        os.close(source)


def _copy_bytes(
    job: ExportJob, source: int, target: int, size_bytes: int, progress: ProgressSink, cancel: CancelToken
) -> None:
    """All of it, shared on disk where the file system can, by the kernel where it cannot."""
    copy: Callable[[int, int, int], int] = os.copy_file_range
    done = 0
    while True:
        cancel.raise_if_cancelled()
        progress.step("copying", done / size_bytes)
        try:
            count = copy(source, target, _PIECE_BYTES)
        except OSError as error:
            if copy is _by_hand or error.errno not in _NOT_BETWEEN_THESE:
                raise
            copy = _by_hand
            continue
        if not count:
            break
        done += count
    if done != size_bytes:
        raise InputError(job.source.name, "changed while it was copied")


def _begin_writing(file: int) -> None:
    """Has the disk take what it was given by now, so that there is little to wait for where it has to be there.

    The kernel forgets it too, which nobody is about to read.
    """
    if hasattr(os, "posix_fadvise"):
        with suppress(OSError):
            os.posix_fadvise(file, 0, 0, os.POSIX_FADV_DONTNEED)


def _by_hand(source: int, target: int, size_bytes: int) -> int:
    data = os.read(source, size_bytes)
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(target, rest) :]
    return len(data)


def _named(job: ExportJob, temporary: Path) -> PublishedFile:
    status = os.stat(temporary)
    place: TrashPlace | None = None
    if job.displaces and os.path.lexists(job.target):
        place = move_to_trash(job.target)
    try:
        give_name(temporary, job.target)
    except OSError as error:
        if place is not None:
            with suppress(OutputError, RefusedError):
                bring_back(place, job.target)
        if isinstance(error, FileExistsError):
            raise RefusedError(str(job.target), "exists already") from error
        raise
    return PublishedFile(status.st_size, status.st_mtime_ns, None if place is None else str(place.file))


def _reason(error: OSError) -> str:
    return "the disk is full" if error.errno in (errno.ENOSPC, errno.EDQUOT) else error.strerror or "cannot be written"
