"""Ratings and counts of plays that other players wrote into tags, each on a scale of its own, as stars from 0 to 5."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import IO, Any

from auralis_cli.audio.tag_reading import read_all_tags
from auralis_cli.audio.tag_values import TRUE_WORDS
from auralis_cli.model.plausible import real_number, within
from auralis_cli.quick_dataclasses import dataclass

MAX_STARS = 5.0
_MAX_COUNT = 1_000_000_000
# ID3's 1 to 255 as Windows, Winamp and MediaMonkey use it; the last has halves of its own.
_POPM_POINTS = ((1, 1.0), (64, 2.0), (128, 3.0), (196, 4.0), (255, 5.0))
_POPM_HALVES = {13: 0.5, 54: 1.5, 118: 2.5, 186: 3.5, 242: 4.5}
# Of whom 255 is all there is of a straight line.
_LINEAR_RATERS = ("quodlibet",)
# As Windows Media Player counts, from 1 to 99.
_SHARED_POINTS = ((1, 1.0), (25, 2.0), (50, 3.0), (75, 4.0), (99, 5.0))
_FMPS_RATING, _FMPS_COUNT, _SHARED = "fmps_rating", "fmps_playcount", "shareduserrating"
_RATING, _COUNTS = "rating", ("playcount", "play_count", "play counter", "play_counter")
_FAVOURITES = ("favourite", "favorite", "loved")
_LOVE, _LOVED = "love rating", "l"
_PERCENT, _BYTE = 100.0, 255.0


@dataclass(frozen=True, slots=True)
class TaggedPlayData:
    """What the tags of a file say of its listener; None for what they do not say."""

    # From 0.5 to 5.
    rating: float | None = None
    play_count: int | None = None
    is_favourite: bool | None = None


def read_play_data(file: IO[bytes], key: str) -> TaggedPlayData:
    """The play data in the tags of a file of the registry's kind `key`; raises `tag_reading.UNREADABLE`.

    Ratings: POPM, FMPS_RATING, RATING (5, 100 or 255 at most), WM/SharedUserRating. A rating of 0 is none.
    """
    found = read_all_tags(file, key)
    texts = {name: values for name, (_, values) in found.values().items()}
    popms = [frame for frame in found.id3_frames if frame.FrameID == "POPM"]
    rating = next((stars for stars in _ratings(texts, popms) if stars), None)
    counts = [*_counts(texts), *(getattr(frame, "count", 0) for frame in popms)]
    counts += [frame.count for frame in found.id3_frames if frame.FrameID == "PCNT"]
    count = max((count for count in counts if 0 < count <= _MAX_COUNT), default=None)
    return TaggedPlayData(rating, count, _favourite(texts))


def _ratings(texts: Mapping[str, Sequence[str]], popms: Iterable[Any]) -> Iterable[float | None]:
    """The exact ones first."""
    for value in texts.get(_FMPS_RATING, ()):
        share = real_number(value, 0.0, 1.0)
        yield None if share is None else share * MAX_STARS
    for frame in popms:
        yield _of_popm(frame.email, frame.rating)
    for name, values in texts.items():
        # Quod Libet names the listener as well, `rating:me@here`, and takes a share of 1.
        is_share = name.startswith(f"{_RATING}:")
        if name == _RATING or is_share:
            for value in values:
                yield _of_text(value, is_share=is_share)
    for value in texts.get(_SHARED, ()):
        yield _between(_SHARED_POINTS, real_number(value, 0.0, _PERCENT))


def _of_popm(email: str, rating: int) -> float | None:
    if email.lower().startswith(_LINEAR_RATERS):
        return rating / _BYTE * MAX_STARS
    return _POPM_HALVES.get(rating) or _between(_POPM_POINTS, rating)


def _of_text(value: str, *, is_share: bool) -> float | None:
    """A share of 1, or stars up to 5, else per cent up to 100, else of 255."""
    number = real_number(value, 0.0, _BYTE)
    if number is None:
        return None
    if is_share or 0 < number < 1:
        return within(number * MAX_STARS, 0.0, MAX_STARS)
    for most in (MAX_STARS, _PERCENT, _BYTE):
        if number <= most:
            return round(number / most * MAX_STARS, 2)
    return None


def _between(points: Sequence[tuple[int, float]], value: float | None) -> float | None:
    """The stars of the nearest point, or half way between two."""
    if not value:
        return None
    for (low, stars), (high, _) in pairwise(points):
        if value <= high:
            share = max(0.0, (value - low) / (high - low))
            return stars + round(2 * share) / 2
    return points[-1][1]


def _counts(texts: Mapping[str, Sequence[str]]) -> Iterable[int]:
    for name, values in texts.items():
        if name == _FMPS_COUNT or name in _COUNTS or name.startswith("playcount:"):
            for value in values:
                yield int(real_number(value, 0.0, _MAX_COUNT) or 0)


def _favourite(texts: Mapping[str, Sequence[str]]) -> bool | None:
    words = [value.strip().lower() for name in _FAVOURITES for value in texts.get(name, ())]
    loves = [value.strip().lower() for value in texts.get(_LOVE, ())]
    if not words and not loves:
        return None
    return any(word in TRUE_WORDS for word in words) or _LOVED in loves
