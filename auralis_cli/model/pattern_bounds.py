"""Which regular expressions may be asked for: those whose search ends soon, whatever text they meet.

Python's search tries all ways to match. Their number explodes where what is repeated can itself be matched in
several ways, as in `(a+)+`, and grows with every choice. Such patterns are refused before they are stored or run.
"""

from __future__ import annotations

import re
import warnings

MAX_PATTERN_CHARS = 1000
_MAX_ENDLESS = 4
_MAX_WAYS = 1024
_REPEAT = re.compile(r"[*+?]|\{(\d*)(,?)(\d*)\}", re.ASCII)
# `(?#…)`, and flags among which is the one for comments.
_REMARKS = re.compile(r"\(\?(?:#|[a-zA-Z]*x)")


class _Group:
    """What was seen so far between two brackets."""

    def __init__(self) -> None:
        self.alternatives = 1
        # Whether it can match one text in several ways.
        self.varies = False


def check_pattern(pattern: str) -> re.Pattern[str]:
    """`pattern`, compiled; ValueError, which says why, where it is none or its search may not end."""
    if len(pattern) > MAX_PATTERN_CHARS:
        raise ValueError(f"is longer than {MAX_PATTERN_CHARS} characters")
    try:
        with warnings.catch_warnings():
            # Of what may mean something else in a Python to come.
            warnings.simplefilter("ignore")
            compiled = re.compile(pattern)
    except (re.error, OverflowError, RecursionError) as error:
        raise ValueError(f"is no regular expression ({error})") from error
    _check_choices(pattern)
    return compiled


def _check_choices(pattern: str) -> None:
    groups = [_Group()]
    closed: _Group | None = None
    endless, ways, place = 0, 1, 0
    while place < len(pattern):
        letter = pattern[place]
        if repeat := _REPEAT.match(pattern, place):
            place = repeat.end()
            place += pattern[place : place + 1] in ("?", "+")  # lazy, or possessive
            fixed, again, forever = _read(repeat)
            if again and closed is not None and closed.varies:
                raise ValueError("repeats what itself varies, which may take forever")
            if not fixed:
                groups[-1].varies = True
                endless, ways = endless + forever, ways * (1 if forever else 2)
            closed = None
            continue
        closed = None
        if letter == "\\":
            place += 1
        elif letter == "[":
            place = _end_of_set(pattern, place)
        elif letter == "(":
            if _REMARKS.match(pattern, place):
                raise ValueError("has comments, which no query needs")
            groups.append(_Group())
            place += pattern.startswith("(?", place)
        elif letter == ")" and len(groups) > 1:
            closed = groups.pop()
            ways *= closed.alternatives
            groups[-1].varies = groups[-1].varies or closed.varies
        elif letter == "|":
            groups[-1].alternatives += 1
            groups[-1].varies = True
        place += 1
    if endless > _MAX_ENDLESS or ways * groups[0].alternatives > _MAX_WAYS:
        raise ValueError("leaves too many choices, which may take forever")


def _read(repeat: re.Match[str]) -> tuple[bool, bool, bool]:
    """Of a repeat: whether it is of one count only, may come again, and has no end."""
    if repeat[2] is None:
        return False, repeat[0] != "?", repeat[0] != "?"
    low, high = repeat[1] or "0", repeat[3] if repeat[2] else repeat[1]
    return low == high, high != "1", high == "" or int(high) > 10


def _end_of_set(pattern: str, place: int) -> int:
    """The place of the bracket that ends the set which begins at `place`."""
    place += 1
    place += pattern.startswith("^", place)
    first = place
    while place < len(pattern) and (pattern[place] != "]" or place == first):
        place += 1 + (pattern[place] == "\\")
    return place
