"""What is to become of the pictures of a file, asked by whoever edits one kind of tag."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

from auralis_cli.audio.tag_set import CoverPicture
from auralis_cli.quick_dataclasses import dataclass

Native = TypeVar("Native")


@dataclass(frozen=True, slots=True)
class CoverChange:
    """Pictures of some kinds go, and one may come."""

    # By their numbers in ID3 and FLAC; all where there are none.
    kinds: tuple[int, ...]
    # None: nothing comes.
    picture: CoverPicture | None = None

    def takes(self, kind: int) -> bool:
        """Whether pictures of that kind go."""
        return not self.kinds or kind in self.kinds

    def done_to(
        self, natives: Iterable[Native], kind_of: Callable[[Native], int], made: Callable[[CoverPicture], Native] | None
    ) -> list[Native]:
        """The pictures of a tag after it: what comes stands where the first that goes stood, else last.

        Without a way to make one none comes.
        """
        kept: list[Native] = []
        place: int | None = None
        for native in natives:
            if not self.takes(kind_of(native)):
                kept.append(native)
            elif place is None:
                place = len(kept)
        if self.picture is not None and made is not None:
            kept.insert(len(kept) if place is None else place, made(self.picture))
        return kept
