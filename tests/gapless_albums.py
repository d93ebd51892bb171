"""Albums cut from one recording, and the judging of what was heard of them: where every join lies, to the frame."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile
from encoders import by_ffmpeg, by_libsndfile, by_program, decoded_by_ffmpeg
from numpy.typing import NDArray

Frames = NDArray[np.float32]
Encode = Callable[[Path, Frames, int], None]

# Over what the sound before and behind a join is aligned, and over what the residual is taken.
ALIGNED_S = 0.25
RESIDUAL_S = 0.010
# Frames of sound that tell where a recording begins.
_HEAD_S = 0.5
_SILENCE = 1e-4
# Two decoders of one lossy format round differently.
_ROUNDING = 1e-6


@dataclass(frozen=True, slots=True)
class AlbumFormat:
    """A way to store an album."""

    name: str
    suffix: str
    encode: Encode
    lossless: bool
    rate_hz: int = 44_100
    # What encodes, None where a Python package does.
    program: str | None = None

    @property
    def missing(self) -> str | None:
        """Why there are no such albums, None where there are."""
        return f"needs {self.program}" if self.program and shutil.which(self.program) is None else None


FORMATS = (
    AlbumFormat("FLAC", ".flac", by_libsndfile("FLAC", "PCM_16"), lossless=True, program="ffmpeg"),
    AlbumFormat(
        "mp3 (LAME V0)",
        ".mp3",
        by_program("lame", "--quiet", "-V0", "SOURCE", "TARGET"),
        lossless=False,
        program="lame",
    ),
    AlbumFormat(
        "Opus",
        ".opus",
        by_program("opusenc", "--quiet", "--bitrate", "160", "SOURCE", "TARGET"),
        lossless=False,
        rate_hz=48_000,
        program="opusenc",
    ),
    AlbumFormat(
        "m4a (AAC)",
        ".m4a",
        by_ffmpeg("-c:a", "aac", "-aac_pns", "0", "-b:a", "256k"),
        lossless=False,
        program="ffmpeg",
    ),
)


@dataclass(frozen=True, slots=True)
class Album:
    """Tracks that are one recording when they are played one after the other."""

    format: AlbumFormat
    tracks: tuple[Path, ...]
    # What they were cut from, on the grid of 16 bits, and the frames at which each track but the first begins.
    whole: Frames
    joins: tuple[int, ...]
    # What they hold: decoded each by itself, by a foreign decoder, cut to the length it was cut to before.
    held: Frames


@dataclass(frozen=True, slots=True)
class Join:
    """What was heard where two tracks meet."""

    frame: int
    # By how many frames what follows comes later than what was before: a gap, or a duplicate below 0.
    shift_frames: int
    # Root mean square of heard less recorded, about the join.
    residual_dbfs: float


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was heard of an album beside what it was cut from."""

    format: str
    tracks: int
    frames: int
    # Frames heard before the first that is right, or after the last, other than silence.
    extra_frames: int
    # Samples that are not those of the tracks, one after the other.
    wrong_samples: int
    joins: tuple[Join, ...]
    # What the codec does away from the joins: at the middle moment, at all but 1 % of them, and at the worst.
    median_residual_dbfs: float
    p99_residual_dbfs: float
    worst_residual_dbfs: float

    @property
    def is_gapless(self) -> bool:
        """Every sample of every track, in order, with nothing between, before or after them, and none of it late."""
        return not (self.wrong_samples or self.extra_frames or any(join.shift_frames for join in self.joins))


def cut_album(folder: Path, form: AlbumFormat, recording: Frames, lengths: Sequence[int]) -> Album:
    """Tracks of so many frames each, from the beginning of `recording`, which is at the format's rate."""
    ends = np.cumsum(lengths)
    whole = (np.round(recording[: ends[-1]] * 32_767.0) / 32_768.0).astype(np.float32)
    assert len(whole) == ends[-1], "the recording is too short"
    folder.mkdir(parents=True, exist_ok=True)
    tracks = []
    for number, (end, length) in enumerate(zip(ends, lengths, strict=True), 1):
        path = folder / f"{number:02} track{form.suffix}"
        form.encode(path, whole[end - length : end], form.rate_hz)
        tracks.append(path)
    held = [_foreign_decoding(path)[:length] for path, length in zip(tracks, lengths, strict=True)]
    return Album(form, tuple(tracks), whole, tuple(int(end) for end in ends[:-1]), np.concatenate(held))


def odd_lengths(count: int, mean_frames: int) -> list[int]:
    """Lengths that no block, packet or sector divides: each odd, all different."""
    return [(mean_frames + (number - count // 2) * 1_178) | 1 for number in range(count)]


def decoded(path: Path, rate_hz: int, start_s: float, duration_s: float) -> Frames:
    """Part of a recording in stereo at `rate_hz`, by SoX: nothing of ours."""
    raw = ("-t", "raw", "-e", "floating-point", "-b", "32")
    command = ["sox", "-D", str(path), *raw, "-c", "2", "-r", str(rate_hz), "-", "trim", f"{start_s}", f"{duration_s}"]
    out = subprocess.run([*command, "gain", "-1"], capture_output=True, check=True).stdout
    return np.frombuffer(out, "<f4").reshape(-1, 2)


def judged(heard: Frames, album: Album) -> Verdict:
    """Compares a recording of the sink, with silence about it, to the tracks and to what they were cut from."""
    whole, rate_hz, is_lossless = album.whole, album.format.rate_hz, album.format.lossless
    start = _start_of(album.held, heard, int(_HEAD_S * rate_hz))
    played = np.zeros_like(whole)
    there = heard[max(start, 0) : start + len(whole)]
    played[max(-start, 0) : max(-start, 0) + len(there)] = there
    about = np.concatenate([heard[: max(start, 0)], heard[start + len(whole) :]])
    size = int(RESIDUAL_S * rate_hz)
    residual = _residual_dbfs(played - whole, size)
    away = np.ones(len(residual), bool)
    # The first and last moments have no neighbour in the recording, as the joins have not.
    for edge in (0, *album.joins, len(whole)):
        away[max(0, edge // size - 5) : edge // size + 6] = False
    return Verdict(
        album.format.name,
        len(album.tracks),
        len(whole),
        int((np.abs(about) > (0.0 if is_lossless else _SILENCE)).any(axis=1).sum()),
        int((np.abs(played - album.held) > (0.0 if is_lossless else _ROUNDING)).sum()),
        tuple(_join(join, played, whole, rate_hz) for join in album.joins),
        float(np.median(residual[away])),
        float(np.percentile(residual[away], 99.0)),
        float(residual[away].max()),
    )


def _foreign_decoding(path: Path) -> Frames:
    if path.suffix != ".opus":
        return decoded_by_ffmpeg(path, 2)
    # FFmpeg's own decoder of Opus differs from the one of those who made Opus by some −53 dBFS.
    target = path.with_suffix(".wav")
    command = ["opusdec", "--quiet", "--float", "--no-dither", "--rate", "48000", str(path), str(target)]
    subprocess.run(command, check=True)
    found: Frames = soundfile.read(target, dtype="float32", always_2d=True)[0]
    target.unlink()
    return found


def _join(frame: int, played: Frames, whole: Frames, rate_hz: int) -> Join:
    size, half = int(ALIGNED_S * rate_hz), int(RESIDUAL_S * rate_hz / 2)
    before = _lag(played[frame - size : frame], whole[frame - size : frame])
    behind = _lag(played[frame : frame + size], whole[frame : frame + size])
    about = slice(frame - half, frame + half)
    return Join(frame, behind - before, float(_residual_dbfs(played[about] - whole[about], 2 * half)[0]))


def _residual_dbfs(difference: Frames, size: int) -> NDArray[np.float64]:
    pieces = difference[: len(difference) // size * size].astype(np.float64).reshape(-1, size * 2)
    with np.errstate(divide="ignore"):
        levels: NDArray[np.float64] = 10.0 * np.log10(np.maximum((pieces**2).mean(axis=1), 1e-20))
    return levels


def _lag(late: Frames, original: Frames) -> int:
    """By how many frames the first sounds after the second, by the peak of their cross-correlation."""
    size = 1 << (len(late) + len(original)).bit_length()
    spectrum = _spectrum(late, size) * _spectrum(original, size).conj()
    # Whitened, down to where codecs leave nothing, so that the peak is narrow however low the music is.
    spectrum /= np.maximum(np.abs(spectrum), 1e-6 * np.abs(spectrum).max() + 1e-30)
    found = int(np.argmax(np.fft.irfft(spectrum)))
    return found if found < size // 2 else found - size


def _spectrum(frames: Frames, size: int) -> NDArray[np.complex128]:
    # Without its edges, which lie at the same place however the sound between them is shifted.
    return np.fft.rfft(frames.astype(np.float64).sum(axis=1) * np.hanning(len(frames)), size)


def _start_of(whole: Frames, heard: Frames, head: int) -> int:
    """The frame of `heard` at which `whole` begins; below 0 where its beginning was not heard."""
    sounding = np.flatnonzero(np.abs(heard).max(axis=1) > _SILENCE)
    assert len(sounding), "nothing was heard"
    near = max(0, int(sounding[0]) - head)
    return near + _lag(heard[near : near + 3 * head], whole[: 2 * head])
