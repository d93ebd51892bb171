"""Reading audio: `open_reader` finds the decoder by content and gives blocks of float32."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

import numpy as np
from numpy.typing import NDArray

from auralis_cli.audio.decoder import DecodeError, DecoderStream, MissingDecoderError, NoAudioError, truncation
from auralis_cli.audio.formats import Decoder, LengthPromise
from auralis_cli.audio.probe import Sniffed, sniff
from auralis_cli.audio.second_opinion import SecondOpinion
from auralis_cli.audio.sndfile_decoder import SndfileDecoder
from auralis_cli.audio.source_file import open_source
from auralis_cli.audio.trimmed import TrimmedStream
from auralis_cli.errors import InputError, UnsupportedError
from auralis_cli.model.audio import MAX_CHANNELS, MAX_SAMPLE_RATE_HZ, StreamInfo, Subtype, check_sample_rate
from auralis_cli.model.degraded import degradation

Block = NDArray[np.float32]

# Lossy decoders may differ by their delay from what the header counts, and some headers count in milliseconds; less
# than that is not a loss.
_VAGUE_FRAMES = 4096
# Eight of their bits make a frame.
_DSD = ("dsf", "dff")


def _open_by_libsndfile(descriptor: int, sniffed: Sniffed) -> DecoderStream:
    stream = SndfileDecoder(descriptor, sniffed)
    if stream.info.codec != "opus":
        return stream
    return SecondOpinion(stream, lambda: _open_by_pyav(descriptor, sniffed))


def _open_by_pyav(descriptor: int, sniffed: Sniffed) -> DecoderStream:
    # Imported where it is needed: it costs more than reading a short file by the other decoder.
    try:
        from auralis_cli.audio.av_decoder import AvDecoder
    except ImportError as error:
        raise MissingDecoderError("PyAV cannot be loaded") from error
    stream = AvDecoder(descriptor, sniffed)
    return stream if sniffed.music is None else TrimmedStream(stream, sniffed.music)


_OPENERS: dict[Decoder, Callable[[int, Sniffed], DecoderStream]] = {
    Decoder.LIBSNDFILE: _open_by_libsndfile,
    Decoder.PYAV: _open_by_pyav,
}


class AudioReader(Protocol):
    """One stream of audio, read from its start to its end; owned by one thread at a time."""

    @property
    def info(self) -> StreamInfo:
        """What the header announces."""
        ...

    @property
    def warnings(self) -> tuple[str, ...]:
        """What was wrong with the audio; complete once it was read to its end."""
        ...

    def read_into(self, out: Block) -> int:
        """Fills `out`, C-ordered `(frames, channels)`, and says how many frames: fewer only at the end, then 0."""
        ...

    def blocks(self, frames: int) -> Iterator[Block]:
        """Fresh arrays of `frames` frames each up to the end; the last may be shorter."""
        ...

    def seek(self, frame: int) -> None:
        """The next frame read is number `frame`, to the sample."""
        ...

    def close(self) -> None:
        """Gives the file back; closing twice is fine."""
        ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


def open_reader(path: Path) -> AudioReader:
    """A reader of the file at `path`, whatever it is called.

    Raises InputError for what is missing, unreadable or damaged beyond use, UnsupportedError for what
    is no audio of a kind read here.
    """
    return open_reader_on(open_source(path), path)


def open_reader_on(descriptor: int, path: Path) -> AudioReader:
    """A reader of an open file that errors call `path`; raises like `open_reader`, the file then closed."""
    try:
        sniffed = sniff(path, descriptor)
        stream, notes = _open_stream(path, descriptor, sniffed)
        try:
            check_stream(str(path), stream.info)
        except UnsupportedError:
            stream.close()
            raise
    except BaseException:
        os.close(descriptor)
        raise
    return FileReader(path, descriptor, stream, sniffed, notes)


class ClosingReader:
    """What every AudioReader does alike: it gives blocks, and a context closes it."""

    def blocks(self: AudioReader, frames: int) -> Iterator[Block]:
        """Fresh arrays of `frames` frames each up to the end; the last may be shorter."""
        while True:
            block = np.empty((frames, self.info.channels), np.float32)
            filled = self.read_into(block)
            if filled:
                yield block if filled == frames else block[:filled].copy()
            if filled < frames:
                return

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self: AudioReader,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def check_room(out: Block, channels: int) -> None:
    """Raises ValueError for an array that no reader of `channels` channels may fill."""
    if out.dtype != np.float32 or out.ndim != 2 or out.shape[1] != channels or not out.flags.c_contiguous:
        raise ValueError(f"out must be C-ordered float32 (frames, {channels}), not {out.dtype} {out.shape}")


def probe(path: Path) -> StreamInfo:
    """What the file announces, without decoding it; raises like `open_reader`."""
    with open_reader(path) as reader:
        return reader.info


class FileReader(ClosingReader):
    """The reader of one open file, whichever decoder it has."""

    def __init__(
        self, path: Path, descriptor: int, stream: DecoderStream, sniffed: Sniffed, notes: tuple[str, ...] = ()
    ) -> None:
        self._path, self._descriptor, self._stream, self._notes = path, descriptor, stream, notes
        self._announced_frames = sniffed.announced_frames or stream.info.frames
        self._breaks_off, self._tolerance = sniffed.breaks_off, sniffed.announced_tolerance
        self._is_vague = sniffed.announced_frames is None and (
            stream.info.subtype is Subtype.LOSSY or sniffed.format.length is LengthPromise.AS_DECODED
        )
        self._position = 0
        self._at_end = False
        self._closed = False
        self.info = stream.info

    @property
    def warnings(self) -> tuple[str, ...]:
        """What was wrong with the audio; complete once it was read to its end."""
        return (*self._notes, *self._stream.warnings, *self._truncation())

    def read_into(self, out: Block) -> int:
        """Fills `out`, C-ordered `(frames, channels)`, and says how many frames: fewer only at the end, then 0."""
        check_room(out, self.info.channels)
        filled = 0
        while filled < len(out) and not self._at_end:
            try:
                count = self._stream.read_into(out[filled:])
            except (DecodeError, OSError) as error:
                raise InputError(str(self._path), f"cannot be decoded ({error})") from error
            filled += count
            self._at_end = count == 0
        self._position += filled
        return filled

    def seek(self, frame: int) -> None:
        """The next frame read is number `frame`, to the sample."""
        if frame < 0:
            raise ValueError(f"frame must not be negative, got {frame}")
        try:
            self._stream.seek(frame)
        except (DecodeError, OSError) as error:
            raise InputError(str(self._path), f"cannot be sought in ({error})") from error
        self._position, self._at_end = frame, False

    def close(self) -> None:
        """Gives the file back; closing twice is fine."""
        if not self._closed:
            self._closed = True
            self._stream.close()
            os.close(self._descriptor)

    def _truncation(self) -> tuple[str, ...]:
        announced = self._announced_frames
        if not self._at_end:
            return ()
        if self._breaks_off:
            return ("truncated: it ends without its last page",)
        if announced is None:
            return ()
        tolerance = _VAGUE_FRAMES if self._is_vague else self._tolerance
        if self._position >= announced - tolerance:
            return ()
        return (truncation(self._position, announced),)


def _open_stream(path: Path, descriptor: int, sniffed: Sniffed) -> tuple[DecoderStream, tuple[str, ...]]:
    """The first decoder that opens the file, with what is to be said of that; every one's reason where none does."""
    reasons: list[str] = []
    missing: list[Decoder] = []
    nothing_in_it = True
    order = order_of_decoders(sniffed)
    for decoder in order:
        os.lseek(descriptor, 0, os.SEEK_SET)
        try:
            stream = _OPENERS[decoder](descriptor, sniffed)
        except MissingDecoderError as error:
            missing.append(decoder)
            reasons.append(str(error))
        except (DecodeError, OSError) as error:
            reasons.append(f"{decoder}: {error}" if len(order) > 1 else str(error))
            nothing_in_it &= isinstance(error, NoAudioError)
        else:
            return stream, tuple(degradation(f"{which} cannot be loaded, {decoder} decoded it") for which in missing)
    if missing:
        why = f"is {sniffed.format.key}, and {'; '.join(reasons)}"
        raise UnsupportedError(str(path), why, "auralis doctor tells more")
    if sniffed.format.key == "dff" and b"CMPR" in sniffed.head and b"DST " in sniffed.head:
        raise UnsupportedError(str(path), "is DSD compressed with DST, which is not read")
    if nothing_in_it:
        raise InputError(str(path), "holds no audio")
    raise InputError(str(path), f"is damaged {sniffed.format.key} ({'; '.join(reasons)})")


def order_of_decoders(sniffed: Sniffed) -> tuple[Decoder, ...]:
    """Who is asked to open a file, in order: libsndfile takes a header at its word that says "no audio"."""
    order = sniffed.format.decoders
    if sniffed.head[:4] == b"RIFX":
        # PyAV opens it too, and takes its samples for little-endian ones.
        return (Decoder.LIBSNDFILE,)
    return tuple(reversed(order)) if sniffed.unfinished_header else order


def check_stream(name: str, info: StreamInfo) -> None:
    """Raises UnsupportedError for rates and channels beyond what is worked on here."""
    if info.format in _DSD and info.sample_rate_hz > MAX_SAMPLE_RATE_HZ:
        raise UnsupportedError(name, f"is DSD of {info.sample_rate_hz * 8 / 1e6:.1f} MHz (up to 2.8 MHz is supported)")
    try:
        check_sample_rate(info.sample_rate_hz)
    except ValueError as error:
        raise UnsupportedError(name, f"has a rate of {error}") from error
    if not 1 <= info.channels <= MAX_CHANNELS:
        raise UnsupportedError(name, f"has {info.channels} channels (1 to {MAX_CHANNELS} are supported)")
