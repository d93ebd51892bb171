"""Files of every format that can be made here, by foreign encoders, and their reading by a foreign decoder.

A recipe names a row of the registry; rows without one have no free encoder, and tests say so.
"""

from __future__ import annotations

import shutil
import struct
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

Audio = NDArray[np.float32]
Encode = Callable[[Path, Audio, int], None]

NO_ENCODER = {
    "ape": "no free encoder writes Monkey's Audio",
    "tak": "no free encoder writes TAK",
    "mpc": "stream version 7 is no longer written by any packaged encoder",
}


@dataclass(frozen=True, slots=True)
class Recipe:
    """One way to make a file of a format."""

    name: str
    # Of the row of the registry.
    key: str
    extension: str
    encode: Encode
    # The program that encodes, None where a Python package does.
    program: str | None = "ffmpeg"
    rate_hz: int = 44_100
    lossless: bool = False
    # Whether N frames encoded decode to N, from this many on.
    exact_from: int | None = 1
    # How late the sound comes, in frames.
    lag: int = 0
    codec: str | None = None
    # Bits kept of the float source, where lossless.
    bits: int = 16

    @property
    def missing(self) -> str | None:
        """Why files cannot be made, None where they can."""
        if self.program is None or shutil.which(self.program):
            return None
        return f"needs {self.program} to encode {self.key}"


def by_ffmpeg(*options: str) -> Encode:
    """Encodes with ffmpeg; options as on its command line."""

    def encode(path: Path, audio: Audio, rate_hz: int) -> None:
        source = path.with_name(f"{path.name}.source.wav")
        soundfile.write(source, audio, rate_hz, subtype="FLOAT")
        _run("ffmpeg", "-v", "error", "-y", "-i", source, *options, path)
        source.unlink()

    return encode


def by_libsndfile(container: str, subtype: str, endian: str | None = None) -> Encode:
    """Encodes with libsndfile."""

    def encode(path: Path, audio: Audio, rate_hz: int) -> None:
        soundfile.write(path, audio, rate_hz, format=container, subtype=subtype, endian=endian)

    return encode


def by_program(*command: str) -> Encode:
    """Encodes a 16-bit WAV with a program whose words hold SOURCE and TARGET."""

    def encode(path: Path, audio: Audio, rate_hz: int) -> None:
        source = path.with_name("source.wav")
        soundfile.write(source, audio, rate_hz, subtype="PCM_16")
        places = {"SOURCE": str(source), "TARGET": str(path)}
        _run(*(places.get(word, word) for word in command))
        source.unlink()

    return encode


def dsd(layout: str) -> Encode:
    """Encodes as DSD, 64 bits to a frame of 44.1 kHz, by a second-order modulator."""

    def encode(path: Path, audio: Audio, rate_hz: int) -> None:
        bits = np.stack([_modulated(channel) for channel in np.repeat(audio, 64, axis=0).T])
        path.write_bytes((_dsf if layout == "dsf" else _dff)(bits, rate_hz * 64))

    return encode


RECIPES: tuple[Recipe, ...] = (
    Recipe("wav 16", "wav", ".wav", by_libsndfile("WAV", "PCM_16"), None, lossless=True),
    Recipe("wav 24 extensible", "wav", ".wave", by_libsndfile("WAVEX", "PCM_24"), None, lossless=True, bits=24),
    Recipe("wav float", "wav", ".wav", by_libsndfile("WAV", "FLOAT"), None, lossless=True, bits=25),
    Recipe("wav RIFX", "wav", ".wav", by_libsndfile("WAV", "PCM_16", "BIG"), None, lossless=True),
    Recipe("wav RF64", "wav", ".rf64", by_libsndfile("RF64", "PCM_16"), None, lossless=True),
    Recipe("wav A-law", "wav", ".wav", by_ffmpeg("-c:a", "pcm_alaw")),
    Recipe("wav mu-law", "wav", ".wav", by_ffmpeg("-c:a", "pcm_mulaw")),
    Recipe("wav IMA ADPCM", "wav", ".wav", by_ffmpeg("-c:a", "adpcm_ima_wav"), exact_from=None),
    Recipe("wav MS ADPCM", "wav", ".wav", by_ffmpeg("-c:a", "adpcm_ms"), exact_from=None),
    Recipe("w64", "w64", ".w64", by_libsndfile("W64", "PCM_16"), None, lossless=True),
    Recipe("flac 16", "flac", ".flac", by_libsndfile("FLAC", "PCM_16"), None, lossless=True),
    Recipe("flac 24", "flac", ".flac", by_libsndfile("FLAC", "PCM_24"), None, lossless=True, bits=24),
    Recipe("oggflac", "oggflac", ".oggflac", by_ffmpeg("-f", "ogg", "-c:a", "flac"), lossless=True, bits=24),
    Recipe("aiff 16", "aiff", ".aiff", by_libsndfile("AIFF", "PCM_16"), None, lossless=True),
    Recipe("aiff 24", "aiff", ".aif", by_libsndfile("AIFF", "PCM_24"), None, lossless=True, bits=24),
    Recipe("aifc float", "aiff", ".aifc", by_libsndfile("AIFF", "FLOAT"), None, lossless=True, bits=25),
    Recipe("caf 16", "caf", ".caf", by_libsndfile("CAF", "PCM_16"), None, lossless=True),
    Recipe("caf alac", "caf", ".caf", by_ffmpeg("-c:a", "alac", "-sample_fmt", "s16p"), lossless=True),
    Recipe("au 16", "au", ".au", by_libsndfile("AU", "PCM_16"), None, lossless=True),
    Recipe("au mu-law", "au", ".snd", by_libsndfile("AU", "ULAW"), None),
    Recipe("vorbis", "ogg", ".ogg", by_ffmpeg("-c:a", "libvorbis", "-q:a", "6")),
    Recipe("vorbis by libsndfile", "ogg", ".oga", by_libsndfile("OGG", "VORBIS"), None),
    # ffmpeg writes no audio at all for some few frames.
    Recipe("opus", "opus", ".opus", by_ffmpeg("-c:a", "libopus", "-b:a", "160k"), rate_hz=48_000, exact_from=576),
    Recipe("speex", "spx", ".spx", by_ffmpeg("-c:a", "libspeex"), rate_hz=32_000, exact_from=None, lag=509),
    Recipe("aac", "m4a", ".m4a", by_ffmpeg("-c:a", "aac", "-aac_pns", "0", "-b:a", "192k")),
    Recipe("alac 16", "m4a", ".m4b", by_ffmpeg("-f", "mp4", "-c:a", "alac", "-sample_fmt", "s16p"), lossless=True),
    Recipe("alac 24", "m4a", ".m4a", by_ffmpeg("-c:a", "alac", "-sample_fmt", "s32p"), lossless=True, bits=24),
    Recipe(
        "flac in mp4", "m4a", ".mp4", by_ffmpeg("-c:a", "flac", "-sample_fmt", "s16", "-strict", "-2"), lossless=True
    ),
    # The decoder leaves out the first 4096 frames, of which 2048 are the encoder's delay.
    Recipe("wma 2", "wma", ".wma", by_ffmpeg("-c:a", "wmav2", "-b:a", "192k"), exact_from=None, lag=-2048),
    Recipe("wma 1", "wma", ".asf", by_ffmpeg("-c:a", "wmav1", "-b:a", "192k"), exact_from=None, lag=-2048),
    Recipe("wavpack 16", "wv", ".wv", by_ffmpeg("-c:a", "wavpack", "-sample_fmt", "s16p"), lossless=True),
    Recipe("wavpack float", "wv", ".wv", by_ffmpeg("-c:a", "wavpack", "-sample_fmt", "fltp"), lossless=True, bits=25),
    Recipe(
        "musepack 8", "mpc8", ".mpc", by_program("mpcenc", "--silent", "SOURCE", "TARGET"), "mpcenc", exact_from=2000
    ),
    Recipe("tta", "tta", ".tta", by_ffmpeg("-c:a", "tta", "-sample_fmt", "s16"), lossless=True),
    Recipe("adts", "aac", ".aac", by_ffmpeg("-c:a", "aac", "-aac_pns", "0"), exact_from=None, lag=1024),
    Recipe("ac3", "ac3", ".ac3", by_ffmpeg("-c:a", "ac3", "-b:a", "320k"), exact_from=None, lag=256),
    Recipe("eac3", "eac3", ".eac3", by_ffmpeg("-c:a", "eac3", "-b:a", "320k"), exact_from=None, lag=256),
    Recipe("eac3 short name", "eac3", ".ec3", by_ffmpeg("-f", "eac3", "-c:a", "eac3"), exact_from=None, lag=256),
    Recipe("lame cbr", "mp3", ".mp3", by_program("lame", "--quiet", "-b", "192", "SOURCE", "TARGET"), "lame"),
    Recipe("lame vbr", "mp3", ".mp3", by_program("lame", "--quiet", "-V2", "SOURCE", "TARGET"), "lame"),
    Recipe("mp3 by libsndfile", "mp3", ".mp3", by_libsndfile("MP3", "MPEG_LAYER_III"), None, exact_from=1105),
    Recipe("mp2", "mp3", ".mp2", by_ffmpeg("-c:a", "mp2"), exact_from=None, lag=481),
    Recipe("dsf", "dsf", ".dsf", dsd("dsf"), None, exact_from=None),
    Recipe("dff", "dff", ".dff", dsd("dff"), None, exact_from=None),
)


def piece(frames: int, rate_hz: int, channels: int = 2) -> Audio:
    """A glide with a little noise, in two different levels: nothing in it repeats, so a shift shows."""
    time_s = np.arange(frames) / rate_hz
    noise = np.random.default_rng(1).uniform(-0.01, 0.01, (frames, channels))
    glide = 0.2 * np.sin(2 * np.pi * (200.0 * time_s + 600.0 * time_s**2)) + 0.1 * np.sin(2 * np.pi * 441.0 * time_s)
    return np.ascontiguousarray(glide[:, None] * np.linspace(1.0, 0.5, channels) + noise, np.float32)


def decoded_by_ffmpeg(path: Path, channels: int, *options: str) -> Audio:
    """What ffmpeg makes of a file."""
    command: list[str | Path] = ["ffmpeg", "-v", "error", "-i", path, *options, "-f", "f32le", "-"]
    out = subprocess.run(command, capture_output=True, check=True, stdin=subprocess.DEVNULL).stdout
    return np.frombuffer(out, "<f4").reshape(-1, channels)


def delay_of(late: Audio, original: Audio) -> int:
    """By how many frames the first sounds after the second, by cross-correlation of their first channels."""
    size = 1 << (len(late) + len(original)).bit_length()
    spectrum = np.fft.rfft(late[:, 0], size) * np.fft.rfft(original[:, 0], size).conj()
    found = int(np.argmax(np.fft.irfft(spectrum)))
    return found if found < size // 2 else found - size


def _run(*command: str | Path) -> None:
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def _modulated(signal: NDArray[np.float32]) -> NDArray[np.uint8]:
    first = second = 0.0
    bits = bytearray(len(signal))
    for index, sample in enumerate(signal.tolist()):
        bit = second >= 0.0
        out = 1.0 if bit else -1.0
        first += sample - out
        second += first - out
        bits[index] = bit
    return np.frombuffer(bits, np.uint8)


def _dsf(bits: NDArray[np.uint8], rate_hz: int) -> bytes:
    block = 4096
    planes = np.packbits(bits, axis=1, bitorder="little")
    planes = np.pad(planes, ((0, 0), (0, -planes.shape[1] % block)), constant_values=0x69)
    data = planes.reshape(len(bits), -1, block).swapaxes(0, 1).tobytes()
    form = struct.pack("<4sQIIIIIIQII", b"fmt ", 52, 1, 0, len(bits), len(bits), rate_hz, 1, bits.shape[1], block, 0)
    head = struct.pack("<4sQQQ", b"DSD ", 28, 28 + 52 + 12 + len(data), 0)
    return head + form + struct.pack("<4sQ", b"data", 12 + len(data)) + data


def _dff(bits: NDArray[np.uint8], rate_hz: int) -> bytes:
    def chunk(name: bytes, body: bytes) -> bytes:
        return name + struct.pack(">Q", len(body)) + body + b"\0" * (len(body) % 2)

    names = b"".join((b"SLFT", b"SRGT")[: len(bits)])
    properties = b"SND " + chunk(b"FS  ", struct.pack(">I", rate_hz))
    properties += chunk(b"CHNL", struct.pack(">H", len(bits)) + names) + chunk(b"CMPR", b"DSD \x0enot compressed\0")
    data = np.packbits(bits, axis=1, bitorder="big").T.tobytes()
    body = b"DSD " + chunk(b"FVER", b"\x01\x05\0\0") + chunk(b"PROP", properties) + chunk(b"DSD ", data)
    return b"FRM8" + struct.pack(">Q", len(body)) + body
