"""Options that several verbs share, and the words on the command line turned into checked values."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Annotated

import typer

from auralis_cli.errors import UsageError


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


def parse_audio_path(word: str) -> Path:
    """A file to read or write; pipes are refused until they work."""
    if word == "-":
        raise UsageError("-", "audio through a pipe is not supported yet", "name a file")
    if not word:
        raise UsageError("", "a file name is empty")
    if "\0" in word:
        raise UsageError(word, "a file name cannot hold a NUL")
    return Path(word)


AudioPaths = Annotated[
    list[Path], typer.Argument(metavar="PATH", parser=parse_audio_path, help="Audio files, one or more.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print the result as one JSON document.")]
AsJsonLines = Annotated[bool, typer.Option("--jsonl", help="Print one JSON object a line, as files are finished.")]
