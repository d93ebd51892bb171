"""How tracks are liked and were played, as lines of JSON: written, and read with every value checked."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from typing import Any, BinaryIO

from auralis_cli.db.store import Store
from auralis_cli.errors import InputError
from auralis_cli.json_form import json_text
from auralis_cli.model.plays import BEST_RATING, Liking, PastPlay, PlayData, PlayOutcome
from auralis_cli.model.query import Query
from auralis_cli.services.found_tracks import found_ids

# The plays of a track that is played every day of a century.
_LONGEST_LINE_BYTES = 4 << 20
_CHUNK = 500
_LARGEST_COUNT = 1_000_000_000
_LATEST_S = 1 << 40
_LONGEST_PLAY_S = 1e7


def exported_plays(store: Store, query: Query) -> Iterator[PlayData]:
    """All that is known of the tracks of a query, in their order; those of which nothing is known are left out."""
    ids = list(found_ids(store, query))
    for start in range(0, len(ids), _CHUNK):
        some = ids[start : start + _CHUNK]
        likings, past = store.plays.likings(some), store.plays.past(some)
        for track in store.tracks.by_ids([number for number in some if number in likings or number in past]):
            liking = likings.get(track.id, Liking())
            yield PlayData(
                track.sheet_path or track.path,
                track.cue_number,
                track.content_id,
                liking.rating,
                liking.favourite,
                liking.play_count,
                liking.skip_count,
                liking.last_played_at,
                tuple(past.get(track.id, ())),
            )


def line_of(data: PlayData) -> bytes:
    """One line, in ASCII."""
    return json_text(data).encode("ascii") + b"\n"


def read_plays(stream: BinaryIO, name: str) -> Iterator[PlayData | InputError]:
    """What each line says, or what is wrong with it; raises InputError where the stream cannot be read."""
    number = 0
    while True:
        try:
            line = stream.readline(_LONGEST_LINE_BYTES + 1)
        except OSError as error:
            raise InputError(name, error.strerror or "cannot be read") from error
        if not line:
            return
        number += 1
        if len(line) > _LONGEST_LINE_BYTES:
            yield InputError(f"{name}:{number}", f"is longer than {_LONGEST_LINE_BYTES >> 20} MiB")
            return
        if line.strip():
            yield _read(line, f"{name}:{number}")


def _read(line: bytes, where: str) -> PlayData | InputError:
    try:
        told = json.loads(line)
        if not isinstance(told, dict):
            raise ValueError("is no object")
        return PlayData(
            _path(told.get("path")),
            _whole(told, "cue_number", 9999) or 0,
            _text(told.get("content_id")),
            _real(told, "rating", BEST_RATING),
            _flag(told.get("favourite")),
            _whole(told, "play_count", _LARGEST_COUNT),
            _whole(told, "skip_count", _LARGEST_COUNT),
            _whole(told, "last_played_at", _LATEST_S),
            tuple(_play(one) for one in told.get("plays") or ()),
        )
    except (ValueError, TypeError, RecursionError) as error:
        why = "is no JSON" if isinstance(error, json.JSONDecodeError | UnicodeError) else str(error)
        return InputError(where, why[:200])


def _play(told: Any) -> PastPlay:
    if not isinstance(told, dict):
        raise ValueError("a play is no object")
    started_at, played_s = _whole(told, "started_at", _LATEST_S), _real(told, "played_s", _LONGEST_PLAY_S)
    if started_at is None or played_s is None:
        raise ValueError("a play needs started_at and played_s")
    return PastPlay(started_at, played_s, PlayOutcome(str(told.get("outcome"))))


def _path(value: object) -> str:
    if not isinstance(value, str) or not os.path.isabs(value) or "\0" in value:
        raise ValueError("path is no whole path")
    # Raises for what no name of a file can be.
    os.fsencode(value)
    return value


def _text(value: object) -> str | None:
    if value is not None and not isinstance(value, str):
        raise ValueError("content_id is no text")
    if value is not None:
        value.encode()
    return value


def _flag(value: object) -> bool | None:
    if value is not None and not isinstance(value, bool):
        raise ValueError("favourite is neither true nor false")
    return value


def _whole(told: dict[str, Any], name: str, most: int) -> int | None:
    value = told.get(name)
    if value is None:
        return None
    if type(value) is not int or not 0 <= value <= most:
        raise ValueError(f"{name} is no whole number from 0 to {most}")
    return value


def _real(told: dict[str, Any], name: str, most: float) -> float | None:
    value = told.get(name)
    if value is None:
        return None
    # The range alone: NaN fails it, and a whole number may be longer than any float.
    if type(value) not in (int, float) or not 0.0 <= value <= most:
        raise ValueError(f"{name} is no number from 0 to {most:g}")
    return float(value)
