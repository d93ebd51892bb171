"""Keys as people write them, as the terminal reports them, and as they are shown."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

_NAMED = frozenset(
    (
        "space", "enter", "escape", "tab", "backspace", "delete", "insert", "home", "end", "pageup", "pagedown",
        "up", "down", "left", "right", *(f"f{number}" for number in range(1, 13)),
    )
)  # fmt: skip
_OTHER_NAMES: Mapping[str, str] = MappingProxyType(
    {
        "esc": "escape", "return": "enter", "del": "delete", "ins": "insert", "pgup": "pageup", "pgdn": "pagedown",
        # What separates keys where they are written down.
        "comma": ",",
    }
)  # fmt: skip
_SHOWN: Mapping[str, str] = MappingProxyType(
    {
        "escape": "esc", "delete": "del", "pageup": "PgUp", "pagedown": "PgDn", "up": "↑", "down": "↓", "left": "←",
        "right": "→", "home": "Home", "end": "End",
    }
)  # fmt: skip
_WITH_MODIFIERS = re.compile(r"((?:(?:ctrl|alt|shift)\+)*)(.+)", re.IGNORECASE)
_ORDER = ("alt", "ctrl", "shift")


def key_named(word: str) -> str | None:
    """The key of that name, in the one way it is kept; None where there is no such key."""
    found = _WITH_MODIFIERS.fullmatch(word)
    if found is None:
        return None
    modifiers = {one for one in found[1].lower().split("+") if one}
    name = _OTHER_NAMES.get(found[2].lower(), found[2])
    if len(name) == 1:
        if not name.isprintable() or name == " ":
            return None
        if "shift" in modifiers:
            return None
        if "ctrl" in modifiers:
            name = name.lower()
    else:
        name = name.lower()
        if name not in _NAMED:
            return None
    return "+".join((*(one for one in _ORDER if one in modifiers), name))


def keys_named(words: str) -> str | None:
    """The key of that name, or keys one after the other: `g g`; None where one is none.

    Esc gives up keys that wait for the next, so it is none of several.
    """
    keys = [key_named(word) for word in words.split()]
    if len(keys) > 1 and "escape" in keys:
        return None
    return " ".join(key for key in keys if key is not None) if keys and None not in keys else None


def key_pressed(key: str, character: str | None) -> str:
    """The same for a key that the terminal reports by Textual's name and, where it is printed, its character."""
    if character is not None and len(character) == 1 and character.isprintable() and character != " ":
        return f"alt+{character}" if key.startswith("alt+") else character
    modifiers, _, name = key.rpartition("+")
    return "+".join((*(one for one in _ORDER if one in modifiers.split("+")), name))


def shown_key(key: str) -> str:
    """As help and footer have it: `→`, `ctrl+d`, `PgDn`; keys one after the other `gg`, `ctrl+x s`."""
    if " " in key:
        shown = [shown_key(one) for one in key.split(" ")]
        return ("" if all(len(one) == 1 for one in shown) else " ").join(shown)
    modifiers, plus, name = key.rpartition("+") if len(key) > 1 else ("", "", key)
    if key.endswith("+") and len(key) > 1:
        return key
    return f"{modifiers}{plus}{_SHOWN.get(name, name)}"
