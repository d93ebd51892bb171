"""Which recordings of many are the same, however encoded, at whatever level, wherever cut: by their landmarks.

Words that their own bits choose, one in eight, are looked up among all recordings: copies choose the same ones,
wherever they begin. Where two have one in common, all their words are compared at the offset it says.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

from auralis_cli.analysis.landmarks import signs_of
from auralis_cli.dsp.landmark_matching import LEAST_OVERLAP, LEAST_WORDS, Signs, at_pairs, best_offset
from auralis_cli.model.duplicates import MOST_ERRORS_POSSIBLE, RecordingMatch
from auralis_cli.model.landmarks import LANDMARK_HOP_S, Landmarks
from auralis_cli.quick_dataclasses import dataclass

# One word in so many is looked up.
_SAMPLING = 8
_HASH_FACTOR = 2_654_435_761
# Of a word that a recording repeats, so many places; and so many neighbours of each in the list of equal words, so
# that one which half of all recordings have costs no more than any other.
_PLACES = 3
_NEIGHBOURS = 50
# Of so many words, so few different ones tell no recording: steady tones, a loop of a second.
_LOOKED_AT, _LEAST_DIFFERENT = 512, 24
# The hop beside the one that a common word says may agree better.
_NEAR_OFFSETS = (-2, -1, 1, 2)
_MOST_ERRORS_NEAR = 0.38
_PAIRS_AT_ONCE = 1 << 20
_OFFSET_BITS = 22

Pairs = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class _Places:
    """Words to be looked up, in order: which word, in which recording, where."""

    words: NDArray[np.uint32]
    owners: NDArray[np.int32]
    positions: NDArray[np.int32]


class Recordings:
    """The landmarks of many contents, to be compared with each other: 16 kB for four minutes of music."""

    def __init__(self, landmarks: Iterable[tuple[str, Landmarks]]) -> None:
        words: list[NDArray[np.uint32]] = []
        masks: list[NDArray[np.uint32]] = []
        self.keys: list[str] = []
        for key, one in landmarks:
            signs = signs_of(one)
            if _different(signs) >= _LEAST_DIFFERENT:
                self.keys.append(key)
                words.append(signs.words)
                masks.append(signs.masks)
        self._starts = np.concatenate([[0], np.cumsum([len(one) for one in words])]).astype(np.int64)
        empty = np.empty(0, np.uint32)
        self._signs = Signs(np.concatenate([empty, *words]), np.concatenate([empty, *masks]))
        self._rows = {key: row for row, key in enumerate(self.keys)}

    def matches(self) -> Iterator[RecordingMatch]:
        """Every two that are the same, or may be; those that only a third one links may be left out."""
        lengths = np.diff(self._starts)
        pairs = _candidates(self._sampled(), lengths)
        rates, _ = self._compared(pairs, _MOST_ERRORS_NEAR)
        pairs = pairs[np.isfinite(rates)]
        shifts = np.array([0, *_NEAR_OFFSETS])
        near = np.repeat(pairs, len(shifts), axis=0)
        near[:, 2] += np.tile(shifts, len(pairs))
        near = np.unique(near, axis=0)
        rates, valid = self._compared(near, MOST_ERRORS_POSSIBLE)
        # Of each two the offset with the fewest errors, of equal ones that at which more is compared.
        order = np.lexsort((-valid, rates, near[:, 1], near[:, 0]))
        order = order[np.isfinite(rates[order])]
        _, first = np.unique(near[order][:, :2], axis=0, return_index=True)
        for place in order[first]:
            match = self._told(near[place], float(rates[place]), int(valid[place]))
            if match is not None:
                yield match

    def match(self, one: str, other: str) -> RecordingMatch | None:
        """What two contents have in common, looked for at every offset; None where that is nothing."""
        first, second = sorted((one, other))
        if first not in self._rows or second not in self._rows:
            return None
        row, other_row = self._rows[first], self._rows[second]
        found = best_offset(self._signs_of(row), self._signs_of(other_row), at_most=MOST_ERRORS_POSSIBLE)
        if found is None:
            return None
        return self._told(np.array([row, other_row, found.offset_words]), found.error_rate, found.valid_words)

    def _signs_of(self, row: int) -> Signs:
        start, end = self._starts[row], self._starts[row + 1]
        return Signs(self._signs.words[start:end], self._signs.masks[start:end])

    def _sampled(self) -> _Places:
        words = self._signs.words
        hashed = (words * np.uint32(_HASH_FACTOR)) >> np.uint32(16)
        places = np.flatnonzero((hashed % _SAMPLING == 0) & (self._signs.masks > 0))
        owners = np.searchsorted(self._starts, places, side="right") - 1
        order = np.lexsort((places, words[places]))
        places, owners = places[order], owners[order]
        words = words[places]
        # How many of the same word of the same recording come before.
        is_first = np.ones(len(places), np.bool_)
        is_first[1:] = (words[1:] != words[:-1]) | (owners[1:] != owners[:-1])
        numbers = np.arange(len(places))
        kept = numbers - np.maximum.accumulate(np.where(is_first, numbers, 0)) < _PLACES
        owners = owners[kept]
        positions = places[kept] - self._starts[owners]
        return _Places(words[kept], owners.astype(np.int32), positions.astype(np.int32))

    def _compared(self, pairs: Pairs, at_most: float) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
        rates, valid = np.empty(len(pairs)), np.empty(len(pairs), np.int64)
        for start in range(0, len(pairs), _PAIRS_AT_ONCE):
            part = slice(start, start + _PAIRS_AT_ONCE)
            rates[part], valid[part] = at_pairs(self._signs, self._starts, pairs[part], at_most=at_most)
        return rates, valid

    def _told(self, pair: NDArray[np.int64], rate: float, valid: int) -> RecordingMatch | None:
        row, other_row, offset = pair.tolist()
        first, second = self._signs_of(row), self._signs_of(other_row)
        rate = _against_chance(rate, first, second, offset)
        if rate > MOST_ERRORS_POSSIBLE:
            return None
        heard = max(np.count_nonzero(one.masks) for one in (first, second))
        return RecordingMatch(
            self.keys[row], self.keys[other_row], rate, offset * LANDMARK_HOP_S, float(min(1.0, valid / heard))
        )


def _candidates(places: _Places, lengths: NDArray[np.int64]) -> Pairs:
    """Pairs of recordings that have a word in common, with the offset it says; each once."""
    codes: list[NDArray[np.int64]] = []
    for step in range(1, _NEIGHBOURS + 1):
        equal = places.words[step:] == places.words[:-step]
        if not equal.any():
            break
        later = np.flatnonzero(equal & (places.owners[step:] != places.owners[:-step])) + step
        first, second = places.owners[later - step].astype(np.int64), places.owners[later].astype(np.int64)
        offsets = places.positions[later - step].astype(np.int64) - places.positions[later]
        beside = np.minimum(lengths[first], lengths[second] + offsets) - np.maximum(offsets, 0)
        least = np.maximum(LEAST_OVERLAP * np.minimum(lengths[first], lengths[second]), LEAST_WORDS)
        fits = (beside >= least) & (np.abs(offsets) < 1 << (_OFFSET_BITS - 1))
        code = (first * len(lengths) + second) << _OFFSET_BITS | (offsets + (1 << (_OFFSET_BITS - 1)))
        codes.append(np.unique(code[fits]))
    if not codes:
        return np.empty((0, 3), np.int64)
    code = np.unique(np.concatenate(codes))
    first, second = np.divmod(code >> _OFFSET_BITS, len(lengths))
    offsets = (code & ((1 << _OFFSET_BITS) - 1)) - (1 << (_OFFSET_BITS - 1))
    return np.stack([first, second, offsets], axis=1)


def _different(signs: Signs) -> int:
    """How many different words there are among some that are heard, from all over the recording."""
    heard = signs.words[signs.masks > 0]
    return len(np.unique(heard[:: max(1, len(heard) // _LOOKED_AT)]))


def _against_chance(rate: float, first: Signs, second: Signs, offset: int) -> float:
    """The error rate as it would be if half of all signs differed by chance: where signs hardly change, fewer do."""
    start, end = max(0, offset), min(len(first.words), len(second.words) + offset)
    ours, theirs = slice(start, end), slice(start - offset, end - offset)
    valid = (first.masks[ours] & second.masks[theirs]) > 0
    ones = [_ones(one) for one in (first.words[ours][valid], second.words[theirs][valid])]
    chance = float(np.mean(ones[0] * (1.0 - ones[1]) + ones[1] * (1.0 - ones[0])))
    return 1.0 if chance == 0.0 else rate * max(1.0, 0.5 / chance)


def _ones(words: NDArray[np.uint32]) -> NDArray[np.float64]:
    """How often each of the 32 bits is set."""
    return np.asarray(np.unpackbits(words.view(np.uint8)).reshape(-1, 32).mean(axis=0))
