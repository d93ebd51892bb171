"""Values of the model as plain data that JSON can hold, and back: the same value again, bit for bit."""

from __future__ import annotations

import json
import types
import zlib
from dataclasses import fields, is_dataclass
from enum import Enum
from functools import cache
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

Value = TypeVar("Value")


def as_plain(value: Any) -> Any:
    """A value of the model as JSON has it; Python's own writes floats so that they are read back as they were."""
    if is_dataclass(value):
        return [as_plain(getattr(value, field.name)) for field in fields(value)]
    if isinstance(value, tuple):
        return [as_plain(one) for one in value]
    return value.value if isinstance(value, Enum) else value


def from_plain(hint: Any, value: Any) -> Any:
    """A value of type `hint` from its JSON; ValueError or TypeError where it is none."""
    origin, inner = get_origin(hint), get_args(hint)
    if origin in (Union, types.UnionType):
        (of_value,) = (one for one in inner if one is not types.NoneType)
        return None if value is None else from_plain(of_value, value)
    if origin is tuple:
        if not isinstance(value, list):
            raise TypeError("a list is missing")
        return tuple(from_plain(inner[0], one) for one in value)
    if is_dataclass(hint):
        return _of_fields(hint, value)
    if issubclass(hint, Enum):
        return hint(value)
    if type(value) is not hint and not (hint is float and type(value) is int):
        raise TypeError(f"{value!r} is no {hint.__name__}")
    return value


def packed(value: object) -> bytes:
    """A value of the model as bytes to be kept."""
    return zlib.compress(json.dumps(as_plain(value), separators=(",", ":")).encode("ascii"))


def unpacked(kind: type[Value], data: bytes | None) -> Value | None:
    """The value that was packed; None where there are no bytes, or damaged ones."""
    if data is None:
        return None
    try:
        value: Value = from_plain(kind, json.loads(zlib.decompress(data)))
    except (zlib.error, ValueError, TypeError, RecursionError):
        return None
    return value


def _of_fields(kind: Any, values: Any) -> Any:
    return kind(*(from_plain(hint, value) for hint, value in zip(field_types(kind).values(), values, strict=True)))


@cache
def field_types(of: Any) -> dict[str, Any]:
    """The fields of a dataclass, in order, and their types."""
    hints = get_type_hints(of)
    return {field.name: hints[field.name] for field in fields(of)}
