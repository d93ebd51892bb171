"""Pieces of SQL, each with the values of its marks: data is never part of the text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Self, TypeAlias

from auralis_cli.quick_dataclasses import dataclass

Value: TypeAlias = str | bytes | float | int


@dataclass(frozen=True, slots=True)
class Sql:
    """A piece of SQL."""

    text: str
    values: tuple[Value, ...] = ()

    @classmethod
    def any_of(cls, pieces: Sequence[Sql]) -> Self:
        """At least one of them holds."""
        return cls.joined(" OR ", [piece.bracketed() for piece in pieces])

    @classmethod
    def all_of(cls, pieces: Sequence[Sql]) -> Self:
        """Each of them holds."""
        return cls.joined(" AND ", [piece.bracketed() for piece in pieces])

    @classmethod
    def joined(cls, by: str, pieces: Sequence[Sql]) -> Self:
        """All of them with `by` between."""
        return cls(by.join(piece.text for piece in pieces), tuple(value for piece in pieces for value in piece.values))

    def bracketed(self) -> Sql:
        """As one operand."""
        return Sql(f"({self.text})", self.values)

    def within(self, expression: str, *, by_index: bool = False) -> Sql:
        """That `expression` is among what this selects.

        The plus keeps the order of a listing from being given up for an index on `expression`.
        """
        return Sql(f"{'' if by_index else '+'}{expression} IN ({self.text})", self.values)


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition on tracks: what is asked of each row, and what selects them all at once where an index can."""

    test: Sql
    ids: Sql | None = None
    # As many rows as `ids` selects, where they are had for less.
    count: Sql | None = None
    # The test where every row is asked: what selects them all is found once, not row by row.
    of_all: Sql | None = None
    # How many times as long as of others it takes to come by one of `ids`.
    weight: int = 1

    def negated(self) -> Condition:
        """The opposite; it holds of what says nothing."""
        of_all = None if self.of_all is None else _not(self.of_all)
        return Condition(_not(self.test), of_all=of_all)

    def asked(self, *, of_all: bool) -> Sql:
        """The test of a row, as it is cheap where every row is asked or where few are."""
        return self.of_all if of_all and self.of_all is not None else self.test


def _not(condition: Sql) -> Sql:
    return Sql(f"({condition.text}) IS NOT TRUE", condition.values)
