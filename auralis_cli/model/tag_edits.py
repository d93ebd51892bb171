"""What is to be done to the tags of a file: edits in order, and what they make of the values that are there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum

from auralis_cli.quick_dataclasses import dataclass

# The values of a file's tags by the names of `model/tag_fields.py`; a field without values is not there.
TagValues = Mapping[str, tuple[str, ...]]


class TagAction(StrEnum):
    """What is done to one field."""

    SET = "set"
    # Adds values that are not there yet.
    ADD = "add"
    # Takes single values away, all where none are named.
    REMOVE = "remove"


@dataclass(frozen=True, slots=True)
class TagEdit:
    """One field's edit; `field` is a name of the table, `values` are canonical (see `tag_values.canonical`)."""

    field: str
    action: TagAction
    values: tuple[str, ...] = ()


def edited(values: TagValues, edits: Iterable[TagEdit]) -> dict[str, tuple[str, ...]]:
    """What the fields named by the edits hold after them, where that differs; an empty tuple for none at all."""
    found: dict[str, tuple[str, ...]] = {}
    for edit in edits:
        now = found.get(edit.field, values.get(edit.field, ()))
        match edit.action:
            case TagAction.SET:
                found[edit.field] = edit.values
            case TagAction.ADD:
                found[edit.field] = (*now, *(value for value in dict.fromkeys(edit.values) if value not in now))
            case TagAction.REMOVE:
                gone = {value.casefold() for value in edit.values}
                found[edit.field] = tuple(value for value in now if gone and value.casefold() not in gone)
    return {name: new for name, new in found.items() if new != values.get(name, ())}
