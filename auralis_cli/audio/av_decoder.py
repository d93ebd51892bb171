"""Decoding by PyAV (FFmpeg's libraries)."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

import av
import av.error
import numpy as np
from av.codec.context import Flags2
from numpy.typing import NDArray

from auralis_cli.audio.decoder import DecodeError, NoAudioError, claimed_frames
from auralis_cli.audio.depths import stored_as
from auralis_cli.audio.probe import Sniffed
from auralis_cli.audio.watched_file import WatchedFile
from auralis_cli.model.audio import MAX_CHANNELS, StreamInfo

_BUFFER_BYTES = 1 << 18
# Decoders need what went before: the bit reservoir of mp3 reaches back 511 bytes, opus wants 80 ms.
_PRE_ROLL_FRAMES = 8192
_SCRAP_FRAMES = 16_384
# Of the container itself, after which it is given up.
_MAX_FAULTS = 100
# What decodes alike from anywhere, in containers that number packets so that a jump lands on the sample. All else is
# decoded again from its start.
_EXACT_SEEK_CODECS = ("pcm_", "flac", "alac", "mp3", "aac", "wavpack", "tta")
_EXACT_SEEK_FORMATS = ("wav", "flac", "mp3", "m4a", "wv", "tta")
# Offset and factor that bring an integer sample to ±1.
_SCALES = {"u8": (128.0, 2.0**-7), "s16": (0.0, 2.0**-15), "s32": (0.0, 2.0**-31), "s64": (0.0, 2.0**-63)}


class AvDecoder:
    """One open file; only the demuxer its content calls for may look at it, and nothing else is opened."""

    def __init__(self, descriptor: int, sniffed: Sniffed) -> None:
        self._descriptor, self._sniffed = descriptor, sniffed
        self._open()
        self.info = self._describe()

    def _open(self) -> None:
        """Begins at the first frame."""
        channels = self._sniffed.announced_channels
        if channels is not None and channels > MAX_CHANNELS:
            raise DecodeError(f"it announces {channels} channels")
        self._file = WatchedFile(self._descriptor)
        try:
            self._container = av.open(
                self._file,
                "r",
                buffer_size=_BUFFER_BYTES,
                format=self._sniffed.format.demuxer,
                options=_options(self._sniffed),
                metadata_errors="replace",
            )
        except (av.error.FFmpegError, OSError, ValueError) as error:
            raise DecodeError(_reason(error)) from error
        try:
            self._begin()
        except BaseException:
            self._container.close()
            raise

    def _begin(self) -> None:
        if not self._container.streams.audio:
            raise NoAudioError("no audio stream")
        self._stream = self._container.streams.audio[0]
        # Contrary to its type it is None for a codec nobody knows.
        if getattr(self._stream, "codec_context", None) is None:
            raise DecodeError("its codec is unknown")
        if _cuts_itself(self._sniffed):
            self._stream.codec_context.flags2 |= Flags2.skip_manual
        self._position = self._damaged_packets = 0
        self._rate_hz = self._channels = 0
        self._kind = ""
        self._pending: NDArray[np.float32] | None = None
        self._frames = self._decode()
        first = next(self._frames, None)
        if first is None:
            raise NoAudioError("no audio in it")
        self._origin = first.pts or 0
        self._rate_hz, self._channels = first.sample_rate, first.layout.nb_channels
        self._kind = first.format.packed.name
        self._pending = self._samples(first)

    @property
    def warnings(self) -> tuple[str, ...]:
        """Damage met so far."""
        lines: list[str] = []
        if self._damaged_packets:
            what = "1 packet" if self._damaged_packets == 1 else f"{self._damaged_packets} packets"
            were = "was" if self._damaged_packets == 1 else "were"
            lines.append(f"damaged: {what} could not be decoded and {were} left out")
        if self._file.gave_up:
            lines.append("damaged: no more audio was found for long, and the rest was not read")
        return tuple(lines)

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
        self._position += filled
        return filled

    def seek(self, frame: int) -> None:
        """The next frame read is number `frame`."""
        step = Fraction(1, self._rate_hz) / self._time_base
        is_numbered = step.denominator == 1 and self.info.format in _EXACT_SEEK_FORMATS
        if is_numbered and self.info.codec.startswith(_EXACT_SEEK_CODECS):
            self._jump_to(frame, int(step))
        else:
            self._decode_up_to(frame)

    def _jump_to(self, frame: int, step: int) -> None:
        """Decoding starts earlier, and what comes before is dropped; `step` is from frame to frame in time stamps."""
        start = max(0, frame - _PRE_ROLL_FRAMES)
        try:
            self._container.seek(self._origin + start * step, stream=self._stream, backward=True)
        except av.error.FFmpegError as error:
            raise DecodeError(_reason(error)) from error
        self._pending, self._position = None, frame
        self._frames = self._decode()
        position: int | None = None
        for decoded in self._frames:
            if position is None:
                position = round(((decoded.pts or 0) - self._origin) / step)
            position += decoded.samples
            if position > frame:
                self._pending = self._samples(decoded)[decoded.samples - (position - frame) :]
                return

    def _decode_up_to(self, frame: int) -> None:
        """Some decoders keep a memory of what was before a jump: a fresh one does not."""
        if frame < self._position:
            self._container.close()
            self._open()
        scrap = np.empty((_SCRAP_FRAMES, self._channels), np.float32)
        while self._position < frame and self.read_into(scrap[: frame - self._position]):
            pass

    def close(self) -> None:
        """Frees what the library holds."""
        self._container.close()

    @property
    def _time_base(self) -> Fraction:
        return self._stream.time_base or Fraction(1, self._rate_hz)

    def _decode(self) -> Iterator[av.AudioFrame]:
        """Decoded frames; packets that cannot be decoded, or are of another rate or width, are counted and left out."""
        for packet in self._packets():
            try:
                frames = packet.decode()
            except av.error.EOFError:
                return
            except av.error.FFmpegError:
                self._damaged_packets += 1
                continue
            for frame in frames:
                if not self._channels or self._is_alike(frame):
                    self._file.audio_found()
                    yield frame
                else:
                    self._damaged_packets += 1

    def _packets(self) -> Iterator[av.Packet[av.AudioStream]]:
        """Packets up to the end, or to where the container cannot be followed any further."""
        packets = self._container.demux(self._stream)
        for _ in range(_MAX_FAULTS):
            try:
                yield from packets
            except av.error.EOFError:
                return
            except av.error.InvalidDataError:
                self._damaged_packets += 1
                packets = self._container.demux(self._stream)
                continue
            except av.error.FFmpegError as error:
                if not self._channels:
                    raise DecodeError(_reason(error)) from error
                self._damaged_packets += 1
            return

    def _is_alike(self, frame: av.AudioFrame) -> bool:
        return (frame.sample_rate, frame.layout.nb_channels) == (self._rate_hz, self._channels)

    def _samples(self, frame: av.AudioFrame) -> NDArray[np.float32]:
        """The samples of one decoded frame as `(frames, channels)`; floats keep what lies beyond ±1."""
        if frame.format.name == "fltp":  # most lossy codecs; a third faster than by way of to_ndarray
            return _side_by_side(frame)
        try:
            raw = frame.to_ndarray()
        except ValueError as error:  # whole numbers of 64 bits
            raise DecodeError(f"samples of the kind {frame.format.name} are not read") from error
        samples = raw.T if frame.format.is_planar else raw.reshape(-1, self._channels)
        kind = frame.format.packed.name
        if kind in _SCALES:
            offset, factor = _SCALES[kind]
            return ((samples.astype(np.float64) - offset) * factor).astype(np.float32)
        return np.asarray(samples, np.float32)

    def _describe(self) -> StreamInfo:
        sniffed = self._sniffed
        codec = self._stream.codec_context.codec.canonical_name
        duration, frames = self._stream.duration, None
        if duration is not None and sniffed.states_length and not sniffed.unfinished_header:
            frames = claimed_frames(round(duration * self._time_base * self._rate_hz))
        subtype = stored_as(codec, self._kind, self._stream.codec_context.extradata, sniffed.head)
        return StreamInfo(self._rate_hz, self._channels, frames, sniffed.format.key, codec, subtype)


def _side_by_side(frame: av.AudioFrame) -> NDArray[np.float32]:
    """A frame whose channels lie one after the other; their planes may be longer than what is in them."""
    planes = frame.planes
    samples = np.empty((frame.samples, len(planes)), np.float32)
    for channel, plane in enumerate(planes):
        samples[:, channel] = np.frombuffer(plane, np.float32, frame.samples)  # type: ignore[call-overload]
    return samples


def _cuts_itself(sniffed: Sniffed) -> bool:
    """Whether the demuxer would cut by the same statement that the music is cut by here."""
    return sniffed.format.demuxer == "mov" and sniffed.music is not None


def _options(sniffed: Sniffed) -> dict[str, str]:
    options = {"protocol_whitelist": "", "format_whitelist": sniffed.format.demuxer}
    if _cuts_itself(sniffed):
        # Edit lists are heeded here to the sample: the demuxer rounds them, and drops all of a short piece.
        options["ignore_editlist"] = "1"
    return options


def _reason(error: Exception) -> str:
    return str(getattr(error, "strerror", None) or error).splitlines()[0].lower()
