"""Encoding by PyAV (FFmpeg's libraries): mp3, opus, m4a. What is written decodes to as many frames."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from fractions import Fraction
from typing import IO

import av
import av.error
import numpy as np
from numpy.typing import NDArray

from auralis_cli.audio.encoder import EncodeError, FrameCutter
from auralis_cli.audio.lame_tag import state_length
from auralis_cli.model.audio import OutputFormat
from auralis_cli.quick_dataclasses import dataclass

# No clock, no random serial numbers, no versions.
_BITEXACT = {"fflags": "+bitexact"}
_CODEC_BITEXACT = 1 << 23
_LAYOUTS = ("", "mono", "stereo", "3.0", "quad", "5.0", "5.1", "6.1", "7.1")
_AAC_FRAME = 1024
# Below this ffmpeg drops more than it should of a file that begins within its second packet.
_SHORTEST_ALIGNED = _AAC_FRAME // 2 + 1


@dataclass(frozen=True, slots=True)
class _Recipe:
    """How libav makes a format: muxer, encoder, the samples it takes, options of both."""

    muxer: str
    codec: str
    samples: str
    muxer_options: tuple[tuple[str, str], ...] = ()
    codec_options: tuple[tuple[str, str], ...] = ()


_RECIPES = {
    # Tags are written later, by other hands.
    "mp3": _Recipe("mp3", "libmp3lame", "fltp", (("id3v2_version", "0"),), (("compression_level", "3"),)),
    "opus": _Recipe("opus", "libopus", "flt"),
    # Its usual coder, "twoloop", now and then puts out bursts some dB above what went in, whatever the ceiling; this
    # one does not, and leaves up to 5 dB less noise on music. Nor is anything replaced by noise or by one channel.
    "m4a": _Recipe("ipod", "aac", "fltp", (), (("aac_coder", "fast"), ("aac_pns", "0"), ("aac_is", "0"))),
}


class _Sink:
    """The file as PyAV sees it: failures are kept for us, for PyAV prints those that follow the first."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._failure: OSError | None = None

    def write(self, data: bytes) -> int:
        """Takes everything; after a failure, without a trace."""
        self._try(lambda: self._file.write(data))
        return len(data)

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """The new position; what was held back is written first."""
        return self._try(lambda: self._file.seek(offset, whence))

    def tell(self) -> int:
        """The position."""
        return self._try(self._file.tell)

    def raise_failure(self) -> None:
        """Raises what went wrong with the file."""
        if self._failure is not None:
            raise self._failure

    def _try(self, action: Callable[[], int]) -> int:
        if self._failure is None:
            try:
                return action()
            except OSError as error:
                self._failure = error
        return 0


class AvEncoder:
    """One file in the making; `frames`, its length, must be known beforehand."""

    def __init__(self, file: IO[bytes], output: OutputFormat, frames: int) -> None:
        """`file` can be sought in and stays the caller's."""
        self._file, self._output, self._frames = file, output, frames
        self._sink = _Sink(file)
        self._recipe = _RECIPES[output.format]
        self._layout = _LAYOUTS[output.channels]
        self._time_base = Fraction(1, output.sample_rate_hz)
        self._position = -self._lead()
        try:
            frame_size = self._open()
        except (av.error.FFmpegError, ValueError) as error:
            raise EncodeError(_reason(error)) from error
        self._cutter = FrameCutter(frame_size, output.channels, self._lead())

    def write(self, block: NDArray[np.float32]) -> None:
        """Appends float32 `(frames, channels)`."""
        for samples in self._cutter.add(block):
            self._encode(samples)

    def close(self) -> None:
        """Ends the stream: the file is final."""
        if len(self._cutter.rest):
            self._encode(self._cutter.rest)
        try:
            self._container.mux(self._stream.encode(None))
            self._container.close()
        except av.error.FFmpegError as error:
            raise EncodeError(_reason(error)) from error
        self._sink.raise_failure()
        self._file.flush()
        if self._output.format == "mp3":
            state_length(self._file.fileno(), self._frames)

    def abandon(self) -> None:
        """Frees what the library holds, whatever has become of the file; raises nothing."""
        with suppress(av.error.FFmpegError, ValueError):
            self._container.close()

    def _lead(self) -> int:
        """Silence put before AAC, which the edit list takes away again.

        Players that heed the start of an edit list, as all do, may not heed its end: so the audio ends with a packet.
        """
        if self._output.format != "m4a" or self._frames < _SHORTEST_ALIGNED:
            return 0
        return -self._frames % _AAC_FRAME

    def _open(self) -> int:
        """Opens both and says how many frames the codec takes at a time."""
        output, recipe = self._output, self._recipe
        options = {**_BITEXACT, **dict(recipe.muxer_options)}
        if output.format == "m4a":
            # The edit list counts in these: milliseconds would not do.
            options["movie_timescale"] = str(output.sample_rate_hz)
        self._container = av.open(self._sink, "w", format=recipe.muxer, options=options)
        stream = self._container.add_stream(
            recipe.codec, rate=output.sample_rate_hz, options=dict(recipe.codec_options)
        )
        assert isinstance(stream, av.AudioStream)
        self._stream = stream
        codec = stream.codec_context
        codec.layout = self._layout
        codec.format = av.AudioFormat(recipe.samples)
        codec.time_base = self._time_base
        codec.bit_rate = output.bitrate_bps or 0
        codec.flags |= _CODEC_BITEXACT
        codec.thread_count = 1
        codec.open()
        return codec.frame_size or _AAC_FRAME

    def _encode(self, samples: NDArray[np.float32]) -> None:
        planes = samples.T if self._recipe.samples.endswith("p") else samples.reshape(1, -1)
        frame = av.AudioFrame.from_ndarray(
            np.ascontiguousarray(planes), format=self._recipe.samples, layout=self._layout
        )
        frame.sample_rate, frame.time_base = self._output.sample_rate_hz, self._time_base
        frame.pts = self._position
        self._position += len(samples)
        try:
            self._container.mux(self._stream.encode(frame))
        except av.error.FFmpegError as error:
            raise EncodeError(_reason(error)) from error
        self._sink.raise_failure()


def _reason(error: Exception) -> str:
    return str(getattr(error, "strerror", None) or error).splitlines()[0].lower()
