"""Copies of the open music as they come about: encoded again, at another rate, at another level, without its start.

Lossy copies are made once and kept in build/bench-inputs; the others are quicker made than read.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import soundfile
import soxr
from documents import BUILD
from numpy.typing import NDArray
from open_music import OpenTrack, open_tracks

INPUTS = BUILD / "bench-inputs"
# What is music of the open music; the rest is speech and single sounds.
_MUSIC = ("asc-music", "fretsonfire-songs-sectoid", "hyperrogue-music", "singularity-music", "wesnoth-")
MIN_DURATION_S = 20.0
HEAD_CUT_S = 10.0
# Half of the tracks, by this seed, are held out: nothing may be tuned by what is measured on them.
SEED = "auralis fingerprint 1"


@dataclass(frozen=True, slots=True)
class Copying:
    """A way to copy a track: by an encoder of ffmpeg, or else by rate, gain and a cut, losslessly."""

    name: str
    coder: tuple[str, ...] = ()
    suffix: str = ".wav"
    rate_hz: int | None = None
    gain_db: float = 0.0
    cut_s: float = 0.0

    @property
    def full_length(self) -> bool:
        return self.cut_s == 0.0


def _mp3(kbps: int) -> Copying:
    return Copying(f"mp3 {kbps}", ("-c:a", "libmp3lame", "-b:a", f"{kbps}k"), ".mp3")


COPYINGS = (
    _mp3(96),
    _mp3(128),
    _mp3(320),
    Copying("opus 64", ("-c:a", "libopus", "-b:a", "64k"), ".opus"),
    Copying("vorbis q4", ("-c:a", "libvorbis", "-q:a", "4"), ".ogg"),
    Copying("22.05 kHz", rate_hz=22_050),
    Copying("+6 dB, float", gain_db=6.0),
    Copying("−6 dB, float", gain_db=-6.0),
    Copying("first 10 s cut", cut_s=HEAD_CUT_S),
)


def music() -> list[OpenTrack]:
    """The pieces of music among the open tracks, stems included, of at least 20 s."""
    root = Path(os.environ.get("AURALIS_CORPUS", ""))
    tracks = open_tracks(root, min_duration_s=MIN_DURATION_S) if str(root) != "." and root.is_dir() else []
    tracks = [track for track in tracks if track.name.startswith(_MUSIC)]
    if not tracks:
        sys.exit("needs the open music: run `make corpus` and set AURALIS_CORPUS to its folder")
    return tracks


def is_stem(track: OpenTrack) -> bool:
    return track.path.stem == "guitar"


def held_out(names: Iterable[str]) -> set[str]:
    """One half of the names, drawn by the seed alone."""

    def lot(name: str) -> bytes:
        return hashlib.sha256(f"{SEED}:{name}".encode()).digest()

    drawn = sorted(set(names), key=lot)
    return set(drawn[len(drawn) // 2 :])


def file_name(track: OpenTrack) -> str:
    """Of anything made of the track: its package and name, in one word."""
    return track.name.replace("/", "--")


@contextmanager
def copy_of(track: OpenTrack, copying: Copying) -> Iterator[Path]:
    """The file of a copy, for as long as it is needed."""
    if copying.coder:
        yield _encoded(track, copying)
        return
    audio, rate_hz = soundfile.read(track.path, dtype="float32", always_2d=True)
    audio = audio[round(copying.cut_s * rate_hz) :] * np.float32(10.0 ** (copying.gain_db / 20.0))
    if copying.rate_hz not in (None, rate_hz):
        audio, rate_hz = soxr.resample(audio, rate_hz, copying.rate_hz, "VHQ"), copying.rate_hz
    with TemporaryDirectory(dir=BUILD) as folder:
        path = Path(folder) / f"{file_name(track)}{copying.suffix}"
        soundfile.write(path, audio, rate_hz, subtype="FLOAT")
        yield path


def _encoded(track: OpenTrack, copying: Copying) -> Path:
    made = INPUTS / "copies" / copying.name / f"{file_name(track)}{copying.suffix}"
    if not made.exists():
        # libsndfile decodes: ffmpeg refuses some of the open tracks.
        audio, rate_hz = soundfile.read(track.path, dtype="float32", always_2d=True)
        encode(audio, rate_hz, copying.coder, made)
    return made


def encode(audio: NDArray[np.float32], rate_hz: int, coder: tuple[str, ...], made: Path) -> None:
    """Writes a file by one of ffmpeg's encoders, whole or not at all."""
    made.parent.mkdir(parents=True, exist_ok=True)
    part = made.with_suffix(f".part{made.suffix}")
    raw = ["-f", "f32le", "-ar", str(rate_hz), "-ac", str(audio.shape[1]), "-i", "-"]
    command = ["ffmpeg", "-v", "error", "-y", *raw, "-map_metadata", "-1", *coder, str(part)]
    subprocess.run(command, input=audio.tobytes(), check=True)
    part.replace(made)


def as_flac(track: OpenTrack, rate_hz: int) -> Path:
    """The track at this rate as 16-bit FLAC: one file that every contestant reads alike."""
    made = INPUTS / f"flac-{rate_hz}" / f"{file_name(track)}.flac"
    if not made.exists():
        audio, own_hz = soundfile.read(track.path, dtype="float32", always_2d=True)
        if own_hz != rate_hz:
            audio = soxr.resample(audio, own_hz, rate_hz, "VHQ")
        made.parent.mkdir(parents=True, exist_ok=True)
        part = made.with_suffix(".part.flac")
        soundfile.write(part, np.clip(audio, -1.0, 1.0), rate_hz, subtype="PCM_16")
        part.replace(made)
    return made
