"""Writing audio: beside the destination first, in its place only once it is complete."""

from __future__ import annotations

import errno
import io
import os
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import IO, Self

import numpy as np
import soundfile
from numpy.typing import NDArray

from auralis_cli.audio.encoder import EncodeError, Encoder
from auralis_cli.audio.formats import check_output
from auralis_cli.audio.reader import probe
from auralis_cli.audio.sndfile_encoder import SndfileEncoder, VorbisEncoder
from auralis_cli.audio.spool import spool_folder
from auralis_cli.errors import AuralisError, OutputError, RefusedError
from auralis_cli.model.audio import OutputFormat, Subtype
from auralis_cli.whole_file import give_name, new_file_mode, temporary_prefix

# RIFF and AIFF headers count bytes in 32 bits; room is left for the other chunks, tags and cover included.
MAX_RIFF_AUDIO_BYTES = (1 << 32) - (1 << 27)

_REASONS = {
    errno.ENOSPC: "the disk is full",
    errno.EDQUOT: "the disk quota is used up",
    errno.EROFS: "its folder is read-only",
    errno.EACCES: "its folder may not be written to",
    errno.EPERM: "its folder may not be written to",
    errno.ENOENT: "its folder does not exist",
    errno.ENOTDIR: "its folder does not exist",
    errno.EFBIG: "the file grows too large",
}


class AtomicWriter:
    """A file that appears under its name whole, or not at all.

    Blocks go to a temporary file beside the destination; `commit` puts it in place. Leaving the
    context without that removes every trace. Not thread-safe; `write` may run on another thread.
    """

    def __init__(
        self, path: Path | None, output: OutputFormat, *, expected_frames: int | None = None, first_frame: int = 0
    ) -> None:
        """Without a `path` the file lies where temporary files go, and has no place to be put in: see `finish`.

        mp3, opus and m4a want to know `expected_frames` (ValueError). Part of a track is dithered as in the whole,
        where `first_frame` says at which frame it begins.
        Raises UsageError where the format cannot hold `output`, OutputError where nothing can be written.
        """
        check_output(output)
        self._path, self._output, self._expected_frames = path, output, expected_frames
        self._first_frame = first_frame
        self._folder = spool_folder() if path is None else path.parent
        self.name = "standard output" if path is None else str(path)
        self._encoder: Encoder | None = None
        # The same descriptor with a buffer, for encoders that write to objects.
        self._file: IO[bytes] = io.BytesIO()
        self._descriptor = -1
        self._container, self._max_frames = self._room_frames(expected_frames)
        try:
            self._descriptor, name = tempfile.mkstemp(
                prefix=temporary_prefix(os.getpid()), suffix=".part", dir=self._folder
            )
        except OSError as error:
            raise self._failure(error) from error
        self._temporary: Path | None = Path(name)
        try:
            self._begin()
        except BaseException:
            self._discard()
            raise

    @property
    def temporary_path(self) -> Path:
        """Where the file is until it is committed; tags are written there, after `close_audio`."""
        if self._temporary is None:
            raise ValueError("the file is committed or gone")
        return self._temporary

    def write(self, block: NDArray[np.float32]) -> None:
        """Appends float32 `(frames, channels)`; whole numbers are made of it where the format stores them."""
        if self._encoder is None:
            raise ValueError("the audio is closed")
        if block.dtype != np.float32 or block.ndim != 2 or block.shape[1] != self._output.channels:
            expected = f"float32 (frames, {self._output.channels})"
            raise ValueError(f"a block must be {expected}, not {block.dtype} {block.shape}")
        if self._max_frames is not None and self.frames_written + len(block) > self._max_frames:
            raise self._too_long()
        try:
            self._encoder.write(block)
        except (EncodeError, OSError) as error:
            raise self._failure(error) from error
        self.frames_written += len(block)

    def close_audio(self) -> None:
        """Ends the audio: the header is final, tags may be added."""
        encoder, self._encoder = self._encoder, None
        if encoder is None:
            return
        try:
            encoder.close()
            self._file.flush()
        except (EncodeError, OSError) as error:
            encoder.abandon()
            raise self._failure(error) from error

    def restart(self) -> None:
        """Throws away what was written: the next block is the first again."""
        try:
            self._abandon()
            os.ftruncate(self._descriptor, 0)
            os.lseek(self._descriptor, 0, os.SEEK_SET)
        except OSError as error:
            raise self._failure(error) from error
        self._begin()

    def finish(self, *, expected_frames: int | None = None) -> Path:
        """Where the complete file is, for who copies it; it goes with the context.

        Raises OutputError where the disk fails or the file does not hold `expected_frames`.
        """
        self.close_audio()
        if expected_frames is not None and self.frames_written != expected_frames:
            raise OutputError(self.name, f"{self.frames_written} of {expected_frames} frames were written")
        self._check_stored_length(self.temporary_path)
        return self.temporary_path

    def commit(
        self,
        *,
        expected_frames: int | None = None,
        mtime_ns: int | None = None,
        displace: Callable[[Path], object] | None = None,
        ready: Callable[[Path], None] = lambda _finished: None,
    ) -> None:
        """Puts the file in its place: on disk before it has the name, complete, and modified at `mtime_ns`.

        A destination that exists is kept and RefusedError raised, unless `displace` takes it away:
        that is asked last, when nothing else can fail but giving the name. Before that `ready` sees the file.
        Raises OutputError where the disk fails or the file does not hold `expected_frames`.
        """
        if self._path is None:
            raise ValueError("a file for standard output has no place to be put in")
        temporary = self.finish(expected_frames=expected_frames)
        try:
            os.chmod(temporary, new_file_mode())
            if mtime_ns is not None:
                os.utime(temporary, ns=(os.stat(temporary).st_atime_ns, mtime_ns))
            _sync(temporary)
            ready(temporary)
            if displace is not None and os.path.lexists(self._path):
                displace(self._path)
            give_name(temporary, self._path)
            self._temporary = None
            # It has its name now; not every folder may be read, nor does every file system sync folders.
            with suppress(OSError):
                _sync(self._path.parent)
        except FileExistsError as error:
            raise RefusedError(self.name, "exists already") from error
        except OSError as error:
            raise self._failure(error) from error
        finally:
            self._abandon()
            self._close_descriptor()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._discard()

    def _room_frames(self, expected_frames: int | None) -> tuple[str, int | None]:
        """libsndfile's name of the container, and the frames its header can count (None: any number)."""
        key = self._output.format
        if key not in ("wav", "aiff"):
            return key.upper(), None
        room = MAX_RIFF_AUDIO_BYTES // (self._output.channels * (self._output.subtype.bits or 0) // 8)
        if expected_frames is None or expected_frames <= room:
            return key.upper(), room
        if key == "aiff":
            raise self._too_long()
        return "RF64", None

    def _too_long(self) -> OutputError:
        unknown = "" if self._output.format == "aiff" else " of unknown length"
        return OutputError(
            self.name, f"grows beyond the 4 GiB that {self._output.format}{unknown} can hold", "use flac"
        )

    def _begin(self) -> None:
        """Opens the encoder at the start of the empty file."""
        self.frames_written = 0
        self._file = open(self._descriptor, "r+b", closefd=False)  # noqa: SIM115
        try:
            self._encoder = self._open_encoder()
        except (EncodeError, OSError) as error:
            raise self._failure(error) from error

    def _open_encoder(self) -> Encoder:
        if self._output.format == "ogg":
            return VorbisEncoder(self._file, self._output)
        if self._output.subtype is not Subtype.LOSSY:
            return SndfileEncoder(self._descriptor, self._output, self._container, self._first_frame)
        if self._expected_frames is None:
            raise ValueError(f"{self._output.format} is written only where its length is known beforehand")
        # Imported where it is needed: it costs more than writing a short file.
        from auralis_cli.audio.av_encoder import AvEncoder

        return AvEncoder(self._file, self._output, self._expected_frames)

    def _check_stored_length(self, temporary: Path) -> None:
        """Asks the file itself: a disk that filled up unnoticed, or a tag in the wrong place, shows here."""
        try:
            if self._output.subtype is Subtype.LOSSY:
                stored = probe(temporary).frames
            else:
                stored = soundfile.info(os.fsencode(temporary)).frames
        except soundfile.SoundFileError as error:
            raise self._failure(error) from error
        except AuralisError as error:
            raise OutputError(self.name, f"cannot be read again ({error.why})") from error
        if stored != self.frames_written:
            raise OutputError(self.name, f"holds {stored} of the {self.frames_written} frames written")

    def _failure(self, error: Exception) -> OutputError:
        number = error.errno if isinstance(error, OSError) else _disk_state(self._folder)
        detail = getattr(error, "error_string", None) or getattr(error, "strerror", None) or str(error)
        why = _REASONS.get(number or 0, f"cannot be written ({detail or 'short write'})")
        return OutputError(self.name, why)

    def _abandon(self) -> None:
        encoder, self._encoder = self._encoder, None
        if encoder is not None:
            encoder.abandon()
        # Now, for what it holds back must not come later.
        with suppress(OSError):
            self._file.close()

    def _discard(self) -> None:
        self._abandon()
        self._close_descriptor()
        if self._temporary is not None:
            with suppress(OSError):
                self._temporary.unlink()
            self._temporary = None

    def _close_descriptor(self) -> None:
        descriptor, self._descriptor = self._descriptor, -1
        if descriptor >= 0:
            with suppress(OSError):
                os.close(descriptor)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _disk_state(folder: Path) -> int:
    """libsndfile does not say why a write failed; a folder without room does."""
    try:
        status = os.statvfs(folder)
    except OSError as error:
        return error.errno or 0
    return errno.ENOSPC if status.f_bavail == 0 else 0
