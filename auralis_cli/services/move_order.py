"""In which order files can get their new names when some have the names that others are to have.

What is in the way goes first; where that leads in a circle, as when two swap their names, one steps aside meanwhile.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence

from auralis_cli.quick_dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class MoveStep:
    """One renaming."""

    path: str
    new_path: str
    # Of which move it is a part, by number.
    move: int


def moves_in_order(pairs: Sequence[tuple[str, str]], aside: Callable[[str], str]) -> Iterator[list[MoveStep]]:
    """The renamings of each group of moves that are in each other's way, in an order in which every name is free.

    No two of `pairs` have the same old name, none the same new one. `aside` names a place beside a file.
    """
    by_old = {old: number for number, (old, _) in enumerate(pairs)}
    by_new = {new: number for number, (_, new) in enumerate(pairs)}
    told: set[int] = set()
    for number in range(len(pairs)):
        if number in told:
            continue
        chain = _in_the_way(number, pairs, by_old)
        first, last = chain[0], chain[-1]
        is_circle = pairs[last][1] == pairs[first][0]
        if not is_circle:
            # Whoever waits for the first of them belongs to it too.
            while (before := by_new.get(pairs[first][0])) is not None:
                chain.insert(0, before)
                first = before
        told.update(chain)
        yield _circle(chain, pairs, aside) if is_circle and len(chain) > 1 else _line(chain, pairs)


def _in_the_way(number: int, pairs: Sequence[tuple[str, str]], by_old: dict[str, int]) -> list[int]:
    """A move, the one of the file that has its name, and so on."""
    chain = [number]
    while (following := by_old.get(pairs[chain[-1]][1])) is not None and following != number:
        chain.append(following)
    return chain


def _line(chain: Sequence[int], pairs: Sequence[tuple[str, str]]) -> list[MoveStep]:
    return [MoveStep(*pairs[number], number) for number in reversed(chain)]


def _circle(chain: Sequence[int], pairs: Sequence[tuple[str, str]], aside: Callable[[str], str]) -> list[MoveStep]:
    first = chain[0]
    old, new = pairs[first]
    place = aside(old)
    return [MoveStep(old, place, first), *_line(chain[1:], pairs), MoveStep(place, new, first)]


def aside(path: str) -> str:
    """A name beside a file that nobody has."""
    folder, name = os.path.split(path)
    number = 0
    while os.path.lexists(found := os.path.join(folder, f".auralis-aside-{number}-{os.getpid()}{name[-20:]}")):
        number += 1
    return found
