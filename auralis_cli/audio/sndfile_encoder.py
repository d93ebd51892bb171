"""Encoding by libsndfile: samples stored as they are, and Vorbis."""

from __future__ import annotations

from contextlib import suppress
from typing import IO

import numpy as np
import soundfile
from numpy.typing import NDArray

from auralis_cli.audio.chunks import zero_peak_time
from auralis_cli.audio.encoder import EncodeError, FrameCutter
from auralis_cli.audio.sndfile_decoder import StraightSoundFile
from auralis_cli.audio.vorbis_order import TO_VORBIS
from auralis_cli.audio.vorbis_pages import VorbisPages
from auralis_cli.audio.vorbis_quality import vorbis_level
from auralis_cli.dsp.dither import quantize
from auralis_cli.model.audio import Dither, OutputFormat, Subtype

# libsndfile's own default (level 5 of 8): 0.656 of the size at the best trade of time.
FLAC_COMPRESSION = 0.625
# libvorbis decides by what it is given at a time.
_VORBIS_FRAMES = 4096
# soundfile asserts that all was taken.
_FAILURES = (soundfile.SoundFileError, AssertionError)


class SndfileEncoder:
    """Samples stored as they are: wav, flac, aiff."""

    def __init__(self, descriptor: int, output: OutputFormat, container: str, first_frame: int = 0) -> None:
        """`container` is libsndfile's name for it, e.g. RF64; `first_frame` where in its track the stream begins."""
        self._descriptor, self._output = descriptor, output
        self._frames = first_frame
        try:
            self._file = StraightSoundFile(
                descriptor,
                "w",
                samplerate=output.sample_rate_hz,
                channels=output.channels,
                subtype=output.subtype.value,
                format=container,
                closefd=False,
                compression_level=FLAC_COMPRESSION if output.format == "flac" else None,
            )
        except soundfile.SoundFileError as error:
            raise EncodeError(_reason(error)) from error

    def write(self, block: NDArray[np.float32]) -> None:
        """Appends float32 `(frames, channels)`; whole numbers are made of it where the format stores them."""
        try:
            self._file.write(self._stored(block))
        except _FAILURES as error:
            raise EncodeError(_reason(error)) from error
        self._frames += len(block)

    def close(self) -> None:
        """Ends the stream: the file is final."""
        try:
            self._file.close()
        except soundfile.SoundFileError as error:
            raise EncodeError(_reason(error)) from error
        zero_peak_time(self._descriptor)

    def abandon(self) -> None:
        """Frees what the library holds, whatever has become of the file; raises nothing."""
        with suppress(soundfile.SoundFileError, OSError):
            self._file.close()

    def _stored(self, block: NDArray[np.float32]) -> NDArray[np.float32] | NDArray[np.int32]:
        """libsndfile scales floats by 2^n − 1 and would move every sample: whole numbers are made here."""
        block = np.ascontiguousarray(block)
        bits = self._output.subtype.bits
        if self._output.subtype is Subtype.FLOAT or bits is None:
            return block
        return quantize(block, bits, dither=self._output.dither is Dither.TPDF, first_frame=self._frames)


class VorbisEncoder:
    """Ogg Vorbis, its pages cut anew on their way to the file: always the same bytes, and of exact length."""

    def __init__(self, file: IO[bytes], output: OutputFormat) -> None:
        self._order = TO_VORBIS.get(output.channels)
        self._cutter = FrameCutter(_VORBIS_FRAMES, output.channels)
        self._pages = VorbisPages(file)
        level = vorbis_level(output.sample_rate_hz, output.channels, output.bitrate_bps or 0)
        try:
            self._file = StraightSoundFile(
                self._pages,
                "w",
                samplerate=output.sample_rate_hz,
                channels=output.channels,
                subtype="VORBIS",
                format="OGG",
                compression_level=level,
            )
        except soundfile.SoundFileError as error:
            raise EncodeError(_reason(error)) from error

    def write(self, block: NDArray[np.float32]) -> None:
        """Appends float32 `(frames, channels)`."""
        for samples in self._cutter.add(block if self._order is None else block[:, self._order]):
            self._encode(samples)

    def close(self) -> None:
        """Ends the stream: the file is final."""
        if len(self._cutter.rest):
            self._encode(self._cutter.rest)
        try:
            self._file.close()
        except soundfile.SoundFileError as error:
            raise self._pages.failure or EncodeError(_reason(error)) from error
        self._pages.raise_failure()
        self._pages.finish()

    def abandon(self) -> None:
        """Frees what the library holds, whatever has become of the file; raises nothing."""
        with suppress(soundfile.SoundFileError, OSError):
            self._file.close()

    def _encode(self, samples: NDArray[np.float32]) -> None:
        try:
            self._file.write(np.ascontiguousarray(samples))
        except _FAILURES as error:
            raise self._pages.failure or EncodeError(_reason(error)) from error
        self._pages.raise_failure()


def _reason(error: Exception) -> str:
    return getattr(error, "error_string", None) or str(error) or "short write"
