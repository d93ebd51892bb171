"""What is said of a copy of a recording, as against the one to keep."""

from __future__ import annotations

from collections.abc import Iterator

from auralis_cli.model.duplicates import DuplicateKind, RecordingMatch
from auralis_cli.model.library import Track
from auralis_cli.units import seconds_to_clock

# What is hardly heard, and what rounding leaves.
_SAME_LEVEL_LU = 0.3
_SAME_LENGTH_S = 1.5
_WHAT = {
    DuplicateKind.IDENTICAL: "the same audio, sample for sample",
    DuplicateKind.SAME: "the same recording",
    DuplicateKind.CUT: "a cut of the same recording",
    DuplicateKind.POSSIBLE: "perhaps the same recording",
}


def level_difference_lu(copy: Track, keep: Track) -> float | None:
    """How much louder a copy is."""
    if copy.integrated_lufs is None or keep.integrated_lufs is None:
        return None
    return round(copy.integrated_lufs - keep.integrated_lufs, 2)


def stretch(copy: Track, keep: Track, begins_s: float) -> tuple[float, float]:
    """From where to where the copy to keep holds a cut one that begins at `begins_s`."""
    start_s = max(0.0, begins_s)
    end_s = begins_s + (copy.duration_s or 0.0)
    return round(start_s, 2), round(min(end_s, keep.duration_s or end_s), 2)


def in_words(
    copy: Track, keep: Track, kind: DuplicateKind, match: RecordingMatch | None, held: tuple[float, float] | None
) -> str:
    """`the same recording: mp3 128 kbit/s, 2.1 LU louder; 3.1 % of the landmarks differ`."""
    parts = list(_differences(copy, keep, kind, held))
    said = f"{_WHAT[kind]}: {', '.join(parts)}" if parts else _WHAT[kind]
    return said if match is None else f"{said}; {match.error_rate * 100:.1f} % of the landmarks differ"


def _differences(copy: Track, keep: Track, kind: DuplicateKind, held: tuple[float, float] | None) -> Iterator[str]:
    if held is not None:
        yield f"{seconds_to_clock(held[0])} to {seconds_to_clock(held[1])} of it"
    elif kind is not DuplicateKind.IDENTICAL and copy.duration_s is not None and keep.duration_s is not None:
        apart_s = copy.duration_s - keep.duration_s
        if abs(apart_s) >= _SAME_LENGTH_S:
            yield f"{abs(apart_s):.1f} s {'longer' if apart_s > 0 else 'shorter'}"
    if copy.codec != keep.codec or (not copy.lossless and copy.bitrate_bps != keep.bitrate_bps):
        yield _coding(copy)
    if copy.sample_rate_hz != keep.sample_rate_hz and copy.sample_rate_hz:
        yield f"{copy.sample_rate_hz / 1000:g} kHz"
    louder_lu = level_difference_lu(copy, keep)
    if held is None and louder_lu is not None and abs(louder_lu) >= _SAME_LEVEL_LU:
        yield f"{abs(louder_lu):.1f} LU {'louder' if louder_lu > 0 else 'quieter'}"
    if kind is DuplicateKind.IDENTICAL and _tags(copy) != _tags(keep):
        yield "under other tags"


def _coding(track: Track) -> str:
    rate = "" if track.lossless or not track.bitrate_bps else f" {track.bitrate_bps / 1000:.0f} kbit/s"
    return f"{track.codec or track.format or 'unknown'}{rate}"


def _tags(track: Track) -> tuple[object, ...]:
    return (track.title, track.artist, track.album, track.albumartist, track.track, track.year, track.genre)
