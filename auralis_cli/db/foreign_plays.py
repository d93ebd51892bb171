"""What other programs keep of plays in SQLite files of their own: beets' library, MPD's stickers. Only read."""

from __future__ import annotations

import math
import os
import re
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from itertools import groupby
from pathlib import Path
from urllib.parse import quote

from auralis_cli.errors import InputError
from auralis_cli.model.plays import BEST_RATING, PlayData

_WAIT_S = 5.0
_LARGEST_COUNT = 1_000_000_000
_LATEST_S = 1 << 40
# Of mpdstats, which keeps what MPD plays.
_BEETS = """
SELECT i.path, a.key, a.value FROM item_attributes AS a JOIN items AS i ON i.id = a.entity_id
WHERE a.key IN ('rating', 'play_count', 'skip_count', 'last_played') ORDER BY i.id
"""
# As its clients name them.
_MPD = """
SELECT uri, name, value FROM sticker WHERE type = 'song'
    AND name IN ('rating', 'like', 'playCount', 'skipCount', 'lastPlayed') ORDER BY uri
"""
_NAMES = {"playcount": "play_count", "skipcount": "skip_count", "lastplayed": "last_played"}
# A track of a cue sheet, as MPD names it.
_IN_SHEET = re.compile(r"(.+\.cue)/track(\d{4})", re.IGNORECASE | re.DOTALL)
# MPD's `like`: 0 is disliked, 1 neither.
_LIKED = 2.0

Found = PlayData | InputError


def beets_plays(library: Path, root: str | None, scale: float) -> Iterator[Found]:
    """Of each file of a beets library that was rated or played; ratings go up to `scale` there.

    Paths that begin nowhere are below `root`. Raises InputError where that is no library of beets.
    """
    yield from _plays(library, _BEETS, "library of beets", root, scale)


def mpd_plays(stickers: Path, root: str | None, scale: float) -> Iterator[Found]:
    """The same of MPD's sticker database; `root` is its music directory."""
    yield from _plays(stickers, _MPD, "sticker database of MPD", root, scale)


def _plays(file: Path, statement: str, what: str, root: str | None, scale: float) -> Iterator[Found]:
    with _opened(file, what) as connection:
        rows = connection.execute(statement)
        for path, of_path in groupby(rows, key=lambda row: row[0]):
            values = {_NAMES.get(str(key).lower(), str(key)): value for _, key, value in of_path}
            yield _data(_text(path), values, root, scale)


@contextmanager
def _opened(file: Path, what: str) -> Iterator[sqlite3.Connection]:
    if not file.is_file():
        raise InputError(str(file), "is no file" if file.exists() else "does not exist")
    try:
        with closing(
            sqlite3.connect(f"file:{quote(os.fsencode(file.absolute()))}?mode=ro", timeout=_WAIT_S, uri=True)
        ) as connection:
            # Names of files may be of any bytes.
            connection.text_factory = os.fsdecode
            connection.execute("PRAGMA trusted_schema = OFF")
            yield connection
    except sqlite3.Error as error:
        raise InputError(str(file), f"cannot be read as a {what} ({error})") from error


def _data(path: str, values: Mapping[str, object], root: str | None, scale: float) -> Found:
    in_sheet = _IN_SHEET.fullmatch(path)
    name, number = (path, 0) if in_sheet is None else (in_sheet[1], int(in_sheet[2]))
    if not os.path.isabs(name):
        if root is None:
            return InputError(path, "is no whole path", "--root says in which folder it is")
        name = os.path.join(root, name)
    numbers = {key: _number(value) for key, value in values.items()}
    rating = numbers.get("rating")
    if rating is not None and not 0.0 <= rating <= scale:
        return InputError(path, f"has the rating {rating:g}, beyond {scale:g}", "--scale says how far they go")
    return PlayData(
        os.path.normpath(name),
        number,
        rating=rating / scale * BEST_RATING if rating else None,
        favourite=True if numbers.get("like") == _LIKED else None,
        play_count=_whole(numbers.get("play_count"), _LARGEST_COUNT),
        skip_count=_whole(numbers.get("skip_count"), _LARGEST_COUNT),
        last_played_at=_whole(numbers.get("last_played"), _LATEST_S) or None,
    )


def _text(value: object) -> str:
    return os.fsdecode(value) if isinstance(value, bytes) else str(value)


def _number(value: object) -> float | None:
    try:
        number = float(_text(value))
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _whole(number: float | None, most: int) -> int | None:
    return None if number is None or not 0 <= number <= most else int(number)
