"""Uncompressed samples read off a stream of bytes, with or without a header in front."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from auralis_cli.audio.byte_input import ByteInput
from auralis_cli.audio.decoder import truncation
from auralis_cli.audio.reader import ClosingReader, check_room, check_stream
from auralis_cli.model.audio import StreamInfo, Subtype
from auralis_cli.model.source import RawEncoding
from auralis_cli.quick_dataclasses import dataclass

_SKIP_FRAMES = 1 << 16


@dataclass(frozen=True, slots=True)
class _Storage:
    """How one sample is stored: as NumPy reads it, and what brings it to ±1."""

    sample_bytes: int
    # None for 3 bytes, which NumPy has no type for.
    dtype: str | None
    subtype: Subtype
    factor: float = 1.0
    offset: float = 0.0


_STORAGE = {
    RawEncoding.U8: _Storage(1, "u1", Subtype.PCM_8, 2.0**-7, -128.0),
    RawEncoding.S8: _Storage(1, "i1", Subtype.PCM_8, 2.0**-7),
    RawEncoding.S16LE: _Storage(2, "<i2", Subtype.PCM_16, 2.0**-15),
    RawEncoding.S16BE: _Storage(2, ">i2", Subtype.PCM_16, 2.0**-15),
    RawEncoding.S24LE: _Storage(3, None, Subtype.PCM_24, 2.0**-31),
    RawEncoding.S24BE: _Storage(3, None, Subtype.PCM_24, 2.0**-31),
    RawEncoding.S32LE: _Storage(4, "<i4", Subtype.PCM_32, 2.0**-31),
    RawEncoding.S32BE: _Storage(4, ">i4", Subtype.PCM_32, 2.0**-31),
    RawEncoding.F32LE: _Storage(4, "<f4", Subtype.FLOAT),
    RawEncoding.F32BE: _Storage(4, ">f4", Subtype.FLOAT),
    RawEncoding.F64LE: _Storage(8, "<f8", Subtype.DOUBLE),
    RawEncoding.F64BE: _Storage(8, ">f8", Subtype.DOUBLE),
}


@dataclass(frozen=True, slots=True)
class PcmLayout:
    """What must be known to read samples: how they are stored, how they lie, how many are announced."""

    encoding: RawEncoding
    sample_rate_hz: int
    channels: int
    # Key of the format registry, or "raw".
    format: str
    # None: they end where the stream ends.
    data_bytes: int | None

    @property
    def frame_bytes(self) -> int:
        """Bytes of one frame."""
        return _STORAGE[self.encoding].sample_bytes * self.channels

    @property
    def rest_bytes(self) -> int:
        """Bytes after the last whole frame, as far as they are announced."""
        return (self.data_bytes or 0) % self.frame_bytes

    @property
    def info(self) -> StreamInfo:
        """The stream as a reader announces it."""
        return StreamInfo(
            sample_rate_hz=self.sample_rate_hz,
            channels=self.channels,
            frames=None if self.data_bytes is None else self.data_bytes // self.frame_bytes,
            format=self.format,
            codec=f"pcm_{self.encoding}",
            subtype=_STORAGE[self.encoding].subtype,
        )


class PcmReader(ClosingReader):
    """An AudioReader of uncompressed samples; what comes after them is drained."""

    def __init__(self, source: ByteInput, layout: PcmLayout) -> None:
        """`source` stands at the first sample. Raises UnsupportedError for rates or channels beyond ours."""
        self.info = layout.info
        check_stream(source.name, self.info)
        self._source, self._layout = source, layout
        self._start = source.position
        self._position = 0
        self._rest_bytes = 0
        self._at_end = False

    @property
    def warnings(self) -> tuple[str, ...]:
        """What was wrong with the audio; complete once it was read to its end."""
        if not self._at_end:
            return ()
        if self.info.frames is not None and self._position < self.info.frames:
            return (truncation(self._position, self.info.frames),)
        if self._rest_bytes:
            return (f"truncated: ends within a frame ({self._rest_bytes} of {self._layout.frame_bytes} bytes)",)
        return ()

    def read_into(self, out: NDArray[np.float32]) -> int:
        """Fills `out`, C-ordered `(frames, channels)`, and says how many frames: fewer only at the end, then 0."""
        check_room(out, self.info.channels)
        wanted = self._frames_left(len(out))
        stored = np.empty(wanted * self._layout.frame_bytes, np.uint8)
        got = 0 if self._at_end else self._source.read_into(stored.data)
        frames, rest_bytes = divmod(got, self._layout.frame_bytes)
        _decode(stored[: got - rest_bytes], self._layout.encoding, out[:frames].reshape(-1))
        self._position += frames
        if frames < len(out):
            self._end(rest_bytes if self._layout.data_bytes is None else self._layout.rest_bytes)
        return frames

    def seek(self, frame: int) -> None:
        """The next frame read is number `frame`; InputError for a way back in a pipe."""
        if frame < 0:
            raise ValueError(f"frame must not be negative, got {frame}")
        if frame < self._position:
            self._source.seek(self._start)
            self._position, self._at_end = 0, False
        scrap = np.empty((_SKIP_FRAMES, self.info.channels), np.float32)
        while self._position < frame and self.read_into(scrap[: frame - self._position]):
            pass

    def close(self) -> None:
        """Gives the stream back; closing twice is fine."""
        self._source.close()

    def _frames_left(self, frames: int) -> int:
        return frames if self.info.frames is None else min(frames, self.info.frames - self._position)

    def _end(self, rest_bytes: int) -> None:
        if not self._at_end:
            self._at_end, self._rest_bytes = True, rest_bytes
            self._source.drain()


def _decode(stored: NDArray[np.uint8], encoding: RawEncoding, out: NDArray[np.float32]) -> None:
    """Stored samples to float32, each rounded once, as libsndfile does."""
    storage = _STORAGE[encoding]
    if storage.dtype is None:
        wide = np.zeros((len(out), 4), np.uint8)
        triples = stored.reshape(-1, 3)
        wide[:, 1:] = triples if encoding is RawEncoding.S24LE else triples[:, ::-1]
        samples = wide.reshape(-1).view("<i4")
    else:
        samples = stored.view(storage.dtype)
    with np.errstate(over="ignore", invalid="ignore"):  # doubles beyond float32; signalling NaN
        out[:] = samples
    if storage.offset:
        out += np.float32(storage.offset)
    if storage.factor != 1.0:
        out *= np.float32(storage.factor)
