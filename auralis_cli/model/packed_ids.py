"""Ids of any number as the library puts them together in one step: looked at where they are wanted.

A million of them one by one are a million times that whoever draws a screen has to wait for its turn.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Self

# Digits of each, the first of which is a 1: for so many things a library would have to be filled for some ten
# thousand years.
_DIGITS = 12
# What is added to an id, so that all are as long.
PACKED_FROM = 10 ** (_DIGITS - 1)


class PackedIds:
    """Ids in an order."""

    __slots__ = ("_digits",)

    def __init__(self, digits: bytes = b"") -> None:
        """`digits` are those of each id and PACKED_FROM, nothing between them."""
        self._digits = digits

    @classmethod
    def of(cls, ids: Iterable[int]) -> Self:
        """These."""
        return cls(b"".join(b"%d" % (PACKED_FROM + number) for number in ids))

    def __len__(self) -> int:
        return len(self._digits) // _DIGITS

    def some(self, first: int, number: int) -> list[int]:
        """`number` of them from place `first` on, or what is left."""
        digits, end = self._digits, min(first + number, len(self))
        places = range(first * _DIGITS, end * _DIGITS, _DIGITS)
        return [int(digits[place : place + _DIGITS]) - PACKED_FROM for place in places]

    def place_of(self, number: int) -> int | None:
        """At which place an id stands, from 0; None where it does not."""
        wanted = b"%d" % (PACKED_FROM + number)
        found = self._digits.find(wanted)
        while found % _DIGITS and found >= 0:
            # Of the end of one and the beginning of the next.
            found = self._digits.find(wanted, found + 1)
        return found // _DIGITS if found >= 0 else None
