"""Decoding by libsndfile."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from threading import Lock

import numpy as np
import soundfile
from numpy.typing import NDArray

from auralis_cli.audio.decoder import DecodeError, claimed_frames
from auralis_cli.audio.probe import Sniffed
from auralis_cli.audio.vorbis_order import FROM_VORBIS
from auralis_cli.model.audio import StreamInfo, Subtype

_SUBTYPES = {
    "PCM_S8": Subtype.PCM_8,
    "PCM_U8": Subtype.PCM_8,
    "PCM_16": Subtype.PCM_16,
    "PCM_24": Subtype.PCM_24,
    "PCM_32": Subtype.PCM_32,
    "FLOAT": Subtype.FLOAT,
    "DOUBLE": Subtype.DOUBLE,
}
_PCM_CODECS = {
    "PCM_S8": "pcm_s8",
    "PCM_U8": "pcm_u8",
    "PCM_16": "pcm_s16",
    "PCM_24": "pcm_s24",
    "PCM_32": "pcm_s32",
    "FLOAT": "pcm_f32",
    "DOUBLE": "pcm_f64",
}
# As PyAV calls them.
_OTHER_CODECS = {
    "MPEG_LAYER_I": "mp1",
    "MPEG_LAYER_II": "mp2",
    "MPEG_LAYER_III": "mp3",
    "ALAW": "pcm_alaw",
    "ULAW": "pcm_mulaw",
    "IMA_ADPCM": "adpcm_ima_wav",
    "MS_ADPCM": "adpcm_ms",
    "GSM610": "gsm_ms",
}
_BIG_ENDIAN = ("aiff", "caf", "au")
_ONE_BYTE = ("PCM_S8", "PCM_U8")
_SCRAP_FRAMES = 16_384
# Of the whole process; whoever redirects it must be alone.
_STANDARD_ERROR = Lock()


class StraightSoundFile(soundfile.SoundFile):  # type: ignore[misc]
    """A SoundFile that does not seek to where it already is after every block, as soundfile's own does."""

    def seekable(self) -> bool:
        """No, as far as reading and writing onwards is concerned; `seek` works."""
        return False


class SndfileDecoder:
    """One open file, decoded straight into the caller's array; the GIL is free meanwhile."""

    def __init__(self, descriptor: int, sniffed: Sniffed) -> None:
        self._descriptor = descriptor
        self._is_mpeg = sniffed.format.key == "mp3"
        self._file = self._open()
        self._position = 0
        self._damaged = False
        self.info = StreamInfo(
            sample_rate_hz=self._file.samplerate,
            channels=self._file.channels,
            frames=claimed_frames(self._file.frames),
            format=sniffed.format.key,
            codec=_codec(self._file, sniffed.format.key),
            subtype=Subtype.LOSSY if sniffed.format.key == "mp3" else _SUBTYPES.get(self._file.subtype, Subtype.LOSSY),
        )
        # libsndfile leaves the channels of Vorbis and Opus in their order, which is not ours.
        self._order = FROM_VORBIS.get(self.info.channels) if self.info.codec in ("vorbis", "opus") else None

    @property
    def warnings(self) -> tuple[str, ...]:
        """Damage met so far."""
        if not self._damaged:
            return ()
        return (f"damaged: used up to {self._position / self.info.sample_rate_hz:.2f} s",)

    def read_into(self, out: NDArray[np.float32]) -> int:
        """Writes some frames to the start of `out` and says how many; 0 only at the end."""
        if self._damaged:
            return 0
        try:
            count = int(self._file.buffer_read_into(out, "float32"))
        except soundfile.SoundFileError as error:
            count = self._salvage(out)
            self._damaged = True
            if self._position + count == 0:
                raise DecodeError(_reason(error)) from error
        if self._order is not None:
            out[:count] = out[:count, self._order]
        self._position += count
        return count

    def seek(self, frame: int) -> None:
        """The next frame read is number `frame`."""
        if self.info.codec == "vorbis":
            self._decode_up_to(frame)
            return
        if self.info.frames is not None:
            frame = min(frame, self.info.frames)
        try:
            self._file.seek(frame)
        except soundfile.SoundFileError as error:
            raise DecodeError(_reason(error)) from error
        self._position, self._damaged = frame, False

    def close(self) -> None:
        """Frees what the library holds."""
        self._file.close()

    def _open(self) -> StraightSoundFile:
        os.lseek(self._descriptor, 0, os.SEEK_SET)
        try:
            with _quiet_mpg123() if self._is_mpeg else nullcontext():
                return StraightSoundFile(self._descriptor, closefd=False)
        except soundfile.SoundFileError as error:
            raise DecodeError(_reason(error)) from error

    def _decode_up_to(self, frame: int) -> None:
        """Neither library seeks in Vorbis to the sample (10 to 45 % of jumps land elsewhere): decoding does."""
        if frame < self._position:
            self._file.close()
            self._file = self._open()
            self._position, self._damaged = 0, False
        scrap = np.empty((_SCRAP_FRAMES, self.info.channels), np.float32)
        while self._position < frame and self.read_into(scrap[: frame - self._position]):
            pass

    def _salvage(self, out: NDArray[np.float32]) -> int:
        """The frames before the damage: soundfile raises without saying how many came, so they are counted."""
        out.fill(np.nan)
        try:
            # After the failure it may refuse to seek.
            self._file.close()
            self._file = self._open()
            self._file.seek(self._position)
            self._file.buffer_read_into(out, "float32")
        except (soundfile.SoundFileError, DecodeError):
            pass
        came = np.flatnonzero(~np.isnan(out).all(axis=1))
        return int(came[-1]) + 1 if len(came) else 0


@contextmanager
def _quiet_mpg123() -> Iterator[None]:
    """Standard error leads nowhere meanwhile: the library remarks there on streams of a frame, however it is asked."""
    with _STANDARD_ERROR:
        try:
            kept = os.dup(2)
        except OSError:  # it is closed
            yield
            return
        try:
            nowhere = os.open(os.devnull, os.O_WRONLY | os.O_CLOEXEC)
            os.dup2(nowhere, 2)
            os.close(nowhere)
            yield
        finally:
            os.dup2(kept, 2)
            os.close(kept)


def _codec(file: soundfile.SoundFile, key: str) -> str:
    subtype = str(file.subtype)
    if key in ("flac", "opus"):
        return key
    if subtype in _PCM_CODECS:
        big = key in _BIG_ENDIAN if file.endian == "FILE" else file.endian == "BIG"
        return _PCM_CODECS[subtype] + ("" if subtype in _ONE_BYTE else "be" if big else "le")
    return _OTHER_CODECS.get(subtype, subtype.lower())


def _reason(error: Exception) -> str:
    """libsndfile's own words, without the name of the file and the full stop."""
    words = (getattr(error, "error_string", None) or str(error)).removeprefix("Error : ").rstrip(". ")
    if "SF_INFO" in words:
        return "its header says what cannot be"
    # What it says of every mp3 it cannot read.
    return "no audio found in it" if "does not exist" in words else words[:1].lower() + words[1:]
