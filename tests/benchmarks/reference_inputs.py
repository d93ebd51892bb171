"""Makes the targets and references of the pairs, and the torture set, as files that every contestant reads alike.

They are 24-bit FLAC at their track's own rate, kept in build/bench-inputs; what a pair asks for is in their name.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path

import numpy as np
import soundfile as sf
import soxr
from documents import BUILD
from numpy.typing import NDArray
from open_music import OpenTrack, open_tracks
from reference_pairs import Damage, Excerpt, Pair
from second_opinion import by_ebur128

INPUTS = BUILD / "bench-inputs" / "reference"
Audio = NDArray[np.float32]
# Spoilt parts come at this level: low enough that nothing done to them clips.
SPOILT_LUFS = -20.0
# Of the noise in what is near mono.
SEED = 9
_FILTERS = {"low shelf": "lowshelf", "high shelf": "highshelf", "bell": "equalizer"}


@cache
def tracks() -> dict[str, OpenTrack]:
    root = Path(os.environ.get("AURALIS_CORPUS", ""))
    found = open_tracks(root) if str(root) != "." and root.is_dir() else []
    if not found:
        sys.exit("needs the open music: run `make corpus` and set AURALIS_CORPUS to its folder")
    return {track.name: track for track in found}


def part_of(excerpt: Excerpt) -> tuple[Audio, int]:
    """The excerpt's samples and their rate."""
    with sf.SoundFile(tracks()[excerpt.track].path) as reader:
        rate_hz: int = reader.samplerate
        # Read, not sought to: lossy decoders do not all land exactly.
        audio = reader.read((excerpt.start_s + excerpt.length_s) * rate_hz, dtype="float32", always_2d=True)
    return audio[excerpt.start_s * rate_hz :], rate_hz


def filtered(audio: Audio, rate_hz: int, *filters: str) -> Audio:
    """Through ffmpeg's filters, stereo to stereo."""
    raw = ["-f", "f32le", "-ar", str(rate_hz), "-ac", "2"]
    command = ["ffmpeg", "-v", "error", *raw, "-i", "-", "-af", ",".join(filters), *raw, "-"]
    done = subprocess.run(command, input=audio.tobytes(), capture_output=True, check=True)
    return np.frombuffer(done.stdout, np.float32).reshape(-1, 2)


def at_loudness(audio: Audio, rate_hz: int, lufs: float) -> Audio:
    gain_db = lufs - by_ebur128(audio, rate_hz).integrated_lufs
    return np.asarray(audio * 10.0 ** (gain_db / 20.0), np.float32)


def spoilt(audio: Audio, rate_hz: int, damage: Damage) -> Audio:
    """Equalised, compressed, pressed, widened or narrowed, and out of balance, at `SPOILT_LUFS`."""
    audio = at_loudness(audio, rate_hz, SPOILT_LUFS)
    chain = [f"{_FILTERS[one.kind]}=f={one.hz}:t=q:w=1:g={one.gain_db}" for one in damage.eq]
    threshold = 10.0 ** ((SPOILT_LUFS - 6.0) / 20.0)
    chain.append(f"acompressor=threshold={threshold:.6f}:ratio={damage.ratio}:attack=20:release=200")
    audio = filtered(audio, rate_hz, *chain)
    if damage.limited_db:
        limit = float(np.max(np.abs(audio))) * 10.0 ** (-damage.limited_db / 20.0)
        # Its limit is at least a sixteenth of full scale; scaled so that it is a half.
        audio = filtered(audio, rate_hz, f"volume={0.5 / limit:.9f},alimiter=limit=0.5:attack=5:release=50:level=0")
    side, tilt = 10.0 ** (damage.side_db / 20.0), 10.0 ** (damage.balance_db / 40.0)
    near, far = (1.0 + side) / 2.0, (1.0 - side) / 2.0
    left, right = audio[:, 0], audio[:, 1]
    made = np.stack(((near * left + far * right) / tilt, (far * left + near * right) * tilt), axis=1)
    return at_loudness(np.ascontiguousarray(made, np.float32), rate_hz, SPOILT_LUFS)


def _kept(name: str, asked: object, make: Callable[[], tuple[Audio, int]], subtype: str = "PCM_24") -> Path:
    """The file of that name and what was asked of it, made once, whole or not at all."""
    digest = hashlib.sha256(repr(asked).encode()).hexdigest()[:8]
    suffix = "wav" if subtype == "FLOAT" else "flac"
    path = INPUTS / f"{name.replace('/', '--')}-{digest}.{suffix}"
    if not path.exists():
        audio, rate_hz = make()
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_suffix(f".part.{suffix}")
        sf.write(part, audio if subtype == "FLOAT" else np.clip(audio, -1.0, 1.0), rate_hz, subtype=subtype)
        part.replace(path)
    return path


@dataclass(frozen=True, slots=True)
class Inputs:
    """The files of a pair."""

    target: Path
    reference: Path
    # The target's part as it was before it was spoilt; of songs, the target itself.
    original: Path


def inputs_of(pair: Pair) -> Inputs:
    def plain(excerpt: Excerpt) -> Path:
        return _kept(Path(excerpt.track).with_suffix("").as_posix(), asdict(excerpt), lambda: part_of(excerpt))

    def damaged(damage: Damage) -> tuple[Audio, int]:
        audio, rate_hz = part_of(pair.target)
        return spoilt(audio, rate_hz, damage), rate_hz

    original = target = plain(pair.target)
    if (damage := pair.damage) is not None:
        target = _kept(pair.name, (asdict(pair.target), asdict(damage)), lambda: damaged(damage))
    return Inputs(target, plain(pair.reference), original)


@dataclass(frozen=True, slots=True)
class Torture:
    """A target or a reference that asks for trouble."""

    name: str
    inputs: Inputs


_TARGET = Excerpt("wesnoth-1.16-music/wanderer.ogg", 71, 60)
_REFERENCE = Excerpt("hyperrogue-music/hr3-motion.ogg", 1, 60)
_SPEECH = Excerpt("asterisk-core-sounds-en-wav/demo-instruct.wav", 1, 60)
LONG_S = 30 * 60


def _near_mono(audio: Audio, rate_hz: int) -> tuple[Audio, int]:
    """One signal in both channels, and noise of -90 dBFS between them."""
    noise = np.random.default_rng(SEED).normal(0.0, 10.0 ** (-90 / 20), len(audio))
    middle = audio.mean(axis=1)
    return np.stack((middle + noise, middle - noise), axis=1).astype(np.float32), rate_hz


def _silent_head(audio: Audio, rate_hz: int) -> tuple[Audio, int]:
    return np.concatenate((np.zeros((10 * rate_hz, 2), np.float32), audio)), rate_hz


def _long(audio: Audio, rate_hz: int) -> tuple[Audio, int]:
    return np.tile(audio, (LONG_S // _TARGET.length_s, 1)), rate_hz


def _clipped(audio: Audio, rate_hz: int) -> tuple[Audio, int]:
    """Six decibels over full scale, and cut there."""
    return np.clip(audio * (2.0 / float(np.max(np.abs(audio)))), -1.0, 1.0), rate_hz


def _offset(audio: Audio, rate_hz: int) -> tuple[Audio, int]:
    return np.asarray(0.5 * audio + np.float32(0.05)), rate_hz


def _at_96(audio: Audio, rate_hz: int) -> tuple[Audio, int]:
    return soxr.resample(audio, rate_hz, 96_000, "VHQ"), 96_000


def _hard_panned(audio: Audio, rate_hz: int) -> tuple[Audio, int]:
    return np.stack((audio.mean(axis=1), np.zeros(len(audio), np.float32)), axis=1), rate_hz


def _cut_at_16(audio: Audio, rate_hz: int) -> tuple[Audio, int]:
    return soxr.resample(soxr.resample(audio, rate_hz, 32_000, "VHQ"), 32_000, rate_hz, "VHQ"), rate_hz


def torture() -> list[Torture]:
    """Each against the same sound reference (or target), so that what differs is what is odd."""

    def made(name: str, excerpt: Excerpt, change: Callable[[Audio, int], tuple[Audio, int]] | None = None) -> Path:
        make = (lambda: part_of(excerpt)) if change is None else (lambda: change(*part_of(excerpt)))
        return _kept(f"torture-{name}", (asdict(excerpt), name), make)

    target, reference = made("target", _TARGET), made("reference", _REFERENCE)
    changes = {
        "near mono": _near_mono,
        "10 s of silence first": _silent_head,
        "30 minutes": _long,
        "6 dB over, clipped": _clipped,
        "offset": _offset,
        "96 kHz": _at_96,
        "one channel only": _hard_panned,
    }
    odd = [Torture(name, _as_target(made(name, _TARGET, change), reference)) for name, change in changes.items()]
    odd.append(Torture("speech at 8 kHz", _as_target(made("speech", _SPEECH), reference)))
    odd.append(Torture("reference cut at 16 kHz", Inputs(target, made("cut", _REFERENCE, _cut_at_16), target)))
    return odd


def _as_target(target: Path, reference: Path) -> Inputs:
    return Inputs(target, reference, target)
