"""The store's edge: what a value may be, whoever hands it in. What is implausible becomes nothing, never an error."""

from __future__ import annotations

import os
from dataclasses import replace
from hashlib import blake2b
from operator import attrgetter
from typing import Any

from auralis_cli.model.library import MeasuredLoudness, TrackTags
from auralis_cli.model.plausible import (
    MAX_NAME_CHARACTERS,
    MAX_VALUES,
    REAL_BOUNDS,
    TEXT_CHARACTERS,
    WHOLE_BOUNDS,
    plain_text,
    within,
)

# Of keys to compare and to sort by: folding makes some letters several.
KEY_CHARACTERS = 1000
_MAX_ID_CHARACTERS = 200
_INTEGER_MAX = 2**63 - 1
_UNSIGNED = 2**64
_LISTS = ("artists", "albumartists", "genres", "moods", "mb_artist_ids", "mb_albumartist_ids")

_text_values = attrgetter(*TEXT_CHARACTERS)
_text_limits = tuple(TEXT_CHARACTERS.values())
_number_values = attrgetter(*WHOLE_BOUNDS, *REAL_BOUNDS)
_number_limits = (
    *((int, low, high) for low, high in WHOLE_BOUNDS.values()),
    *((float, *pair) for pair in REAL_BOUNDS.values()),
)
_list_values = attrgetter(*_LISTS)


def text(value: object, max_characters: int = MAX_NAME_CHARACTERS) -> str | None:
    """`value` on one line of at most so many characters; None where nothing is left of it, or it is no text."""
    return plain_text(value, max_characters) if isinstance(value, str) else None


def integer(value: object, low: int, high: int) -> int | None:
    """`value` where it is a whole number from `low` to `high`."""
    if isinstance(value, int) and not isinstance(value, bool) and low <= value <= high:
        return int(value)
    return None


def real(value: object, low: float, high: float) -> float | None:
    """`value` where it is a number from `low` to `high`; neither infinite nor none."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        number = within(value, low, high)
        return None if number is None else float(number)
    return None


def truth(value: object) -> int | None:
    """1 or 0; None where it is not said."""
    return None if value is None else int(bool(value))


def signed(number: int) -> int:
    """`number` as the store's integers hold it: inodes and devices may need all 64 bits."""
    return number - _UNSIGNED if number > _INTEGER_MAX else number


def unsigned(number: int) -> int:
    """What `signed` was made of."""
    return number if number >= 0 else number + _UNSIGNED


def content(content_id: object, path: str) -> str:
    """A content id that can be stored; of one that says nothing, one that equals no other file's."""
    if name := text(content_id, _MAX_ID_CHARACTERS):
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
    return tuple(dict.fromkeys(name for value in values[:MAX_VALUES] if (name := text(value)) is not None))


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
        len(name) <= MAX_NAME_CHARACTERS for name in named
    )


def _cleaned(given: TrackTags) -> TrackTags:
    changes: dict[str, Any] = {name: text(getattr(given, name), limit) for name, limit in TEXT_CHARACTERS.items()}
    changes |= {name: integer(getattr(given, name), *limits) for name, limits in WHOLE_BOUNDS.items()}
    changes |= {name: real(getattr(given, name), *limits) for name, limits in REAL_BOUNDS.items()}
    changes |= {name: names(getattr(given, name)) for name in _LISTS}
    return replace(given, **changes, compilation=bool(given.compilation))


_LEVELS = dict.fromkeys(
    ("integrated_lufs", "momentary_max_lufs", "short_term_max_lufs", "true_peak_dbtp", "sample_peak_dbfs"),
    (-1000.0, 1000.0),
) | {"lra_lu": (0.0, 1000.0), "plr_db": (-1000.0, 1000.0), "crest_db": (-1000.0, 1000.0), "dc_offset": (-1e6, 1e6)}


def loudness(given: MeasuredLoudness) -> MeasuredLoudness:
    """`given` as it may be stored."""
    return MeasuredLoudness(**{name: real(getattr(given, name), *limits) for name, limits in _LEVELS.items()})
