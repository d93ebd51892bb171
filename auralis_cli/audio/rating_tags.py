"""What other programs left in tags of how a file is liked and played: ratings 0 to 5, counts, favourites.

Each program has its own way. POPM holds a byte: that of Windows, foobar2000 and MusicBee for so many stars (1, 64, 128,
196, 255, and MusicBee's halves between them), of Quod Libet one in proportion. FMPS_RATING is a share of 1. RATING in
Vorbis comments, MP4 and APE is 1 to 5 stars, or beyond 5 a number up to 100; Quod Libet's `rating:name` a share of 1.
WMA has 1, 25, 50, 75 and 99 for its stars.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, Any

from mutagen.mp4 import MP4

from auralis_cli.audio.opened_tags import OpenedTags, opened_tags
from auralis_cli.audio.tag_set import TagSet

_BEST = 5.0
# From which byte of POPM on there are so many stars: half way to the byte that programs write for them.
_POPM_FROM = (1, 2, 32, 60, 91, 124, 157, 192, 220, 249)
_POPM_STARS = (1.0, 0.5, 1.5, 2.0, 2.5, 3.0, 3.5, 4.0, 4.5, 5.0)
_IN_PROPORTION = ("quodlibet", "banshee")
_WMA_FROM, _WMA_STARS = (1, 13, 38, 63, 87), (1.0, 2.0, 3.0, 4.0, 5.0)
_LARGEST_COUNT = 1_000_000_000
_LOVED = ("love rating", "loved")


@dataclass(frozen=True, slots=True)
class TaggedLiking:
    """What tags say; None where they say nothing."""

    rating: float | None = None
    play_count: int | None = None
    favourite: bool | None = None


def read_liking(path: Path) -> TaggedLiking:
    """What the tags of a file say of how it is liked. Raises InputError."""
    with opened_tags(path) as opened:
        return _liking_of(opened)


def _liking_of(opened: OpenedTags) -> TaggedLiking:
    found = _of_fields(opened.tags, is_wma=opened.key == "wma")
    for frame in opened.tags.id3_frames:
        if frame.FrameID == "POPM":
            found = _with_popm(found, frame)
        elif frame.FrameID == "PCNT":
            found = replace(found, play_count=_higher(found.play_count, frame.count))
    if opened.key == "m4a" and found.rating is None:
        found = replace(found, rating=_of_atom(opened.file))
    return found


def stars_of_popm(byte: int, email: str) -> float | None:
    """The stars that a byte of POPM stands for; None for 0, which is no rating."""
    if not 0 < byte <= 255:
        return None
    if any(program in email.lower() for program in _IN_PROPORTION):
        return _BEST * byte / 255.0
    return _POPM_STARS[bisect_right(_POPM_FROM, byte) - 1]


def _with_popm(found: TaggedLiking, frame: Any) -> TaggedLiking:
    rating = stars_of_popm(int(frame.rating), str(frame.email))
    # FMPS_RATING says it exactly; of several listeners the first is taken.
    count = _higher(found.play_count, getattr(frame, "count", None))
    return replace(found, rating=rating if found.rating is None else found.rating, play_count=count)


def _of_fields(tags: TagSet, *, is_wma: bool) -> TaggedLiking:
    found = TaggedLiking()
    exact: float | None = None
    for name, text in tags.fields:
        plain, _, owner = name.lower().partition(":")
        number = _number(text)
        if plain == "fmps_rating" and number is not None and 0.0 <= number <= 1.0:
            exact = _BEST * number
        elif plain == "rating" and owner and number is not None and 0.0 <= number <= 1.0:
            found = replace(found, rating=_BEST * number)
        elif plain == "rating" and not owner:
            found = replace(found, rating=_stars(number))
        elif is_wma and plain == "shareduserrating" and number is not None and number >= 1.0:
            found = replace(found, rating=_WMA_STARS[bisect_right(_WMA_FROM, number) - 1])
        elif plain in ("fmps_playcount", "playcount", "play_count", "play count"):
            found = replace(found, play_count=_higher(found.play_count, number))
        elif plain in _LOVED:
            found = replace(found, favourite=text.strip().lower() in ("l", "1", "yes", "true"))
    return found if exact is None else replace(found, rating=exact)


def _of_atom(file: IO[bytes]) -> float | None:
    """MusicBee's `rate`, up to 100."""
    file.seek(0)
    audio: Any = MP4(fileobj=file)
    values = () if audio.tags is None else audio.tags.get("rate", ())
    number = _number(str(values[0])) if values else None
    return None if number is None or not 0.0 < number <= 100.0 else number / 20.0


def _stars(number: float | None) -> float | None:
    """Of RATING: stars up to 5, above that a number up to 100; 0 is no rating."""
    if number is None or not 0.0 < number <= 100.0:
        return None
    return number if number <= _BEST else number / 20.0


def _number(text: str) -> float | None:
    try:
        number = float(text.strip().replace(",", "."))
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _higher(known: int | None, count: float | None) -> int | None:
    """The higher count; one that cannot be is none."""
    if count is None or not 0 <= count <= _LARGEST_COUNT:
        return known
    return max(known or 0, int(count))
