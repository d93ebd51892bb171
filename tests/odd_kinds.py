"""Files nobody should have, one maker a kind: broken, cut, lying, oddly named, or barely sound."""

from __future__ import annotations

import os
import socket
import struct
from collections.abc import Callable
from pathlib import Path

import numpy as np
import soundfile
from encoders import Audio, piece
from wav_bytes import fmt, wav

Make = Callable[[Path], Path]

RATE_HZ = 44_100


def sound(frames: int = RATE_HZ, rate_hz: int = RATE_HZ, channels: int = 2) -> Audio:
    """A second of a glide."""
    return piece(frames, rate_hz, channels)


def of_bytes(content: bytes, name: str = "song.wav") -> Make:
    """A file of these bytes."""

    def make(folder: Path) -> Path:
        (folder / name).write_bytes(content)
        return folder / name

    return make


def of_samples(
    audio: Callable[[], Audio], rate_hz: int = RATE_HZ, name: str = "song.wav", container: str = "WAV"
) -> Make:
    """A file of these samples, floats where the container has them."""

    def make(folder: Path) -> Path:
        subtype = "FLOAT" if container == "WAV" else "PCM_16"
        with (folder / name).open("wb") as file:
            soundfile.write(file, audio(), rate_hz, format=container, subtype=subtype)
        return folder / name

    return make


def with_sample(value: float) -> Callable[[], Audio]:
    """The glide with one sample of this value, in frame 1000."""

    def audio() -> Audio:
        samples = sound()
        samples[1000, 0] = value
        return samples

    return audio


def square() -> Audio:
    """Full scale, 441 Hz."""
    wave = np.where(np.arange(2 * RATE_HZ) // 50 % 2, 1.0, -1.0)
    return np.repeat(wave[:, None], 2, axis=1).astype(np.float32)


def constant(value: float, frames: int = 2 * RATE_HZ) -> Callable[[], Audio]:
    """Nothing but this value."""
    return lambda: np.full((frames, 2), value, np.float32)


def pcm(frames: int = RATE_HZ, channels: int = 2) -> bytes:
    """The glide as 16-bit samples."""
    return np.rint(sound(frames, channels=channels) * 32767).astype("<i2").tobytes()


def flac_claiming(frames: int) -> Make:
    """A FLAC whose header announces so many frames; a second is there."""

    def make(folder: Path) -> Path:
        path = of_samples(sound, name="song.flac", container="FLAC")(folder)
        data = bytearray(path.read_bytes())
        data[21] = data[21] & 0xF0 | frames >> 32
        data[22:26] = struct.pack(">I", frames & 0xFFFFFFFF)
        path.write_bytes(data)
        return path

    return make


def sparse(folder: Path) -> Path:
    """A WAV of a terabyte that takes no room."""
    path = of_samples(sound)(folder)
    os.truncate(path, 1 << 40)
    return path


def fifo(folder: Path) -> Path:
    """A pipe with a name, which nobody writes to."""
    os.mkfifo(folder / "song.wav")
    return folder / "song.wav"


def bound_socket(folder: Path) -> Path:
    """A socket in the file system; their names are short."""
    here = os.getcwd()
    os.chdir(folder)
    try:
        with socket.socket(socket.AF_UNIX) as one:
            one.bind("song.wav")
    finally:
        os.chdir(here)
    return folder / "song.wav"


def folder_named_like_a_file(folder: Path) -> Path:
    """A folder called `song.mp3`."""
    (folder / "song.mp3").mkdir()
    return folder / "song.mp3"


def link_loop(folder: Path) -> Path:
    """Two links that lead to each other."""
    (folder / "song.wav").symlink_to("other.wav")
    (folder / "other.wav").symlink_to("song.wav")
    return folder / "song.wav"


def dangling_link(folder: Path) -> Path:
    """A link to nothing."""
    (folder / "song.wav").symlink_to("gone.wav")
    return folder / "song.wav"


def locked(folder: Path) -> Path:
    """A file that nobody may read."""
    path = of_samples(sound)(folder)
    path.chmod(0)
    return path


def cut(make: Make, share: float) -> Make:
    """The first part of a file."""

    def shortened(folder: Path) -> Path:
        path = make(folder)
        os.truncate(path, int(path.stat().st_size * share))
        return path

    return shortened


NAMES = {
    "newline": b"a\nb.wav",
    "leading dash": b"--help.wav",
    "escape": b"\x1b[31mred.wav",
    "markup": b"[bold]song[red].wav",
    "not UTF-8": b"caf\xe9.wav",
    "right-to-left override": "song\u202evaw.wav".encode(),
    "long": b"n" * 245 + b".wav",
    "no extension": b"song",
    "another extension": b"song.mp3",
    "dots": b"...wav",
    "space": b" .wav",
}


def named(name: bytes) -> Make:
    """A sound file of this name."""

    def make(folder: Path) -> Path:
        return of_samples(sound, name=os.fsdecode(name))(folder)

    return make


def lying_wav(*, data_size: int | None = None, riff_size: int | None = None) -> Make:
    """A WAV whose header gives these sizes."""
    return of_bytes(wav(pcm(), data_size=data_size, riff_size=riff_size))


def headed(channels: int, rate_hz: int) -> Make:
    """A WAV whose header says this of a second of samples."""
    head = bytearray(fmt())
    struct.pack_into("<HI", head, 10, channels, rate_hz)
    struct.pack_into("<H", head, 20, min(2 * channels, 0xFFFF))
    return of_bytes(wav(pcm(), head=bytes(head)))


def times(factor: float) -> Callable[[], Audio]:
    """The glide, so many times as loud."""
    return lambda: sound() * np.float32(factor)


def wide(channels: int) -> Callable[[], Audio]:
    """The glide in so many channels, all quiet enough that no loudness is right by chance."""
    return lambda: sound(channels=channels) * np.float32(0.2)
