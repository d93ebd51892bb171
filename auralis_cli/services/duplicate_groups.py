"""How pairs that are alike become groups: around a copy to keep, to which each of the others is held.

What is like a copy of a copy belongs to a group only if it is like the copy to keep. What is only possibly the same
makes a pair that is shown, and joins nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import replace
from itertools import combinations

from auralis_cli.model.cleanup import CleanupAction
from auralis_cli.model.duplicates import DuplicateGroup, DuplicateKind, RecordingMatch, TrackCopy
from auralis_cli.quick_dataclasses import dataclass
from auralis_cli.services.copy_words import in_words, level_difference_lu, stretch
from auralis_cli.services.kept_copy import CopyFacts, best_copy

# What is longer, and more than twice as long as its part, may be a mix or the side of a record.
_SONG_S = 900.0
_TIMES = 2.0
# Of more channels, another number is another mix.
_STEREO = 2
# Parts of one song overlap; those of a medley need not.
_OVERLAP_S = 5.0
_CLOSEST_FIRST = list(DuplicateKind)

Pair = frozenset[str]


@dataclass(frozen=True, slots=True)
class Resemblance:
    """What of all contents is like what, by pairs of content keys."""

    matches: dict[Pair, RecordingMatch]
    # Those that are the same, sample for sample.
    same_samples: set[Pair]
    # Looks closely at two, where a third one links them.
    look: Callable[[str, str], RecordingMatch | None]

    def between(self, one: CopyFacts, other: CopyFacts) -> tuple[DuplicateKind, RecordingMatch | None] | None:
        """How alike two copies are, and what that was told by; None where they are not."""
        pair = frozenset((one.content_key, other.content_key))
        if len(pair) == 1 or pair in self.same_samples:
            return DuplicateKind.IDENTICAL, None
        match = self.matches.get(pair) or self.look(one.content_key, other.content_key)
        return None if match is None else (match.kind, match)


def ignored_pair(first: tuple[int, str], second: tuple[int, str]) -> tuple[str, str]:
    """By what two tracks, each its id and content key, are remembered to be no duplicates.

    Their contents, which outlive files and tags; where those are the same, with the tracks' ids behind them.
    """
    if first[1] != second[1]:
        return first[1], second[1]
    return f"{first[1]}@{first[0]}", f"{second[1]}@{second[0]}"


def groups_of(
    facts: Sequence[CopyFacts], likeness: Resemblance, ignored: set[Pair], chosen: Collection[int] | None
) -> tuple[list[DuplicateGroup], int]:
    """The groups, by the path of the copy to keep, possible ones last; and how many pairs were left out as ignored.

    Of `chosen` tracks only groups with one of them; only those go to the trash.
    """
    return _Grouping(facts, likeness, ignored, chosen).result()


class _Grouping:
    """One search's tracks on their way into groups."""

    def __init__(
        self, facts: Sequence[CopyFacts], likeness: Resemblance, ignored: set[Pair], chosen: Collection[int] | None
    ) -> None:
        self._likeness, self._ignored = likeness, ignored
        self._chosen = None if chosen is None else frozenset(chosen)
        self._facts = {one.track.id: one for one in facts}
        self._of_key: dict[str, list[int]] = {}
        for one in facts:
            self._of_key.setdefault(one.content_key, []).append(one.track.id)
        self._left_out = 0

    def result(self) -> tuple[list[DuplicateGroup], int]:
        """All groups."""
        groups: list[DuplicateGroup] = []
        # Each track's group is told by the copy to keep.
        kept: dict[int, int] = {}
        for component in self._components(self._edges()):
            for keep, reasons, members in self._around_keeps(component):
                kept.update(dict.fromkeys([keep.track.id, *(one.track.id for one in members)], keep.track.id))
                groups.append(self._group(keep, reasons, members))
        possible = [self._group(keep, reasons, [other]) for keep, reasons, other in self._possible(kept)]
        ordered = sorted(groups, key=_place) + sorted(possible, key=_place)
        return [group for group in ordered if self._is_asked_for(group)], self._left_out

    def _edges(self) -> Iterator[tuple[int, int]]:
        """Pairs of tracks that are the same for sure, but for those ignored."""
        sure = [pair for pair, match in self._likeness.matches.items() if match.kind is not DuplicateKind.POSSIBLE]
        linked = [tuple(sorted(pair)) for pair in {*sure, *self._likeness.same_samples}]
        for numbers in self._of_key.values():
            yield from self._not_ignored(combinations(numbers, 2))
        for first, second in sorted(linked):
            ours, theirs = self._of_key.get(first, ()), self._of_key.get(second, ())
            yield from self._not_ignored((one, other) for one in ours for other in theirs)

    def _not_ignored(self, pairs: Iterator[tuple[int, int]]) -> Iterator[tuple[int, int]]:
        for one, other in pairs:
            if self._is_ignored(self._facts[one], self._facts[other]):
                self._left_out += 1
            else:
                yield one, other

    def _is_ignored(self, one: CopyFacts, other: CopyFacts) -> bool:
        names = ignored_pair((one.track.id, one.content_key), (other.track.id, other.content_key))
        return frozenset(names) in self._ignored

    def _components(self, edges: Iterator[tuple[int, int]]) -> list[list[int]]:
        """Tracks that are linked, whether directly or by others."""
        above: dict[int, int] = {}

        def top(number: int) -> int:
            while (higher := above.setdefault(number, number)) != number:
                above[number] = number = above[higher]
            return number

        for one, other in edges:
            above[top(one)] = top(other)
        components: dict[int, list[int]] = {}
        for number in sorted(above):
            components.setdefault(top(number), []).append(number)
        return list(components.values())

    def _around_keeps(self, component: Sequence[int]) -> Iterator[tuple[CopyFacts, tuple[str, ...], list[CopyFacts]]]:
        """The copy to keep with those that are like it; then the same of those that are left."""
        left = [self._facts[number] for number in component]
        while len(left) > 1:
            keep, _ = best_copy(left)
            members: list[CopyFacts] = []
            for one in sorted(left, key=lambda one: one.track.path):
                if one is not keep and self._belongs(one, keep, members):
                    members.append(one)
            if members:
                # Only what the group holds was it chosen from.
                yield keep, best_copy([keep, *members])[1], members
            left = [one for one in left if one is not keep and one not in members]

    def _belongs(self, one: CopyFacts, keep: CopyFacts, members: Sequence[CopyFacts]) -> bool:
        if any(self._is_ignored(one, other) for other in (keep, *members)):
            return False
        alike = self._likeness.between(one, keep)
        return alike is not None and alike[0] is not DuplicateKind.POSSIBLE

    def _possible(self, kept: dict[int, int]) -> Iterator[tuple[CopyFacts, tuple[str, ...], CopyFacts]]:
        """Pairs of recordings that may be one, each by the copy to keep of it."""
        seen: set[frozenset[int]] = set()
        for pair, match in sorted(self._likeness.matches.items(), key=lambda item: sorted(item[0])):
            if match.kind is not DuplicateKind.POSSIBLE:
                continue
            first, second = (self._of_key.get(key, []) for key in sorted(pair))
            for one, other in self._not_ignored((one, other) for one in first for other in second):
                ends = frozenset((kept.get(one, one), kept.get(other, other)))
                if len(ends) < 2 or ends in seen:
                    continue
                seen.add(ends)
                two = [self._facts[number] for number in sorted(ends)]
                if self._is_ignored(*two):
                    continue
                keep, reasons = best_copy(two)
                yield keep, reasons, two[1] if keep is two[0] else two[0]

    def _group(self, keep: CopyFacts, reasons: tuple[str, ...], members: Sequence[CopyFacts]) -> DuplicateGroup:
        copies = [self._copy(one, keep) for one in members]
        parts = [copy for copy in copies if copy.kind is DuplicateKind.CUT]
        if any(_are_apart(one, other) for one, other in combinations(parts, 2)):
            why = "the longer one holds several of these, one after the other"
            copies = [_staying(copy, why) if copy.kind is DuplicateKind.CUT else copy for copy in copies]
        copies.sort(key=lambda copy: (_CLOSEST_FIRST.index(copy.kind), copy.track.path, copy.track.cue_number))
        return DuplicateGroup(copies[-1].kind, keep.track, reasons, tuple(copies))

    def _copy(self, one: CopyFacts, keep: CopyFacts) -> TrackCopy:
        alike = self._likeness.between(one, keep)
        kind, match = alike or (DuplicateKind.POSSIBLE, None)
        held = None
        if kind is DuplicateKind.CUT and match is not None:
            held = stretch(one.track, keep.track, match.offset_in(keep.content_key))
        stays = self._stays(one, keep, kind)
        return TrackCopy(
            one.track,
            kind,
            None if match is None else match.error_rate,
            None if held is not None else level_difference_lu(one.track, keep.track),
            None if held is None else held[0],
            None if held is None else held[1],
            CleanupAction.TRASH if stays is None else CleanupAction.KEEP,
            in_words(one.track, keep.track, kind, match, held),
            stays,
        )

    def _stays(self, one: CopyFacts, keep: CopyFacts, kind: DuplicateKind) -> str | None:
        """Why a copy is not proposed for the trash; None where it is."""
        if kind is DuplicateKind.POSSIBLE:
            return "somebody has to listen"
        if one.bound is not None:
            return one.bound
        if one.voices > max(1, keep.voices):
            return "it is stereo, and the complete one is not"
        if (
            max(one.track.channels or 0, keep.track.channels or 0) > _STEREO
            and one.track.channels != keep.track.channels
        ):
            return "it has another number of channels"
        if one.track.lossless and not keep.track.lossless and one.is_really_lossless:
            return "it is lossless, and the complete one is not"
        if kind is DuplicateKind.CUT and keep.heard_s > max(_SONG_S, _TIMES * one.heard_s):
            return "the longer one may be a mix"
        if self._chosen is not None and one.track.id not in self._chosen:
            return "it was not asked for"
        return None

    def _is_asked_for(self, group: DuplicateGroup) -> bool:
        if self._chosen is None:
            return True
        return any(track.id in self._chosen for track in (group.keep, *(copy.track for copy in group.copies)))


def _place(group: DuplicateGroup) -> tuple[str, int, str]:
    return group.keep.path, group.keep.cue_number, group.copies[0].track.path


def _are_apart(one: TrackCopy, other: TrackCopy) -> bool:
    first, second = sorted((copy.start_s or 0.0, copy.end_s or 0.0) for copy in (one, other))
    return second[0] > first[1] - _OVERLAP_S


def _staying(copy: TrackCopy, why: str) -> TrackCopy:
    return replace(copy, action=CleanupAction.KEEP, stays=copy.stays or why)
