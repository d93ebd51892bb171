"""Albums cut from one recording, and the judging of what was heard of them: where every join lies, to the frame."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import numpy as np
from encoders import by_ffmpeg, by_libsndfile, by_program
from numpy.typing import NDArray

Frames = NDArray[np.float32]
Encode = Callable[[Path, Frames, int], None]

# Over what the sound before and behind a join is aligned, and over what the residual is taken.
ALIGNED_S = 0.25
RESIDUAL_S = 0.010
# Frames of sound that tell where a recording begins.
_HEAD_S = 0.5
_SILENCE = 1e-4


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
    AlbumFormat("FLAC", ".flac", by_libsndfile("FLAC", "PCM_16"), lossless=True),
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
    # Samples that differ; None where the format is not lossless.
    wrong_samples: int | None
    joins: tuple[Join, ...]
    # The residual away from the joins: of the middle moment, what a hundredth of them exceeds, and the worst.
    median_residual_dbfs: float
    p99_residual_dbfs: float
    worst_residual_dbfs: float

    @property
    def is_gapless(self) -> bool:
        """Nothing lost, nothing added, no join worse than the worst moment elsewhere, nor most worse than 99 %."""
        if self.wrong_samples is not None:
            return self.wrong_samples == 0 and self.extra_frames == 0
        shifted = any(join.shift_frames for join in self.joins)
        residuals = [join.residual_dbfs for join in self.joins]
        is_smooth = max(residuals) <= self.worst_residual_dbfs and median(residuals) <= self.p99_residual_dbfs
        return is_smooth and not shifted and self.extra_frames == 0


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
    return Album(form, tuple(tracks), whole, tuple(int(end) for end in ends[:-1]))


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
    """Compares a recording of the sink, with silence about it, to what the album was cut from."""
    whole, rate_hz = album.whole, album.format.rate_hz
    start = _start_of(whole, heard, int(_HEAD_S * rate_hz))
    played = np.zeros_like(whole)
    there = heard[max(start, 0) : start + len(whole)]
    played[max(-start, 0) : max(-start, 0) + len(there)] = there
    about = np.concatenate([heard[: max(start, 0)], heard[start + len(whole) :]])
    extra = int((np.abs(about).max(axis=1) > (0.0 if album.format.lossless else _SILENCE)).sum()) if len(about) else 0
    residual = _residual_dbfs(played - whole, int(RESIDUAL_S * rate_hz))
    size = int(RESIDUAL_S * rate_hz)
    away = np.ones(len(residual), bool)
    for join in album.joins:
        away[max(0, join // size - 5) : join // size + 6] = False
    # The first and last moments have no neighbour in the recording, as the joins have not.
    away[:5] = away[-5:] = False
    return Verdict(
        album.format.name,
        len(album.tracks),
        len(whole),
        extra,
        int((played != whole).sum()) if album.format.lossless else None,
        tuple(_join(join, played, whole, rate_hz) for join in album.joins),
        float(np.median(residual[away])),
        float(np.percentile(residual[away], 99.0)),
        float(residual[away].max()),
    )


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
