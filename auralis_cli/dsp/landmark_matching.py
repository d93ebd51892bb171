"""Compares the landmarks of two recordings: which share of their signs differs, wherever one begins in the other.

Words that are not valid count as neither equal nor different. An offset says where the second recording's first
word lies in the first recording, in words; below 0 the second one begins before the first.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from auralis_cli.dsp._jit import kernel
from auralis_cli.quick_dataclasses import dataclass

# Of the shorter recording, what must lie beside the other.
LEAST_OVERLAP = 0.75
# Of what is valid on either side of the overlap, what must be on both: silence in both says nothing. And so many words
# at least: 6 s of sound, of which the first word takes 1.5 s.
LEAST_VALID = 0.60
LEAST_WORDS = 36
# Words counted before it is asked whether an offset can still win.
_PIECE = 64
_ALL_BITS = 0xFFFFFFFF


@dataclass(frozen=True, slots=True)
class BestOffset:
    """Where two recordings agree most: the bit error rate, the offset, and the words compared."""

    error_rate: float
    offset_words: int
    valid_words: int


@dataclass(frozen=True, slots=True)
class Signs:
    """The landmarks of one recording, as they are compared."""

    words: NDArray[np.uint32]
    # All bits where a word is valid, none where it is not.
    masks: NDArray[np.uint32]

    @classmethod
    def of(cls, words: bytes, valid: bytes) -> Signs:
        """From the bytes of `model.landmarks.Landmarks`."""
        read = np.frombuffer(words, "<u4").astype(np.uint32)
        bits = np.unpackbits(np.frombuffer(valid, np.uint8), bitorder="little", count=len(read))
        return cls(read, bits.astype(np.uint32) * np.uint32(_ALL_BITS))


def mask_bytes(valid: NDArray[np.bool_]) -> bytes:
    """One bit per word, the first in the lowest bit of the first byte."""
    return np.packbits(valid, bitorder="little").tobytes()


def best_offset(first: Signs, second: Signs, *, at_most: float = 1.0) -> BestOffset | None:
    """The offset at which the fewest signs differ; None where nothing may be compared, or more than `at_most` differ.

    Compared is wherever three quarters of the shorter one lie beside the other and enough of that is valid.
    """
    shorter = min(len(first.words), len(second.words))
    least = max(LEAST_WORDS, int(np.ceil(LEAST_OVERLAP * shorter)))
    found = np.empty(3, np.int64)
    if shorter < least:
        return None
    if not _best_offset(first.words, first.masks, second.words, second.masks, least, at_most, found):
        return None
    return _told(found)


def at_pairs(
    many: Signs, starts: NDArray[np.int64], pairs: NDArray[np.int64], *, at_most: float
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """The error rates of many pairs, NaN where one is above `at_most` or none; and the words valid on both sides.

    `many` are recordings one behind the other, each from one of `starts` to the next; a row of `pairs` is a first
    recording, a second, and the offset.
    """
    found = np.empty((len(pairs), 3), np.int64)
    _at_pairs(many.words, many.masks, starts, pairs, at_most, found)
    rates = np.full(len(pairs), np.nan)
    compared = found[:, 2] > 0
    rates[compared] = found[compared, 0] / (32.0 * found[compared, 2])
    rates[rates > at_most] = np.nan
    return rates, found[:, 2]


def _told(found: NDArray[np.int64]) -> BestOffset:
    errors, offset, valid = found.tolist()
    return BestOffset(errors / (32.0 * valid), offset, valid)


@kernel
def _ones(bits):  # type: ignore[no-untyped-def]
    """How many of 32 bits are set. Every step is cut back to 32 bits: Numba computes with 64."""
    bits = np.uint32(bits - ((bits >> np.uint32(1)) & np.uint32(0x55555555)))
    bits = np.uint32((bits & np.uint32(0x33333333)) + ((bits >> np.uint32(2)) & np.uint32(0x33333333)))
    bits = np.uint32((bits + (bits >> np.uint32(4))) & np.uint32(0x0F0F0F0F))
    return np.uint32(np.uint32(bits * np.uint32(0x01010101)) >> np.uint32(24))


@kernel
def _differing(words, masks, others, other_masks):  # type: ignore[no-untyped-def]
    """How many signs differ, how many words are valid on both sides, and how many on either."""
    errors, valid, either = np.uint32(0), np.uint32(0), np.uint32(0)
    for i in range(words.shape[0]):
        both = np.uint32(masks[i] & other_masks[i])
        errors = np.uint32(errors + _ones(np.uint32((words[i] ^ others[i]) & both)))
        valid = np.uint32(valid + (both & np.uint32(1)))
        either = np.uint32(either + (np.uint32(masks[i] | other_masks[i]) & np.uint32(1)))
    return np.int64(errors), np.int64(valid), np.int64(either)


@kernel
def _compare(words, masks, others, other_masks, most):  # type: ignore[no-untyped-def]
    """As `_differing`, given up once more than `most` of all signs differ; then no word is valid."""
    count = words.shape[0]
    errors, valid, either = 0, 0, 0
    for start in range(0, count, _PIECE):
        end = min(count, start + _PIECE)
        wrong, known, heard = _differing(words[start:end], masks[start:end], others[start:end], other_masks[start:end])
        errors += wrong
        valid += known
        either += heard
        if errors > most * 32.0 * (valid + count - end):
            return errors, 0
    if valid < LEAST_WORDS or valid < LEAST_VALID * either:
        return errors, 0
    return errors, valid


@kernel
def _at_offset(words, masks, others, other_masks, offset, least, most, found):  # type: ignore[no-untyped-def]
    start, end = max(0, offset), min(words.shape[0], others.shape[0] + offset)
    found[1] = offset
    found[0], found[2] = 0, 0
    if end - start >= least:
        found[0], found[2] = _compare(
            words[start:end],
            masks[start:end],
            others[start - offset : end - offset],
            other_masks[start - offset : end - offset],
            most,
        )


@kernel
def _at_pairs(words, masks, starts, pairs, at_most, found):  # type: ignore[no-untyped-def]
    for i in range(pairs.shape[0]):
        a, b = starts[pairs[i, 0]], starts[pairs[i, 0] + 1]
        c, d = starts[pairs[i, 1]], starts[pairs[i, 1] + 1]
        least = max(LEAST_WORDS, int(np.ceil(LEAST_OVERLAP * min(b - a, d - c))))
        _at_offset(words[a:b], masks[a:b], words[c:d], masks[c:d], pairs[i, 2], least, at_most, found[i])


@kernel
def _best_offset(words, masks, others, other_masks, least, at_most, found):  # type: ignore[no-untyped-def]
    tried = np.empty(3, np.int64)
    best, any_found = at_most, False
    for offset in range(least - others.shape[0], words.shape[0] - least + 1):
        _at_offset(words, masks, others, other_masks, offset, least, best, tried)
        if tried[2] == 0:
            continue
        rate = tried[0] / (32.0 * tried[2])
        if rate < best or (not any_found and rate <= best):
            best, any_found = rate, True
            found[:] = tried
    return any_found
