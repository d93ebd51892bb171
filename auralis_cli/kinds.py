"""What a word of the user's may be: one check for the command line, the environment and the settings file.

A kind raises ValueError with the whole complaint, `'nan' is not a number from 0 to 1`; who asked says what it is about.
"""

from __future__ import annotations

import math
import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import ClassVar, Generic, TypeVar

Value = TypeVar("Value")
Plain = bool | int | float | str

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")
_CLOCK = re.compile(r"(?:(\d{1,4}):)?(\d{1,2}):(\d{1,2}(?:\.\d+)?)", re.ASCII)
_TIME = re.compile(r"(\d{1,9}(?:\.\d+)?)([smhd]?)", re.ASCII)
# Strict, so that whoever reads it sees the same host in it: no user, no password, no query.
_WEB_ADDRESS = re.compile(
    r"(https?)://([A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?|\[[0-9A-Fa-f:.]+\])(?::(\d{1,5}))?((?:/[A-Za-z0-9._~-]+)*)/?",
    re.ASCII,
)
_LOOPBACK = re.compile(r"localhost|127(?:\.\d{1,3}){3}|\[::1\]", re.ASCII)
_HOST = re.compile(r"\.?[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?(?::\d{1,5})?", re.ASCII)
_SIZE = re.compile(r"(\d{1,18}(?:\.\d+)?)([BKMGTbkmgt]?)(?:i?B)?", re.ASCII)
_SECONDS = {"": 1.0, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}


class Kind(ABC, Generic[Value]):
    """Turns a word into a checked value."""

    # "a number from 0 to 1": ends the sentence "'x' is not …".
    expected: str
    # What completion may offer; empty where that is no short list.
    choices: tuple[str, ...] = ()
    # Section of the settings file with further names that are allowed, as "presets".
    section: str = ""
    # The types by which a settings file may say it.
    toml_types: ClassVar[tuple[type, ...]] = (str,)

    @abstractmethod
    def parse(self, word: str) -> Value:
        """The value; ValueError for everything that is none, NaN too."""

    def word_of(self, value: object) -> str:
        """The word for a value in a settings file; ValueError for one of the wrong type."""
        if type(value) not in self.toml_types:
            shown = str(value).lower() if isinstance(value, bool) else repr(value)[:80]
            quoted = " in quotes" if isinstance(value, str) else ""
            raise ValueError(f"{shown}{quoted} is not {self.expected}")
        return str(value).lower() if isinstance(value, bool) else str(value)

    def read(self, value: object) -> Value:
        """The value of what came as JSON: a word, or what a settings file may say it by."""
        return self.parse(value if isinstance(value, str) else self.word_of(value))

    def plain(self, word: str) -> Plain:
        """The value of a checked word as TOML and JSON write it."""
        return word

    def refused(self, word: str) -> ValueError:
        """The complaint about `word`."""
        return ValueError(f"{word!r} is not {self.expected}")


class Number(Kind[float]):
    """A number from `low` to `high`."""

    toml_types = (int, float)

    def __init__(self, low: float, high: float, unit: str = "") -> None:
        self.low, self.high = low, high
        self.expected = f"a number from {low:g} to {high:g}{unit}"

    def parse(self, word: str) -> float:
        """A float within the range."""
        try:
            value = float(word)
        except ValueError:
            value = math.nan
        # Written so that NaN fails it.
        if not self.low <= value <= self.high:
            raise self.refused(word)
        return value

    def plain(self, word: str) -> Plain:
        """A whole number without its point."""
        value = float(word)
        return int(value) if value.is_integer() else value


class Whole(Kind[int]):
    """A whole number from `low` to `high`."""

    toml_types = (int,)

    def __init__(self, low: int, high: int, unit: str = "") -> None:
        self.low, self.high = low, high
        self.expected = f"a whole number from {low} to {high}{unit}"

    def parse(self, word: str) -> int:
        """An int within the range."""
        # Plain digits only: int() also takes 4_4100 and ٤٤١٠٠.
        value = int(word) if word.isascii() and word.isdigit() and len(word) < 10 else -1
        if not self.low <= value <= self.high:
            raise self.refused(word)
        return value

    def plain(self, word: str) -> Plain:
        """An int."""
        return int(word)


class Choice(Kind[Value]):
    """One of some words; `convert` makes of it what the program works with."""

    # Words such as 24 are numbers in a settings file.
    toml_types = (str, int)

    def __init__(self, words: Iterable[str], convert: Callable[[str], Value]) -> None:
        self.choices = tuple(str(word) for word in words)
        self._convert = convert
        self.expected = f"one of {', '.join(self.choices)}"

    def parse(self, word: str) -> Value:
        """What the word stands for."""
        if word not in self.choices:
            raise self.refused(word)
        return self._convert(word)

    def plain(self, word: str) -> Plain:
        """The word, digits as a number."""
        return int(word) if word.isdigit() else word


class NumberOrWord(Kind[Value]):
    """A number from `low` to `high`, or one word, which stands for None; `convert` is given the one or the other."""

    toml_types = (str, int, float)

    def __init__(self, low: float, high: float, unit: str, word: str, convert: Callable[[float | None], Value]) -> None:
        self._number = Number(low, high)
        self._convert = convert
        self.choices = (word,)
        self.expected = f"{self._number.expected}{unit}, nor {word}"

    def parse(self, word: str) -> Value:
        """What the number stands for, or the word."""
        if word in self.choices:
            return self._convert(None)
        try:
            return self._convert(self._number.parse(word))
        except ValueError:
            raise self.refused(word) from None

    def plain(self, word: str) -> Plain:
        """A number, or the word."""
        return word if word in self.choices else self._number.plain(word)


class Switch(Kind[bool]):
    """Yes or no."""

    expected = "true or false"
    choices = ("true", "false")
    toml_types = (bool,)

    def parse(self, word: str) -> bool:
        """True for true, yes, on and 1; False for their opposites."""
        if word.lower() in ("true", "yes", "on", "1"):
            return True
        if word.lower() in ("false", "no", "off", "0"):
            return False
        raise self.refused(word)

    def plain(self, word: str) -> Plain:
        """A bool."""
        return self.parse(word)


class Name(Kind[str]):
    """The name of something built in, or of something in a section of the settings file."""

    def __init__(self, section: str, built_in: Iterable[str]) -> None:
        self.section = section
        self.choices = tuple(built_in)
        self.expected = "a name of small letters, digits, - and _"

    def parse(self, word: str) -> str:
        """The name, of the right shape; what it names is looked up when the settings are known."""
        if not _NAME.fullmatch(word):
            raise ValueError(f"{word!r} is not one of {', '.join(self.choices)}, nor {self.expected}")
        return word


class Duration(Kind[float]):
    """A length of time in seconds: 90, 90s, 15m, 24h, 1:30 or 1:30:00."""

    toml_types = (int, float, str)

    def __init__(self, low_s: float, high_s: float) -> None:
        self._low_s, self._high_s = low_s, high_s
        self.expected = f"a time from {low_s:g} s to {high_s / 3600.0:g} h, like 90s or 24h"

    def parse(self, word: str) -> float:
        """Seconds within the range."""
        value = math.nan
        if clock := _CLOCK.fullmatch(word):
            hours, minutes, seconds = (float(part or 0) for part in clock.groups())
            value = 3600.0 * hours + 60.0 * minutes + seconds
        elif matched := _TIME.fullmatch(word):
            value = float(matched[1]) * _SECONDS[matched[2]]
        if not self._low_s <= value <= self._high_s:
            raise self.refused(word)
        return value


class Size(Kind[int]):
    """A number of bytes: 1000000, 500M, 32GiB; the letters count in 1024s."""

    toml_types = (int, str)

    def __init__(self, high_bytes: int) -> None:
        self._high_bytes = high_bytes
        self.expected = f"a size from 1 byte to {high_bytes >> 40}T, like 500M or 32G"

    def parse(self, word: str) -> int:
        """Bytes within the range."""
        matched = _SIZE.fullmatch(word)
        size = int(float(matched[1]) * 1024.0 ** "BKMGT".index((matched[2] or "B").upper())) if matched else 0
        if not 1 <= size <= self._high_bytes:
            raise self.refused(word)
        return size


class BitRate(Kind[int]):
    """A bit rate in kbit/s, with or without a `k`, as bits per second."""

    toml_types = (int, str)

    def __init__(self, low_kbps: int, high_kbps: int) -> None:
        self._whole = Whole(low_kbps, high_kbps, " kbit/s")
        self.expected = self._whole.expected

    def parse(self, word: str) -> int:
        """Bits per second within the range."""
        try:
            return 1000 * self._whole.parse(word.removesuffix("k"))
        except ValueError:
            raise self.refused(word) from None

    def plain(self, word: str) -> Plain:
        """An int."""
        return int(word.removesuffix("k"))


class Patterns(Kind[str]):
    """Patterns of names as in a `.gitignore`, one a line; a settings file may list them."""

    expected = "a list of patterns"
    toml_types = (str, list)

    def parse(self, word: str) -> str:
        """The patterns as they are, line by line."""
        if "\0" in word:
            raise self.refused(word)
        return word

    def word_of(self, value: object) -> str:
        """The patterns of a list, or a text, as lines."""
        if isinstance(value, list):
            if not all(isinstance(one, str) and len(one.splitlines()) <= 1 for one in value):
                raise ValueError(f"{str(value)[:80]} is not {self.expected}")
            return "\n".join(value)
        return super().word_of(value)


class FilePath(Kind[Path]):
    """The name of a file; `~` is the user's own folder."""

    expected = "the name of a file"

    def parse(self, word: str) -> Path:
        """The path."""
        if not word or "\0" in word:
            raise self.refused(word)
        try:
            return Path(word).expanduser()
        except RuntimeError:
            raise self.refused(word) from None


class WebAddress(Kind[str]):
    """The address of a server: https, or http of this machine. What may hold a password is refused and not repeated."""

    expected = "an address such as https://example.org, without a name, password or query in it"

    def parse(self, word: str) -> str:
        """The address without a slash at its end, its host in small letters."""
        found = _WEB_ADDRESS.fullmatch(word)
        if found is None or not 0 < int(found[3] or 443) < 1 << 16:
            raise ValueError(f"what is given is not {self.expected}")
        scheme, host, port, path = found[1], found[2].lower(), found[3], found[4]
        if scheme == "http" and not _LOOPBACK.fullmatch(host):
            raise ValueError("http is for servers on this machine only, others are asked by https")
        return f"{scheme}://{host}{f':{port}' if port else ''}{path}"


class HostNames(Patterns):
    """Names of hosts, one a line or a list: `example.org`, `example.org:8443`, or `.example.org` for all below it."""

    expected = "a list of names of hosts, as example.org"

    def parse(self, word: str) -> str:
        """The names in small letters, line by line."""
        names = word.lower().split("\n") if word else []
        if not all(_HOST.fullmatch(name) for name in names):
            raise self.refused(word)
        return "\n".join(names)
