"""Which key says which command line: the map there is, presets for the hands of others, and the user's own keys. Pure.

A key is written as people do: `space`, `>`, `ctrl+d`, `shift+left`, `G`; keys one after the other `g g`. A line may
have several, and none.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import combinations
from types import MappingProxyType

from auralis_cli.config import Config
from auralis_cli.errors import UsageError
from auralis_cli.quick_dataclasses import dataclass
from auralis_cli.settings import KEY_PRESETS
from auralis_cli.tui.commands import read_line
from auralis_cli.tui.key_names import keys_named, shown_key
from auralis_cli.tui.key_presets import DEFAULT_KEYS, PRESET_KEYS

_NONE: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class KeyBinding:
    """A key that says a command line, or keys one after the other, with a blank between."""

    key: str
    line: str
    # The views it is for; empty for everywhere.
    views: tuple[str, ...] = ()

    def meets(self, other: KeyBinding) -> bool:
        """Whether both hear one key in one view, or one is heard where the other has only begun."""
        overlap = not self.views or not other.views or set(self.views) & set(other.views)
        return self.line != other.line and bool(overlap) and (self.begins(other) or other.begins(self))

    def begins(self, other: KeyBinding) -> bool:
        """Whether the keys of the other begin with those of this, or are these."""
        return f"{other.key} ".startswith(f"{self.key} ")


@dataclass(frozen=True, slots=True)
class Keymap:
    """All keys, and what was taken from whom to make room for the user's."""

    bindings: tuple[KeyBinding, ...]
    # `l: 'seek +5' takes it from 'right'`.
    notes: tuple[str, ...] = ()

    def line_of(self, key: str, view: str) -> str | None:
        """What a key says in a view, or keys one after the other; None for nothing."""
        return next((one.line for one in self._heard_in(view) if one.key == key), None)

    def going_on(self, keys: str, view: str) -> Mapping[str, str]:
        """What keys say that begin with these, by the keys that are still to come; empty where none do."""
        begun = f"{keys} "
        found = {one.key.removeprefix(begun): one.line for one in self._heard_in(view) if one.key.startswith(begun)}
        return MappingProxyType(found)

    def _heard_in(self, view: str) -> Iterator[KeyBinding]:
        return (one for one in self.bindings if not one.views or view in one.views)

    def keys_of(self, line: str) -> tuple[str, ...]:
        """The keys of a command line, the one to show first."""
        return tuple(one.key for one in self.bindings if one.line == line)

    @property
    def first_keys(self) -> Mapping[str, str]:
        """The key to show of each command line."""
        shown: dict[str, str] = {}
        for one in self.bindings:
            shown.setdefault(one.line, shown_key(one.key))
        return MappingProxyType(shown)

    def conflicts(self) -> tuple[tuple[KeyBinding, KeyBinding], ...]:
        """Pairs that hear one key in one view."""
        return tuple((one, other) for one, other in combinations(self.bindings, 2) if one.meets(other))


def keymap_of(
    preset: str = KEY_PRESETS[0], own: Mapping[str, str] = _NONE, places: Mapping[str, str] = _NONE
) -> Keymap:
    """The map of a preset with the user's own keys, which win and are named where they take a key away.

    `own` has command lines with their keys, separated by commas; `places` where each is said. Raises UsageError for a
    line that is none, a key that is none, and two lines of the user's with one key.
    """
    base, _notes = _over(_bindings(DEFAULT_KEYS), _bindings(PRESET_KEYS[preset]), PRESET_KEYS[preset])
    theirs = _bindings(own, places)
    both = Keymap(tuple(theirs)).conflicts()
    if both:
        one, other = both[0] if both[0][0].begins(both[0][1]) else both[0][::-1]
        begins = "" if one.key == other.key else f" by {shown_key(other.key)}, which begins with it"
        raise UsageError(
            f"{places.get(other.line, 'keys')}: {shown_key(one.key)}",
            f"is given to '{one.line}' and to '{other.line}'{begins}",
            "one key, one line",
        )
    bindings, notes = _over(base, theirs, own)
    return Keymap(tuple(bindings), tuple(notes))


def _bindings(keys: Mapping[str, str], places: Mapping[str, str] = _NONE) -> list[KeyBinding]:
    found = []
    for line, written in keys.items():
        origin = places.get(line, "keys")
        try:
            command, _words = read_line(line)
        except UsageError as error:
            raise UsageError(f"{origin}: {error.what}", error.why, error.hint) from error
        for word in filter(None, map(str.strip, written.split(","))):
            key = keys_named(word)
            if key is None:
                raise UsageError(
                    f"{origin}: {line}", f"{word!r} is no key", "such as space, x, X, comma, ctrl+d, shift+left, g g"
                )
            found.append(KeyBinding(key, line, command.views))
    return found


def _over(
    base: Iterable[KeyBinding], new: list[KeyBinding], lines: Iterable[str]
) -> tuple[list[KeyBinding], list[str]]:
    """Lines that are named anew have the new keys only, and take them from whatever had them."""
    renewed = set(lines)
    kept, notes = [], []
    for one in base:
        taker = next((other for other in new if other.meets(one)), None)
        if one.line in renewed:
            continue
        if taker is None:
            kept.append(one)
        else:
            by = "" if taker.key == one.key else f" ({shown_key(taker.key)})"
            notes.append(f"{shown_key(one.key)}: '{taker.line}'{by} takes it from '{one.line}'")
    return [*new, *kept], notes


def own_keymap(config: Config, preset: str | None = None) -> Keymap:
    """The user's map: that of `play.keys`, or of another preset, with the keys of the settings file."""
    places = {line: f"{config.origins[f'keys.{line}']}: keys" for line in config.keys}
    return keymap_of(preset or config.value("play.keys"), config.keys, places)
