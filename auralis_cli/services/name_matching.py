"""A name taken apart by a pattern of fixed texts and fields, whatever the name: no two ways are tried that end alike.

A regular expression tries all ways to part `a - b - c - …`, whose number explodes with the fields. Here it is kept from
where what follows did not fit, and a name that is still too much work is of another form.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from auralis_cli.quick_dataclasses import dataclass

# More than names of files need that people part by hand.
_MOST_STEPS = 200_000


@dataclass(frozen=True, slots=True)
class FixedText:
    """Text that stands there, or a value of a certain form, as long a one as there is first."""

    expression: re.Pattern[str]
    # Whether it may be shorter than what the expression finds.
    varies: bool = False

    def ends(self, text: str, start: int, starts: Sequence[int]) -> Iterator[int]:
        """Where it may end when it begins at `start`, the likeliest first."""
        found = self.expression.match(text, start)
        if found is not None and not self.varies:
            yield found.end()
        elif found is not None:
            spans = range(found.end(), start, -1)
            yield from (end for end in spans if self.expression.fullmatch(text, start, end))


@dataclass(frozen=True, slots=True)
class AnyText:
    """Any text within one name, as short a one as will do."""

    def ends(self, text: str, start: int, starts: Sequence[int]) -> Iterable[int]:
        """Where it may end when it begins at `start`, the nearest first."""
        end = text.find("/", start)
        return range(start + 1, (len(text) if end < 0 else end) + 1)


@dataclass(frozen=True, slots=True)
class SameAgain:
    """The text of a part before it again, whatever its capitals."""

    part: int

    def ends(self, text: str, start: int, starts: Sequence[int]) -> Iterator[int]:
        """Where it ends when it begins at `start`, if it is there."""
        said = text[starts[self.part] : starts[self.part + 1]]
        if text[start : start + len(said)].lower() == said.lower():
            yield start + len(said)


Part = FixedText | AnyText | SameAgain


def parted(text: str, start: int, parts: Sequence[Part]) -> list[tuple[int, int]] | None:
    """Where each part begins and ends in `text` from `start` on, all of it used up; None where it is not so."""
    again = sorted({part.part for part in parts if isinstance(part, SameAgain)})
    starts, ways = [start], [iter(parts[0].ends(text, start, [start]))]
    hopeless: set[tuple[object, ...]] = set()
    for _ in range(_MOST_STEPS):
        end = next(ways[-1], None)
        if end is None:
            hopeless.add(_state(text, starts, again))
            starts.pop()
            ways.pop()
            if not ways:
                return None
        elif len(ways) == len(parts):
            if end == len(text):
                return list(zip(starts, [*starts[1:], end], strict=True))
        else:
            starts.append(end)
            if _state(text, starts, again) in hopeless:
                starts.pop()
            else:
                ways.append(iter(parts[len(ways)].ends(text, end, starts)))
    return None


def _state(text: str, starts: Sequence[int], again: Iterable[int]) -> tuple[object, ...]:
    """All that what follows depends on: which part is next, where, and the texts that have to come again."""
    said = (text[starts[part] : starts[part + 1]] for part in again if part + 1 < len(starts))
    return len(starts), starts[-1], *said
