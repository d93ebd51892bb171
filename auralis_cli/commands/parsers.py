"""Parsers of the command line made from what a word may be, so that every way to say a thing is checked alike."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Generic, TypeVar

from auralis_cli.errors import UsageError
from auralis_cli.kinds import Kind
from auralis_cli.settings import SETTINGS

Value = TypeVar("Value")


class Parser(Generic[Value]):
    """Parses the value of an option, and knows what completion may offer."""

    __name__ = "word"

    def __init__(self, option: str, kind: Kind[Value]) -> None:
        self._option = option
        self._kind = kind
        self.choices = kind.choices
        # Of the settings file, whose names may stand here as well.
        self.section = kind.section

    def __call__(self, word: object) -> Value:
        """The value of the word; UsageError, naming the option, for one that has none."""
        try:
            return self._kind.parse(str(word))
        except ValueError as error:
            raise UsageError(self._option, str(error)) from error


class Suggestion:
    """Takes any word, and offers some."""

    __name__ = "word"

    def __init__(self, choices: Iterable[str]) -> None:
        self.choices = tuple(choices)

    def __call__(self, word: str) -> str:
        """The word as it is."""
        return word


class Lookup:
    """Takes any word, and has completion ask the library what may stand here."""

    __name__ = "word"
    choices: tuple[str, ...] = ()

    def __init__(self, offer: str) -> None:
        # Of `services.completion_words.Offer`.
        self.offer = offer

    def __call__(self, word: str) -> str:
        """The word as it is."""
        return word


def setting_parser(key: str) -> Parser[object]:
    """The parser of the option whose default is the setting `key`."""
    setting = SETTINGS[key]
    return Parser(setting.flag, setting.kind)
