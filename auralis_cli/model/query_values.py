"""The values of a query: numbers, durations, sizes and dates, alone or as ranges.

A number alone stands for all that round to it as it is written: `lufs:-9` is -9.5 to -8.5, `lufs:-9.0` is -9.05 to
-8.95, `duration:4:30` the second that players show; `:=` asks for the very number. The ends of a range belong to it.
A date stands for the whole of its year, month, day, hour, minute or second, in local time.
"""

from __future__ import annotations

import math
import re
from datetime import datetime, timedelta

from auralis_cli.model.fields import Field, FieldKind
from auralis_cli.quick_dataclasses import dataclass

_NUMBER = re.compile(r"([+-]?)(\d{1,18})?(?:\.(\d{0,18}))?([kKMG]?)", re.ASCII)
_SIZE = re.compile(r"()(\d{1,18})(?:\.(\d{0,18}))?([BKMGTkmgt]?)(?:i?B)?", re.ASCII)
_CLOCK = re.compile(r"(?:(\d{1,6}):(?=\d+:))?(\d{1,6}):(\d{1,2})(?:\.(\d{0,9}))?", re.ASCII)
_SPAN = re.compile(r"(\d{1,9})(?:\.(\d{1,9}))?([smhd])", re.ASCII)
_AGO = re.compile(r"([+-]?)(\d{1,6})([dwmy])", re.ASCII)
_DATE = re.compile(r"(\d{4})(?:-(\d{1,2})(?:-(\d{1,2})(?:[T ](\d{1,2})(?::(\d{1,2})(?::(\d{1,2}))?)?)?)?)?", re.ASCII)
_DECIMAL = {"": 1.0, "k": 1e3, "K": 1e3, "M": 1e6, "G": 1e9}
_SECONDS = {"s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_DAYS = {"d": 1, "w": 7, "m": 30, "y": 365}

EXPECTED = {
    FieldKind.NUMBER: "a number, or a range like 90..110, -9.. or ..4",
    FieldKind.WHOLE: "a number, or a range like 1990..1999, 256k.. or ..4",
    FieldKind.SIZE: "a size, or a range like 10M..",
    FieldKind.DURATION: "a duration, or a range like ..4:30, 90..120 or 1h..",
    FieldKind.TIME: "a date, or a range like 2024.., 2024-05..2024-06-17 or -3w..",
    FieldKind.FLAG: "true or false",
}


@dataclass(frozen=True, slots=True)
class Interval:
    """What one value stands for: from `low` on, below `high`; at `exact` where it is meant to the letter."""

    exact: float
    low: float
    high: float
    # Whether it is a stretch of time, all of which belongs to a range that it begins or ends.
    is_period: bool = False


def interval_of(field: Field, word: str, now: int) -> Interval:
    """What `word` stands for as a value of `field`; ValueError for one that is none."""
    if field.kind is FieldKind.TIME:
        try:
            return _moment(word, now)
        except (OverflowError, OSError) as error:  # years that no clock shows
            raise ValueError from error
    if field.kind is FieldKind.DURATION:
        return _duration(word)
    pattern = _SIZE if field.kind is FieldKind.SIZE else _NUMBER
    found = pattern.fullmatch(word)
    if found is None or not (found[2] or found[3]):
        raise ValueError
    unit = 1024.0 ** "BKMGT".index((found[4] or "B").upper()) if pattern is _SIZE else _DECIMAL[found[4]]
    return _rounded(f"{found[1]}{found[2] or 0}.{found[3] or 0}", len(found[3] or ""), unit)


def _rounded(digits: str, decimals: int, unit: float = 1.0, base: float = 0.0) -> Interval:
    value = base + float(digits) * unit
    half = 0.5 * 10.0**-decimals * unit
    if not math.isfinite(value):
        raise ValueError
    return Interval(value, value - half, value + half)


def _duration(word: str) -> Interval:
    if found := _CLOCK.fullmatch(word):
        base = 3600.0 * int(found[1] or 0) + 60.0 * int(found[2])
        return _rounded(f"{found[3]}.{found[4] or 0}", len(found[4] or ""), base=base)
    if found := _SPAN.fullmatch(word):
        return _rounded(f"{found[1]}.{found[2] or 0}", len(found[2] or ""), _SECONDS[found[3]])
    found = _NUMBER.fullmatch(word)
    if found is None or found[1] == "-" or found[4] or not (found[2] or found[3]):
        raise ValueError
    return _rounded(f"{found[2] or 0}.{found[3] or 0}", len(found[3] or ""))


def _moment(word: str, now: int) -> Interval:
    if found := _AGO.fullmatch(word):
        days = int(found[2]) * _DAYS[found[3]] * (-1 if found[1] == "-" else 1)
        moment = float(now + days * 86_400)
        # A moment alone would be met by nothing: it stands for its day.
        start = datetime.fromtimestamp(moment).replace(hour=0, minute=0, second=0)
        return Interval(moment, start.timestamp(), (start + timedelta(days=1)).timestamp())
    found = _DATE.fullmatch(word)
    if found is None:
        raise ValueError
    year, month, day, hour, minute, second = (None if part is None else int(part) for part in found.groups())
    start = datetime(year or 0, month or 1, day or 1, hour or 0, minute or 0, second or 0)
    if month is None:
        end = start.replace(year=start.year + 1)
    elif day is None:
        end = (start + timedelta(days=31)).replace(day=1)
    else:
        steps = ((second, timedelta(seconds=1)), (minute, timedelta(minutes=1)), (hour, timedelta(hours=1)))
        end = start + next((step for given, step in steps if given is not None), timedelta(days=1))
    return Interval(start.timestamp(), start.timestamp(), end.timestamp(), is_period=True)
