"""Which copy of a recording is worth keeping, and why: undamaged, complete, in stereo, lossless, of real bandwidth.

What a file claims to be is held against what was measured: a lossless file made of a lossy one is none.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

from auralis_cli.model.defects import Defect, DefectKind, Severity
from auralis_cli.model.library import Track
from auralis_cli.quick_dataclasses import dataclass

# What encoders add, and pauses between tracks.
_SAME_LENGTH_S = 3.0
# What lies above is little, and no encoder is to be preferred for it.
_TOLD_KHZ = 18
# Opus fills in what it leaves out, so that its spectrum says nothing of it; below so many bits a second it leaves out
# what lies above.
_FILLED = "opus"
_FILLED_BPS, _FILLED_KHZ = 96_000, 16
_STEREO, _WHOLE = 2, "its channels do not cancel each other"
# More are no sound, but float.
_MOST_BITS = 24
# What browsers, file managers and people name a copy: song (1), song(1), song - Copy, song copy 2, Kopie von song.
_NAMED_AS_A_COPY = re.compile(
    r"""\(\d\d?\)$ | [ _(-](?:copy|kopie|copie|copia)(?:[ ]?\d+)?\)?$ | ^(?:copy[ ]of|kopie[ ]von|copi[ea][ ]de)[ ]""",
    re.IGNORECASE | re.VERBOSE,
)
_TAGS = (
    "artist",
    "album",
    "albumartist",
    "track",
    "disc",
    "year",
    "genre",
    "composer",
    "comment",
    "label",
    "isrc",
    "mb_recording_id",
    "mb_album_id",
    "replaygain_track_gain_db",
)


@dataclass(frozen=True, slots=True)
class CopyFacts:
    """What is known of one copy."""

    track: Track
    content_key: str
    # Without the silence around and within it.
    heard_s: float
    # Empty where it was not analysed, and `cutoff_hz` is None then.
    defects: tuple[Defect, ...] = ()
    cutoff_hz: float | None = None
    # Why its file is no business of this track alone; None where it may go to the trash.
    bound: str | None = None
    # How many of its channels say something of their own, two at most; 0 where two cancel each other.
    voices: int = 1
    # Whether it could be decoded to its end, as far as that is known.
    is_whole: bool = True

    @property
    def is_really_lossless(self) -> bool:
        """Whether it is lossless, and nothing tells of a lossy source."""
        return bool(self.track.lossless) and self._defect(DefectKind.LOSSY_SOURCE) is None

    @property
    def real_rate_hz(self) -> int:
        """The rate that its sound once had, if it is lossless."""
        upsampled = self._defect(DefectKind.UPSAMPLED)
        rate_hz = None if upsampled is None else upsampled.original_rate_hz
        return (rate_hz or self.track.sample_rate_hz or 0) if self.track.lossless else 0

    @property
    def real_bits(self) -> int:
        """The bits that are used, if it is lossless."""
        padded = self._defect(DefectKind.PADDED_BITS)
        bits = None if padded is None else padded.used_bits
        return min(_MOST_BITS, bits or self.track.bits or 0) if self.track.lossless else 0

    @property
    def bandwidth_khz(self) -> int:
        """Up to where there is sound, in whole kHz, as far as that tells one copy from another."""
        nyquist_hz = (self.track.sample_rate_hz or 0) / 2
        khz = min(_TOLD_KHZ, round((self.cutoff_hz or nyquist_hz) / 1000))
        is_filled = self.track.codec == _FILLED and (self.track.bitrate_bps or 0) < _FILLED_BPS
        return min(khz, _FILLED_KHZ) if is_filled else khz

    @property
    def is_clipped(self) -> bool:
        """Whether its peaks are cut off."""
        clipping = self._defect(DefectKind.CLIPPING)
        return clipping is not None and clipping.severity is not Severity.NOTE

    @property
    def tags(self) -> int:
        """How many of its tags say something."""
        named = sum(1 for name in _TAGS if getattr(self.track, name) not in (None, ""))
        return named + (self.track.title != _name_of(self.track.path))

    @property
    def is_named_as_a_copy(self) -> bool:
        """Whether its name says that it was made of another file."""
        return _NAMED_AS_A_COPY.search(_name_of(self.track.path)) is not None

    def _defect(self, kind: DefectKind) -> Defect | None:
        return next((one for one in self.defects if one.kind is kind), None)


@dataclass(frozen=True, slots=True)
class _Criterion:
    """What makes a copy better than others, the higher the better, and how that is said."""

    of: Callable[[CopyFacts], tuple[float, ...]]
    said: Callable[[CopyFacts], str]


def _criteria(longest_s: float) -> Iterator[_Criterion]:
    # What is damaged may be as long as the others, and is the copy that nobody wants.
    yield _Criterion(lambda one: (one.is_whole,), lambda _: "not damaged")
    yield _Criterion(lambda one: (one.heard_s >= longest_s - _SAME_LENGTH_S,), lambda _: "complete")
    yield _Criterion(lambda one: (one.voices,), lambda one: "stereo" if one.voices == _STEREO else _WHOLE)
    yield _Criterion(lambda one: (one.is_really_lossless,), lambda _: "lossless")
    yield _Criterion(lambda one: (not one.is_clipped,), lambda _: "not clipped")
    yield _Criterion(lambda one: (one.bandwidth_khz,), lambda one: f"sound up to {one.bandwidth_khz} kHz")
    yield _Criterion(lambda one: (bool(one.track.lossless),), lambda _: "lossless, though perhaps of a lossy source")
    yield _Criterion(lambda one: (one.real_rate_hz,), lambda one: f"{one.real_rate_hz / 1000:g} kHz")
    yield _Criterion(lambda one: (one.real_bits,), lambda one: f"{one.real_bits} bit")
    yield _Criterion(_bitrate, lambda one: f"{(one.track.bitrate_bps or 0) / 1000:.0f} kbit/s")
    yield _Criterion(lambda one: (one.tags,), lambda one: f"more tags ({one.tags})")
    yield _Criterion(lambda one: (one.track.rating or 0.0,), lambda one: f"rated {one.track.rating:g}")
    yield _Criterion(lambda one: (one.track.play_count,), _plays)
    yield _Criterion(lambda one: (one.bound is not None,), lambda one: one.bound or "")
    yield _Criterion(lambda one: (not one.is_named_as_a_copy,), lambda _: "not named as a copy")


def best_copy(copies: Sequence[CopyFacts]) -> tuple[CopyFacts, tuple[str, ...]]:
    """The copy to keep, and what it has over the others, each told where the first of them falls behind.

    Where nothing parts them it is the first by path, and that is the reason.
    """
    left = sorted(copies, key=lambda one: (one.track.path, one.track.cue_number))
    reasons: list[str] = []
    for criterion in _criteria(max(one.heard_s for one in copies)):
        best = max(map(criterion.of, left))
        ahead = [one for one in left if criterion.of(one) == best]
        if len(ahead) < len(left):
            reasons.append(criterion.said(ahead[0]))
        left = ahead
    if len(left) > 1:
        reasons.append("the first by path" if reasons else "as good as the others, and the first by path")
    return left[0], tuple(reasons)


def _bitrate(one: CopyFacts) -> tuple[float, ...]:
    return (0 if one.track.lossless else one.track.bitrate_bps or 0,)


def _plays(one: CopyFacts) -> str:
    count = one.track.play_count
    return "played once" if count == 1 else f"played {count} times"


def _name_of(path: str) -> str:
    return path.rpartition("/")[2].rpartition(".")[0]
