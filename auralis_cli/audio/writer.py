"""Writing audio: beside the destination first, in its place only once it is complete."""

from __future__ import annotations

import errno
import os
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
import soundfile
from numpy.typing import NDArray

from auralis_cli.audio.chunks import zero_peak_time
from auralis_cli.audio.formats import check_output
from auralis_cli.audio.sndfile_decoder import StraightSoundFile
from auralis_cli.dsp.dither import quantize
from auralis_cli.errors import OutputError, RefusedError
from auralis_cli.model.audio import Dither, OutputFormat, Subtype

# libsndfile's own default (level 5 of 8): 0.656 of the size at the best trade of time.
FLAC_COMPRESSION = 0.625
# A RIFF header counts bytes in 32 bits; room is left for the other chunks, tags and cover included.
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
# File systems without hard links.
_NO_LINKS = (errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK)


class AtomicWriter:
    """A file that appears under its name whole, or not at all.

    Blocks go to a temporary file beside the destination; `commit` puts it in place. Leaving the
    context without that removes every trace. Not thread-safe; `write` may run on another thread.
    """

    def __init__(self, path: Path, output: OutputFormat, *, expected_frames: int | None = None) -> None:
        """Raises UsageError where the format cannot hold `output`, OutputError where nothing can be written."""
        check_output(output)
        self._path, self._output = path, output
        self.frames_written = 0
        self._max_frames = self._room_frames(expected_frames)
        try:
            self._descriptor, name = tempfile.mkstemp(prefix=".auralis-", suffix=".part", dir=path.parent)
        except OSError as error:
            raise self._failure(error) from error
        self._temporary: Path | None = Path(name)
        try:
            self._audio: StraightSoundFile | None = self._open_audio()
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
        if self._audio is None:
            raise ValueError("the audio is closed")
        if block.dtype != np.float32 or block.ndim != 2 or block.shape[1] != self._output.channels:
            expected = f"float32 (frames, {self._output.channels})"
            raise ValueError(f"a block must be {expected}, not {block.dtype} {block.shape}")
        if self._max_frames is not None and self.frames_written + len(block) > self._max_frames:
            raise OutputError(
                str(self._path), "grows beyond the 4 GiB a WAV file of unknown length can hold", "use flac"
            )
        try:
            self._audio.write(self._stored(block))
        except (soundfile.SoundFileError, OSError, AssertionError) as error:  # soundfile asserts that all was taken
            raise self._failure(error) from error
        self.frames_written += len(block)

    def close_audio(self) -> None:
        """Ends the audio: the header is final, tags may be added."""
        audio, self._audio = self._audio, None
        if audio is None:
            return
        try:
            audio.close()
            if self._output.format == "wav":
                zero_peak_time(self._descriptor)
        except (soundfile.SoundFileError, OSError) as error:
            raise self._failure(error) from error

    def commit(self, *, expected_frames: int | None = None, displace: Callable[[Path], None] | None = None) -> None:
        """Puts the file in its place: on disk before it has the name, and complete.

        A destination that exists is kept and RefusedError raised, unless `displace` takes it away:
        that is asked last, when nothing else can fail but giving the name.
        Raises OutputError where the disk fails or the file does not hold `expected_frames`.
        """
        self.close_audio()
        if expected_frames is not None and self.frames_written != expected_frames:
            raise OutputError(str(self._path), f"{self.frames_written} of {expected_frames} frames were written")
        temporary = self.temporary_path
        try:
            self._check_stored_length(temporary)
            os.chmod(temporary, 0o666 & ~_umask())
            _sync(temporary)
            if displace is not None and os.path.lexists(self._path):
                displace(self._path)
            _give_name(temporary, self._path)
            self._temporary = None
            _sync(self._path.parent)
        except FileExistsError as error:
            raise RefusedError(str(self._path), "exists already") from error
        except OSError as error:
            raise self._failure(error) from error
        finally:
            self._close_descriptor()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._discard()

    def _room_frames(self, expected_frames: int | None) -> int | None:
        """Frames that fit into a plain RIFF header; None where another kind of header is written."""
        if self._output.format != "wav":
            self._container = self._output.format.upper()
            return None
        frame_bytes = self._output.channels * (self._output.subtype.bits or 0) // 8
        room = MAX_RIFF_AUDIO_BYTES // frame_bytes
        self._container = "RF64" if expected_frames is not None and expected_frames > room else "WAV"
        return room if self._container == "WAV" else None

    def _open_audio(self) -> StraightSoundFile:
        output = self._output
        try:
            return StraightSoundFile(
                self._descriptor,
                "w",
                samplerate=output.sample_rate_hz,
                channels=output.channels,
                subtype=output.subtype.value,
                format=self._container,
                closefd=False,
                compression_level=FLAC_COMPRESSION if output.format == "flac" else None,
            )
        except (soundfile.SoundFileError, OSError) as error:
            raise self._failure(error) from error

    def _stored(self, block: NDArray[np.float32]) -> NDArray[np.float32] | NDArray[np.int32]:
        """libsndfile scales floats by 2^n − 1 and would move every sample: whole numbers are made here."""
        block = np.ascontiguousarray(block)
        bits = self._output.subtype.bits
        if self._output.subtype is Subtype.FLOAT or bits is None:
            return block
        return quantize(block, bits, dither=self._output.dither is Dither.TPDF, first_frame=self.frames_written)

    def _check_stored_length(self, temporary: Path) -> None:
        """Asks the file itself: a disk that filled up unnoticed, or a tag in the wrong place, shows here."""
        try:
            stored = soundfile.info(os.fsencode(temporary)).frames
        except soundfile.SoundFileError as error:
            raise self._failure(error) from error
        if stored != self.frames_written:
            raise OutputError(str(self._path), f"holds {stored} of the {self.frames_written} frames written")

    def _failure(self, error: Exception) -> OutputError:
        number = error.errno if isinstance(error, OSError) else _disk_state(self._path)
        detail = getattr(error, "error_string", None) or getattr(error, "strerror", None) or str(error)
        why = _REASONS.get(number or 0, f"cannot be written ({detail or 'short write'})")
        return OutputError(str(self._path), why)

    def _discard(self) -> None:
        if getattr(self, "_audio", None) is not None:
            with suppress(soundfile.SoundFileError, OSError):
                self._audio.close()  # type: ignore[union-attr]
            self._audio = None
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


def _give_name(temporary: Path, path: Path) -> None:
    """A file that appeared meanwhile stays: a link, unlike a rename, never replaces."""
    try:
        os.link(temporary, path, follow_symlinks=False)
    except FileExistsError:
        raise
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        # The name is taken first, exclusively, then given to the file.
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        os.replace(temporary, path)
    else:
        os.unlink(temporary)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _umask() -> int:
    """The process's umask, which can only be read by setting it."""
    mask = os.umask(0o077)
    os.umask(mask)
    return mask


def _disk_state(path: Path) -> int:
    """libsndfile does not say why a write failed; a folder without room does."""
    try:
        status = os.statvfs(path.parent)
    except OSError as error:
        return error.errno or 0
    return errno.ENOSPC if status.f_bavail == 0 else 0
