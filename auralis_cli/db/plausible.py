"""The store's edge: what a value may be, whoever hands it in. What is implausible becomes nothing, never an error."""

from __future__ import annotations

import math
import os
import re
from dataclasses import replace
from hashlib import blake2b
from operator import attrgetter
from typing import Any

from auralis_cli.model.library import MeasuredLoudness, TrackTags

NAME_CHARS = 1000
NAMES = 50
INTEGER_MAX = 2**63 - 1
_UNSIGNED = 2**64
# Controls, line separators, and surrogates, which no UTF-8 can hold.
_UNFIT = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+")

_TEXTS = {
    **dict.fromkeys(("title", "artist", "artist_sort", "album", "album_sort", "albumartist"), NAME_CHARS),
    **dict.fromkeys(("albumartist_sort", "disc_title", "composer", "label", "copyright"), NAME_CHARS),
    "comment": 4000,
    "date": 40,
    **dict.fromkeys(("isrc", "mb_recording_id", "mb_track_id", "mb_album_id", "mb_release_group_id"), 200),
}
_INTEGERS = {
    "track": (0, 9999),
    "track_total": (1, 9999),
    "disc": (0, 9999),
    "disc_total": (1, 9999),
    "year": (1, 9999),
    "original_year": (1, 9999),
}
_REALS = {
    "bpm": (0.0, 10_000.0),
    "replaygain_track_gain_db": (-200.0, 200.0),
    "replaygain_track_peak": (0.0, 1e6),
    "replaygain_album_gain_db": (-200.0, 200.0),
    "replaygain_album_peak": (0.0, 1e6),
}
_LISTS = ("artists", "albumartists", "genres", "mb_artist_ids", "mb_albumartist_ids")

_text_values = attrgetter(*_TEXTS)
_text_limits = tuple(_TEXTS.values())
_number_values = attrgetter(*_INTEGERS, *_REALS)
_number_limits = (
    *((int, low, high) for low, high in _INTEGERS.values()),
    *((float, *pair) for pair in _REALS.values()),
)
_list_values = attrgetter(*_LISTS)


def text(value: object, limit: int = NAME_CHARS) -> str | None:
    """`value` on one line of at most `limit` characters; None where nothing is left of it."""
    if type(value) is str and len(value) <= limit and value.isprintable():
        return value or None
    if not isinstance(value, str):
        return None
    return _UNFIT.sub(" ", value[: 4 * limit]).strip()[:limit].rstrip() or None


def integer(value: object, low: int, high: int) -> int | None:
    """`value` where it is a whole number from `low` to `high`."""
    if isinstance(value, int) and not isinstance(value, bool) and low <= value <= high:
        return int(value)
    return None


def real(value: object, low: float, high: float) -> float | None:
    """`value` where it is a number from `low` to `high`; neither infinite nor none."""
    if isinstance(value, int | float) and not isinstance(value, bool) and low <= value <= high and math.isfinite(value):
        return float(value)
    return None


def truth(value: object) -> int | None:
    """1 or 0; None where it is not said."""
    return None if value is None else int(bool(value))


def signed(number: int) -> int:
    """`number` as the store's integers hold it: inodes and devices may need all 64 bits."""
    return number - _UNSIGNED if number > INTEGER_MAX else number


def unsigned(number: int) -> int:
    """What `signed` was made of."""
    return number if number >= 0 else number + _UNSIGNED


def content(content_id: object, path: str) -> str:
    """A content id that can be stored; of one that says nothing, one that equals no other file's."""
    if name := text(content_id, 200):
        return name
    return "unknown:" + blake2b(os.fsencode(path), digest_size=16).hexdigest()


def title_of_name(path: str) -> str:
    """What a track without a title is called: its file's name without the suffix."""
    name = os.path.splitext(os.path.basename(path))[0].encode("utf-8", "replace").decode("utf-8")
    return text(name) or "?"


def names(values: object) -> tuple[str, ...]:
    """Those of `values` that are names, each once."""
    if not isinstance(values, tuple | list):
        return ()
    return tuple(dict.fromkeys(name for value in values[:NAMES] if (name := text(value)) is not None))


def tags(given: TrackTags) -> TrackTags:
    """`given` as it may be stored: mostly the very same."""
    return given if _is_plausible(given) else _cleaned(given)


def _is_plausible(given: TrackTags) -> bool:
    texts = _text_values(given)
    lists = _list_values(given)
    try:
        said = [value for value in texts if value is not None]
        named = [name for values in lists for name in values]
        if not "".join(said).isprintable() or not "".join(named).isprintable() or "" in said or "" in named:
            return False
    except TypeError:  # what is no text
        return False
    for value, limit in zip(texts, _text_limits, strict=True):
        if value is not None and len(value) > limit:
            return False
    for value, (kind, low, high) in zip(_number_values(given), _number_limits, strict=True):
        if value is not None and (type(value) is not kind or not low <= value <= high):  # type: ignore[operator]
            return False
    return all((type(values) is tuple and len(values) < 2) or names(values) == values for values in lists) and all(
        len(name) <= NAME_CHARS for name in named
    )


def _cleaned(given: TrackTags) -> TrackTags:
    changes: dict[str, Any] = {name: text(getattr(given, name), limit) for name, limit in _TEXTS.items()}
    changes |= {name: integer(getattr(given, name), *limits) for name, limits in _INTEGERS.items()}
    changes |= {name: real(getattr(given, name), *limits) for name, limits in _REALS.items()}
    changes |= {name: names(getattr(given, name)) for name in _LISTS}
    return replace(given, **changes, compilation=bool(given.compilation))


_LEVELS = dict.fromkeys(
    ("integrated_lufs", "momentary_max_lufs", "short_term_max_lufs", "true_peak_dbtp", "sample_peak_dbfs"),
    (-1000.0, 1000.0),
) | {"lra_lu": (0.0, 1000.0), "plr_db": (-1000.0, 1000.0), "crest_db": (-1000.0, 1000.0), "dc_offset": (-1e6, 1e6)}


def loudness(given: MeasuredLoudness) -> MeasuredLoudness:
    """`given` as it may be stored."""
    return MeasuredLoudness(**{name: real(getattr(given, name), *limits) for name, limits in _LEVELS.items()})
