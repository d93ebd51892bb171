"""Choices as a file: JSON with a version, read with distrust.

A version is a whole number and is compared as one. An older document is brought up to date version by version; one
that is newer than this program is refused.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Any, BinaryIO

from auralis_cli.errors import InputError
from auralis_cli.model.preferences import (
    FIGURES,
    LONGEST_PRESET_NAME,
    MOST_OBSERVED,
    WEIGHT_RANGE,
    Aspect,
    Observation,
    SoundChoice,
)
from auralis_cli.model.track_kinds import TrackKind

Document = dict[str, Any]
# From the version it stands under to the next.
Upgrades = Mapping[int, Callable[[Document], Document]]

# None yet: the first version is the one there is.
UPGRADES: Upgrades = MappingProxyType({})
FIRST_VERSION = 1

_FORMAT = "auralis preferences"
_KEYS = {"format", "version", "choices"}
_CHOICE_KEYS = {"observed_at", "kind", "weight", *map(str, Aspect)}
_MOST_BYTES = 8 << 20
# Clocks differ.
_AHEAD_S = 86_400


def newest_version(upgrades: Upgrades) -> int:
    """The version that upgrades lead to, in whatever order they stand."""
    return max(upgrades, default=FIRST_VERSION - 1) + 1


def document_of(observations: Iterable[Observation]) -> bytes:
    """The file of these choices. What track each was made for is nobody else's business."""
    choices = [
        {
            "observed_at": one.observed_at,
            "kind": one.kind.value,
            "weight": round(one.weight, 3),
            **{aspect.value: getattr(one.choice, aspect.value) for aspect in Aspect},
        }
        for one in observations
    ]
    document = {"format": _FORMAT, "version": newest_version(UPGRADES), "choices": choices}
    return (json.dumps(document, indent=1, allow_nan=False) + "\n").encode("ascii")


def read_document(stream: BinaryIO, name: str, *, now: int, upgrades: Upgrades = UPGRADES) -> tuple[Observation, ...]:
    """The choices of a file. Raises InputError, in one line, for anything that is not as it should be."""
    try:
        return _observations(_current(_parsed(stream), upgrades), now)
    except OSError as error:
        raise InputError(name, error.strerror or "cannot be read") from error
    except (ValueError, RecursionError) as error:
        why = str(error) if isinstance(error, _BadDocumentError) else "is no JSON"
        raise InputError(name, why) from error


class _BadDocumentError(ValueError):
    """What is wrong, in words."""


def _parsed(stream: BinaryIO) -> Document:
    data = stream.read(_MOST_BYTES + 1)
    if len(data) > _MOST_BYTES:
        raise _BadDocumentError(f"is longer than {_MOST_BYTES >> 20} MiB: it holds no preferences")
    document = json.loads(data.decode("utf-8"), parse_constant=_no_number)
    if not isinstance(document, dict) or document.get("format") != _FORMAT:
        raise _BadDocumentError("holds no preferences: auralis prefs export writes them")
    return document


def _no_number(word: str) -> float:
    raise _BadDocumentError(f"{word} is no number")


def _current(document: Document, upgrades: Upgrades) -> Document:
    version, newest = document.get("version"), newest_version(upgrades)
    if type(version) is not int or version < min(upgrades, default=newest):
        raise _BadDocumentError("its version is none there ever was")
    if version > newest:
        raise _BadDocumentError(f"is of version {version}, of which this program knows nothing: {newest} is the newest")
    for number in range(version, newest):
        document = upgrades[number](document)
    return document


def _observations(document: Document, now: int) -> tuple[Observation, ...]:
    _check_keys(document, _KEYS, "the document")
    choices = document["choices"]
    if not isinstance(choices, list):
        raise _BadDocumentError("its choices are no list")
    if len(choices) > MOST_OBSERVED:
        raise _BadDocumentError(f"holds {len(choices):,} choices, and {MOST_OBSERVED:,} are the most")
    return tuple(_observation(one, f"choice {number}", now) for number, one in enumerate(choices, 1))


def _observation(told: object, where: str, now: int) -> Observation:
    if not isinstance(told, dict):
        raise _BadDocumentError(f"{where} is no object")
    _check_keys(told, _CHOICE_KEYS, where)
    observed_at, kind, preset = told["observed_at"], told["kind"], told["preset"]
    if type(observed_at) is not int or not 0 <= observed_at <= now + _AHEAD_S:
        raise _BadDocumentError(f"{where}: observed_at is no time that has been")
    if kind not in list(TrackKind):
        raise _BadDocumentError(f"{where}: its kind is none of {', '.join(TrackKind)}")
    if preset is not None and not _is_name(preset):
        raise _BadDocumentError(f"{where}: its preset is no name")
    weight = _figure(told["weight"], WEIGHT_RANGE, f"{where}: weight")
    if weight is None:
        raise _BadDocumentError(f"{where}: it has no weight")
    figures = {str(one): _figure(told[one.value], FIGURES[one], f"{where}: {one}") for one in FIGURES}
    choice = SoundChoice(preset, **figures)
    if choice.is_empty:
        raise _BadDocumentError(f"{where}: nothing was chosen")
    return Observation(TrackKind(kind), choice, observed_at, weight)


def _is_name(told: object) -> bool:
    return isinstance(told, str) and 0 < len(told) <= LONGEST_PRESET_NAME and told.isprintable()


def _check_keys(told: Document, known: set[str], where: str) -> None:
    if unknown := sorted(told.keys() - known):
        raise _BadDocumentError(f"{where} has {unknown[0][:80]!r}, which is unknown here")
    if missing := sorted(known - told.keys()):
        raise _BadDocumentError(f"{where} lacks {missing[0]}")


def _figure(told: object, within: tuple[float, float], what: str) -> float | None:
    if told is None:
        return None
    low, high = within
    # The range first: a whole number may be longer than any float.
    if type(told) not in (int, float) or not low <= told <= high or not math.isfinite(told):  # type: ignore[operator,arg-type]
        raise _BadDocumentError(f"{what} is no number from {low:g} to {high:g}")
    return float(told)  # type: ignore[arg-type]
