"""Cases: seeds with something changed, words of the grammar in any order, numbers and values that are odd, noise."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable
from typing import Any

from fuzz.judging import Target
from hypothesis import strategies as st

LONGEST_BYTES = 1 << 14
_NUMBER = re.compile(rb"-?\d+(?:\.\d+)?")
_NUMBERS = (
    b"0", b"-1", b"1", b"2147483647", b"-2147483649", b"4294967296", b"9223372036854775808", b"1e999", b"-1e999",
    b"1" + b"0" * 400, b"9" * 5000, b"0.1", b"1e-999", b"NaN", b"Infinity", b"0x" + b"f" * 5000, b"1_000", b"00",
)  # fmt: skip
_ODD = (
    b"\0", b"\n", b"\r\n", b"\r", b"\x1b[2J", b"\xff", b"\xc3", b"\xed\xa0\x80", b"\xe2\x80\xa8", b"\xef\xbb\xbf",
    b"\xff\xfe", b"\xfe\xff", b" ", b"\t", b"\\", b'"', b"'", b"%00", b"%80", b"%", b"..", b"/", b"~", b"\\ud800",
    "é".encode(), "e\u0301".encode(), "\u202e".encode(), "١٢".encode(), "²".encode(), "İ".encode(), "ß".encode(),
    "\U0001f3b5".encode(), b"\xf4\x90\x80\x80", b"\xff\xff\xff\xff", b"\0\0\0\0", b"\x7f\xff\xff\xff",
)  # fmt: skip
_VALUES: tuple[Any, ...] = (
    None, True, False, 0, -1, 1, 10**18, 10**400, -(10**400), 1e308, -1e308, 1e-320, 0.5, float("inf"), float("nan"),
    "", "a", "\0", "\ud800", "\udcff", "/\ud800", "/a", "/a\0b", "1e999", "x" * 5000, [], {}, [[]], [None], {"": None},
    {"a": {"a": {}}}, [1] * 50, "\n", "é",
)  # fmt: skip


def case_of(target: Target, chance: random.Random) -> bytes:
    """Any case of a target."""
    way = chance.random()
    if target.is_json and way < 0.5:
        data = _with_other_values(chance.choice(target.seeds), chance)
    elif way < 0.65:
        data = _changed(chance.choice(target.seeds), target, chance)
    elif way < 0.95:
        pieces = (*target.words, *_ODD, *_NUMBERS)
        own = len(target.words)
        data = b"".join(
            pieces[chance.randrange(own if chance.random() < 0.85 else len(pieces))] for _ in range(_few(chance))
        )
        if chance.random() < 0.3:
            data = _changed(data, target, chance)
    else:
        data = chance.randbytes(_few(chance))
    return data[:LONGEST_BYTES]


def strategy_of(target: Target) -> st.SearchStrategy[bytes]:
    """The same for hypothesis, which finds the smallest of those that fail."""
    word = st.one_of(st.sampled_from(target.words), st.sampled_from((*_ODD, *_NUMBERS)), st.binary(max_size=6))
    sentence = st.lists(word, max_size=20).map(b"".join)
    seed = st.sampled_from(target.seeds)
    spliced = st.builds(
        lambda one, other, cut, middle: one[: cut % (len(one) + 1)] + middle + other[cut % (len(other) + 1) :],
        seed, seed, st.integers(0, 4000), word,
    )  # fmt: skip
    mutated = st.integers(0, 2**32).map(lambda number: case_of(target, random.Random(number)))
    return st.one_of(sentence, spliced, mutated, st.binary(max_size=40))


def _few(chance: random.Random) -> int:
    """Mostly a handful, sometimes a hundred."""
    return chance.choice((1, 2, 3, 4, 5, 6, 8, 12, 20, 100))


def _changed(data: bytes, target: Target, chance: random.Random) -> bytes:
    for _ in range(chance.choice((1, 1, 2, 3, 6))):
        data = chance.choice(_WAYS)(data, target, chance)[:LONGEST_BYTES]
    return data


def _flipped(data: bytes, target: Target, chance: random.Random) -> bytes:
    if not data:
        return data
    place = chance.randrange(len(data))
    return data[:place] + bytes((data[place] ^ (1 << chance.randrange(8)),)) + data[place + 1 :]


def _cut(data: bytes, target: Target, chance: random.Random) -> bytes:
    first, last = _stretch(data, chance)
    return data[:first] + data[last:]


def _put_in(data: bytes, target: Target, chance: random.Random) -> bytes:
    place = chance.randint(0, len(data))
    return data[:place] + chance.choice(chance.choice((target.words, _ODD, _NUMBERS))) + data[place:]


def _overwritten(data: bytes, target: Target, chance: random.Random) -> bytes:
    place = chance.randint(0, len(data))
    word = chance.choice((*target.words, *_ODD))
    return data[:place] + word + data[place + len(word) :]


def _repeated(data: bytes, target: Target, chance: random.Random) -> bytes:
    """What takes long shows only where something is long."""
    first, last = _stretch(data, chance)
    often = chance.choice((2, 3, 10, 60, 1000, 20_000))
    return data[:first] + data[first:last] * min(often, LONGEST_BYTES // max(last - first, 1)) + data[last:]


def _with_other_number(data: bytes, target: Target, chance: random.Random) -> bytes:
    found = list(_NUMBER.finditer(data))
    if not found:
        return data
    one = chance.choice(found)
    return data[: one.start()] + chance.choice(_NUMBERS) + data[one.end() :]


def _spliced(data: bytes, target: Target, chance: random.Random) -> bytes:
    other = chance.choice(target.seeds)
    return data[: chance.randint(0, len(data))] + other[chance.randint(0, len(other)) :]


def _lines_moved(data: bytes, target: Target, chance: random.Random) -> bytes:
    lines = data.split(b"\n")
    one, other = chance.randrange(len(lines)), chance.randrange(len(lines))
    lines[one], lines[other] = lines[other], lines[one]
    return b"\n".join(lines)


def _stretch(data: bytes, chance: random.Random) -> tuple[int, int]:
    first = chance.randint(0, len(data))
    return first, min(len(data), first + chance.choice((1, 1, 2, 4, 16, 200)))


_WAYS: tuple[Callable[[bytes, Target, random.Random], bytes], ...] = (
    _flipped, _cut, _put_in, _put_in, _overwritten, _repeated, _with_other_number, _spliced, _lines_moved,
)  # fmt: skip


def _with_other_values(data: bytes, chance: random.Random) -> bytes:
    """JSON in which some values are others, or are gone."""
    lines = data.split(b"\n")
    at = chance.randrange(len(lines))
    try:
        document = json.loads(lines[at])
    except ValueError:
        return data
    for _ in range(chance.choice((1, 1, 2, 4))):
        document = _exchanged(document, chance)
    lines[at] = json.dumps(document).encode()
    return b"\n".join(lines)


def _exchanged(value: Any, chance: random.Random) -> Any:
    if isinstance(value, dict) and value and chance.random() < 0.9:
        key, way = chance.choice(list(value)), chance.random()
        if way < 0.06:
            return {name: one for name, one in value.items() if name != key}
        if way < 0.1:
            return {**value, chance.choice(("x", "", "\ud800", "path", key.upper())): chance.choice(_VALUES)}
        return {**value, key: _exchanged(value[key], chance)}
    if isinstance(value, list) and value and chance.random() < 0.8:
        at = chance.randrange(len(value))
        return [*value[:at], _exchanged(value[at], chance), *value[at + 1 :]]
    return chance.choice(_VALUES)
