"""The single artists of a credit. Unless it is plain that they are several they are one: bands are called like that."""

from __future__ import annotations

import re
from collections.abc import Iterable

from auralis_cli.model.album_grouping import fold

_GUESTS = re.compile(r"\s*[(\[]?(?:(?<=[\s(\[])|(?<=\s))(?:feat\.?|ft\.?|featuring)\s+", re.IGNORECASE)
_PLAIN = re.compile(r"\s*;\s*|\s+/\s+|\s+vs\.?\s+", re.IGNORECASE)
_PAIR = re.compile(r"\s+(?:&|and|\+)\s+", re.IGNORECASE)
# What one of two people is not called.
_OF_A_BAND = ("the", "his", "her", "their", "friends", "company", "co.", "sons")
# Two people each, one act.
_ACTS = frozenset(["daryl hall & john oates", "simon & garfunkel", "penny & sparrow", "seals & crofts"])
_MAYBE = ("feat", "ft", " vs", ";", " / ", " & ", " and ", " + ")


def artists_of(credit: str) -> tuple[str, ...]:
    """Who `credit` names, the first first: "A feat. B", "A; B", "A / B", "A vs. B", "Ann Bell & Cid Dow"."""
    lower = credit.lower()
    if not any(mark in lower for mark in _MAYBE):
        return (credit,)
    main, *guests = _GUESTS.split(credit)
    if guests:
        guests = [guest.rstrip(" )]") for guest in guests]
    found = [person for part in (main, *guests) for act in _PLAIN.split(part) for person in _people(act)]
    return distinct(found) or (credit,)


def distinct(names: Iterable[str]) -> tuple[str, ...]:
    """The names, each once whatever its case; none that is empty."""
    found: dict[str, str] = {}
    for name in names:
        if plain := name.strip():
            found.setdefault(plain.casefold(), plain)
    return tuple(found.values())


def _people(act: str) -> list[str]:
    """Two, where both have a first and a last name; commas make it a list, whose end nobody knows."""
    parts = _PAIR.split(act)
    if len(parts) != 2 or "," in act or fold(act).replace(" and ", " & ") in _ACTS:
        return [act]
    words = [part.lower().split() for part in parts]
    if all(2 <= len(each) <= 3 and not set(each) & set(_OF_A_BAND) for each in words):
        return parts
    return [act]
