"""Decoding by PyAV (FFmpeg's libraries)."""

from __future__ import annotations

import os
from collections.abc import Iterator
from fractions import Fraction
from typing import IO

import av
import av.error
import numpy as np
from numpy.typing import NDArray

from auralis_cli.audio.decoder import DecodeError, claimed_frames
from auralis_cli.audio.probe import Sniffed
from auralis_cli.model.audio import StreamInfo, Subtype

_BUFFER_BYTES = 1 << 18
# Decoders need what went before: the bit reservoir of mp3 reaches back 511 bytes, opus wants 80 ms.
_PRE_ROLL_FRAMES = 8192
# The demuxer of Ogg misnumbers frames after a jump: these are decoded again from their start.
_INEXACT_SEEKS = ("ogg", "opus")
_SUBTYPES = {
    "u8": Subtype.PCM_8,
    "s16": Subtype.PCM_16,
    "s32": Subtype.PCM_32,
    "flt": Subtype.FLOAT,
    "dbl": Subtype.DOUBLE,
}
_LOSSLESS = ("pcm_", "flac", "alac", "wavpack", "ape", "tta")
# Offset and factor that bring an integer sample to ±1.
_SCALES = {"u8": (128.0, 1.0 / 128.0), "s16": (0.0, 2.0**-15), "s32": (0.0, 2.0**-31)}


class AvDecoder:
    """One open file; only the demuxer its content calls for may look at it, and nothing else is opened."""

    def __init__(self, descriptor: int, sniffed: Sniffed) -> None:
        self._file: IO[bytes] = os.fdopen(descriptor, "rb", buffering=0, closefd=False)
        try:
            self._container = av.open(
                self._file,
                "r",
                buffer_size=_BUFFER_BYTES,
                format=sniffed.format.demuxer,
                options={"protocol_whitelist": "", "format_whitelist": sniffed.format.demuxer},
                metadata_errors="replace",
            )
        except (av.error.FFmpegError, ValueError) as error:
            raise DecodeError(_reason(error)) from error
        try:
            self._begin(sniffed)
        except BaseException:
            self._container.close()
            raise

    def _begin(self, sniffed: Sniffed) -> None:
        if not self._container.streams.audio:
            raise DecodeError("no audio stream")
        self._stream = self._container.streams.audio[0]
        self._damaged_packets = 0
        self._rate_hz = self._channels = 0
        self._kind = ""
        self._pending: NDArray[np.float32] | None = None
        self._frames = self._decode()
        first = next(self._frames, None)
        if first is None:
            raise DecodeError("no audio in it")
        self._origin = first.pts or 0
        self._rate_hz, self._channels = first.sample_rate, first.layout.nb_channels
        self._kind = first.format.packed.name
        self._pending = self._samples(first)
        self.info = self._describe(sniffed)

    @property
    def warnings(self) -> tuple[str, ...]:
        """Damage met so far."""
        if not self._damaged_packets:
            return ()
        return (f"damaged: {self._damaged_packets} packets could not be decoded and were left out",)

    def read_into(self, out: NDArray[np.float32]) -> int:
        """Writes some frames to the start of `out` and says how many; 0 only at the end."""
        filled = 0
        while filled < len(out):
            if self._pending is None or not len(self._pending):
                frame = next(self._frames, None)
                if frame is None:
                    break
                self._pending = self._samples(frame)
            count = min(len(out) - filled, len(self._pending))
            out[filled : filled + count] = self._pending[:count]
            self._pending = self._pending[count:]
            filled += count
        return filled

    def seek(self, frame: int) -> None:
        """The next frame read is number `frame`: decoding starts earlier, and what comes before is dropped."""
        step = Fraction(1, self._rate_hz) / self._time_base
        exact = step.denominator == 1 and self.info.format not in _INEXACT_SEEKS
        start = max(0, frame - _PRE_ROLL_FRAMES) if exact else 0
        try:
            self._container.seek(self._origin + int(start * step), stream=self._stream, backward=True)
        except av.error.FFmpegError as error:
            raise DecodeError(_reason(error)) from error
        self._pending = None
        self._frames = self._decode()
        position: int | None = None
        for decoded in self._frames:
            if position is None:
                position = round(((decoded.pts or 0) - self._origin) / step)
            position += decoded.samples
            if position > frame:
                self._pending = self._samples(decoded)[decoded.samples - (position - frame) :]
                return

    def close(self) -> None:
        """Frees what the library holds."""
        self._container.close()

    @property
    def _time_base(self) -> Fraction:
        return self._stream.time_base or Fraction(1, self._rate_hz)

    def _decode(self) -> Iterator[av.AudioFrame]:
        """Decoded frames; packets that cannot be decoded, or are of another rate or width, are counted and left out."""
        packets = self._container.demux(self._stream)
        while True:
            try:
                packet = next(packets, None)
                if packet is None:
                    return
                frames = packet.decode()
            except av.error.EOFError:
                return
            except av.error.InvalidDataError:
                self._damaged_packets += 1
                continue
            except av.error.FFmpegError as error:
                raise DecodeError(_reason(error)) from error
            for frame in frames:
                if not self._channels or self._is_alike(frame):
                    yield frame
                else:
                    self._damaged_packets += 1

    def _is_alike(self, frame: av.AudioFrame) -> bool:
        return (frame.sample_rate, frame.layout.nb_channels) == (self._rate_hz, self._channels)

    def _samples(self, frame: av.AudioFrame) -> NDArray[np.float32]:
        """The samples of one decoded frame as `(frames, channels)`; floats keep what lies beyond ±1."""
        raw = frame.to_ndarray()
        samples = raw.T if frame.format.is_planar else raw.reshape(-1, self._channels)
        kind = frame.format.packed.name
        if kind in _SCALES:
            offset, factor = _SCALES[kind]
            return ((samples.astype(np.float64) - offset) * factor).astype(np.float32)
        return np.asarray(samples, np.float32)

    def _describe(self, sniffed: Sniffed) -> StreamInfo:
        codec = self._stream.codec_context.codec.canonical_name
        duration, frames = self._stream.duration, None
        if duration is not None and sniffed.states_length and not sniffed.unfinished_header:
            frames = claimed_frames(round(duration * self._time_base * self._rate_hz))
        subtype = Subtype.LOSSY
        if codec.startswith(_LOSSLESS):
            subtype = Subtype.PCM_24 if codec.startswith("pcm_s24") else _SUBTYPES.get(self._kind, subtype)
        return StreamInfo(self._rate_hz, self._channels, frames, sniffed.format.key, codec, subtype)


def _reason(error: Exception) -> str:
    return str(getattr(error, "strerror", None) or error).splitlines()[0].lower()
