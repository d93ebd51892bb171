"""Options that several verbs share, and the words on the command line turned into checked values."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Annotated

import typer

from auralis_cli.errors import UsageError
from auralis_cli.model.audio import MAX_CHANNELS, MAX_SAMPLE_RATE_HZ, MIN_SAMPLE_RATE_HZ
from auralis_cli.model.source import STANDARD_STREAM, AudioSource, DecodeLimits, Destination, RawEncoding, RawPcm

_CLOCK = re.compile(r"(?:(\d{1,4}):)?(\d{1,2}):(\d{1,2}(?:\.\d+)?)", re.ASCII)
_TIME = re.compile(r"(\d{1,9}(?:\.\d+)?)([smhd]?)", re.ASCII)
_SIZE = re.compile(r"(\d{1,18}(?:\.\d+)?)([BKMGTbkmgt]?)(?:i?B)?", re.ASCII)
_LARGEST_BYTES = 1 << 50


def parse_number(option: str, low: float, high: float, unit: str = "") -> Callable[[str], float]:
    """A parser for a number from `low` to `high`; everything else, NaN too, is refused by naming the range."""

    def parse(word: str) -> float:
        try:
            value = float(word)
        except ValueError:
            value = math.nan
        # Written so that NaN fails it.
        if not low <= value <= high:
            raise UsageError(option, f"{word!r} is not a number from {low:g} to {high:g}{unit}")
        return value

    return parse


def parse_whole(option: str, low: int, high: int, unit: str = "") -> Callable[[str], int]:
    """A parser for a whole number from `low` to `high`."""

    def parse(word: str) -> int:
        # Plain digits only: int() also takes 4_4100 and ٤٤١٠٠.
        value = int(word) if word.isascii() and word.isdigit() and len(word) < 10 else -1
        if not low <= value <= high:
            raise UsageError(option, f"{word!r} is not a whole number from {low} to {high}{unit}")
        return value

    return parse


class NamedChoice:
    """A parser for one of some names; `choices` is what completion offers."""

    __name__ = "name"

    def __init__(self, option: str, names: Iterable[str]) -> None:
        self._option = option
        self.choices = tuple(names)

    def __call__(self, word: str) -> str:
        """`word` itself; UsageError where it is none of the names."""
        if word not in self.choices:
            raise UsageError(self._option, f"{word!r} is not one of {', '.join(self.choices)}")
        return word


def parse_duration(option: str, low_s: float, high_s: float) -> Callable[[str | float], float]:
    """A parser for a length of time in seconds: `90`, `90s`, `15m`, `24h`, `1:30:00`."""

    def parse(word: str | float) -> float:
        value_s = math.nan
        # A default comes as the number it is.
        if match := _CLOCK.fullmatch(str(word)):
            hours, minutes, seconds = (float(part or 0) for part in match.groups())
            value_s = 3600.0 * hours + 60.0 * minutes + seconds
        elif match := _TIME.fullmatch(str(word)):
            value_s = float(match[1]) * {"s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}[match[2] or "s"]
        if not low_s <= value_s <= high_s:
            raise UsageError(option, f"{word!r} is no time from {low_s:g} s to {high_s / 3600.0:g} h, like 90s or 24h")
        return value_s

    return parse


def parse_size(option: str) -> Callable[[str | int], int]:
    """A parser for a size in bytes: `1000000`, `500M`, `32G`; the letters count in 1024s."""

    def parse(word: str | int) -> int:
        match = _SIZE.fullmatch(str(word))
        size = int(float(match[1]) * 1024.0 ** "BKMGT".index((match[2] or "B").upper())) if match else 0
        if not 1 <= size <= _LARGEST_BYTES:
            raise UsageError(option, f"{word!r} is no size from 1 byte to 1024T, like 500M or 32G")
        return size

    return parse


def parse_bitrate(word: str) -> int:
    """A bit rate in kbit/s, with or without a `k`, as bits per second."""
    return 1000 * parse_whole("--bitrate", *BITRATE_RANGE_KBPS, " kbit/s")(word.removesuffix("k"))


def parse_path(word: str) -> Path:
    """The name of a file."""
    if not word:
        raise UsageError("", "a file name is empty")
    if "\0" in word:
        raise UsageError(word, "a file name cannot hold a NUL")
    return Path(word)


def parse_source(word: str) -> AudioSource:
    """A file to read, or `-` for standard input; a file of that name is `./-`."""
    return AudioSource(None if word == STANDARD_STREAM else parse_path(word))


def parse_destination(word: str) -> Destination:
    """A file to write, or `-` for standard output; a file of that name is `./-`."""
    return Destination(None if word == STANDARD_STREAM else parse_path(word))


_LIMITS = DecodeLimits()
DEFAULT_MAX_DURATION_S, DEFAULT_MAX_BYTES = _LIMITS.max_duration_s, _LIMITS.max_bytes
DEFAULT_STALL_TIMEOUT_S = 300.0
RAW_RATE_HZ, RAW_CHANNELS = 44_100, 2
MAX_JOBS = 1024
BITRATE_RANGE_KBPS = (8, 1024)

AudioSources = Annotated[
    list[AudioSource] | None,
    typer.Argument(
        metavar="PATH",
        parser=parse_source,
        help="Audio files, folders of them, or cue sheets; - is standard input.",
        show_default=False,
    ),
]
FilesFrom = Annotated[
    str | None,
    typer.Option("--files-from", metavar="FILE", help="Read the names of the inputs from FILE, or - for stdin."),
]
NamesEndInNul = Annotated[bool, typer.Option("--null", "-0", help="The names of --files-from end in NUL, not lines.")]
Jobs = Annotated[
    int | None,
    typer.Option(
        "--jobs",
        "-j",
        metavar="N",
        parser=parse_whole("--jobs", 1, MAX_JOBS),
        help="Work on N files at a time.",
        show_default="one a processor",
    ),
]
StallTimeout = Annotated[
    float,
    typer.Option(
        "--stall-timeout",
        metavar="TIME",
        parser=parse_duration("--stall-timeout", 1.0, 24 * 3600.0),
        help="Of many files, give one up when its work stands still for so long.",
        show_default="5m",
    ),
]
MaxDuration = Annotated[
    float,
    typer.Option(
        "--max-duration",
        metavar="TIME",
        parser=parse_duration("--max-duration", 1.0, 10_000 * 3600.0),
        help="Refuse inputs that last longer.",
        show_default=f"{DEFAULT_MAX_DURATION_S / 3600.0:g}h",
    ),
]
MaxSize = Annotated[
    int,
    typer.Option(
        "--max-size",
        metavar="SIZE",
        parser=parse_size("--max-size"),
        help="Refuse inputs that are larger.",
        show_default=f"{DEFAULT_MAX_BYTES >> 30}G",
    ),
]
Raw = Annotated[
    RawEncoding | None,
    typer.Option(
        "--raw",
        metavar="ENC",
        help="Inputs are samples without a header: u8, s8, or s16le, s24le, s32le, f32le, f64le (or be).",
    ),
]
RawRate = Annotated[
    int | None,
    typer.Option(
        "--raw-rate",
        metavar="HZ",
        parser=parse_whole("--raw-rate", MIN_SAMPLE_RATE_HZ, MAX_SAMPLE_RATE_HZ, " Hz"),
        help="Sample rate of --raw.",
        show_default=f"{RAW_RATE_HZ}",
    ),
]
RawChannels = Annotated[
    int | None,
    typer.Option(
        "--raw-channels",
        metavar="N",
        parser=parse_whole("--raw-channels", 1, MAX_CHANNELS),
        help="Channels of --raw.",
        show_default=f"{RAW_CHANNELS}",
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print the result as one JSON document.")]
AsJsonLines = Annotated[bool, typer.Option("--jsonl", help="Print one JSON object a line, as files are finished.")]


def raw_of(encoding: RawEncoding | None, rate_hz: int | None, channels: int | None) -> RawPcm | None:
    """What --raw and its companions say together."""
    if encoding is None:
        for option, value in (("--raw-rate", rate_hz), ("--raw-channels", channels)):
            if value is not None:
                raise UsageError(option, "describes samples without a header", "give --raw as well")
        return None
    return RawPcm(encoding, rate_hz or RAW_RATE_HZ, channels or RAW_CHANNELS)
