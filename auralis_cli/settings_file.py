"""A settings file: TOML, every value of it checked, and whatever is wrong said with file, line and key.

It has a section for each verb, `[presets.NAME]` and `[targets.NAME]` for the user's own, and `[keys]`, in which command
lines of the terminal player have their keys.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import MISSING, Field, fields, replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any, TypeVar

from auralis_cli.errors import UsageError
from auralis_cli.kinds import Choice, Kind, Name, Number
from auralis_cli.model.presets import PRESETS, Figure, Preset
from auralis_cli.model.targets import TARGETS, Target
from auralis_cli.quick_dataclasses import dataclass
from auralis_cli.settings import SETTINGS

_LARGEST_FILE_BYTES = 1 << 20

Own = TypeVar("Own", Preset, Target)
Toml = dict[str, Any]

# Nothing is tried twice: a line may be long and blank.
_HEADER = re.compile(r"\s*+\[++([^\[\]]++)\]")
_ASSIGNMENT = re.compile(r"\s*+([\w\"'.\s+%-]++)=")

_OWN: dict[str, type[Preset] | type[Target]] = {"presets": Preset, "targets": Target}
_KEYS = "keys"
_BUILT_IN: dict[str, Mapping[str, Preset] | Mapping[str, Target]] = {"presets": PRESETS, "targets": TARGETS}


@dataclass(frozen=True, slots=True)
class SettingsFile:
    """A settings file as it was read, every value of it checked."""

    path: Path
    # Setting → word.
    words: Mapping[str, str]
    presets: Mapping[str, Preset]
    targets: Mapping[str, Target]
    # Command line of the terminal player → its keys.
    keys: Mapping[str, str]
    # Line of each key of the file, 0 where it was not found.
    lines: Mapping[str, int]

    def place(self, key: str) -> str:
        """`FILE:LINE` of a key."""
        return _place(self.path, self.lines.get(key, 0))


def read_file(path: Path) -> SettingsFile:
    """Reads and checks one settings file."""
    try:
        with path.open("rb") as stream:
            data = stream.read(_LARGEST_FILE_BYTES + 1)
    except OSError as error:
        raise UsageError(str(path), error.strerror or "cannot be read") from error
    if len(data) > _LARGEST_FILE_BYTES:
        raise UsageError(str(path), "is larger than 1 MiB: no settings file")
    try:
        return check_text(data.decode("utf-8"), path)
    except UnicodeDecodeError as error:
        raise UsageError(str(path), "is not UTF-8") from error


def check_text(text: str, path: Path) -> SettingsFile:
    """Checks the text of a settings file that stands, or is to stand, at `path`."""
    return _Reading(path, parse_toml(text, path), _key_lines(text)).checked()


def parse_toml(text: str, path: Path) -> Toml:
    """The text as TOML; UsageError with the line where it is none."""
    # Imported here: most runs meet no settings file.
    import tomllib

    try:
        return tomllib.loads(text)
    except RecursionError as error:
        raise UsageError(str(path), "is nested too deeply") from error
    except ValueError as error:
        found = re.fullmatch(r"(.*) \(at (?:line (\d+), column \d+|end of document)\)", str(error), re.DOTALL)
        line = 0 if found is None else int(found[2] or text.count("\n") + 1)
        why = str(error) if found is None else found[1]
        raise UsageError(_place(path, line), f"is not TOML: {why[:1].lower()}{why[1:]}") from error


def kind_of(key: str) -> Kind[Any]:
    """What the value of a key may be, also of `presets.NAME.FIELD`; UsageError for a key that does not exist."""
    section, _, rest = key.partition(".")
    name, _, entry = rest.partition(".")
    if section in _OWN and entry:
        _check_own_name(section, name, key)
        kinds = _kinds_of(section)
        if entry not in kinds:
            raise UsageError(key, "there is no such setting", nearest(entry, kinds))
        return kinds[entry]
    if key not in SETTINGS:
        raise UsageError(key, "there is no such setting", nearest(key, SETTINGS))
    return SETTINGS[key].kind


def figures_of(section: str) -> dict[str, Figure]:
    """The numbers of a preset or target, by name."""
    return {field.name: field.metadata["figure"] for field in _figures(_OWN[section])}


def nearest(word: str, known: Iterable[str]) -> str:
    """What to do about a word that is not known: the one that was meant, perhaps."""
    close = get_close_matches(word, list(known), n=1)
    return f"did you mean {close[0]}?" if close else "see: auralis config show"


class _Reading:
    """One settings file being checked: turns TOML into words and values, and knows where each stands."""

    def __init__(self, path: Path, document: Toml, lines: Mapping[str, int]) -> None:
        self._path, self._document, self._lines = path, document, lines

    def checked(self) -> SettingsFile:
        words: dict[str, str] = {}
        for section, content in self._document.items():
            if section in _OWN or section == _KEYS:
                continue
            for key, value in self._entries(section, content):
                full = f"{section}.{key}"
                if full not in SETTINGS:
                    raise self._wrong(full, "there is no such setting", nearest(full, SETTINGS))
                words[full] = self._word(full, SETTINGS[full].kind, value)
        presets = {name: self._own("presets", PRESETS, name) for name in self._names("presets")}
        targets = {name: self._own("targets", TARGETS, name) for name in self._names("targets")}
        return SettingsFile(self._path, words, presets, targets, self._keys(), self._lines)

    def _keys(self) -> dict[str, str]:
        keys: dict[str, str] = {}
        for line, value in self._entries(_KEYS, self._document.get(_KEYS, {})):
            if not isinstance(value, str):
                raise self._wrong(f"{_KEYS}.{line}", "is not keys in quotes", 'such as "right, l"')
            keys[line] = value
        return keys

    def _entries(self, section: str, content: object) -> Iterator[tuple[str, object]]:
        sections = {key.partition(".")[0] for key in SETTINGS} | {*_OWN, _KEYS}
        if section not in sections:
            raise self._wrong(section, "there is no such section", nearest(section, sections))
        if not isinstance(content, dict):
            raise self._wrong(section, "is a section, not a value", f"write [{section}]")
        yield from content.items()

    def _names(self, section: str) -> list[str]:
        return [name for name, _ in self._entries(section, self._document.get(section, {}))]

    def _own(self, section: str, built_in: Mapping[str, Own], name: str) -> Own:
        """A preset or target of the user's: what it is based on, with what it changes."""
        key = f"{section}.{name}"
        _check_own_name(section, name, f"{self._place(key)}: {key}")
        table = self._document[section][name]
        if not isinstance(table, dict):
            raise self._wrong(key, "is a section, not a value", f"write [{key}]")
        kinds, given = _kinds_of(section), {}
        for entry, value in table.items():
            if entry not in kinds:
                raise self._wrong(f"{key}.{entry}", "there is no such setting", nearest(entry, kinds))
            word = self._word(f"{key}.{entry}", kinds[entry], value)
            given[entry] = kinds[entry].parse(word)
        base = given.pop("base", None)
        if base is not None:
            return replace(built_in[base], name=name, **given)
        made = _OWN[section]
        for needed in _figures(made):
            if needed.name not in given and needed.default is MISSING:
                raise self._wrong(key, f"{needed.name} is missing", f'give it, or base = "{next(iter(built_in))}"')
        return made(name, **given)  # type: ignore[return-value]

    def _word(self, key: str, kind: Kind[Any], value: object) -> str:
        if isinstance(value, dict):
            raise self._wrong(key, "is a value, not a section")
        try:
            word = kind.word_of(value)
            kind.parse(word)
        except ValueError as error:
            raise self._wrong(key, str(error)) from error
        return word

    def _place(self, key: str) -> str:
        return _place(self._path, self._lines.get(key, 0))

    def _wrong(self, key: str, why: str, hint: str | None = None) -> UsageError:
        return UsageError(f"{self._place(key)}: {key}", why, hint)


def _figures(made: type[Preset] | type[Target]) -> list[Field[Any]]:
    return [field for field in fields(made) if "figure" in field.metadata]


def _kinds_of(section: str) -> dict[str, Kind[Any]]:
    numbers: dict[str, Kind[Any]] = {
        name: Number(figure.low, figure.high) for name, figure in figures_of(section).items()
    }
    return {"base": Choice(_BUILT_IN[section], str), **numbers}


def _check_own_name(section: str, name: str, what: str) -> None:
    if name in _BUILT_IN[section]:
        raise UsageError(what, "is built in and stays as it is", f'choose another name, with base = "{name}"')
    try:
        Name(section, _BUILT_IN[section]).parse(name)
    except ValueError:
        raise UsageError(what, f"{name!r} is not a name of small letters, digits, - and _") from None


def _place(path: Path, line: int) -> str:
    return f"{path}:{line}" if line else str(path)


def _key_lines(text: str) -> dict[str, int]:
    """Where each section and key stands: tomllib does not say. Only for messages about text that is TOML."""
    lines: dict[str, int] = {}
    section = ""
    for number, line in enumerate(text.splitlines(), start=1):
        if header := _HEADER.match(line):
            section = _unquoted(header[1])
            lines.setdefault(section, number)
        elif assignment := _ASSIGNMENT.match(line):
            key = _unquoted(assignment[1])
            parts = f"{section}.{key}".strip(".").split(".")
            for depth in range(1, len(parts) + 1):
                lines.setdefault(".".join(parts[:depth]), number)
    return lines


def _unquoted(key: str) -> str:
    return ".".join(part.strip().strip("\"'") for part in key.split("."))
