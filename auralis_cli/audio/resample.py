"""Sample rate conversion by soxr, in a stream."""

from __future__ import annotations

import numpy as np
import soxr
from numpy.typing import NDArray

from auralis_cli.audio.reader import AudioReader, ClosingReader
from auralis_cli.model.audio import StreamInfo, Subtype

Block = NDArray[np.float32]

_QUALITY = "HQ"
_BLOCK_FRAMES = 16_384


class Downsampler:
    """Converts a stream of blocks from one rate to another; float32 in and out."""

    def __init__(self, source_rate_hz: int, target_rate_hz: int, channels: int = 1) -> None:
        self._channels = channels
        self._stream = None
        if source_rate_hz != target_rate_hz:
            self._stream = soxr.ResampleStream(source_rate_hz, target_rate_hz, channels, "float32", _QUALITY)

    def process(self, block: Block, *, last: bool = False) -> Block:
        """What `(frames, channels)` more of the source give; `last` brings the rest as well."""
        if block.dtype != np.float32 or block.ndim != 2 or block.shape[1] != self._channels:
            raise ValueError(f"a block must be float32 (frames, {self._channels}), not {block.dtype} {block.shape}")
        if self._stream is None:
            return block.copy()
        converted: Block = self._stream.resample_chunk(np.ascontiguousarray(block), last)
        return converted

    def flush(self) -> Block:
        """The rest, after the last block."""
        return self.process(np.empty((0, self._channels), np.float32), last=True)


class ResampledReader(ClosingReader):
    """An AudioReader at another rate, `round(frames · ratio)` frames long; closes the one below."""

    def __init__(self, reader: AudioReader, sample_rate_hz: int) -> None:
        self._reader, source = reader, reader.info
        self._source_rate_hz, self._rate_hz = source.sample_rate_hz, sample_rate_hz
        self.info = StreamInfo(
            sample_rate_hz=sample_rate_hz,
            channels=source.channels,
            frames=None if source.frames is None else self._converted(source.frames),
            format=source.format,
            codec=source.codec,
            # Interpolated samples lie on no grid.
            subtype=source.subtype if sample_rate_hz == source.sample_rate_hz else Subtype.FLOAT,
        )
        self._pending: Block = np.empty((0, source.channels), np.float32)
        self._restart()

    @property
    def warnings(self) -> tuple[str, ...]:
        """What was wrong with the audio; complete once it was read to its end."""
        return self._reader.warnings

    def read_into(self, out: Block) -> int:
        """Fills `out`, C-ordered `(frames, channels)`, and says how many frames: fewer only at the end, then 0."""
        filled = 0
        while filled < len(out):
            if not len(self._pending) and not self._refill():
                break
            count = min(len(out) - filled, len(self._pending))
            out[filled : filled + count] = self._pending[:count]
            self._pending = self._pending[count:]
            filled += count
        return filled

    def seek(self, frame: int) -> None:
        """The next frame read is number `frame`: converted again from the start, hence exact."""
        self._reader.seek(0)
        self._restart()
        scrap = np.empty((_BLOCK_FRAMES, self.info.channels), np.float32)
        while frame > 0:
            count = self.read_into(scrap[: min(frame, _BLOCK_FRAMES)])
            if not count:
                return
            frame -= count

    def close(self) -> None:
        """Closes the reader below."""
        self._reader.close()

    def _converted(self, frames: int) -> int:
        """`round(frames · ratio)`, halves up, in whole numbers."""
        return (2 * frames * self._rate_hz + self._source_rate_hz) // (2 * self._source_rate_hz)

    def _restart(self) -> None:
        self._converter = Downsampler(self._source_rate_hz, self._rate_hz, self.info.channels)
        self._read_frames = self._made_frames = 0
        self._ended = False
        self._pending = np.empty((0, self.info.channels), np.float32)

    def _refill(self) -> bool:
        """Converts until there is something to give; False at the end."""
        while not self._ended and not len(self._pending):
            block = np.empty((_BLOCK_FRAMES, self.info.channels), np.float32)
            count = self._reader.read_into(block)
            self._read_frames += count
            self._ended = count < _BLOCK_FRAMES
            made = self._converter.process(block[:count], last=self._ended)
            if self._ended:
                made = self._fitted(made, self._converted(self._read_frames) - self._made_frames)
            self._made_frames += len(made)
            self._pending = made
        return len(self._pending) > 0

    @staticmethod
    def _fitted(made: Block, frames: int) -> Block:
        """soxr may round the length the other way: one frame is cut, or the last one held."""
        if frames <= len(made):
            return made[: max(0, frames)]
        missing = frames - len(made)
        last = made[-1:] if len(made) else np.zeros((1, made.shape[1]), np.float32)
        return np.concatenate([made, np.repeat(last, missing, axis=0)])
